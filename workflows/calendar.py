"""Working-day arithmetic: dates, a limit and a calendar go in, a date and its reasons come out."""

from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import cached_property, lru_cache
from zoneinfo import ZoneInfo

from chinese_calendar import Holiday, holidays, workdays
from django.db.models import TextChoices
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

CHINA = ZoneInfo("Asia/Shanghai")
ONE_DAY = timedelta(days=1)

# It goes into rows, so it stays in the source language whatever the reader speaks.
PROVISIONAL_NAME = "暂定"
# The package marks what a notice moved (“休息日（由 … 调休）”) beside what the law fixes; only the law is certain.
MOVED = "休息日"


class DayKind(TextChoices):
    """What the yearly notice makes of one day."""

    WORKDAY = "workday", _("工作日")
    WEEKEND = "weekend", _("周末")
    HOLIDAY = "holiday", _("法定节假日")
    MAKEUP = "makeup", _("调休上班")


class LimitUnit(TextChoices):
    """The unit a rule counts in."""

    WORKING_DAYS = "working_days", _("工作日")
    DAYS = "days", _("自然日")


@dataclass(frozen=True, slots=True)
class Limit:
    """A length of time in working or natural days; only natural days can roll off a rest day.

    The day it is counted from counts only where `counts_first` says so.
    """

    count: int
    unit: LimitUnit
    roll_forward: bool = False
    counts_first: bool = False

    def __post_init__(self) -> None:
        if self.count < 0:
            raise ValueError(f"A limit counts forward: {self.count}")

    def __str__(self) -> str:
        if self.unit == LimitUnit.WORKING_DAYS:
            return gettext("%(count)d个工作日") % {"count": self.count}
        return gettext("%(count)d日") % {"count": self.count}

    def as_json(self) -> dict[str, object]:
        """As rows and events keep it."""
        return {
            "count": self.count,
            "unit": str(self.unit),
            "roll_forward": self.roll_forward,
            "counts_first": self.counts_first,
        }


@dataclass(frozen=True)
class Calendar:
    """One version of the days as published; days it does not list work from Monday to Friday."""

    days: Mapping[date, DayKind] = field(hash=False, repr=False)
    published_years: frozenset[int]
    version: str

    def kind(self, day: date) -> DayKind:
        """What the day is, as listed or else by its weekday."""
        return self.days.get(day) or (DayKind.WORKDAY if day.weekday() < 5 else DayKind.WEEKEND)

    def is_workday(self, day: date) -> bool:
        """Whether offices are open on the day, make-up weekends included."""
        return self.kind(day) in (DayKind.WORKDAY, DayKind.MAKEUP)

    def is_provisional(self, day: date) -> bool:
        """Whether the notice for the day's year has not been entered."""
        return day.year not in self.published_years

    def is_certain(self, first: date, last: date) -> bool:
        """Whether the notices of all years from one day to the other have been entered."""
        return self.published_years.issuperset(range(first.year, last.year + 1))

    def add_working_days(self, start: date, n: int) -> date:
        """The n-th working day after the start, or before it if n is negative."""
        if n == 0:
            return start
        if n > 0:
            return self._workday_ranked(self._rank(start.toordinal()) + n)
        return self._workday_ranked(self._rank(start.toordinal() - 1) + 1 + n)

    def working_days_between(self, start: date, end: date) -> int:
        """Working days in (start, end]; swapping the two changes only the sign."""
        return self._rank(end.toordinal()) - self._rank(start.toordinal())

    def first_day_with_left(self, due: date, n: int) -> date:
        """The first day from which at most n working days are left until the due date; negative n: n days past it."""
        return self._workday_ranked(self._rank(due.toordinal()) - n)

    def last_due_with_left(self, today: date, n: int) -> date:
        """The latest due date until which at most n working days are left; negative n: that is n days past."""
        return self._workday_ranked(self._rank(today.toordinal()) + n + 1) - ONE_DAY

    def with_local(self, local: Mapping[date, DayKind]) -> "Calendar":
        """The same calendar with a county's own days."""
        return Calendar({**self.days, **local}, self.published_years, self.version) if local else self

    def next_workday(self, day: date) -> date:
        """The day itself if it is a working day, else the first one after it."""
        return self._workday_ranked(self._rank(day.toordinal() - 1) + 1)

    def previous_workday(self, day: date) -> date:
        """The day itself if it is a working day, else the last one before it."""
        return self._workday_ranked(self._rank(day.toordinal()))

    @cached_property
    def _span(self) -> tuple[int, int]:
        """First and last listed day as ordinals; an empty calendar ends before the first day there is."""
        return (min(self.days).toordinal(), max(self.days).toordinal()) if self.days else (1, 0)

    @cached_property
    def _workdays(self) -> list[int]:
        """Ordinals of all working days in the span, ascending."""
        first, last = self._span
        return [o for o in range(first, last + 1) if self.is_workday(date.fromordinal(o))]

    # Every working day has a rank: the first one in the table is 1, the one before it 0, and so on
    # both ways without end. Arithmetic is then subtraction, the same inside the table and beyond it.

    def _rank(self, ordinal: int) -> int:
        """The rank of the last working day up to and including the ordinal."""
        first, last = self._span
        if ordinal < first:
            return _weekdays_up_to(ordinal) - _weekdays_up_to(first - 1)
        if ordinal > last:
            return len(self._workdays) + _weekdays_up_to(ordinal) - _weekdays_up_to(last)
        return bisect_right(self._workdays, ordinal)

    def _workday_ranked(self, rank: int) -> date:
        """The working day of the given rank."""
        first, last = self._span
        beyond = rank - len(self._workdays)
        if beyond > 0:
            return _nth_weekday(_weekdays_up_to(last) + beyond)
        if rank <= 0:
            return _nth_weekday(_weekdays_up_to(first - 1) + rank)
        return date.fromordinal(self._workdays[rank - 1])


@dataclass(frozen=True, slots=True)
class Computation:
    """A due date together with how it was made; `skipped` is filled for working-day limits only."""

    start: date
    due_on: date
    limit: Limit
    provisional: bool
    calendar_version: str
    skipped: tuple[date, ...]
    rolled_from: date | None
    unpublished_years: tuple[int, ...] = ()

    def as_json(self) -> dict[str, object]:
        """The same facts in plain JSON values, dates as ISO strings."""
        return {
            "start": self.start.isoformat(),
            "due_on": self.due_on.isoformat(),
            "limit": self.limit.as_json(),
            "provisional": self.provisional,
            "calendar_version": self.calendar_version,
            "skipped": [day.isoformat() for day in self.skipped],
            "rolled_from": self.rolled_from.isoformat() if self.rolled_from else None,
            "unpublished_years": list(self.unpublished_years),
        }

    def explained(self) -> dict[str, object]:
        """The facts with the sentence, as they are kept beside the date."""
        return {**self.as_json(), "sentence": self.sentence()}

    def sentence(self) -> str:
        """How the date was made, for anyone who asks."""
        facts = {
            "start": _in_words(self.start) + (gettext("当日") if self.limit.counts_first else gettext("次日")),
            "day": _in_words(self.start),
            "due": _in_words(self.due_on),
            "limit": str(self.limit),
            "rest": len(self.skipped),
            "end": _in_words(self.rolled_from or self.due_on),
        }
        return self._course() % facts + self._caveat()

    def _course(self) -> str:
        """The sentence that fits what happened between start and due date."""
        same_day = self.limit.count == 0
        if self.rolled_from and same_day:
            return gettext("限%(day)s当日完成，因当日为休息日，顺延至%(due)s。")
        if same_day:
            return gettext("限%(day)s当日完成。")
        if self.rolled_from:
            return gettext("自%(start)s起算%(limit)s，期满日%(end)s为休息日，顺延至%(due)s。")
        if self.skipped:
            return gettext("自%(start)s起算%(limit)s，跳过休息日%(rest)d天，至%(due)s。")
        return gettext("自%(start)s起算%(limit)s，至%(due)s。")

    def _caveat(self) -> str:
        """What is still open, or nothing."""
        if not self.provisional:
            return ""
        years = self.unpublished_years or (self.due_on.year,)
        listed = gettext("、").join(gettext("%(year)d年") % {"year": year} for year in years)
        return gettext("其中%(years)s节假日安排尚未公布，日期为暂定。") % {"years": listed}


def compute_due(start: date, limit: Limit, calendar: Calendar) -> Computation:
    """The day the limit ends on; the start itself is not counted."""
    if limit.unit == LimitUnit.WORKING_DAYS:
        return _due_in_working_days(start, limit, calendar)
    return _due_in_days(start, limit, calendar)


def end_of_day(day: date) -> datetime:
    """The last microsecond of the day in China."""
    return datetime.combine(day, time.max, tzinfo=CHINA)


def seed_days(first_year: int, last_year: int) -> Iterator[tuple[date, DayKind, str]]:
    """Every day of the years, both included, with its kind and the holiday's name."""
    known = published_years()
    for day in _days(date(first_year, 1, 1), date(last_year, 12, 31)):
        yield _published_day(day) if day.year in known else _presumed_day(day)


def published_years() -> frozenset[int]:
    """The years whose notices the package chinesecalendar holds."""
    return frozenset(day.year for day in holidays)


@lru_cache(maxsize=16)
def statutory_days(year: int) -> Mapping[date, str]:
    """The days off the law itself fixes in a year, those by the moon included, with their names."""
    # Loading the package takes a third of a second, and only a year without notice or a new notice asks.
    from holidays import country_holidays

    found = country_holidays("CN", years=year, language="zh_CN", observed=False)
    return {day: name for day, name in sorted(found.items()) if not name.startswith(MOVED)}


def _due_in_working_days(start: date, limit: Limit, calendar: Calendar) -> Computation:
    before = start - ONE_DAY if limit.counts_first and limit.count else start
    due_on = calendar.add_working_days(before, limit.count)
    counted = list(_days(before + ONE_DAY, due_on))
    unpublished = _unpublished_years(counted, calendar)
    return Computation(
        start=start,
        due_on=due_on,
        limit=limit,
        provisional=bool(unpublished),
        calendar_version=calendar.version,
        skipped=tuple(day for day in counted if not calendar.is_workday(day)),
        rolled_from=None,
        unpublished_years=unpublished,
    )


def _due_in_days(start: date, limit: Limit, calendar: Calendar) -> Computation:
    end = start + timedelta(days=limit.count - (1 if limit.counts_first and limit.count else 0))
    due_on = calendar.next_workday(end) if limit.roll_forward else end
    # Natural days need no notice; only the roll asks the calendar, about the days it looked at.
    looked_at = list(_days(end, due_on)) if limit.roll_forward else []
    unpublished = _unpublished_years(looked_at, calendar)
    return Computation(
        start=start,
        due_on=due_on,
        limit=limit,
        provisional=bool(unpublished),
        calendar_version=calendar.version,
        skipped=(),
        rolled_from=end if due_on != end else None,
        unpublished_years=unpublished,
    )


def _unpublished_years(days: list[date], calendar: Calendar) -> tuple[int, ...]:
    return tuple(sorted({day.year for day in days if calendar.is_provisional(day)}))


def _published_day(day: date) -> tuple[date, DayKind, str]:
    if day in workdays:
        return day, DayKind.MAKEUP, Holiday(workdays[day]).chinese
    if day in holidays:
        return day, DayKind.HOLIDAY, Holiday(holidays[day]).chinese
    return day, DayKind.WORKDAY if day.weekday() < 5 else DayKind.WEEKEND, ""


def _presumed_day(day: date) -> tuple[date, DayKind, str]:
    if day in statutory_days(day.year):
        return day, DayKind.HOLIDAY, PROVISIONAL_NAME
    return day, DayKind.WORKDAY if day.weekday() < 5 else DayKind.WEEKEND, PROVISIONAL_NAME


def _days(first: date, last: date) -> Iterator[date]:
    """Every day from first to last, both included; nothing if they are the wrong way round."""
    return (date.fromordinal(o) for o in range(first.toordinal(), last.toordinal() + 1))


def _weekdays_up_to(ordinal: int) -> int:
    """How many Mondays to Fridays there are up to the ordinal; ordinal 1 is a Monday."""
    weeks, days = divmod(ordinal, 7)
    return weeks * 5 + min(days, 5)


def _nth_weekday(n: int) -> date:
    """The n-th Monday to Friday since ordinal 1."""
    weeks, days = divmod(n - 1, 5)
    return date.fromordinal(weeks * 7 + days + 1)


def _in_words(day: date) -> str:
    return gettext("%(year)d年%(month)d月%(day)d日") % {"year": day.year, "month": day.month, "day": day.day}
