"""Days one by one from a start to a date: which are counted and which skipped, and what the skipped ones are called."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.translation import gettext as _

from organizations import clock
from workflows.calendar import Calendar, DayKind, LimitUnit
from workflows.models import Deadline
from workflows.year_view import Rest, Table, rests_of

LONGEST = 400  # days drawn one by one; beyond it the sentence must do
Months = list[tuple[str, list["Day"]]]


@dataclass(slots=True)
class Day:
    """One day of a count: its number among the counted ones, or why it was skipped."""

    day: date
    number: int | None
    kind: str
    why: str
    provisional: bool


def strip_of(row: Deadline, days: Calendar, table: Table) -> Months:
    """The days of a clock with a limit, as the limit counts them."""
    limit = row.length
    if limit is None or row.start_on is None:
        return []
    working = limit.unit == LimitUnit.WORKING_DAYS
    first = row.start_on if limit.counts_first else row.start_on + timedelta(days=1)
    return _months(first, row.due_on, days, table, most=limit.count, working=working)


def strip_up_to(start: date, due_on: date, days: Calendar, table: Table) -> Months:
    """The working days up to a date that a person chose."""
    return _months(start + timedelta(days=1), due_on, days, table, most=None, working=True)


def _months(first: date, last: date, days: Calendar, table: Table, *, most: int | None, working: bool) -> Months:
    if (last - first).days >= LONGEST:
        return []
    number = 0
    months: dict[str, list[Day]] = {}
    for ordinal in range(first.toordinal(), last.toordinal() + 1):
        day = date.fromordinal(ordinal)
        counted = (most is None or number < most) and (not working or days.is_workday(day))
        number += counted
        kind = days.kind(day)
        why = _why(kind, table.get(day, (kind, ""))[1], counted)
        told = Day(day, number if counted else None, str(kind), why, days.is_provisional(day))
        months.setdefault(_("%(year)d年%(month)d月") % {"year": day.year, "month": day.month}, []).append(told)
    return list(months.items())


def _why(kind: DayKind, name: str, counted: bool) -> str:
    label = f"{name}（{DayKind(kind).label}）" if name else str(DayKind(kind).label)
    return label if counted else _("%s，不计") % label


def tally(start: date, due_on: date, until: date, days: Calendar) -> str:
    """How many working days there are up to a chosen date, and how many of them have gone by on a day."""
    whole = days.working_days_between(start, due_on)
    facts = {"start": clock.spelled(start), "due": clock.spelled(due_on), "whole": whole}
    if until > due_on:
        facts["late"] = max(days.working_days_between(due_on, until), 1)
        said = _("自%(start)s次日至%(due)s共%(whole)d个工作日，已全部用完，逾期%(late)d个工作日。")
    else:
        facts["used"] = used = max(days.working_days_between(start, until), 0)
        facts["left"] = whole - used
        said = _("自%(start)s次日至%(due)s共%(whole)d个工作日：已用%(used)d个，剩%(left)d个。")
    return said % facts + ("" if days.is_certain(start, due_on) else _("其中有年份的节假日安排尚未公布，天数为暂定。"))


def rests_in(start: date, due_on: date, days: Calendar, table: Table) -> str:
    """The rest days between, with the holidays and the weekends worked for them by name; empty where there is none."""
    between = {day: row for day, row in table.items() if start < day <= due_on}
    span = (date.fromordinal(n) for n in range(start.toordinal() + 1, due_on.toordinal() + 1))
    off = sum(not days.is_workday(day) for day in span)
    rests = rests_of(between)
    if not off and not rests:
        return ""
    said = _("其间不计休息日%d天") % off
    if rests:
        said += _("，其中%s") % "、".join(_named(rest) for rest in rests)
    makeups = sorted(day for day, (kind, _name) in between.items() if kind == DayKind.MAKEUP)
    if makeups:
        said += _("；调休上班%s") % "、".join(_short(makeups))
    return said + "。"


def _named(rest: Rest) -> str:
    first, last = _short([rest.first, rest.last])
    when = first if rest.count == 1 else _("%(first)s至%(last)s") % {"first": first, "last": last}
    return _("%(name)s（%(when)s）") % {"name": rest.name or _("放假"), "when": when}


def _short(days: Iterable[date]) -> list[str]:
    return [_("%(month)d月%(day)d日") % {"month": day.month, "day": day.day} for day in days]
