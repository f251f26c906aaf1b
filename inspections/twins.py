"""Problems of the ledger that a row may be telling again: “this looks like problem 118”."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from rapidfuzz import fuzz, process

from inspections.models import ImportRow
from rectification.models import Problem
from workflows.lifecycles.problem import ProblemState

TITLE = 80  # letters of a long wording that stand as the problem's title
LIKELY = 75  # percent of equal letters
NEWEST = 50_000  # problems that are looked at, the newest first
SHOWN = 3
ALIKE = 100


def title_of(text: str) -> str:
    """One line that names the problem: its first clause, or as much of it as a list can show."""
    line = " ".join(text.split())
    if len(line) <= TITLE:
        return line
    for mark in "。；;！!":
        clause, found, _rest = line.partition(mark)
        if found and 8 <= len(clause) <= TITLE:
            return clause
    return line[: TITLE - 1] + "…"


@dataclass(slots=True)
class Ledger:
    """The titles of an area's problems by town, so that each row is held against few."""

    by_town: dict[int | None, dict[int, str]]
    numbers: dict[int, str]
    everywhere: dict[int, str]

    @classmethod
    def of(cls, rows: "QuerySet[Problem]") -> "Ledger":
        """The newest problems one may see, without those withdrawn."""
        found = rows.exclude(state=ProblemState.WITHDRAWN).order_by("-case_id")
        ledger = cls({}, {}, {})
        for pk, number, title, town in found.values_list("pk", "case__number", "title", "town_id")[:NEWEST]:
            ledger.numbers[pk] = number
            ledger.everywhere[pk] = title
            ledger.by_town.setdefault(town, {})[pk] = title
        return ledger

    def like(self, text: str, town: int | None) -> list[list[Any]]:
        """Up to three problems that read alike: id, number, title, likeness in percent.

        A row whose town is known is held against that town; any other against the whole area.
        """
        held = self.by_town.get(town, {}) if town else self.everywhere
        hits = process.extract(title_of(text), held, scorer=fuzz.ratio, score_cutoff=LIKELY, limit=SHOWN)
        return [[pk, self.numbers[pk], title, int(likeness)] for title, likeness, pk in hits]


def settle_repeats(rows: Iterable[ImportRow], county: int) -> None:
    """100 % is said only of the same words about the same place: a title is but the first clause of a wording."""
    held = [row for row in rows if row.repeats]
    ids = {twin[0] for row in held for twin in row.twins if twin[3] == ALIKE}
    found = Problem.objects.filter(pk__in=ids).values_list("pk", "title", "description", "case__division_id")
    told = {pk: ("".join((text or title).split()), place) for pk, title, text, place in found}
    for row in held:
        here = "".join(row.problem_text.split()), row.place_id or county
        row.twins = [
            [*twin[:3], twin[3] if twin[3] < ALIKE or told.get(twin[0]) == here else ALIKE - 1] for twin in row.twins
        ]
