"""One problem's thread through the story: what it is about, where, and what its texts say."""

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import Any

from organizations.models import Division, Unit
from project.demo.matters import Matter
from project.demo.plots import BatchPlan, Plot
from project.demo.schedule import Road
from rectification.models import Batch, Category, Problem

PAST_THE_PLAN = {
    "rectifying", "verifying", "village_review", "county_review", "public_notice", "closed",
}  # fmt: skip
LEVELS = {
    "three_levels": ["village", "township"],
    "three_levels_notice": ["village", "township"],
    "sector_office": ["sector"],
    "county_only": [],
}


@dataclass
class Thread:
    """A plot made concrete. `problem_id` is known from the moment it is registered."""

    plot: Plot
    plan: BatchPlan
    batch: Batch
    matter: Matter
    category: Category
    place: Division
    town: Division
    lead: Unit
    stranger: Unit
    partner: Unit | None
    rng: Random
    today: date
    ends_on: date
    twin: "Thread | None" = None
    problem_id: int = 0
    pictures: int = 0
    progress: int = 0
    reports: int = 0
    was_astray: bool = False

    def __post_init__(self) -> None:
        high = self.rng.randint(18, 96)
        self.numbers = {"n": high, "m": self.rng.randint(2, 9)}

    def text(self, pattern: str, **more: Any) -> str:
        """A pattern of words filled in for this place."""
        return pattern.format(v=self.place.name, t=self.town.name, place=self.place.name, **self.numbers, **more)

    def problem(self) -> Problem:
        """The problem as it stands."""
        related = ("case", "batch__deadline_policy", "deadline_policy")
        return Problem.objects.select_related(*related).get(pk=self.problem_id)

    @property
    def wanted_due(self) -> date | None:
        """The date the plot asks for, counted from the day the demo is built."""
        return None if self.plot.due is None else self.today + timedelta(days=self.plot.due)

    @property
    def kind(self) -> str:
        """整改类型 the office decides on."""
        if self.plot.has("standing"):
            return "standing"
        if self.is_immediate:
            return "immediate"
        return "phased" if self.matter.kind == "phased" else "dated"

    @property
    def is_immediate(self) -> bool:
        """立行立改: skips the plan."""
        planned = self.plot.has("returned", "reassigned", "standing", "reopened")
        if planned or self.plot.goal in {"planning", "plan_review"}:
            return False
        hurried = self.plot.batch in {"S", "H"} and self.plot.goal in PAST_THE_PLAN
        return hurried or self.matter.kind == "immediate"

    @property
    def road(self) -> Road:
        """What the schedule needs to know."""
        levels = [level for level in LEVELS[self.plan.policy] if not self._skipped(level)]
        notice = self.plan.policy.endswith("_notice")
        return Road((*levels, "county"), self.is_immediate, self.partner is not None, self.plan.secret, notice)

    def _skipped(self, level: str) -> bool:
        """Whether a level lies below the place, belongs to the responsible unit, or has no department."""
        if level == "village":
            return self.place.level != "village" or self.lead.division_id == self.place.pk
        if level == "township":
            return self.lead.division_id == self.town.pk
        return self.category.sector_unit_id in (None, self.lead.pk)
