"""Gives each plot a matter, a place, a lead unit and a partner; the same at every build."""

from datetime import date
from random import Random

from organizations.models import Division, Unit
from project.demo import words
from project.demo.county import County
from project.demo.matters import LIVING, Matter
from project.demo.matters_money import MONEY
from project.demo.plots import BatchPlan, Plot
from project.demo.threads import Thread
from rectification.models import Batch

MATTERS = (*LIVING, *MONEY)
TWIN_BATCH = {"U": "I", "T": "U"}  # where the problem stands already that a merged one repeats


class Casting:
    """Hands out matters and places so that no matter comes too often and no title comes twice."""

    def __init__(self, county: County, today: date, seed: int) -> None:
        self.county = county
        self.today = today
        self.seed = seed
        self.uses = dict.fromkeys(range(len(MATTERS)), 0)
        self.taken: set[tuple[int, int]] = set()
        self.threads: list[Thread] = []

    def cast(self, number: int, plot: Plot, plan: BatchPlan, batch: Batch) -> Thread:
        """The thread of one plot."""
        rng = Random(f"{self.seed}-{number}")
        twin = self._twin(plot) if plot.goal == "merged" else None
        index = MATTERS.index(twin.matter) if twin else self._matter(plot, rng)
        matter = MATTERS[index]
        place = twin.place if twin else self._place(index, plot, rng)
        town = place if place.level == "town" else next(t for t in self.county.towns if t.pk == place.parent_id)
        lead = self._unit(matter.lead, place, town)
        partner = self._unit(matter.partner, place, town) if self._cooperates(plot, matter, rng) else None
        thread = Thread(
            plot=plot,
            plan=plan,
            batch=batch,
            matter=matter,
            category=self.county.categories[matter.category],
            place=place,
            town=town,
            lead=lead,
            stranger=self._stranger(lead, partner, rng),
            partner=None if partner == lead else partner,
            rng=rng,
            today=self.today,
            ends_on=self.today,
            twin=twin,
        )
        self.threads.append(thread)
        return thread

    def _twin(self, plot: Plot) -> Thread:
        """An open problem of an earlier batch, in a village."""
        return next(
            each
            for each in reversed(self.threads)
            if each.plan.code == TWIN_BATCH[plot.batch]
            and each.plot.goal in {"rectifying", "suspended"}
            and each.place.level == "village"
        )

    def _matter(self, plot: Plot, rng: Random) -> int:
        fitting = [index for index, matter in enumerate(MATTERS) if self._fits(plot, matter)]
        fresh = [index for index in fitting if self._fresh(index, plot)] or fitting
        least = min(self.uses[index] for index in fresh)
        chosen = rng.choice([index for index in fresh if self.uses[index] == least])
        self.uses[chosen] += 1
        return chosen

    def _fresh(self, index: int, plot: Plot) -> list[Division]:
        """Places where this matter has not come up yet."""
        return [place for place in self._choices(index, plot) if (index, place.pk) not in self.taken]

    def _fits(self, plot: Plot, matter: Matter) -> bool:
        wants = [
            ("U" if plot.batch == "N" else plot.batch) in matter.fits,  # a spot check finds what visits find
            not plot.lead or matter.lead == plot.lead,
            (matter.lead == "village") == plot.has("village_lead"),
            not plot.has("partners", "partner_silent") or bool(matter.partner),
            self._fits_levels(plot, matter),
        ]
        return all(wants)

    def _fits_levels(self, plot: Plot, matter: Matter) -> bool:
        """The states and detours of a plot decide who may lead and how deep the place lies."""
        states = {plot.goal} | {twist for twist in plot.twists if twist.startswith("sent_back")}
        in_village = "{v}" in matter.title
        if states & {"village_review", "township_review", "sent_back"}:
            return in_village and matter.lead != "town"
        if states & {"sector_review", "sent_back_sector"}:
            return words.SECTORS.get(matter.category) not in (None, matter.lead)
        if plot.place.startswith("village"):
            return in_village
        return matter.kind != "standing" or plot.has("standing")

    def _place(self, index: int, plot: Plot, rng: Random) -> Division:
        chosen = rng.choice(self._fresh(index, plot) or self._choices(index, plot))
        self.taken.add((index, chosen.pk))
        return chosen

    def _choices(self, index: int, plot: Plot) -> list[Division]:
        matter = MATTERS[index]
        choices = self.county.villages if "{v}" in matter.title else self.county.towns
        if matter.lead == "village":
            choices = [place for number, place in enumerate(choices) if number % 3 == 0]
        if plot.place.startswith("village"):
            return [self.county.villages[int(plot.place[8:])]]
        if plot.place:
            town = self.county.towns[int(plot.place[5:])]
            return [place for place in choices if town.pk in (place.pk, place.parent_id)]
        return choices

    def _unit(self, key: str, place: Division, town: Division) -> Unit:
        if key == "town":
            return self.county.units[f"town:{self.county.towns.index(town)}"]
        if key == "village":
            return self.county.units[f"village:{self.county.villages.index(place)}"]
        return self.county.units[key]

    def _cooperates(self, plot: Plot, matter: Matter, rng: Random) -> bool:
        return bool(matter.partner) and (plot.has("partners", "partner_silent") or rng.random() < 0.3)

    def _stranger(self, lead: Unit, partner: Unit | None, rng: Random) -> Unit:
        """A department to which the problem is given by mistake at first."""
        keys = [key for key, _name, _short in words.DEPARTMENTS if key != "agriculture"]
        return rng.choice([unit for key in keys if (unit := self.county.units[key]) not in (lead, partner)])
