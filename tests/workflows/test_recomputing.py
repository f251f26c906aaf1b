"""Making running dates again: what a change touches, once, one event for each date moved, and nothing else."""

from datetime import date, timedelta

import pytest

from organizations import clock
from rectification.actions.office import withdraw_problem
from rectification.models import Problem
from tests.conftest import Story, fresh, item_of, noon, reread, seen
from workflows import recomputing
from workflows.actions.policies import new_version
from workflows.calendar import DayKind, end_of_day
from workflows.models import CalendarDay, CalendarYear, Deadline, DeadlinePolicy, Event, LocalDay, Outbox, Recomputation
from workflows.queries import calendar, forget_kept
from workflows.recomputing import calendar_changed, continue_recomputing, policy_changed, preview
from workflows.scanning import scan_deadlines
from workflows.verification import verify


def close_tomorrow() -> date:
    """The next working day becomes a rest day."""
    day = calendar().add_working_days(clock.today(), 1)
    CalendarDay.objects.filter(day=day).update(kind=DayKind.HOLIDAY)
    return day


def moved(problem: Problem) -> list[Event]:
    return list(Event.objects.filter(case_id=problem.pk, name="deadline_moved"))


def clock_of_item(problem: Problem) -> Deadline:
    return Deadline.objects.get(item=item_of(problem))


def test_a_rest_day_more_moves_what_counts_working_days_and_nothing_that_is_fixed(story: Story) -> None:
    waiting, fixed = story.assigned(), story.rectifying()
    before, due_on = clock_of_item(waiting), reread(fixed).due_on

    calendar_changed([close_tomorrow()], "临时放假", None)
    assert continue_recomputing() >= 1

    after = clock_of_item(waiting)
    assert after.due_on == calendar().add_working_days(before.start_on, 2) > before.due_on
    assert item_of(waiting).due_at == after.due_at == end_of_day(after.due_on)
    assert after.computation["moved"] == [{"from": before.due_on.isoformat(), "why": "临时放假"}]
    assert (after.version, before.version) == (2, 1)
    (event,) = moved(waiting)
    assert (event.data["from"], event.data["due"]) == (before.due_on.isoformat(), after.due_on.isoformat())
    assert event.actor_id is None
    assert Outbox.objects.filter(event=event).exists()
    assert (reread(fixed).due_on, moved(fixed)) == (due_on, [])
    verify()


def test_working_through_it_again_moves_nothing(story: Story) -> None:
    problem = story.assigned()
    calendar_changed([close_tomorrow()], "临时放假", None)
    continue_recomputing()
    assert continue_recomputing() == 0
    calendar_changed([clock.today()], "再来一次", None)
    continue_recomputing()

    assert len(moved(problem)) == 1


def test_one_that_was_killed_goes_on_where_it_stopped(story: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recomputing, "BATCH", 4)  # each problem has the clock of a step behind it as well
    monkeypatch.setattr(recomputing, "PARTS", 1)
    problems = [story.assigned() for _each in range(5)]
    calendar_changed([close_tomorrow()], "临时放假", None)

    assert continue_recomputing(batches=1) == 4
    work = Recomputation.objects.get()
    assert (work.done_at, work.checked, work.moved) == (None, 2, 2)
    continue_recomputing()

    work.refresh_from_db()
    assert (work.done_at is not None, work.checked, work.moved) == (True, 5, 5)
    assert [len(moved(problem)) for problem in problems] == [1] * 5
    verify()


def test_a_step_that_is_late_because_of_a_day_off_is_not_late_any_more(story: Story) -> None:
    problem = story.assigned()
    row = clock_of_item(problem)
    after = noon(row.due_on + timedelta(days=1))
    with clock.at(after):
        scan_deadlines()
        assert Event.objects.filter(case_id=problem.pk, name="step_overdue").count() == 1
        CalendarDay.objects.filter(day=row.due_on).update(kind=DayKind.HOLIDAY)
        calendar_changed([row.due_on], "因雪放假", None)
        continue_recomputing()
        assert item_of(problem).due_at > after
        scan_deadlines()
        assert Event.objects.filter(case_id=problem.pk, name="step_overdue").count() == 1
    with clock.at(noon(clock_of_item(problem).due_on + timedelta(days=1))):
        scan_deadlines()

    assert Event.objects.filter(case_id=problem.pk, name="step_overdue").count() == 2  # told anew of its new date


def test_a_matter_that_is_over_keeps_its_dates(story: Story) -> None:
    problem = story.assigned()
    withdraw_problem(problem.pk, by=fresh(story.world.registrar), seen=seen(problem), reason="登记有误。")
    before = list(Deadline.objects.filter(case_id=problem.pk).order_by("pk").values_list("due_on", "version"))

    calendar_changed([close_tomorrow()], "临时放假", None)
    continue_recomputing()

    assert list(Deadline.objects.filter(case_id=problem.pk).order_by("pk").values_list("due_on", "version")) == before
    assert moved(problem) == []


def test_a_local_rest_day_moves_dates_of_its_place_alone(story: Story) -> None:
    here, there = story.assigned(), story.assigned(division=story.world.other_village)
    day = calendar().add_working_days(clock.today(), 1)
    LocalDay.objects.create(division=story.world.town, day=day, kind=DayKind.HOLIDAY)
    calendar_changed([day], "甲镇赶集", None)
    continue_recomputing()

    assert (len(moved(here)), len(moved(there))) == (1, 0)


def test_a_notice_that_leaves_the_date_makes_it_certain(story: Story) -> None:
    year = max(CalendarYear.objects.filter(published=True).values_list("year", flat=True)) + 1
    with clock.at(noon(date(year, 3, 3))):
        problem = story.assigned()
        row = clock_of_item(problem)
        assert row.computation["provisional"] is True
        CalendarYear.objects.filter(year=year).update(published=True)
        forget_kept()
        calendar_changed([date(year, 1, 1), date(year, 12, 31)], "公布", None)
        continue_recomputing()

    after = clock_of_item(problem)
    assert (after.due_on, after.version) == (row.due_on, 1)
    assert after.computation["provisional"] is False
    assert moved(problem) == []


def test_a_new_version_of_a_policy_moves_steps_and_cases_that_follow_from_it(story: Story) -> None:
    problem = story.assigned()
    policy = DeadlinePolicy.objects.get(code="standard", in_force=True)
    before = clock_of_item(problem)
    limits = {**policy.step_limits, "assigned": {"count": 7, "unit": "working_days"}}
    made = new_version(policy, {"step_limits": limits}, fresh(story.world.sysadmin))

    shown, count = preview(made)
    assert (count, shown[0].computation.due_on) == (1, calendar().add_working_days(before.start_on, 7))
    assert clock_of_item(problem).due_on == before.due_on  # a preview stores nothing
    policy_changed(made, "签收改为七天", None)
    continue_recomputing()

    after = clock_of_item(problem)
    assert (after.due_on, after.policy_id) == (shown[0].computation.due_on, made.pk)
    assert "第2版" in after.rule
    assert len(moved(problem)) == 1
    verify()


def test_nothing_is_touched_by_a_change_before_it_began_or_after_it_ends(story: Story) -> None:
    story.assigned()
    past, far = clock.today() - timedelta(days=30), clock.today() + timedelta(days=300)

    for day in (past, far):
        work = calendar_changed([day], "不相干", None)
        continue_recomputing()
        work.refresh_from_db()
        assert (work.checked, work.done_at is not None) == (0, True)
