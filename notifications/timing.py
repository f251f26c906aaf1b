"""When a message may go out: on working days, in office hours, outside a person's quiet hours."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta

from notifications.models import DIGEST_AT, Preference, Preset
from organizations.clock import SHANGHAI, local
from workflows.calendar import ONE_DAY, Calendar
from workflows.office_hours import OfficeHours, next_open
from workflows.queries import calendar, office_hours
from workflows.registry import Urgency

JOIN_WITHIN = timedelta(seconds=45)
JOIN_AT_MOST = timedelta(minutes=5)
FIRST_RETRY = timedelta(seconds=30)
LONGEST_RETRY = timedelta(hours=1)
LONGEST_WAIT = timedelta(days=1)  # a receiver may ask for patience, not for oblivion
ALWAYS_AT_ONCE = frozenset({Urgency.OVERDUE, Urgency.RED})
AT_ONCE = frozenset(Urgency.values)


@dataclass(frozen=True, slots=True)
class Wishes:
    """How a person wants to be told."""

    preset: str = Preset.ALL
    quiet_from: time | None = None
    quiet_to: time | None = None
    digest_at: time = DIGEST_AT

    def at_once(self, urgency: str) -> bool:
        """Whether something of this urgency goes out as soon as it may."""
        return urgency in (ALWAYS_AT_ONCE if self.preset == Preset.DIGEST else AT_ONCE)

    def in_digest(self, urgency: str, todo: str) -> bool:
        """Whether it waits for the day's digest."""
        return not self.at_once(urgency) and (self.preset != Preset.IMPORTANT or bool(todo))

    def is_quiet(self, hour: time) -> bool:
        """Whether an hour of the wall clock lies in the quiet hours, which may span midnight."""
        if self.quiet_from is None or self.quiet_to is None:
            return False
        if self.quiet_from <= self.quiet_to:
            return self.quiet_from <= hour < self.quiet_to
        return hour >= self.quiet_from or hour < self.quiet_to


NO_WISHES = Wishes()


def wishes_of(user_ids: list[int]) -> dict[int, Wishes]:
    """The wishes of those who have any."""
    columns = ("user_id", "preset", "quiet_from", "quiet_to", "digest_at")
    rows = Preference.objects.filter(user_id__in=user_ids).values_list(*columns)
    return {user_id: Wishes(*values) for user_id, *values in rows}


@dataclass(frozen=True)
class Hours:
    """Office hours and calendar, read once for many questions."""

    office: OfficeHours
    calendar: Calendar

    def sendable(self, instant: datetime, wishes: Wishes = NO_WISHES) -> datetime:
        """The instant itself if a message may go out then, else the first one after it."""
        opening = found = next_open(instant, self.office, self.calendar)
        for _turn in range(3):
            if not wishes.is_quiet(local(found).time()):
                return found
            found = next_open(_end_of_quiet(found, wishes), self.office, self.calendar)
        # Quiet hours that leave no office hour free would hold a message for ever; it goes out at the opening.
        return opening

    def joined(self, first: datetime, now: datetime, wishes: Wishes = NO_WISHES) -> datetime:
        """When a message goes out to which something has just been added."""
        return self.sendable(min(now + JOIN_WITHIN, first + JOIN_AT_MOST), wishes)


def _end_of_quiet(instant: datetime, wishes: Wishes) -> datetime:
    here = local(instant)
    end = datetime.combine(here.date(), wishes.quiet_to or here.time(), tzinfo=SHANGHAI)
    return end if end > here else end + ONE_DAY


def hours() -> Hours:
    """Office hours and calendar in force."""
    return Hours(office_hours(), calendar())


def retry_in(attempts: int, asked: float | None) -> timedelta:
    """How long to wait after so many attempts: twice as long each time, or what the receiver asked for."""
    if asked is not None and asked >= 0:
        return min(timedelta(seconds=asked), LONGEST_WAIT)
    return min(FIRST_RETRY * 2 ** min(max(attempts - 1, 0), 10), LONGEST_RETRY)
