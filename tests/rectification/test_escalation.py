"""督办升级 and 长期坚持: the clock proposes, a person decides, the unit answers; nothing is proposed or owed twice."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied

from organizations import clock
from rectification.actions.assignment import Assignment, object_assignment, reassign_problem
from rectification.actions.clocks import months_later
from rectification.actions.escalating import Decision, answer_escalation, drop_escalation, issue_escalation
from rectification.actions.office import withdraw_problem
from rectification.actions.progress import report_progress
from rectification.actions.review import send_back
from rectification.models import Escalation, Problem
from tests.conftest import CAST, Story, event_names, fresh, item_of, noon, reread, seen, side_item, undone, walk_on
from workflows.calendar import end_of_day
from workflows.clocks import live_clock
from workflows.models import OPEN, ClockKind, Event, WorkItem
from workflows.queries import calendar, side_items
from workflows.scanning import scan_deadlines
from workflows.steps import ActionRefused
from workflows.verification import verify

TEXT = "请说明未按期整改的原因，并限期完成。"


def scan_on(instant: datetime) -> None:
    with clock.at(instant):
        scan_deadlines()


def rungs_of(problem: Problem) -> list[str]:
    return list(Escalation.objects.filter(problem=problem).values_list("rung", flat=True))


def after_red(problem: Problem, working_days: int) -> datetime:
    """Noon so many working days after the first day on which the problem is late."""
    return noon(calendar().add_working_days(reread(problem).due_on + timedelta(days=1), working_days))


def late_by(problem: Problem, working_days: int) -> datetime:
    """The problem has turned red, and has been for so many working days."""
    scan_on(after_red(problem, 0))
    scan_on(after_red(problem, working_days))
    return after_red(problem, working_days)


def items_of(problem: Problem) -> list[WorkItem]:
    rows = WorkItem.objects.filter(process__case_id=problem.pk, process__kind="escalation", status__in=OPEN)
    return list(rows.order_by("pk"))


def proposed(story: Story) -> tuple[Problem, datetime]:
    problem = story.rectifying()
    red = after_red(problem, 0)
    scan_on(red)
    return problem, red


def decide(story: Story, problem: Problem, when: datetime) -> None:
    """The office drops what is proposed."""
    with clock.at(when):
        for row in items_of(problem):
            drop_escalation(row.pk, by=fresh(story.world.registrar), reason="已当面提醒，暂不采取。")


def test_each_rung_is_proposed_once_on_its_working_day(story: Story) -> None:
    problem = story.rectifying()
    found = {}
    for number in range(22):
        for _twice in range(2):
            scan_on(after_red(problem, number))
        found[number] = rungs_of(problem)
        decide(story, problem, after_red(problem, number))

    assert found[0] == ["urge"]
    assert found[4] == ["urge"]
    assert found[5] == ["urge", "criticise"]
    assert found[9] == ["urge", "criticise"]
    assert found[10] == ["urge", "criticise", "remind"]
    assert found[20] == found[21] == ["urge", "criticise", "remind", "talk"]
    assert event_names(problem).count("escalation_proposed") == 4
    assert reread(problem).state == "rectifying"
    verify()


def test_one_thing_is_to_be_decided_at_a_time_however_late_the_scan_comes(story: Story) -> None:
    problem = story.rectifying()
    scan_on(after_red(problem, 0) - timedelta(days=3))
    scan_on(after_red(problem, 0))

    scan_on(after_red(problem, 12))

    assert rungs_of(problem) == ["urge"]
    decide(story, problem, after_red(problem, 12))
    scan_on(after_red(problem, 12))
    assert rungs_of(problem) == ["urge", "criticise"]


def test_a_proposal_says_what_it_rests_on(story: Story) -> None:
    problem, _red = proposed(story)

    grounds = Escalation.objects.get(problem=problem).grounds
    assert grounds["due_on"] == problem.due_on.isoformat()
    assert grounds["after"] == "red"
    assert side_item(problem.pk, "escalation").role == "office"


def test_the_first_rung_has_no_paper_and_no_answer(story: Story) -> None:
    problem, red = proposed(story)
    with clock.at(red):
        by = fresh(story.world.registrar)
        made = issue_escalation(items_of(problem)[0].pk, by=by, decision=Decision("urge", TEXT))

    assert (made.state, made.paper_number, made.answer_by) == ("answered", "", None)
    assert items_of(problem) == []
    verify()


def test_a_paper_has_a_number_and_an_answer_that_is_due(story: Story) -> None:
    problem = story.rectifying()
    day = late_by(problem, 5)
    with clock.at(day):
        (item,) = items_of(problem)
        made = issue_escalation(item.pk, by=fresh(story.world.registrar), decision=Decision("criticise", TEXT))
        answer_by = calendar().add_working_days(clock.today(), 5)
        owed = items_of(problem)[-1]
        assert made.paper_number == f"督办〔{day.year}〕1号"
        assert (made.state, made.answer_by) == ("issued", answer_by)
        assert (owed.unit_id, owed.role, owed.due_at) == (problem.lead_unit_id, "unit", end_of_day(answer_by))
        with undone(), pytest.raises(ActionRefused):
            answer_escalation(owed.pk, by=fresh(story.world.head), text=" ")
        answer_escalation(owed.pk, by=fresh(story.world.head), text="已组织抢修，月底前完成。")

    assert Escalation.objects.get(pk=made.pk).state == "answered"
    assert Event.objects.filter(case_id=problem.pk).latest("number").data["late"] is False
    verify()


def test_another_rung_may_be_taken_and_is_then_used_up(story: Story) -> None:
    problem, red = proposed(story)
    with clock.at(red):
        by = fresh(story.world.registrar)
        made = issue_escalation(items_of(problem)[0].pk, by=by, decision=Decision("criticise", TEXT))
    event = Event.objects.get(case_id=problem.pk, name="escalation_issue")
    assert (made.rung, made.state) == ("urge", "issued")
    assert (event.data["proposed"], event.data["rung"]) == ("urge", "criticise")

    scan_on(after_red(problem, 6))
    assert rungs_of(problem) == ["urge"]
    day = after_red(problem, 10)
    scan_on(day)
    assert rungs_of(problem) == ["urge", "remind"]
    item, by = items_of(problem)[-1], fresh(story.world.registrar)
    with clock.at(day), undone(), pytest.raises(ActionRefused, match="每一轮只用一次"):
        issue_escalation(item.pk, by=by, decision=Decision("criticise", TEXT))
    verify()


def test_a_dropped_rung_is_not_proposed_again_in_this_round(story: Story) -> None:
    problem, red = proposed(story)
    with clock.at(red):
        item = items_of(problem)[0]
        with undone(), pytest.raises(ActionRefused, match="理由"):
            drop_escalation(item.pk, by=fresh(story.world.registrar), reason="")
        drop_escalation(item.pk, by=fresh(story.world.registrar), reason="当天已完成，正在报送。")

    scan_on(red + timedelta(days=1))
    assert Escalation.objects.get(problem=problem).state == "dropped"
    verify()


def test_an_unknown_rung_is_refused(story: Story) -> None:
    problem, red = proposed(story)

    with clock.at(red), undone(), pytest.raises(ActionRefused, match="请选择"):
        issue_escalation(items_of(problem)[0].pk, by=fresh(story.world.registrar), decision=Decision("jail", TEXT))


def test_a_new_round_begins_the_ladder_anew(story: Story) -> None:
    problem, red = proposed(story)
    with clock.at(red):
        story.submit(problem)
        walk_on(story, problem, until="village_review")
        send_back(item_of(problem).pk, by=fresh(story.world.assessor), reason="还有一处漏水没有处理。")
        scan_deadlines()

    rows = Escalation.objects.filter(problem=problem).values_list("rung", "round")
    assert list(rows) == [("urge", 1), ("urge", 2)]


def test_papers_are_numbered_through_all_problems_of_a_year(story: Story) -> None:
    numbers = []
    for _each in range(3):
        problem = story.rectifying()
        day = late_by(problem, 5)
        with clock.at(day):
            item = items_of(problem)[-1]
            made = issue_escalation(item.pk, by=fresh(story.world.registrar), decision=Decision("criticise", TEXT))
            numbers.append(made.paper_number)

    assert numbers == [f"督办〔{day.year}〕{number}号" for number in (1, 2, 3)]


def test_giving_it_to_another_unit_ends_what_was_proposed_and_owed(story: Story) -> None:
    problem = story.rectifying()
    day = late_by(problem, 5)
    with clock.at(day):
        item = items_of(problem)[-1]
        issue_escalation(item.pk, by=fresh(story.world.registrar), decision=Decision("criticise", TEXT))
        to = Assignment(story.world.units["sector"], "dated", clock.today() + timedelta(days=30))
        by = fresh(story.world.registrar)
        reassign_problem(problem.pk, by=by, seen=seen(problem), assignment=to, reason="职责调整。")
        scan_deadlines()

    assert set(Escalation.objects.filter(problem=problem).values_list("state", flat=True)) == {"over"}
    assert items_of(problem) == []
    verify()


def test_an_objection_to_the_assignment_ends_what_was_proposed(story: Story) -> None:
    problem = story.assigned()
    day = after_red(problem, 0)
    scan_on(day)
    assert rungs_of(problem) == ["urge"]
    with clock.at(day):
        object_assignment(item_of(problem).pk, by=fresh(story.world.head), reason="不属我单位职责。")

    assert items_of(problem) == []
    assert Escalation.objects.get(problem=problem).state == "over"
    verify()


def test_the_office_decides_and_the_unit_answers_and_nobody_else(story: Story) -> None:
    problem = story.rectifying(partners=("partner",))
    day = late_by(problem, 5)
    deciders, answerers = set(), set()
    with clock.at(day):
        for role in [*CAST, "nobody"]:
            with undone():
                try:
                    by = fresh(story.world.people[role])
                    issue_escalation(items_of(problem)[-1].pk, by=by, decision=Decision("criticise", TEXT))
                    deciders.add(role)
                except PermissionDenied:
                    pass
        item = items_of(problem)[-1]
        issue_escalation(item.pk, by=fresh(story.world.registrar), decision=Decision("criticise", TEXT))
        for role in [*CAST, "nobody"]:
            with undone():
                try:
                    answer_escalation(items_of(problem)[-1].pk, by=fresh(story.world.people[role]), text="已在抢修中。")
                    answerers.add(role)
                except PermissionDenied:
                    pass

    assert deciders == {"registrar", "colleague"}
    assert answerers == {"head", "clerk"}


# ---------------------------------------------------------------- 长期坚持


def cycle_of(problem: Problem) -> Any:
    return live_clock(problem.pk, ClockKind.CYCLE)


def cycle_end(problem: Problem) -> datetime:
    return end_of_day(cycle_of(problem).due_on) + timedelta(minutes=1)


def test_each_cycle_a_report_of_progress_is_owed_and_no_change_is_one(story: Story) -> None:
    problem = story.rectifying(kind="standing")
    for number in (1, 2):
        end = cycle_end(problem)
        scan_on(end - timedelta(minutes=2))
        assert not side_items(problem.pk).exists()
        for _twice in range(2):
            scan_on(end)
        item = side_item(problem.pk, "progress")
        assert (item.process.key, item.unit_id) == (str(number), problem.lead_unit_id)
        with clock.at(end):
            report_progress(problem.pk, by=fresh(story.world.clerk), unchanged=True)
        assert not side_items(problem.pk).exists()
        assert cycle_of(problem).due_on == months_later(end.date(), 6)

    assert event_names(problem).count("progress_due") == 2
    verify()


def test_what_is_owed_already_is_not_asked_for_twice(story: Story) -> None:
    problem = story.rectifying(kind="standing")
    scan_on(cycle_end(problem))
    scan_on(cycle_end(problem))

    assert event_names(problem).count("progress_due") == 1
    assert side_items(problem.pk).count() == 1


def test_a_report_of_a_cooperating_unit_does_not_do_the_lead_units_duty(story: Story) -> None:
    problem = story.rectifying(kind="standing", partners=("partner",))
    end = cycle_end(problem)
    scan_on(end)
    with clock.at(end):
        report_progress(problem.pk, by=fresh(story.world.partner), percent=10, text="资金已拨付。")

    assert side_items(problem.pk).filter(process__kind="progress").count() == 1


def test_a_problem_with_a_date_has_no_cycle(story: Story) -> None:
    assert cycle_of(story.rectifying()) is None


def test_a_withdrawn_standing_problem_owes_nothing_more(story: Story) -> None:
    problem = story.rectifying(kind="standing")
    withdraw_problem(problem.pk, by=fresh(story.world.registrar), seen=seen(problem), reason="登记有误。")
    scan_on(noon(clock.today() + timedelta(days=400)))

    assert "progress_due" not in event_names(problem)
