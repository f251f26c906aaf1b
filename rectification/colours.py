"""The colour of a problem: which level of its warning policy its case clock has reached today.

A colour is never stored. A list that is to show one level alone asks the database for the same conditions, and a
test holds the two against each other.
"""

from collections.abc import Callable
from datetime import date
from functools import partial, reduce
from operator import or_
from typing import Any

from django.db.models import DateField, DurationField, ExpressionWrapper, F, Q, Value
from django.db.models.lookups import GreaterThanOrEqual, LessThan

from organizations import clock
from organizations.models import Division
from rectification.models import Problem
from rectification.models.problem import STOPPED, area
from workflows.calendar import Calendar
from workflows.colours import ConditionKind, Facts, Level, level_on, read_levels
from workflows.lifecycles.problem import FINAL_STATES
from workflows.queries import calendar, own_calendars, policies_in_force, warning_levels

NEVER = Q(pk__in=[])


def facts_of(problem: Problem) -> Facts | None:
    """What the levels depend on; None where no clock runs."""
    if problem.is_final or problem.state in STOPPED or problem.due_on is None or problem.lead_unit_id is None:
        return None
    return Facts(problem.due_on, problem.clock_from, problem.progress, problem.sent_back)


def level_of(problem: Problem) -> Level | None:
    """The gravest level reached today, or None."""
    facts = facts_of(problem)
    if facts is None:
        return None
    levels = warning_levels(problem.batch.warning_code)
    return level_on(clock.today(), levels, facts, calendar(problem.case.division))


def at_level(code: str) -> Q:
    """The condition for problems whose gravest level reached today has this code, whatever policy they run under."""
    found = NEVER
    for policy in policies_in_force("warning"):
        levels = read_levels(policy.levels)
        mine = next((level for level in levels if level.code == code), None)
        if mine is not None:
            graver = [level for level in levels if level.order > mine.order]
            found |= Q(batch__warning_code=policy.code) & _anywhere(partial(_only, mine, graver))
    stopped = [*FINAL_STATES, *STOPPED]
    return Q(due_on__isnull=False, lead_unit__isnull=False) & ~Q(state__in=stopped) & found


def _anywhere(condition: Callable[[Calendar], Q]) -> Q:
    """A condition under the calendar of each place: of the nearest division with days of its own, else the general."""
    own = own_calendars()
    divisions = sorted(Division.objects.filter(pk__in=own), key=lambda row: len(row.path)) if own else []
    found = condition(calendar())
    for division in divisions:  # the wider ones first: a narrower one takes its own part out again
        within = area(division)
        found = (~within & found) | (within & condition(own[division.pk]))
    return found


def _only(level: Level, graver: list[Level], days: Calendar) -> Q:
    reached = _any_of(level, days)
    return reached & ~reduce(or_, (_any_of(each, days) for each in graver), NEVER)


def _any_of(level: Level, days: Calendar) -> Q:
    ways = (_REACHED[ConditionKind(kind)](count, clock.today(), days) for kind, count in level.when)
    return reduce(or_, ways, NEVER)


def _left(count: int, today: date, days: Calendar) -> Q:
    return Q(due_on__lte=days.last_due_with_left(today, count))


def _overdue(count: int, today: date, days: Calendar) -> Q:
    return Q(due_on__lte=days.last_due_with_left(today, -count)) if count else Q(due_on__lt=today)


def _used(percent: Any, today: date, days: Calendar) -> Q:
    length = ExpressionWrapper(F("due_on") - F("clock_from"), DurationField())
    gone = ExpressionWrapper(Value(today, DateField()) - F("clock_from"), DurationField())
    enough: Any = GreaterThanOrEqual(_times(gone, 100), _times(length, percent))
    counted: Any = LessThan(F("clock_from"), F("due_on"))
    return Q(clock_from__isnull=False) & Q(counted) & Q(enough)


def _times(duration: Any, number: Any) -> ExpressionWrapper:
    return ExpressionWrapper(duration * number, DurationField())


def _behind(points: int, today: date, days: Calendar) -> Q:
    return Q(progress__lt=100) & _used(F("progress") + points, today, days)


def _sent_back(count: int, today: date, days: Calendar) -> Q:
    return Q(sent_back__gte=count)


_REACHED: dict[ConditionKind, Callable[[int, date, Calendar], Q]] = {
    ConditionKind.LEFT: _left,
    ConditionKind.USED: _used,
    ConditionKind.BEHIND: _behind,
    ConditionKind.OVERDUE: _overdue,
    ConditionKind.SENT_BACK: _sent_back,
}
