"""Cycles such as 每月25日前 or 每半年一次: their length, and the next day they fall due."""

import re
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.translation import gettext as _

from inspections.reading import phrases
from inspections.reading.days import month_end, months_later, number

_MONTHS = {"月": 1, "季": 3, "季度": 3, "年": 12, "年度": 12, "月度": 1, "半年": 6}
_DAYS = {"天": 1, "日": 1, "工作日": 1, "周": 7, "星期": 7, "旬": 10, "每旬": 10}
_ON_DAY = re.compile(rf"(?P<day>{phrases.NUM})[日号]")
_ON_MONTH_DAY = re.compile(rf"(?P<month>{phrases.NUM})月(?:(?P<day>{phrases.NUM})[日号]|(?:份)?[底末])")
_ON_WEEKDAY = re.compile(r"(?:周|星期)(?P<day>[一二三四五六日天末])")
_AT_END = re.compile(r"(?:月|季|季度|年|年度)(?:底|末|终)|[底末]前|末")


@dataclass(frozen=True, slots=True)
class Cycle:
    """The length of a cycle in months or days, one of them zero."""

    months: int = 0
    days: int = 0

    @property
    def iso(self) -> str:
        """As an ISO 8601 duration; whole years as years."""
        if self.months:
            return f"P{self.months // 12}Y" if self.months % 12 == 0 else f"P{self.months}M"
        return f"P{self.days}D"

    def in_words(self) -> str:
        """As 6个月 or 7天."""
        if self.months:
            return _("%(n)d个月") % {"n": self.months}
        return _("%(n)d天") % {"n": self.days}


def period_of(text: str) -> Cycle | None:
    """The cycle the phrase names, or None."""
    times = phrases.TIMES_A.search(text)
    match = phrases.EVERY.search(text)
    if match is None:
        return None
    unit = match["unit"] or match["word"]
    count = 1 if not match["count"] or match["count"] == "半" else number(match["count"])
    months, days = _MONTHS.get(unit, 0) * count, _DAYS.get(unit, 0) * count
    if match["count"] == "半":
        months, days = months // 2, 15 if unit == "月" else days // 2
    shared = number(times["times"]) if times else 1
    if shared > 1 and months % shared == 0 and months:
        months //= shared
    return Cycle(months, 0 if months else days)


def next_due(cycle: Cycle, text: str, reference: date | None) -> date | None:
    """The first day on or after the reference that the phrase names; None where it names no day."""
    if reference is None:
        return None
    if cycle.days == 7:
        return _next_weekday(text, reference)
    if cycle.months == 1:
        return _next_monthly(text, reference)
    if cycle.months == 12:
        return _next_yearly(text, reference)
    if cycle.months in {3, 6} and _AT_END.search(text):
        month = -(-reference.month // cycle.months) * cycle.months
        return month_end(reference.year, month)
    return None


def _next_weekday(text: str, reference: date) -> date | None:
    found = _ON_WEEKDAY.search(text)
    if found is None:
        return None
    ahead = (phrases.WEEKDAYS[found["day"]] - reference.weekday()) % 7
    return reference + timedelta(days=ahead)


def _next_monthly(text: str, reference: date) -> date | None:
    found = _ON_DAY.search(text)
    if found is None:
        return month_end(reference.year, reference.month) if _AT_END.search(text) else None
    day = number(found["day"])
    if not 1 <= day <= 31:
        raise ValueError(text)
    this = _day_of_month(reference, day)
    return this if this >= reference else _day_of_month(months_later(reference.replace(day=1), 1), day)


def _day_of_month(month: date, day: int) -> date:
    return month.replace(day=min(day, month_end(month.year, month.month).day))


def _next_yearly(text: str, reference: date) -> date | None:
    found = _ON_MONTH_DAY.search(text)
    if found is None:
        return date(reference.year, 12, 31) if _AT_END.search(text) else None
    for year in (reference.year, reference.year + 1):
        month = number(found["month"])
        day = date(year, month, number(found["day"])) if found["day"] else month_end(year, month)
        if day >= reference:
            return day
    return None
