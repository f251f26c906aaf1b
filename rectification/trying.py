"""Trying a version of a policy before it is in force: what would change today. Nothing is stored.

Totals count every problem; the lists name only what is no secret, and say how many they leave out.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import F, QuerySet
from django.utils.translation import gettext as _

from organizations import clock
from organizations.models import Division
from rectification.models import Batch, Escalation, Problem
from rectification.models.problem import STOPPED
from rectification.queries import open_titles
from workflows.calendar import Calendar
from workflows.colours import Facts, Level, level_on
from workflows.lifecycles.problem import FINAL_STATES
from workflows.models import ClockKind, Crossing, DeadlinePolicy
from workflows.models.policies import step_name
from workflows.queries import calendar, rungs, warning_levels
from workflows.recomputing import preview

MOST = 200


@dataclass(slots=True)
class Trial:
    """What a version would do: how many it concerns, the first of them, and how many of those are secret."""

    count: int = 0
    rows: list[Any] = field(default_factory=list)
    hidden: int = 0

    def add(self, row: Any, *, shown: bool) -> None:
        """Count one, and name it as long as there is room and it is no secret."""
        self.count += 1
        if not shown:
            self.hidden += 1
        elif len(self.rows) < MOST:
            self.rows.append(row)


@dataclass(frozen=True, slots=True)
class MovedDate:
    """A running date that would come out otherwise."""

    number: str
    title: str
    step: str
    old: date
    new: date


def try_dates(policy: DeadlinePolicy) -> Trial:
    """Which running dates a version of a deadline policy would move, if they were to follow it."""
    found, count = preview(policy, MOST)
    titles = open_titles([made.deadline.case_id for made in found])
    trial = Trial()
    for made in found:
        row, case = made.deadline, made.deadline.case
        step = _("整改期限") if row.step == "case" else step_name(row.step)
        moved = MovedDate(case.number, titles.get(case.pk, ""), step, row.due_on, made.computation.due_on)
        trial.add(moved, shown=case.pk in titles)
    trial.count = count
    return trial


@dataclass(frozen=True, slots=True)
class Recoloured:
    """A problem that would stand on another level; None is no level."""

    number: str
    title: str
    due_on: date
    old: Level | None
    new: Level | None


@dataclass(slots=True)
class ColourTrial(Trial):
    """Today's ledger by level, now and under the version; `everywhere` where no batch runs under its code yet."""

    looked: int = 0
    now: list[tuple[Level | None, int]] = field(default_factory=list)
    then: list[tuple[Level | None, int]] = field(default_factory=list)
    everywhere: bool = False


def running_problems() -> QuerySet[Problem]:
    """Problems whose case clock runs: those somebody can be warned of."""
    rows = Problem.objects.exclude(state__in=[*FINAL_STATES, *STOPPED])
    return rows.filter(due_on__isnull=False, lead_unit__isnull=False)


def try_levels(code: str, levels: Sequence[Level]) -> ColourTrial:
    """How today's ledger would be coloured: the problems under this code, or all of them while it has no batch."""
    trial = ColourTrial(everywhere=not Batch.objects.filter(warning_code=code).exists())
    rows = running_problems() if trial.everywhere else running_problems().filter(batch__warning_code=code)
    columns = (
        "case__number", "title", "disclosed_at", "due_on", "clock_from", "progress", "sent_back",
        "case__division__path", "batch__warning_code",
    )  # fmt: skip
    today, calendar_of = clock.today(), _calendars()
    now: Counter[Level | None] = Counter()
    then: Counter[Level | None] = Counter()
    # Plain tuples: ten thousand rows of the model would take longer than all the arithmetic.
    for number, title, open_at, *facts, path, warned_by in rows.order_by("-pk").values_list(*columns).iterator():
        known, days = Facts(*facts), calendar_of(path)
        old = level_on(today, warning_levels(warned_by), known, days)
        new = level_on(today, levels, known, days)
        now[old] += 1
        then[new] += 1
        if _look(old) != _look(new):
            trial.add(Recoloured(number, title, known.due_on, old, new), shown=open_at is not None)
    trial.looked, trial.now, trial.then = sum(now.values()), _in_order(now), _in_order(then)
    return trial


def _look(level: Level | None) -> tuple[str, str] | None:
    """What makes it another one: not its name."""
    return (level.code, level.colour) if level else None


def _in_order(counted: Counter[Level | None]) -> list[tuple[Level | None, int]]:
    """The gravest first, no level last."""
    return sorted(counted.items(), key=lambda pair: -1 if pair[0] is None else pair[0].order, reverse=True)


def _calendars() -> Callable[[str], Calendar]:
    """The calendar of a place by its path, each looked up once."""
    known: dict[str, Calendar] = {}

    def of(path: str) -> Calendar:
        if path not in known:
            known[path] = calendar(Division(path=path))
        return known[path]

    return of


@dataclass(frozen=True, slots=True)
class DueRung:
    """A rung that would be proposed today."""

    number: str
    title: str
    rung: str
    since: date


@dataclass(slots=True)
class LadderTrial(Trial):
    """What a ladder would propose today, by rung, beside what the one in force has still to propose."""

    now: list[tuple[str, int]] = field(default_factory=list)
    then: list[tuple[str, int]] = field(default_factory=list)


def try_rungs(code: str, ladder: Iterable[dict[str, Any]]) -> LadderTrial:
    """Which rungs would be proposed today for the problems under this code."""
    trial, steps = LadderTrial(), list(ladder)
    taken = _taken(code)
    now: Counter[str] = Counter()
    then: Counter[str] = Counter()
    for crossed in _crossings(code):
        untaken = [rung for rung in rungs(code) if (crossed.problem_id, rung["code"]) not in taken]
        now.update(rung["name"] for rung, _day in crossed.due(untaken))
        for rung, since in crossed.due([each for each in steps if (crossed.problem_id, each["code"]) not in taken]):
            then[rung["name"]] += 1
            trial.add(DueRung(crossed.number, crossed.title, rung["name"], since), shown=crossed.is_open)
    trial.now = [(name, now[name]) for name in dict.fromkeys(rung["name"] for rung in rungs(code))]
    trial.then = [(name, then[name]) for name in dict.fromkeys(rung["name"] for rung in steps)]
    return trial


@dataclass(frozen=True, slots=True)
class Crossed:
    """A level that a running case clock has reached in this round."""

    problem_id: int
    number: str
    title: str
    is_open: bool
    level: str
    crossed_on: date
    days: Calendar

    def due(self, ladder: list[dict[str, Any]]) -> list[tuple[dict[str, Any], date]]:
        """The rungs after this level whose day has come."""
        found = [
            (rung, self.days.add_working_days(self.crossed_on, int(rung["working_days"])))
            for rung in ladder
            if rung["after"] == self.level
        ]
        return [(rung, day) for rung, day in found if day <= clock.today()]


def _crossings(code: str) -> Iterable[Crossed]:
    running = running_problems().filter(batch__ladder_code=code)
    rows = Crossing.objects.filter(
        deadline__kind=ClockKind.CASE,
        deadline__item__isnull=True,
        deadline__superseded_at__isnull=True,
        deadline__paused_at__isnull=True,
        deadline__case__in=running.values("case"),
        version=F("deadline__version"),
        round=F("deadline__case__problem__round"),
    )
    case = "deadline__case"
    columns = (
        f"{case}_id", f"{case}__number", f"{case}__problem__title", f"{case}__problem__disclosed_at",
        "level", "crossed_on", f"{case}__division__path",
    )  # fmt: skip
    calendar_of = _calendars()
    for pk, number, title, open_at, level, crossed_on, path in rows.order_by("-pk").values_list(*columns).iterator():
        yield Crossed(pk, number, title, open_at is not None, level, crossed_on, calendar_of(path))


def _taken(code: str) -> set[tuple[int, str]]:
    """The rungs taken in the present round, by problem."""
    rows = Escalation.objects.filter(problem__in=running_problems().filter(batch__ladder_code=code))
    return set(rows.filter(round=F("problem__round")).values_list("problem_id", "rung"))


def rungs_left_hanging(
    levels: Iterable[Level], policy: Any, ladders: Iterable[Any], others: Iterable[Any]
) -> list[str]:
    """Rungs that wait for a level which no policy in force would have any more."""
    there = {level.code for level in levels} | {
        each["code"] for other in others if other.code != policy.code for each in other.levels
    }
    return [
        f"{ladder.name}·{rung['name']}" for ladder in ladders for rung in ladder.rungs if rung["after"] not in there
    ]
