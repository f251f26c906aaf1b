"""The scan: what has come due is told once, whatever happens meanwhile, and nothing else is told at all."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from organizations import clock
from rectification.actions.assignment import accept_assignment
from rectification.actions.office import resume_problem, suspend_problem, withdraw_problem
from rectification.actions.progress import report_progress
from rectification.actions.review import send_back
from rectification.models import Batch, Problem
from tests.conftest import Story, event_names, fresh, item_of, noon, reread, seen, walk_on
from workflows import scanning
from workflows.calendar import LimitUnit, end_of_day
from workflows.clocks import NewClock, follow_case, live_clock, look_again, start_clock, stop_clock
from workflows.models import ClockKind, Crossing, Deadline, Event, WarningPolicy, WorkItem
from workflows.queries import calendar, forget_kept
from workflows.scanning import claim, scan_deadlines
from workflows.steps import ActionRefused, record
from workflows.verification import verify


def working_day(problem: Problem, number: int) -> datetime:
    """Noon so many working days after the due date; negative: of the first day with no more than so many left."""
    due_on = reread(problem).due_on
    assert due_on is not None
    days = calendar()
    return noon(days.add_working_days(due_on, number) if number > 0 else days.first_day_with_left(due_on, -number))


def scan_on(instant: datetime) -> int:
    with clock.at(instant):
        return scan_deadlines()


def told(problem: Problem, name: str = "warned") -> list[dict[str, Any]]:
    return list(Event.objects.filter(case_id=problem.pk, name=name).order_by("number").values_list("data", flat=True))


def levels(problem: Problem) -> list[str]:
    return [data["level"] for data in told(problem)]


def ladder_off(problem: Problem) -> None:
    Batch.objects.filter(pk=problem.batch_id).update(ladder_code="")


@pytest.fixture
def running(story: Story) -> Problem:
    """A problem being rectified in a batch without a ladder, so that only warnings are told."""
    problem = story.rectifying()
    ladder_off(problem)
    return problem


def test_each_level_is_told_once_on_its_day_and_never_again(running: Problem) -> None:
    found = []
    for number in range(-9, 3):
        for _twice in range(2):
            scan_on(working_day(running, number))
        found.append((number, list(levels(running))))

    grown = {number: now for number, now in found if now}
    assert min(grown) == -7
    assert grown[-7] == ["blue"]
    assert grown[-4] == ["blue"]
    assert grown[-3] == ["blue", "yellow"]
    assert grown[2] == ["blue", "yellow", "red"]
    assert Crossing.objects.count() == 3
    verify()


def test_a_jump_over_several_levels_is_one_event_with_the_gravest_and_the_passed_ones(running: Problem) -> None:
    scan_on(working_day(running, 1))

    (data,) = told(running)
    assert (data["level"], data["passed"], data["urgent"]) == ("red", ["blue", "yellow"], "red")
    assert set(Crossing.objects.values_list("level", flat=True)) == {"blue", "yellow", "red"}


def test_nothing_is_looked_at_before_its_day(running: Problem) -> None:
    scan_deadlines()
    before = seen(running)

    assert scan_on(noon(clock.today() + timedelta(days=1))) == 0
    assert seen(running) == before


def test_the_clock_moved_back_tells_nothing_twice(running: Problem) -> None:
    scan_on(working_day(running, 1))
    look_again(running.pk)

    scan_on(working_day(running, -5))
    scan_on(working_day(running, 1))

    assert levels(running) == ["red"]


def test_a_moved_date_is_warned_of_anew(story: Story, running: Problem) -> None:
    scan_on(working_day(running, -3))
    before = live_clock(running.pk)
    with record(running.pk, "corrected", by=None) as door:
        start_clock(door, ClockKind.CASE, NewClock(running.due_on + timedelta(days=30), "改期"))

    scan_on(noon(running.due_on + timedelta(days=1)))
    assert levels(running) == ["yellow"]
    scan_on(noon(running.due_on + timedelta(days=31)))

    assert levels(running) == ["yellow", "red"]
    before.refresh_from_db()
    assert before.superseded_at is not None
    assert before.next_check_at is None


def test_a_new_round_is_warned_of_anew(story: Story) -> None:
    problem = story.rectifying()
    ladder_off(problem)
    late = working_day(problem, 1)
    scan_on(late)
    with clock.at(late):
        story.submit(problem)
        walk_on(story, problem, until="village_review")
        send_back(item_of(problem).pk, by=fresh(story.world.assessor), reason="还有一处漏水没有处理。")
        scan_deadlines()

    assert levels(problem) == ["red", "red"]
    assert set(Crossing.objects.values_list("round", flat=True)) == {1, 2}


def test_a_level_that_says_all_is_well_is_kept_and_told_to_nobody(running: Problem) -> None:
    Batch.objects.filter(pk=running.batch_id).update(warning_code="green_yellow_red")

    scan_deadlines()

    assert levels(running) == []
    assert list(Crossing.objects.values_list("level", flat=True)) == ["green"]
    scan_on(working_day(running, 1))
    assert levels(running) == ["red"]


def test_progress_and_send_backs_bring_a_level_without_a_date(running: Problem, story: Story) -> None:
    raw = [{"code": "slow", "name": "滞后", "colour": "amber", "when": [{"kind": "behind", "count": 20}]}]
    WarningPolicy.objects.create(code="pace", name="按进度", levels=raw)
    Batch.objects.filter(pk=running.batch_id).update(warning_code="pace")
    forget_kept()
    half = noon(clock.today() + timedelta(days=20))
    with clock.at(half - timedelta(days=1)):
        report_progress(running.pk, by=fresh(story.world.clerk), percent=60, text="已换一半以上。")

    scan_on(half)
    assert levels(running) == []
    scan_on(noon(running.due_on))

    assert levels(running) == ["slow"]


def test_a_step_that_has_run_out_is_told_once_to_whoever_owes_it(story: Story) -> None:
    problem = story.assigned()
    ladder_off(problem)
    item = item_of(problem)
    after = item.due_at + timedelta(minutes=1)

    scan_on(item.due_at - timedelta(minutes=1))
    assert told(problem, "step_overdue") == []
    for _twice in range(2):
        scan_on(after)

    (data,) = told(problem, "step_overdue")
    assert data["turn"]["unit"] == story.world.units["bureau"].pk
    assert data["step"] == "assigned"
    assert reread(problem).state == "assigned"


def test_a_step_done_in_time_is_never_told_and_its_clock_ends_without_a_lock(
    story: Story, django_assert_max_num_queries: Any
) -> None:
    problem = story.assigned()
    item = item_of(problem)
    accept_assignment(item.pk, by=fresh(story.world.clerk))
    Deadline.objects.exclude(item=item).update(next_check_at=None)

    with clock.at(item.due_at + timedelta(days=1)), django_assert_max_num_queries(10):
        assert scan_deadlines() == 1

    assert told(problem, "step_overdue") == []
    assert Deadline.objects.get(item=item).next_check_at is None


def test_a_matter_that_is_over_is_never_looked_at_again(story: Story, running: Problem) -> None:
    withdraw_problem(running.pk, by=fresh(story.world.registrar), seen=seen(running), reason="登记有误。")
    names = event_names(running)

    assert not Deadline.objects.filter(case_id=running.pk, item__isnull=True, next_check_at__isnull=False).exists()
    scan_on(working_day(running, 30))

    assert event_names(running) == names


def test_a_suspended_clock_stands_still_and_resuming_sets_a_new_one(story: Story, running: Problem) -> None:
    office = fresh(story.world.registrar)
    review_on = clock.today() + timedelta(days=400)
    suspend_problem(running.pk, by=office, seen=seen(running), reason="等资金。", review_on=review_on)
    stopped = live_clock(running.pk)

    assert stopped.paused_at is not None
    scan_on(working_day(running, 5))
    assert levels(running) == []

    with clock.at(working_day(running, 5)):
        due_on = clock.today() + timedelta(days=3)
        resume_problem(running.pk, by=fresh(story.world.registrar), seen=seen(running), reason="到位。", due_on=due_on)
        scan_deadlines()
        new = live_clock(running.pk)
        assert (new.due_on, new.paused_at) == (due_on, None)
        assert new.pk != stopped.pk
        assert item_of(running).due_at == end_of_day(due_on)
    assert len(levels(running)) == 1


def test_a_row_that_always_fails_blocks_nobody(
    story: Story, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    bad, good = story.rectifying(title="坏的"), story.rectifying(title="好的")
    for problem in (bad, good):
        ladder_off(problem)
    look = scanning.look_at

    def stumble(door: Any, deadline: Deadline, known: Any) -> Any:
        if door.case.pk == bad.pk:
            raise RuntimeError("broken row")
        return look(door, deadline, known)

    monkeypatch.setattr(scanning, "look_at", stumble)
    late = working_day(good, 1)
    with clock.at(late):
        scan_deadlines()
        assert "could not be looked at" in caplog.text
        assert (levels(bad), levels(good)) == ([], ["red"])
        ahead = live_clock(bad.pk).next_check_at
        assert ahead - late == scanning.AHEAD
        assert scan_deadlines() == 0

    monkeypatch.setattr(scanning, "look_at", look)
    scan_on(late + scanning.AHEAD)
    assert levels(bad) == ["red"]


def test_a_case_somebody_works_on_is_looked_at_by_the_next_scan(
    running: Problem, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []

    def busy(door: Any, deadline: Deadline, known: Any) -> Any:
        asked.append(deadline.pk)
        raise ActionRefused("正在由别人办理。")

    late = working_day(running, 1)
    with monkeypatch.context() as patch:
        patch.setattr(scanning, "look_at", busy)
        scan_on(late)
    assert len(asked) == 1  # not again and again in one scan

    scan_on(late + timedelta(seconds=20))
    assert levels(running) == ["red"]


def test_a_claimed_row_comes_back_after_an_hour_if_its_scanner_was_killed(running: Problem) -> None:
    late = working_day(running, 1)
    with clock.at(late):
        claimed = claim(Deadline, "next_check_at")
        assert live_clock(running.pk).pk in claimed
        assert claim(Deadline, "next_check_at") == []

    scan_on(late + scanning.AHEAD)

    assert levels(running) == ["red"]


def test_a_scan_stops_after_as_many_as_it_was_told(story: Story) -> None:
    for _each in range(3):
        ladder_off(story.rectifying())

    with clock.at(noon(clock.today() + timedelta(days=90))):
        assert scan_deadlines(most=2) == 2


def test_starting_a_clock_replaces_the_one_before_and_takes_along_what_follows_it(story: Story) -> None:
    problem = story.rectifying(partners=("partner",))
    due_on = problem.due_on + timedelta(days=5)

    with record(problem.pk, "corrected", by=None) as door:
        start_clock(door, ClockKind.CASE, NewClock(due_on, "改期"))

    rows = Deadline.objects.filter(case_id=problem.pk, kind="case").order_by("pk")
    assert [row.superseded_at is None for row in rows] == [False, True]
    following = Deadline.objects.filter(case_id=problem.pk, follows_case=True, item__status="NEW")
    assert {row.due_on for row in following} == {due_on}
    assert {row.version for row in following} == {2}
    items = WorkItem.objects.filter(process__case_id=problem.pk, status="NEW", flow_task_type="HUMAN")
    assert {item.due_at for item in items} == {end_of_day(due_on)}
    assert items.count() == 2


def test_following_the_same_date_is_no_new_version(running: Problem) -> None:
    follow_case(running.pk, running.due_on)

    assert Deadline.objects.get(case_id=running.pk, follows_case=True, item__status="NEW").version == 1


def test_a_stopped_clock_has_no_day_and_looking_again_does_not_wake_it(running: Problem) -> None:
    stop_clock(running.pk)
    look_again(running.pk)

    assert live_clock(running.pk).next_check_at is None
    assert Deadline.objects.get(case_id=running.pk, follows_case=True, item__status="NEW").next_check_at is None


def test_a_clock_without_a_successor_only_ends(running: Problem) -> None:
    with record(running.pk, "corrected", by=None) as door:
        assert start_clock(door, ClockKind.CASE, None) is None

    assert live_clock(running.pk) is None


def test_a_clock_of_a_limit_says_how_it_was_made(story: Story) -> None:
    item = item_of(story.assigned())

    row = item.deadline
    assert row.length.unit == LimitUnit.WORKING_DAYS
    assert row.start_on == clock.today()
    assert row.computation["sentence"].endswith("。")
