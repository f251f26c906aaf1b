"""When an office is open: instants, the hours of a day and a calendar go in, instants come out."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from workflows.calendar import CHINA, ONE_DAY, Calendar

NOTHING = timedelta(0)


@dataclass(frozen=True, slots=True)
class OfficeHours:
    """办公时间 of every working day, by the wall clock in China."""

    opens: time = time(8, 30)
    noon_from: time = time(12)
    noon_to: time = time(14)
    closes: time = time(17, 30)

    def __post_init__(self) -> None:
        if not self.opens < self.noon_from <= self.noon_to < self.closes:
            raise ValueError(f"A day goes forward: {self}")

    def __str__(self) -> str:
        return f"{self.opens:%H:%M}—{self.noon_from:%H:%M}，{self.noon_to:%H:%M}—{self.closes:%H:%M}"

    @property
    def a_day(self) -> timedelta:
        """What is worked on a whole day."""
        return self.worked_by(self.closes)

    def worked_by(self, wall: time) -> timedelta:
        """How much of a working day has been worked when the clock shows this."""
        morning = _between(self.opens, min(max(wall, self.opens), self.noon_from))
        return morning + _between(self.noon_to, min(max(wall, self.noon_to), self.closes))

    def time_after(self, worked: timedelta) -> time:
        """What the clock shows as soon as so much of a working day has been worked."""
        morning = _between(self.opens, self.noon_from)
        since = (self.opens, worked) if worked <= morning else (self.noon_to, worked - morning)
        return (datetime.combine(date.min, since[0]) + since[1]).time()


def is_open(instant: datetime, hours: OfficeHours, calendar: Calendar) -> bool:
    """Whether somebody may be disturbed: on a working day from opening to closing, the noon break included."""
    here = instant.astimezone(CHINA)
    return calendar.is_workday(here.date()) and hours.opens <= here.time() < hours.closes


def next_open(instant: datetime, hours: OfficeHours, calendar: Calendar) -> datetime:
    """The instant itself if the office is open, else when it next opens."""
    if is_open(instant, hours, calendar):
        return instant
    here = instant.astimezone(CHINA)
    first = here.date() if here.time() < hours.opens else here.date() + ONE_DAY
    return _at(calendar.next_workday(first), hours.opens)


def add_office_hours(instant: datetime, amount: timedelta, hours: OfficeHours, calendar: Calendar) -> datetime:
    """When so many office hours have been worked since the instant; nothing to work is done at once."""
    if amount < NOTHING:
        raise ValueError(f"Office hours count forward: {amount}")
    if amount == NOTHING:
        return instant
    here = instant.astimezone(CHINA)
    # Counted from the opening of the first working day: what was worked of it before the instant comes on top.
    day = calendar.next_workday(here.date())
    worked = hours.worked_by(here.time()) if day == here.date() else NOTHING
    days, rest = divmod(amount + worked, hours.a_day)
    if rest == NOTHING:
        # Exactly a day's work is done when the office closes, not when it opens again.
        days, rest = days - 1, hours.a_day
    return _at(calendar.add_working_days(day, days), hours.time_after(rest))


def _at(day: date, wall: time) -> datetime:
    return datetime.combine(day, wall, tzinfo=CHINA)


def _between(earlier: time, later: time) -> timedelta:
    return datetime.combine(date.min, later) - datetime.combine(date.min, earlier)
