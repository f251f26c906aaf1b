"""Which level a clock has reached, day by day: pure, and held against a plain rule that counts days one by one."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workflows.calendar import Calendar, DayKind
from workflows.colours import ConditionKind, Facts, Level, in_words, level_on, next_change, read_levels
from workflows.defaults import WARNING_POLICIES

pytestmark = pytest.mark.pure

DAY = timedelta(days=1)
FIRST = date(2026, 9, 1)
# A calendar with holidays, make-up days and the plain weekdays around it.
DAYS = {
    date(2026, 10, 1): DayKind.HOLIDAY, date(2026, 10, 2): DayKind.HOLIDAY, date(2026, 10, 3): DayKind.HOLIDAY,
    date(2026, 10, 5): DayKind.HOLIDAY, date(2026, 10, 6): DayKind.HOLIDAY, date(2026, 9, 27): DayKind.MAKEUP,
    date(2026, 10, 10): DayKind.MAKEUP,
}  # fmt: skip
CALENDAR = Calendar(DAYS, frozenset({2026}), "t")

BY_TIME = st.one_of(
    st.tuples(st.just(ConditionKind.LEFT), st.integers(0, 12)),
    st.tuples(st.just(ConditionKind.USED), st.integers(0, 130)),
    st.tuples(st.just(ConditionKind.BEHIND), st.integers(1, 60)),
    st.tuples(st.just(ConditionKind.OVERDUE), st.integers(0, 12)),
)
CONDITIONS = st.one_of(BY_TIME, st.tuples(st.just(ConditionKind.SENT_BACK), st.integers(1, 3)))
LEVELS = st.lists(st.lists(CONDITIONS, min_size=1, max_size=3), min_size=1, max_size=4).map(
    lambda whens: [Level(f"l{n}", "", "red", n, "", tuple(when)) for n, when in enumerate(whens)]
)
FACTS = st.builds(
    lambda start, length, progress, back: Facts(FIRST + start * DAY, FIRST + (start - length) * DAY, progress, back),
    st.integers(10, 60),
    st.integers(0, 50),
    st.integers(0, 100),
    st.integers(0, 3),
)
SOME_DAY = st.integers(-20, 110).map(lambda n: FIRST + n * DAY)


def holds(kind: str, count: int, day: date, facts: Facts) -> bool:
    """The condition as the policy page words it, by counting."""
    late = sum(CALENDAR.is_workday(facts.due_on + n * DAY) for n in range(1, (day - facts.due_on).days + 1))
    left = sum(CALENDAR.is_workday(day + n * DAY) for n in range(1, (facts.due_on - day).days + 1))
    whole = (facts.due_on - facts.start_on).days if facts.start_on else 0
    used = (day - facts.start_on).days * 100 / whole if whole > 0 and facts.start_on else None
    if kind == ConditionKind.LEFT:
        return day > facts.due_on or left <= count
    if kind == ConditionKind.OVERDUE:
        return day > facts.due_on and late >= count
    if kind == ConditionKind.SENT_BACK:
        return facts.sent_back >= count
    if used is None:
        return False
    if kind == ConditionKind.BEHIND:
        return facts.progress < 100 and used >= facts.progress + count
    return used >= count


def plainly(day: date, levels: list[Level], facts: Facts) -> Level | None:
    reached = [level for level in levels if any(holds(kind, count, day, facts) for kind, count in level.when)]
    return reached[-1] if reached else None


@given(SOME_DAY, LEVELS, FACTS)
@settings(max_examples=400)
def test_the_level_is_the_gravest_of_which_a_condition_holds(day: date, levels: list[Level], facts: Facts) -> None:
    assert level_on(day, levels, facts, CALENDAR) == plainly(day, levels, facts)


@given(SOME_DAY, st.integers(0, 60), LEVELS, FACTS)
def test_as_time_goes_on_a_level_only_gets_graver(day: date, later: int, levels: list[Level], facts: Facts) -> None:
    before, after = level_on(day, levels, facts, CALENDAR), level_on(day + later * DAY, levels, facts, CALENDAR)

    assert before is None or (after is not None and after.order >= before.order)


@given(SOME_DAY, LEVELS, FACTS)
def test_the_next_change_is_the_first_day_with_another_level(day: date, levels: list[Level], facts: Facts) -> None:
    now = level_on(day, levels, facts, CALENDAR)
    ahead = (day + n * DAY for n in range(1, 200))
    first = next((each for each in ahead if level_on(each, levels, facts, CALENDAR) != now), None)

    assert next_change(day, levels, facts, CALENDAR) == first


def test_the_last_working_day_before_a_holiday_counts_as_none_left() -> None:
    due_on = date(2026, 10, 6)
    level = [Level("l", "", "red", 0, "", ((ConditionKind.LEFT, 0),))]

    assert level_on(date(2026, 9, 29), level, Facts(due_on), CALENDAR) is None
    assert level_on(date(2026, 10, 4), level, Facts(due_on), CALENDAR) is level[0]


def test_a_clock_without_a_start_has_no_share_of_time_used() -> None:
    levels = [Level("l", "", "red", 0, "", ((ConditionKind.USED, 10), (ConditionKind.BEHIND, 1)))]

    assert level_on(date(2027, 1, 1), levels, Facts(date(2026, 10, 6)), CALENDAR) is None
    assert next_change(date(2026, 9, 1), levels, Facts(date(2026, 10, 6)), CALENDAR) is None


@pytest.mark.parametrize("code", WARNING_POLICIES)
def test_every_shipped_policy_reads_and_every_condition_has_words(code: str) -> None:
    levels = read_levels(WARNING_POLICIES[code]["levels"])

    assert [level.order for level in levels] == [0, 1, 2]
    assert levels[-1].urgent == "red"
    for level in levels:
        assert level.when
        assert all("%" not in in_words(kind, count).replace("%d%%", "").rstrip("%") for kind, count in level.when)
