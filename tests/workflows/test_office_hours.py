"""Office hours against counting minute by minute."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflows.calendar import CHINA, Calendar, DayKind, seed_days
from workflows.office_hours import OfficeHours, add_office_hours, is_open, next_open

pytestmark = pytest.mark.pure

OFFICIAL = Calendar({day: kind for day, kind, _name in seed_days(2026, 2026)}, frozenset({2026}), "1")
USUAL = OfficeHours()
MINUTE = timedelta(minutes=1)


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-{text}").replace(tzinfo=CHINA)


def hours() -> st.SearchStrategy[OfficeHours]:
    """The usual hours, and others with a long noon, none, or a short day."""
    made = st.lists(st.integers(0, 1439), min_size=4, max_size=4, unique=True).map(sorted)
    walls = made.map(lambda four: OfficeHours(*(time(n // 60, n % 60) for n in four)))
    whole_day = st.just(OfficeHours(time(9), time(13), time(13), time(17)))
    return st.just(USUAL) | whole_day | walls


def calendars() -> st.SearchStrategy[Calendar]:
    marked = st.dictionaries(st.dates(date(2026, 9, 18), date(2026, 10, 12)), st.sampled_from(DayKind), max_size=8)
    return st.just(OFFICIAL) | marked.map(lambda days: Calendar(days, frozenset(), "any"))


def instants() -> st.SearchStrategy[datetime]:
    """Whole minutes around the National Day, its make-up weekends included."""
    return st.integers(0, 24 * 24 * 60).map(lambda minutes: at("09-18 00:00") + minutes * MINUTE)


def works(instant: datetime, hours: OfficeHours, calendar: Calendar) -> bool:
    """Whether somebody works in the minute that begins here."""
    wall = instant.astimezone(CHINA).time()
    inside = hours.opens <= wall < hours.noon_from or hours.noon_to <= wall < hours.closes
    return inside and calendar.is_workday(instant.astimezone(CHINA).date())


@pytest.mark.parametrize(
    ("instant", "opened"),
    [
        ("09-21 08:29", False),
        ("09-21 08:30", True),
        ("09-21 12:30", True),  # the noon break
        ("09-21 17:29", True),
        ("09-21 17:30", False),
        ("09-20 10:00", True),  # a Sunday that works
        ("09-19 10:00", False),
        ("10-01 10:00", False),
        ("10-10 10:00", True),  # a Saturday that works
    ],
)
def test_an_office_is_open_on_working_days_between_opening_and_closing(instant: str, opened: bool):
    assert is_open(at(instant), USUAL, OFFICIAL) is opened


@pytest.mark.parametrize(
    ("instant", "opens"),
    [
        ("09-21 10:00", "09-21 10:00"),
        ("09-21 06:00", "09-21 08:30"),
        ("09-21 17:30", "09-22 08:30"),
        ("09-30 20:00", "10-08 08:30"),
        ("10-09 18:00", "10-10 08:30"),
        ("10-10 18:00", "10-12 08:30"),
    ],
)
def test_what_comes_after_hours_waits_for_the_next_opening(instant: str, opens: str):
    assert next_open(at(instant), USUAL, OFFICIAL) == at(opens)


@pytest.mark.parametrize(
    ("instant", "amount", "done"),
    [
        ("09-21 09:00", 2, "09-21 11:00"),
        ("09-21 11:00", 2, "09-21 15:00"),
        ("09-21 11:00", 1, "09-21 12:00"),
        ("09-21 12:30", 1, "09-21 15:00"),
        ("09-21 17:00", 0.5, "09-21 17:30"),
        ("09-21 17:00", 1, "09-22 09:00"),
        ("09-21 08:30", 7, "09-21 17:30"),
        ("09-30 17:00", 1, "10-08 09:00"),
        ("10-02 10:00", 8, "10-09 09:30"),
        ("10-09 17:00", 1, "10-10 09:00"),
        ("09-21 22:00", 0, "09-21 22:00"),
    ],
)
def test_office_hours_run_only_while_somebody_works(instant: str, amount: float, done: str):
    assert add_office_hours(at(instant), timedelta(hours=amount), USUAL, OFFICIAL) == at(done)


@given(instant=instants(), minutes=st.integers(1, 1_500), hours=hours(), calendar=calendars())
def test_adding_gives_the_same_instant_as_counting_the_minutes(
    instant: datetime, minutes: int, hours: OfficeHours, calendar: Calendar
):
    minutes = min(minutes, int(hours.a_day / MINUTE) * 3)
    moment, left = instant, minutes
    while left:
        left -= works(moment, hours, calendar)
        moment += MINUTE

    done = add_office_hours(instant, minutes * MINUTE, hours, calendar)

    assert done == moment


@given(instant=instants(), hours=hours(), calendar=calendars())
def test_the_next_opening_is_open_and_nothing_before_it_is(instant: datetime, hours: OfficeHours, calendar: Calendar):
    opening = next_open(instant, hours, calendar)

    assert opening >= instant
    assert is_open(opening, hours, calendar)
    assert (opening == instant) is is_open(instant, hours, calendar)
    if opening > instant:
        assert opening.astimezone(CHINA).time() == hours.opens
        between = range(int((opening - instant) / (30 * MINUTE)))
        assert not any(is_open(instant + n * 30 * MINUTE, hours, calendar) for n in between)


@given(first=st.integers(1, 2_000), second=st.integers(1, 2_000), instant=instants(), calendar=calendars())
def test_two_stretches_one_after_the_other_are_one(first: int, second: int, instant: datetime, calendar: Calendar):
    once = add_office_hours(instant, (first + second) * MINUTE, USUAL, calendar)

    twice = add_office_hours(
        add_office_hours(instant, first * MINUTE, USUAL, calendar), second * MINUTE, USUAL, calendar
    )

    assert once == twice


def test_an_instant_in_another_zone_is_the_same_instant():
    here = at("09-21 09:00")

    done = add_office_hours(here.astimezone(UTC), timedelta(hours=2), USUAL, OFFICIAL)

    assert done == at("09-21 11:00")
    assert is_open(here.astimezone(UTC), USUAL, OFFICIAL)


def test_hours_that_go_backwards_are_refused():
    with pytest.raises(ValueError, match="forward"):
        OfficeHours(opens=time(13))
    with pytest.raises(ValueError, match="forward"):
        add_office_hours(at("09-21 09:00"), -MINUTE, USUAL, OFFICIAL)
