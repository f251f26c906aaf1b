"""Publishing a notice, local days, office hours: what is stored, which dates follow, who is told, who may."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied

from organizations import clock
from organizations.errors import Refused
from organizations.models import AccessEntry, Division, User
from tests.conftest import Story, World, fresh, item_of, make_division, reread
from tests.workflows.notices import BODIES, INVENTED_2027, official
from workflows import recomputing
from workflows.actions.calendar import (
    LocalEntry,
    drop_local_day,
    publication,
    publish_year,
    set_local_day,
    set_working_time,
)
from workflows.calendar import DayKind
from workflows.defaults import load_calendar
from workflows.holiday_notice import Notice, read_notice
from workflows.models import (
    CalendarDay,
    CalendarYear,
    Deadline,
    Event,
    LocalDay,
    Outbox,
    Recomputation,
    WorkingTime,
)
from workflows.office_hours import OfficeHours
from workflows.queries import calendar, calendars_with, office_hours
from workflows.recomputing import continue_recomputing, count_moves
from workflows.telling import people_told

# 元旦 with a working Saturday after it: what ends in the first days of January ends a day earlier.
EARLY = INVENTED_2027.replace("1月1日（周五）至3日（周日）放假，共3天", "1月1日（周五）放假1天。1月2日（周六）上班")
NEW_YEARS_EVE = datetime(2026, 12, 28, 2, tzinfo=UTC)  # a Monday morning in China
LONG = OfficeHours(time(9), time(12), time(13), time(18))


@pytest.fixture
def eve() -> Any:
    """The last days of 2026: what is due within days leans on 2027, whose notice nobody has entered."""
    with clock.at(NEW_YEARS_EVE):
        yield


def notice_2027(body: str = INVENTED_2027) -> Notice:
    return read_notice(official(2027, body), 2027)


def publish(by: User, body: str = INVENTED_2027) -> Recomputation | None:
    return publish_year(2027, notice_2027(body), "国办发明电〔2026〕7号", fresh(by))


def kinds(year: int) -> dict[date, str]:
    return dict(CalendarDay.objects.filter(day__year=year).values_list("day", "kind"))


def step_clock(problem: Any) -> Deadline:
    return Deadline.objects.get(item=item_of(problem))


def moves_of(problem: Any) -> list[Event]:
    return list(Event.objects.filter(case_id=problem.pk, name="deadline_moved").order_by("number"))


def everything() -> dict[str, Any]:
    """What must stay as it is where nothing may happen."""
    return {
        "days": kinds(2027),
        "years": list(CalendarYear.objects.values_list()),
        "log": AccessEntry.objects.count(),
        "works": Recomputation.objects.count(),
        "dates": list(Deadline.objects.order_by("pk").values_list("pk", "due_on", "version")),
        "events": Event.objects.count(),
        "told": Outbox.objects.count(),
    }


# Storing


def test_only_the_system_administrator_publishes_a_year(world: World) -> None:
    before = everything()

    for person in ("registrar", "secadmin", "auditor", "stranger", "nobody"):
        with pytest.raises(PermissionDenied):
            publish(world.people[person])

    assert everything() == before


def test_publishing_replaces_the_days_and_says_so_in_the_log(world: World) -> None:
    before = CalendarYear.objects.get(pk=2027)

    publish(world.sysadmin)

    year = CalendarYear.objects.get(pk=2027)
    assert (before.published, year.published) == (False, True)
    assert (year.version, year.document) == (before.version + 1, "国办发明电〔2026〕7号")
    days = kinds(2027)
    assert len(days) == 365
    assert days[date(2027, 2, 20)] == DayKind.MAKEUP
    assert days[date(2027, 2, 11)] == DayKind.HOLIDAY
    assert not CalendarDay.objects.filter(day__year=2027, name="暂定").exists()
    line = AccessEntry.objects.latest("pk")
    assert (line.user, line.kind) == (world.sysadmin, "basic_data")
    assert line.text == "公布2027年节假日安排（国办发明电〔2026〕7号）"
    assert line.data["days"]["2027-02-20"] == "makeup"


def test_publishing_the_same_notice_again_changes_nothing(world: World) -> None:
    publish(world.sysadmin)
    before = everything()

    again = publish(world.sysadmin)

    assert again is None
    assert everything() == before


def test_a_corrected_notice_is_a_new_version_and_asks_only_about_the_days_that_differ(world: World) -> None:
    publish(world.sysadmin)
    version = CalendarYear.objects.get(pk=2027).version

    work = publish(world.sysadmin, INVENTED_2027.replace("5月8日（周六）", "5月9日（周日）"))

    assert work is not None
    assert (work.first_day, work.last_day) == (date(2027, 5, 8), date(2027, 5, 9))
    assert CalendarYear.objects.get(pk=2027).version == version + 1
    assert kinds(2027)[date(2027, 5, 8)] == DayKind.WEEKEND


def test_a_notice_with_errors_is_refused_whoever_sends_it(world: World) -> None:
    before = everything()

    with pytest.raises(Refused, match="没有读懂"):
        publish(world.sysadmin, INVENTED_2027.replace("共7天", "共9天", 1))

    assert everything() == before


def test_the_notice_of_one_year_is_not_published_for_another(world: World) -> None:
    with pytest.raises(Refused):
        publish_year(2028, notice_2027(), "", fresh(world.sysadmin))

    assert not CalendarYear.objects.get(pk=2028).published


def test_a_year_the_table_does_not_hold_yet_can_be_published(world: World) -> None:
    year = CalendarYear.objects.latest("year").year + 1
    notice = read_notice("10月1日至3日放假。", year)

    publish_year(year, notice, "", fresh(world.sysadmin))

    assert CalendarYear.objects.get(pk=year).published
    assert len(kinds(year)) in {365, 366}


def test_the_last_days_of_december_belong_to_the_next_notice_and_survive_their_own_year(world: World) -> None:
    crossing = BODIES[2023].replace("2022年", "2026年").replace("2023年", "2027年")
    notice = read_notice(crossing.splitlines()[0].replace("12月31日", "12月30日").replace("共3天", "共4天"), 2027)
    versions = dict(CalendarYear.objects.values_list("year", "version"))

    publish_year(2027, notice, "", fresh(world.sysadmin))
    publish_year(2026, read_notice(official(2026), 2026), "", fresh(world.sysadmin))

    assert notice.errors == []
    assert kinds(2026)[date(2026, 12, 30)] == DayKind.HOLIDAY
    assert kinds(2026)[date(2026, 12, 31)] == DayKind.HOLIDAY
    assert CalendarYear.objects.get(pk=2026).version == versions[2026] + 2
    assert not calendar().is_workday(date(2026, 12, 31))


def test_loading_the_defaults_again_leaves_a_published_year_and_mends_a_provisional_one(world: World) -> None:
    publish(world.sysadmin)
    published = kinds(2027)
    CalendarDay.objects.filter(day=date(2028, 1, 26)).update(kind=DayKind.WORKDAY)  # as an older version presumed
    works = Recomputation.objects.count()

    load_calendar()
    load_calendar()

    assert kinds(2027) == published
    assert kinds(2028)[date(2028, 1, 26)] == DayKind.HOLIDAY
    assert Recomputation.objects.count() == works + 1


# Dates that follow


def test_a_date_that_leans_on_the_year_moves_once_and_its_owner_is_told_once(
    story: Story, world: World, eve: None
) -> None:
    problem, closed = story.assigned(), story.registered(title="另一处")
    clock_before, other = step_clock(problem), step_clock(closed)
    held = problem.state, problem.round, problem.due_on
    told = set(Outbox.objects.values_list("event_id", flat=True))
    assert clock_before.due_on == date(2026, 12, 30)
    with clock.at(NEW_YEARS_EVE + timedelta(days=3)):  # 31 December: two working days end in January
        late = story.assigned(title="第三处")
        provisional = step_clock(late)
        assert provisional.due_on == date(2027, 1, 5)
        assert provisional.computation["provisional"]

        publish(
            world.sysadmin,
            EARLY,
        )
        continue_recomputing()

        moved = step_clock(late)
        (event,) = moves_of(late)
    assert moved.due_on == date(2027, 1, 4)
    assert moved.version == provisional.version + 1
    assert moved.due_at == item_of(late).due_at
    assert not moved.computation["provisional"]
    assert "暂定" not in moved.computation["sentence"]
    assert moved.computation["moved"] == [
        {"from": "2027-01-05", "why": "公布2027年节假日安排（国办发明电〔2026〕7号）"}
    ]
    assert event.actor == world.sysadmin
    assert (event.data["from"], event.data["due"]) == ("2027-01-05", "2027-01-04")
    new = Outbox.objects.exclude(event_id__in=told).filter(event__name="deadline_moved")
    assert [row.event_id for row in new] == [event.pk]
    assert {each.user_id for each in people_told(event)} == {world.head.pk, world.clerk.pk}
    # What does not lean on the year stays as it was.
    assert (step_clock(problem).due_on, step_clock(closed).due_on) == (clock_before.due_on, other.due_on)
    assert moves_of(problem) == moves_of(closed) == []
    again = reread(problem)
    assert (again.state, again.round, again.due_on) == held


def test_a_date_that_stays_becomes_certain_without_an_event(story: Story, world: World, eve: None) -> None:
    with clock.at(NEW_YEARS_EVE + timedelta(days=3)):
        problem = story.assigned()
        before, events = step_clock(problem), Event.objects.filter(case_id=problem.pk).count()

        publish(world.sysadmin)
        continue_recomputing()

    after = step_clock(problem)
    assert (after.due_on, after.version) == (before.due_on, before.version)
    assert (before.computation["provisional"], after.computation["provisional"]) == (True, False)
    assert after.computation.get("moved", []) == []
    assert Event.objects.filter(case_id=problem.pk).count() == events


def test_running_twice_is_running_once(story: Story, world: World, eve: None) -> None:
    with clock.at(NEW_YEARS_EVE + timedelta(days=3)):
        story.assigned()
        publish(
            world.sysadmin,
            EARLY,
        )
        continue_recomputing()
        before = everything()

        looked = continue_recomputing()

    assert looked == 0
    assert everything() == before
    assert Recomputation.objects.latest("pk").done_at is not None


def test_the_preview_counts_what_will_move_and_stores_nothing(story: Story, world: World, eve: None) -> None:
    body = EARLY
    with clock.at(NEW_YEARS_EVE + timedelta(days=3)):
        problems = [story.assigned(title=f"第{n}处") for n in range(3)]
        found = publication(notice_2027(body))
        days = {day: row[0] for day, row in found.after.items()}
        before = everything()

        work = recomputing.calendar_change(found.recounted, "", None)
        found_moves = count_moves(work, calendars_with(days, [2027]))
        counted, complete = found_moves.count, found_moves.complete

        assert everything() == before
        publish(world.sysadmin, body)
        continue_recomputing()

    moved = sum(len(moves_of(problem)) for problem in problems)
    assert (counted, complete) == (moved, True)
    assert moved == 3


def test_a_preview_of_very_many_dates_says_that_it_stopped(
    story: Story, world: World, eve: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    with clock.at(NEW_YEARS_EVE + timedelta(days=3)):
        for number in range(3):
            story.assigned(title=f"第{number}处")
        found = publication(notice_2027(EARLY))
        calendars = calendars_with({day: row[0] for day, row in found.after.items()}, [2027])
        work = recomputing.calendar_change(found.recounted, "", None)

        monkeypatch.setattr(recomputing, "COUNTED_MOST", 2)
        stopped = count_moves(work, calendars)
        monkeypatch.setattr(recomputing, "COUNTED_MOST", 3)
        whole = count_moves(work, calendars)

    assert (stopped.count, stopped.complete, whole.count, whole.complete) == (2, False, 3, True)
    assert [made.clock for made in whole.first] == ["签收（县水利局）"] * 3
    assert all(made.computation.due_on != made.deadline.due_on for made in whole.first)


def test_a_case_clock_that_moves_tells_the_unit_that_leads(story: Story, world: World, eve: None) -> None:
    problem = story.rectifying()
    limit = {"count": 3, "unit": "working_days", "roll_forward": False, "counts_first": False}
    row = Deadline.objects.get(case_id=problem.pk, kind="case", superseded_at__isnull=True)
    Deadline.objects.filter(pk=row.pk).update(limit=limit, start_on=date(2026, 12, 31), due_on=date(2027, 1, 6))

    publish(
        world.sysadmin,
        EARLY,
    )
    continue_recomputing()

    event = next(each for each in moves_of(problem) if each.data["deadline"] == row.pk)
    assert {each.user_id for each in people_told(event)} == {world.head.pk, world.clerk.pk}
    assert reread(problem).due_on == date(2027, 1, 5)


def test_a_case_clock_that_only_becomes_certain_leaves_what_follows_it_alone(
    story: Story, world: World, eve: None
) -> None:
    problem = story.rectifying()
    limit = {"count": 3, "unit": "working_days", "roll_forward": False, "counts_first": False}
    row = Deadline.objects.get(case_id=problem.pk, kind="case", superseded_at__isnull=True)
    due_on, stale = date(2027, 1, 6), {"provisional": True}
    Deadline.objects.filter(pk=row.pk).update(
        limit=limit, start_on=date(2026, 12, 31), due_on=due_on, computation=stale
    )
    following = Deadline.objects.get(case_id=problem.pk, follows_case=True, item__status__in=["NEW", "ASSIGNED"])

    publish(world.sysadmin)
    continue_recomputing()

    row.refresh_from_db()
    assert (row.due_on, row.computation["provisional"]) == (due_on, False)
    assert Deadline.objects.get(pk=following.pk).version == following.version
    assert moves_of(problem) == []


@pytest.mark.parametrize("dies_after", [1, 2, 3])
def test_a_killed_run_goes_on_where_it_stopped(
    story: Story, world: World, eve: None, monkeypatch: pytest.MonkeyPatch, dies_after: int
) -> None:
    monkeypatch.setattr(recomputing, "BATCH", 1)
    with clock.at(NEW_YEARS_EVE + timedelta(days=3)):
        problems = [story.assigned(title=f"第{n}处") for n in range(3)]
        publish(
            world.sysadmin,
            EARLY,
        )
        real, batches = recomputing.move_all, []

        def killed(*args: Any) -> int:
            batches.append(args)
            count = real(*args)
            if len(batches) == dies_after:
                raise KeyboardInterrupt  # everything of this batch is written, and nothing committed
            return count

        monkeypatch.setattr(recomputing, "move_all", killed)
        with pytest.raises(KeyboardInterrupt):
            continue_recomputing()
        work = Recomputation.objects.latest("pk")
        assert work.done_at is None
        monkeypatch.setattr(recomputing, "move_all", real)

        continue_recomputing()

    work.refresh_from_db()
    assert work.done_at is not None
    assert [len(moves_of(problem)) for problem in problems] == [1, 1, 1]
    assert {step_clock(problem).due_on for problem in problems} == {date(2027, 1, 4)}


# Local days


def county_day(world: World, kind: DayKind = DayKind.HOLIDAY, **fields: Any) -> LocalEntry:
    return LocalEntry(world.county, date(2026, 12, 29), kind, "县庆", **fields)


def test_a_day_a_county_rests_moves_its_dates_and_no_others(story: Story, world: World, eve: None) -> None:
    far = make_division("999922000000", "邻县", "county")
    problem = story.assigned()
    assert step_clock(problem).due_on == date(2026, 12, 30)

    set_local_day(county_day(world), fresh(world.registrar))
    continue_recomputing()

    assert step_clock(problem).due_on == date(2026, 12, 31)
    assert len(moves_of(problem)) == 1
    assert calendar(world.village).is_workday(date(2026, 12, 29)) is False
    assert calendar(far).is_workday(date(2026, 12, 29)) is True
    assert calendar().is_workday(date(2026, 12, 29)) is True


def test_dropping_the_day_moves_the_dates_back(story: Story, world: World, eve: None) -> None:
    problem = story.assigned()
    set_local_day(county_day(world), fresh(world.sysadmin))
    continue_recomputing()

    drop_local_day(LocalDay.objects.get().pk, fresh(world.sysadmin))
    continue_recomputing()

    assert step_clock(problem).due_on == date(2026, 12, 30)
    assert len(moves_of(problem)) == 2
    assert not LocalDay.objects.exists()
    lines = AccessEntry.objects.filter(kind="basic_data").order_by("-pk").values_list("text", flat=True)
    assert list(lines[:2]) == [
        "测试县取消地方调整日：2026年12月29日",
        "测试县设置地方调整日：2026年12月29日 放假",
    ]


def test_setting_the_same_day_again_or_dropping_it_twice_does_nothing(world: World, eve: None) -> None:
    set_local_day(county_day(world), fresh(world.registrar))
    before = everything()

    assert set_local_day(county_day(world), fresh(world.registrar)) is None
    assert everything() == before

    pk = LocalDay.objects.get().pk
    drop_local_day(pk, fresh(world.registrar))
    before = everything()
    assert drop_local_day(pk, fresh(world.registrar)) is None
    assert everything() == before


def test_an_office_sets_the_days_of_its_own_county_only(world: World) -> None:
    far = make_division("999922000000", "邻县", "county")
    before = everything()

    with pytest.raises(PermissionDenied):
        set_local_day(LocalEntry(far, date(2027, 3, 1), DayKind.HOLIDAY), fresh(world.registrar))
    for person in ("clerk", "leader", "observer", "secadmin", "stranger"):
        with pytest.raises(PermissionDenied):
            set_local_day(county_day(world), fresh(world.people[person]))

    assert everything() == before
    assert not LocalDay.objects.exists()


def test_an_office_cannot_drop_the_day_of_another_county(world: World) -> None:
    far = make_division("999922000000", "邻县", "county")
    row = LocalDay.objects.create(division=far, day=date(2027, 3, 1), kind=DayKind.HOLIDAY)

    with pytest.raises(PermissionDenied):
        drop_local_day(row.pk, fresh(world.registrar))

    assert LocalDay.objects.filter(pk=row.pk).exists()


@pytest.mark.parametrize(
    ("place", "day", "sentence"),
    [("town", date(2027, 3, 1), "县级以上"), ("county", date(2060, 3, 1), "还没有2060年")],
)
def test_a_local_day_below_the_county_or_outside_the_table_is_refused(
    world: World, place: str, day: date, sentence: str
) -> None:
    with pytest.raises(Refused, match=sentence):
        set_local_day(LocalEntry(getattr(world, place), day, DayKind.HOLIDAY), fresh(world.sysadmin))

    assert not LocalDay.objects.exists()


def test_a_county_keeps_the_days_of_its_city_beside_its_own(world: World) -> None:
    city = make_division("999900000000", "测试市", "city")
    for division in Division.objects.filter(path__startswith=world.county.path):
        division.path = f"{city.path}{division.path.lstrip('/')}"
        division.save()
    county, village = Division.objects.get(pk=world.county.pk), Division.objects.get(pk=world.village.pk)
    days = [date(2027, 3, 1), date(2027, 3, 2), date(2027, 3, 3)]
    admin = fresh(world.sysadmin)

    set_local_day(LocalEntry(city, days[0], DayKind.HOLIDAY), admin)
    set_local_day(LocalEntry(city, days[1], DayKind.HOLIDAY), admin)
    set_local_day(LocalEntry(county, days[1], DayKind.MAKEUP), admin)
    set_local_day(LocalEntry(county, days[2], DayKind.HOLIDAY), admin)

    assert [calendar(village).is_workday(day) for day in days] == [False, True, False]
    assert [calendar(city).is_workday(day) for day in days] == [False, False, True]
    assert [calendar().is_workday(day) for day in days] == [True, True, True]


# Office hours


def test_the_hours_are_those_of_the_nearest_division_above_else_everybodys(world: World) -> None:
    admin = fresh(world.sysadmin)
    assert office_hours(world.village) == office_hours() == OfficeHours()

    set_working_time(None, LONG, admin)
    set_working_time(world.county, OfficeHours(closes=time(17)), admin)

    assert office_hours(world.village) == OfficeHours(closes=time(17))
    assert office_hours() == LONG
    assert WorkingTime.objects.count() == 2
    assert AccessEntry.objects.latest("pk").text == "测试县办公时间改为08:30—12:00，14:00—17:00"


def test_setting_the_same_hours_again_leaves_no_line(world: World) -> None:
    set_working_time(None, LONG, fresh(world.sysadmin))
    before = everything()

    set_working_time(None, LONG, fresh(world.sysadmin))

    assert everything() == before


def test_only_the_system_administrator_sets_office_hours(world: World) -> None:
    for person in ("registrar", "secadmin", "auditor", "leader"):
        with pytest.raises(PermissionDenied):
            set_working_time(None, LONG, fresh(world.people[person]))

    assert office_hours() == OfficeHours()
