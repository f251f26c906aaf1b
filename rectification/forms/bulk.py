"""批量交办 as it is filled in: a unit, a kind and a day for each problem, and one unit for many of them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.forms import ValidationError
from django.utils.translation import gettext as _

from organizations import clock
from organizations.models import Unit, User
from rectification.actions.assignment import Assignment
from rectification.actions.clocks import propose_clock
from rectification.forms.fields import UnitField, unit_name
from rectification.forms.handling import REVIEW_CYCLE, partners_of
from rectification.forms.registering import own_paths
from rectification.models import Problem
from rectification.models.problem import RectificationKind
from workflows.forms.plain import DayField

Shown = Mapping[int, tuple[str, str]]


@dataclass(slots=True)
class Line:
    """One problem of the page: what stands in its boxes, what it comes to, and what is wrong with it."""

    problem: Problem
    partners: list[Unit]
    days: dict[str, str]  # the day proposed for each kind, as the browser's picker takes it
    typed: str = ""
    kind: str = ""
    day: str = ""
    ticked: bool = False
    unit: Unit | None = None
    due_on: date | None = None
    errors: list[str] = field(default_factory=list)
    redated: bool = False

    @property
    def kinds(self) -> list[tuple[str, str, str]]:
        """Every kind with its label and its day."""
        return [(str(value), str(label), self.days[value]) for value, label in RectificationKind.choices]

    def assignment(self) -> Assignment:
        """What the action takes; only for a line that has a unit and no errors."""
        assert self.unit is not None
        standing = self.kind == RectificationKind.STANDING
        return Assignment(
            lead_unit=self.unit,
            kind=self.kind,
            due_on=None if standing else self.due_on,
            partners=[unit for unit in self.partners if unit.pk != self.unit.pk],
            person_in_charge=self.problem.person_in_charge,
            review_cycle=(self.problem.review_cycle or REVIEW_CYCLE) if standing else None,
        )


class BulkSheet:
    """The whole page: lines in the order of the list, read from what was posted or as proposed."""

    def __init__(self, problems: Iterable[Problem], user: User) -> None:
        self._unit_field: Any = UnitField(required=False)
        self._unit_field.paths = own_paths(user)
        self._asked: dict[str, Unit | ValidationError | None] = {}
        rows = list(problems)
        partners = partners_of(rows)
        self.said = ""
        self.waiting: dict[str, str] = {}  # what stands in the boxes for many rows and was not filled in yet
        self.lines = [self._proposed(problem, partners[problem.pk]) for problem in rows]

    def _proposed(self, problem: Problem, partners: list[Unit]) -> Line:
        line = Line(problem, partners, {kind: _day_for(problem, kind) for kind in RectificationKind.values})
        line.unit, line.kind = problem.proposed_unit, problem.kind
        line.typed = unit_name(line.unit) if line.unit else ""
        line.day = line.days[line.kind]
        line.due_on = date.fromisoformat(line.day) if line.day else None
        return line

    @property
    def missing(self) -> list[Line]:
        """Lines without a unit."""
        return [line for line in self.lines if not line.typed]

    @property
    def wrong(self) -> list[Line]:
        """Lines whose boxes cannot be taken as they stand."""
        return [line for line in self.lines if line.errors]

    @property
    def shown(self) -> list[tuple[int, str, str]]:
        """The kind and the day beside each problem, to tell next time which of them somebody changed."""
        return [(line.problem.pk, line.kind, line.day) for line in self.lines]

    def read(self, data: Any, shown: Shown) -> None:
        """Take what was posted; where a box did not come along, what was proposed stays."""
        ticked = set(data.getlist("tick"))
        self.waiting = {which: data.get(f"for_{which}", "").strip() for which in ("missing", "ticked")}
        for line in self.lines:
            key = line.problem.pk
            line.ticked = str(key) in ticked
            line.typed = data.get(f"unit-{key}", line.typed).strip()
            kind = data.get(f"kind-{key}", line.kind)
            line.kind = kind if kind in line.days else line.kind
            line.day = data.get(f"due-{key}", line.day).strip()
            was_kind, was_day = shown.get(key, (line.kind, line.day))
            # Without JavaScript the day cannot follow the kind at once: it does so here.
            line.redated = line.kind != was_kind and line.day == was_day and line.day != line.days[line.kind]
            if line.redated:
                line.day = line.days[line.kind]

    def give(self, which: str) -> None:
        """One unit for the ticked lines, or for all that have none; what cannot be filled in stays in its box."""
        typed = self.waiting[which]
        chosen = [line for line in self.lines if line.ticked] if which == "ticked" else self.missing
        if not typed:
            self.said = _("请先填写单位，再点“填入”。")
            return
        if which == "ticked" and not chosen:
            self.said = _("请先勾选要交给“%s”的问题。") % typed
            return
        unit = self._unit(typed)
        if not isinstance(unit, Unit):
            self.said = _sentence(unit)
            return
        for line in chosen:
            line.typed, line.ticked = unit_name(unit), False
        self.waiting[which] = ""
        said = _("已填入%(n)d个问题：%(unit)s。核对后请点“确认交办”。")
        self.said = said % {"n": len(chosen), "unit": unit_name(unit)}

    def check(self) -> None:
        """Read units and days; each line that cannot be taken says why."""
        for line in self.lines:
            line.errors = []
            unit = self._unit_of(line)
            line.unit = unit if isinstance(unit, Unit) else None
            if isinstance(unit, ValidationError):
                line.errors.append(_sentence(unit))
            if line.kind == RectificationKind.STANDING:
                line.due_on = None
                continue
            try:
                line.due_on = DayField(required=False).clean(line.day)
            except ValidationError as error:
                line.errors.append(_sentence(error))
            else:
                line.errors += _day_troubles(line.due_on)

    def _unit_of(self, line: Line) -> Unit | ValidationError | None:
        # What was proposed needs no asking, and an equal name elsewhere does not make it doubtful.
        proposed = line.problem.proposed_unit
        return proposed if proposed and line.typed == unit_name(proposed) else self._unit(line.typed)

    def _unit(self, typed: str) -> Unit | ValidationError | None:
        if typed not in self._asked:
            try:
                self._asked[typed] = self._unit_field.clean(typed)
            except ValidationError as error:
                self._asked[typed] = error
        return self._asked[typed]


def _day_troubles(day: date | None) -> list[str]:
    if day is None:
        return [_("请填写整改时限。")]
    return [_("整改时限不能早于今天，请重新选择日期。")] if day < clock.today() else []


def _sentence(error: Any) -> str:
    return "".join(error.messages) if isinstance(error, ValidationError) else ""


def _day_for(problem: Problem, kind: str) -> str:
    """The day the list gave for its own kind, else the one that is proposed."""
    if kind == RectificationKind.STANDING:
        return ""
    if kind == problem.kind and problem.due_on:
        return problem.due_on.isoformat()
    proposed = propose_clock(problem, kind)
    return proposed.due_on.isoformat() if proposed else ""
