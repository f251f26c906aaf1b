"""Working days against the State Council's notices, and against counting one by one."""

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflows.calendar import (
    Calendar,
    Computation,
    DayKind,
    Limit,
    LimitUnit,
    compute_due,
    end_of_day,
    published_years,
    seed_days,
)

pytestmark = pytest.mark.pure

SEEDED = {day: (kind, name) for day, kind, name in seed_days(2018, 2028)}
OFFICIAL = Calendar(
    days={day: kind for day, (kind, _name) in SEEDED.items()},
    published_years=frozenset(range(2018, 2027)),
    version="2026-01",
)
ONE_DAY = timedelta(days=1)
SPRING = (date(2024, 2, 5), date(2024, 2, 18))

# 国务院办公厅关于部分节假日安排的通知, typed from the notices and not from the package.
MAKEUPS = {
    2019: "02-02 02-03 04-28 05-05 09-29 10-12",
    2020: "01-19 04-26 05-09 06-28 09-27 10-10",
    2021: "02-07 02-20 04-25 05-08 09-18 09-26 10-09",
    2022: "01-29 01-30 04-02 04-24 05-07 10-08 10-09",
    2023: "01-28 01-29 04-23 05-06 06-25 10-07 10-08",
    2024: "02-04 02-18 04-07 04-28 05-11 09-14 09-29 10-12",
    2025: "01-26 02-08 04-27 09-28 10-11",
    2026: "01-04 02-14 02-28 05-09 09-20 10-10",
}
# First and last day of each rest; 2020 with the Spring Festival as 国办发明电〔2020〕1号 extended it.
RESTS = {
    2019: "01-01:01-01 02-04:02-10 04-05:04-05 05-01:05-04 06-07:06-07 09-13:09-13 10-01:10-07",
    2020: "01-01:01-01 01-24:02-02 04-04:04-06 05-01:05-05 06-25:06-27 10-01:10-08",
    2021: "01-01:01-03 02-11:02-17 04-03:04-05 05-01:05-05 06-12:06-14 09-19:09-21 10-01:10-07",
    2022: "01-01:01-03 01-31:02-06 04-03:04-05 04-30:05-04 06-03:06-05 09-10:09-12 10-01:10-07 12-31:12-31",
    2023: "01-01:01-02 01-21:01-27 04-05:04-05 04-29:05-03 06-22:06-24 09-29:10-06",
    2024: "01-01:01-01 02-10:02-17 04-04:04-06 05-01:05-05 06-10:06-10 09-15:09-17 10-01:10-07",
    2025: "01-01:01-01 01-28:02-04 04-04:04-06 05-01:05-05 05-31:06-02 10-01:10-08",
    2026: "01-01:01-03 02-15:02-23 04-04:04-06 05-01:05-05 06-19:06-21 09-25:09-27 10-01:10-07",
}


def on(year: int, month_day: str) -> date:
    return date.fromisoformat(f"{year}-{month_day}")


def span(first: date, last: date) -> Iterator[date]:
    while first <= last:
        yield first
        first += ONE_DAY


def walk(calendar: Calendar, start: date, n: int) -> date:
    """The slow and obvious way: one day at a time."""
    step = ONE_DAY if n > 0 else -ONE_DAY
    while n:
        start += step
        n -= calendar.is_workday(start) * step.days
    return start


def working(count: int) -> Limit:
    return Limit(count, LimitUnit.WORKING_DAYS)


def natural(count: int, *, roll_forward: bool = False) -> Limit:
    return Limit(count, LimitUnit.DAYS, roll_forward)


def calendars() -> st.SearchStrategy[Calendar]:
    """The official calendar, an empty one, or a few days marked at will with gaps between them."""
    marked = st.dictionaries(st.dates(*SPRING), st.sampled_from(DayKind), max_size=14)
    return st.just(OFFICIAL) | marked.map(lambda days: Calendar(days, frozenset({2024}), "any"))


def dates() -> st.SearchStrategy[date]:
    """Often at the edges of the made calendars, sometimes far beyond both kinds."""
    return st.dates(*SPRING) | st.dates(date(2015, 1, 1), date(2031, 12, 31))


counts = st.integers(-400, 400)


# The notices


@pytest.mark.parametrize("year", MAKEUPS)
def test_the_weekends_that_work_are_exactly_those_of_the_notice(year: int):
    expected = [on(year, day) for day in MAKEUPS[year].split()]

    worked = [day for day, (kind, _name) in SEEDED.items() if kind == DayKind.MAKEUP and day.year == year]

    assert worked == expected
    assert all(day.weekday() >= 5 and OFFICIAL.is_workday(day) for day in expected)


@pytest.mark.parametrize("year", RESTS)
def test_every_other_day_of_the_year_rests_or_works_as_the_notice_says(year: int):
    makeups = {on(year, day) for day in MAKEUPS[year].split()}
    ranges = [pair.split(":") for pair in RESTS[year].split()]
    rests = {day for first, last in ranges for day in span(on(year, first), on(year, last))}

    days = list(span(date(year, 1, 1), date(year, 12, 31)))
    worked = {day for day in days if OFFICIAL.is_workday(day)}

    assert worked == {day for day in days if day in makeups or (day.weekday() < 5 and day not in rests)}


@pytest.mark.parametrize(
    ("day", "kind", "name"),
    [
        (date(2018, 12, 29), DayKind.MAKEUP, "元旦"),
        (date(2018, 12, 31), DayKind.HOLIDAY, "元旦"),
        (date(2020, 2, 1), DayKind.HOLIDAY, "春节"),
        (date(2020, 2, 3), DayKind.WORKDAY, ""),
        (date(2020, 5, 9), DayKind.MAKEUP, "劳动节"),
        (date(2024, 2, 9), DayKind.WORKDAY, ""),
        (date(2025, 9, 28), DayKind.MAKEUP, "国庆节"),
        (date(2026, 4, 6), DayKind.HOLIDAY, "清明"),
        (date(2026, 6, 13), DayKind.WEEKEND, ""),
        (date(2026, 9, 25), DayKind.HOLIDAY, "中秋"),
    ],
)
def test_a_published_day_carries_its_kind_and_the_chinese_name_of_the_holiday(day: date, kind: DayKind, name: str):
    seeded = SEEDED[day]

    assert seeded == (kind, name)
    assert OFFICIAL.kind(day) == kind


def test_a_year_without_notice_has_only_the_holidays_that_are_certain():
    unknown = max(published_years()) + 1

    rows = list(seed_days(unknown, unknown))

    certain = [(1, 1), (5, 1), (5, 2), (10, 1), (10, 2), (10, 3)]
    assert [(day.month, day.day) for day, kind, _ in rows if kind == DayKind.HOLIDAY] == certain
    assert {name for _, _, name in rows} == {"暂定"}
    assert not [day for day, kind, _ in rows if kind == DayKind.MAKEUP]


def test_seeding_yields_every_day_once_and_in_order():
    seeded = [day for day, _kind, _name in seed_days(2003, 2030)]

    assert seeded == list(span(date(2003, 1, 1), date(2030, 12, 31)))


def test_the_package_knows_2004_to_2026_at_least():
    known = published_years()

    assert known >= set(range(2004, 2027))


# Counting


@given(calendar=calendars(), start=dates(), n=st.integers(-60, 60))
def test_adding_gives_the_same_day_as_walking(calendar: Calendar, start: date, n: int):
    walked = walk(calendar, start, n)

    added = calendar.add_working_days(start, n)

    assert added == walked


@given(calendar=calendars(), start=dates(), n=counts)
def test_counting_back_what_was_added_to_a_workday_gives_the_number(calendar: Calendar, start: date, n: int):
    workday = calendar.next_workday(start)

    due_on = calendar.add_working_days(workday, n)

    assert calendar.working_days_between(workday, due_on) == n
    assert calendar.add_working_days(due_on, -n) == workday


@given(calendar=calendars(), start=dates(), end=dates())
def test_adding_the_days_between_two_workdays_leads_from_one_to_the_other(calendar: Calendar, start: date, end: date):
    start, end = calendar.next_workday(start), calendar.previous_workday(end)

    n = calendar.working_days_between(start, end)

    assert calendar.add_working_days(start, n) == end
    assert calendar.add_working_days(end, -n) == start


@given(calendar=calendars(), start=dates(), length=st.integers(0, 200))
def test_the_days_between_are_the_workdays_after_the_start_up_to_the_end(calendar: Calendar, start: date, length: int):
    end = start + timedelta(days=length)

    n = calendar.working_days_between(start, end)

    assert n == sum(calendar.is_workday(day) for day in span(start + ONE_DAY, end))
    assert calendar.working_days_between(end, start) == -n


@given(calendar=calendars(), start=dates(), later=st.integers(0, 40), n=counts.filter(bool))
def test_a_later_start_or_a_longer_limit_never_ends_earlier(calendar: Calendar, start: date, later: int, n: int):
    due_on = calendar.add_working_days(start, n)

    from_later = calendar.add_working_days(start + timedelta(days=later), n)
    one_more = calendar.add_working_days(start, n + 1)

    assert from_later >= due_on
    assert one_more > due_on


@given(calendar=calendars(), day=dates())
def test_the_nearest_workdays_have_only_rest_between_them_and_the_day(calendar: Calendar, day: date):
    before, after = calendar.previous_workday(day), calendar.next_workday(day)

    between = [d for d in span(before, after) if d not in (before, after)]

    assert before <= day <= after
    assert calendar.is_workday(before)
    assert calendar.is_workday(after)
    assert not any(calendar.is_workday(d) for d in between)


def test_an_empty_calendar_works_from_monday_to_friday_and_promises_nothing():
    empty = Calendar(days={}, published_years=frozenset(), version="empty")

    after_friday = empty.add_working_days(date(2026, 10, 2), 1)

    assert after_friday == date(2026, 10, 5)
    assert empty.is_provisional(after_friday)


# Due dates


@pytest.mark.parametrize(
    ("start", "count", "due_on"),
    [
        (date(2020, 1, 22), 2, date(2020, 2, 3)),
        (date(2020, 5, 8), 1, date(2020, 5, 9)),
        (date(2021, 2, 5), 1, date(2021, 2, 7)),
        (date(2023, 1, 20), 3, date(2023, 1, 30)),
        (date(2025, 9, 26), 4, date(2025, 10, 9)),
        (date(2026, 9, 28), 5, date(2026, 10, 10)),
        (date(2026, 10, 3), 1, date(2026, 10, 8)),
        (date(2026, 10, 3), 0, date(2026, 10, 3)),
    ],
)
def test_a_limit_in_working_days_goes_around_the_festival(start: date, count: int, due_on: date):
    limit = working(count)

    computation = compute_due(start, limit, OFFICIAL)

    assert computation.due_on == due_on
    assert computation.rolled_from is None
    assert not computation.provisional


@given(start=dates(), count=st.integers(0, 120))
def test_every_day_of_a_working_day_limit_is_either_counted_or_skipped(start: date, count: int):
    computation = compute_due(start, working(count), OFFICIAL)

    length = (computation.due_on - start).days

    assert length == count + len(computation.skipped)
    assert not any(OFFICIAL.is_workday(day) for day in computation.skipped)


@pytest.mark.parametrize(
    ("start", "roll_forward", "due_on", "rolled_from"),
    [
        (date(2026, 9, 18), False, date(2026, 10, 3), None),
        (date(2026, 9, 18), True, date(2026, 10, 8), date(2026, 10, 3)),
        (date(2026, 9, 25), True, date(2026, 10, 10), None),  # a Saturday, but a make-up day
    ],
)
def test_a_natural_limit_ending_on_a_rest_day_moves_only_if_told_to_roll(
    start: date, roll_forward: bool, due_on: date, rolled_from: date | None
):
    limit = natural(15, roll_forward=roll_forward)

    computation = compute_due(start, limit, OFFICIAL)

    assert (computation.due_on, computation.rolled_from) == (due_on, rolled_from)
    assert computation.skipped == ()


@pytest.mark.parametrize(
    ("start", "limit", "years"),
    [
        (date(2026, 12, 25), working(4), ()),
        (date(2026, 12, 25), working(5), (2027,)),
        (date(2026, 12, 25), working(300), (2027, 2028)),
        (date(2026, 12, 31), working(0), ()),
        (date(2026, 12, 25), natural(60), ()),
        (date(2026, 12, 25), natural(60, roll_forward=True), (2027,)),
        (date(2017, 12, 29), working(3), (2017,)),
        (date(2017, 12, 20), natural(10, roll_forward=True), (2017,)),
    ],
)
def test_a_date_is_provisional_when_it_depends_on_a_year_without_notice(
    start: date, limit: Limit, years: tuple[int, ...]
):
    computation = compute_due(start, limit, OFFICIAL)

    assert computation.provisional is bool(years)
    assert computation.unpublished_years == years
    assert ("暂定" in computation.sentence()) is bool(years)


# Words


@pytest.mark.parametrize(
    ("start", "limit", "sentence"),
    [
        ("2026-09-28", working(5), "自2026年9月28日次日起算5个工作日，跳过休息日7天，至2026年10月10日。"),
        ("2026-06-08", working(2), "自2026年6月8日次日起算2个工作日，至2026年6月10日。"),
        ("2026-06-08", working(0), "限2026年6月8日当日完成。"),
        ("2026-03-02", natural(60), "自2026年3月2日次日起算60日，至2026年5月1日。"),
        (
            "2026-03-02",
            natural(60, roll_forward=True),
            "自2026年3月2日次日起算60日，期满日2026年5月1日为休息日，顺延至2026年5月6日。",
        ),
        (
            "2026-10-03",
            natural(0, roll_forward=True),
            "限2026年10月3日当日完成，因当日为休息日，顺延至2026年10月8日。",
        ),
        (
            "2026-12-30",
            working(3),
            "自2026年12月30日次日起算3个工作日，跳过休息日3天，至2027年1月5日。"
            "其中2027年节假日安排尚未公布，日期为暂定。",
        ),
    ],
)
def test_the_sentence_says_how_the_date_was_made(start: str, limit: Limit, sentence: str):
    computation = compute_due(date.fromisoformat(start), limit, OFFICIAL)

    assert computation.sentence() == sentence


def test_a_computation_survives_json():
    computation = compute_due(date(2026, 6, 18), working(2), OFFICIAL)

    stored = json.loads(json.dumps(computation.as_json()))

    assert stored == {
        "start": "2026-06-18",
        "due_on": "2026-06-23",
        "limit": {"count": 2, "unit": "working_days", "roll_forward": False, "counts_first": False},
        "provisional": False,
        "calendar_version": "2026-01",
        "skipped": ["2026-06-19", "2026-06-20", "2026-06-21"],
        "rolled_from": None,
        "unpublished_years": [],
    }


def test_a_computation_without_its_years_names_the_year_of_the_date():
    bare = Computation(date(2026, 12, 30), date(2027, 1, 5), working(3), True, "2026-01", (), None)

    assert bare.sentence().endswith("其中2027年节假日安排尚未公布，日期为暂定。")


def test_a_limit_reads_as_people_say_it():
    words = (str(working(5)), str(natural(60)))

    assert words == ("5个工作日", "60日")


def test_a_limit_never_counts_backwards():
    with pytest.raises(ValueError, match="forward"):
        working(-1)


def test_a_day_ends_just_before_midnight_in_china():
    instant = end_of_day(date(2026, 6, 30))

    assert instant == datetime(2026, 6, 30, 15, 59, 59, 999999, tzinfo=UTC)
    assert instant.isoformat() == "2026-06-30T23:59:59.999999+08:00"
