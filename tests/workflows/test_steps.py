"""The doors: how many statements a step costs, and what the second one at the door is told."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from organizations import clock
from organizations.models import Post, Unit, User
from rectification.actions.assignment import Assignment, accept_assignment, reassign_problem
from rectification.actions.items import claim_item, release_item
from rectification.actions.office import suspend_problem, withdraw_problem
from rectification.actions.progress import report_progress
from rectification.actions.reporting import ReportEntry, recall_report, submit_rectification
from rectification.actions.review import pass_review, send_back
from rectification.models import Problem
from tests.conftest import Story, event_names, fresh, give_evidence, item_of, reread, seen
from workflows.models import OPEN, Case, WorkItem
from workflows.steps import ActionRefused

MOST = 20


def cost(act: Callable[[], Any]) -> int:
    """Statements an action runs, without those that only begin and end its transaction."""
    with CaptureQueriesContext(connection) as statements:
        act()
    frame = ("SAVEPOINT", "RELEASE", "BEGIN", "COMMIT")
    return sum(not statement["sql"].startswith(frame) for statement in statements)


def accepting(story: Story, problem: Problem) -> Callable[[], Any]:
    return partial(accept_assignment, item_of(problem).pk, by=fresh(story.world.clerk))


def submitting(story: Story, problem: Problem, pictures: int = 1) -> Callable[[], Any]:
    chosen = [give_evidence(problem, story.world.clerk).pk for _each in range(pictures)]
    entry = ReportEntry(text="已整改。", rectified_on=clock.today(), evidence_ids=chosen)
    return partial(submit_rectification, item_of(problem).pk, by=fresh(story.world.head), entry=entry)


def passing(story: Story, problem: Problem) -> Callable[[], Any]:
    return partial(pass_review, item_of(problem).pk, by=fresh(story.world.reviewer), opinion="同意")


def add_posts(story: Story, key: str, role: str, count: int) -> None:
    """More posts for one of the cast, in units that have nothing to do with the case."""
    for number in range(count):
        unit = Unit.objects.create(name=f"{key}{number}", division=story.world.other_town, kind="department")
        Post.objects.create(user=story.world.people[key], unit=unit, role=role)


def live_through_rounds(story: Story, problem: Problem, rounds: int) -> None:
    """Send a problem that is with the township back and forth."""
    for _each in range(rounds):
        send_back(item_of(problem).pk, by=story.world.reviewer, reason="还差一处。")
        story.submit(problem)
        story.verify(problem)
        pass_review(item_of(problem).pk, by=story.world.assessor, opinion="同意")


def test_signing_costs_few_statements(story: Story) -> None:
    assert cost(accepting(story, story.assigned())) <= MOST - 6


def test_submitting_costs_few_statements(story: Story) -> None:
    assert cost(submitting(story, story.rectifying())) <= MOST


def test_agreeing_costs_few_statements(story: Story) -> None:
    assert cost(passing(story, story.township_review())) <= MOST


def test_closing_costs_few_statements(story: Story) -> None:
    problem = story.county_review()

    close = partial(pass_review, item_of(problem).pk, by=fresh(story.world.leader), opinion="同意")

    assert cost(close) <= MOST


def test_signing_costs_the_same_for_somebody_with_ten_posts_and_a_case_with_many_events(story: Story) -> None:
    plain = cost(accepting(story, story.assigned()))
    problem = story.assigned()
    for _each in range(10):
        claim_item(item_of(problem).pk, by=story.world.clerk)
        release_item(item_of(problem).pk, by=story.world.clerk)
    add_posts(story, "clerk", "unit_clerk", 10)

    assert cost(accepting(story, problem)) == plain


def test_submitting_costs_the_same_with_ten_times_the_evidence_events_and_posts(story: Story) -> None:
    plain = cost(submitting(story, story.rectifying(), pictures=1))
    problem = story.rectifying()
    for _each in range(10):
        report_progress(problem.pk, by=story.world.clerk, unchanged=True)
    add_posts(story, "head", "unit_head", 10)
    add_posts(story, "inspector", "inspector", 10)

    assert cost(submitting(story, problem, pictures=10)) == plain


def test_agreeing_costs_the_same_in_the_fifth_round(story: Story) -> None:
    plain = cost(passing(story, story.township_review()))
    problem = story.township_review()
    live_through_rounds(story, problem, 4)
    add_posts(story, "reviewer", "township_reviewer", 10)
    add_posts(story, "leader", "county_leader", 10)

    assert reread(problem).round == 5
    assert cost(passing(story, problem)) == plain


def test_an_action_is_the_outermost_transaction(story: Story) -> None:
    problem = story.assigned()

    with pytest.raises(RuntimeError, match="durable"), transaction.atomic():
        accepting(story, problem)()

    assert reread(problem).state == "assigned"


def test_a_refusal_leaves_nothing_behind(story: Story) -> None:
    problem = story.rectifying()
    before = (event_names(problem), item_of(problem).pk, reread(problem).case.head_hash)
    entry = ReportEntry(text="已整改。", rectified_on=clock.today())

    with pytest.raises(ActionRefused, match="佐证材料"):
        submit_rectification(item_of(problem).pk, by=story.world.head, entry=entry)

    assert (event_names(problem), item_of(problem).pk, reread(problem).case.head_hash) == before
    assert not problem.reports.exists()


def test_a_form_older_than_the_last_event_is_refused(story: Story) -> None:
    problem = story.rectifying()
    old = seen(problem)
    report_progress(problem.pk, by=story.world.clerk, unchanged=True)
    before = event_names(problem)

    with pytest.raises(ActionRefused, match="请刷新页面"):
        suspend_problem(
            problem.pk, by=story.world.registrar, seen=old, reason="等资金", review_on=clock.today() + timedelta(30)
        )

    assert event_names(problem) == before
    assert reread(problem).state == "rectifying"


def test_who_comes_second_reads_who_did_it(story: Story) -> None:
    problem = story.assigned()
    item = item_of(problem)
    accept_assignment(item.pk, by=story.world.clerk)

    with pytest.raises(ActionRefused, match=f"已由{story.world.clerk}办理"):
        accept_assignment(item.pk, by=story.world.head)

    assert event_names(problem)[-1:] == ["accept"]


def test_who_comes_after_an_office_step_reads_that_the_step_is_over(story: Story) -> None:
    problem = story.assigned()
    item = item_of(problem)
    withdraw_problem(problem.pk, by=story.world.registrar, seen=seen(problem), reason="重复登记")

    with pytest.raises(ActionRefused, match="已经结束或被撤回"):
        accept_assignment(item.pk, by=story.world.clerk)

    assert reread(problem).state == "withdrawn"


def test_a_form_of_the_round_before_is_refused_though_the_state_is_the_same(story: Story) -> None:
    problem = story.township_review()
    old = item_of(problem)
    live_through_rounds(story, problem, 1)
    before = event_names(problem)

    with pytest.raises(ActionRefused, match=r"已由.*办理"):
        pass_review(old.pk, by=story.world.reviewer, opinion="同意")

    assert reread(problem).state == "township_review"
    assert event_names(problem) == before


def test_an_item_somebody_else_has_claimed_is_refused_by_name(story: Story) -> None:
    problem = story.assigned()
    colleague = User.objects.create(username="clerk2", name="另一经办人", must_change_password=False)
    Post.objects.create(user=colleague, unit=story.world.units["bureau"], role="unit_clerk")
    claim_item(item_of(problem).pk, by=colleague)

    with pytest.raises(ActionRefused, match="已由另一经办人认领"):
        accept_assignment(item_of(problem).pk, by=story.world.clerk)

    assert reread(problem).state == "assigned"


def test_the_head_of_the_unit_may_take_what_a_clerk_has_claimed(story: Story) -> None:
    problem = story.assigned()
    claim_item(item_of(problem).pk, by=story.world.clerk)

    accept_assignment(item_of(problem).pk, by=story.world.head)

    assert reread(problem).state == "planning"


def test_a_wrong_moment_is_a_sentence_and_a_wrong_person_a_403(story: Story) -> None:
    problem = story.rectifying()
    entry = ReportEntry(text="已整改。", rectified_on=clock.today())

    with pytest.raises(ActionRefused, match="整改中"):
        accept_assignment(item_of(problem).pk, by=story.world.stranger)
    with pytest.raises(PermissionDenied):
        submit_rectification(item_of(problem).pk, by=story.world.stranger, entry=entry)

    assert reread(problem).state == "rectifying"


def test_an_item_or_case_that_is_not_there_does_not_exist(story: Story) -> None:
    problem = story.verifying()

    with pytest.raises(WorkItem.DoesNotExist):
        accept_assignment(10**9, by=story.world.clerk)
    with pytest.raises(Case.DoesNotExist):
        recall_report(10**9, by=story.world.head, seen=0)

    assert WorkItem.objects.filter(process__case_id=problem.pk, status__in=OPEN).count() == 1


@contextmanager
def somebody_else_holding(case_id: int) -> Iterator[None]:
    """Another connection has locked the case and takes its time."""
    held, done = threading.Event(), threading.Event()

    def hold() -> None:
        try:
            with transaction.atomic():
                Case.objects.select_for_update(no_key=True).get(pk=case_id)
                held.set()
                done.wait(10)
        finally:
            connection.close()

    thread = threading.Thread(target=hold)
    thread.start()
    assert held.wait(5)
    try:
        yield
    finally:
        done.set()
        thread.join()


@pytest.mark.postgres
def test_waiting_too_long_for_the_lock_is_a_sentence(lasting: None, story: Story) -> None:
    problem = story.assigned()
    item = item_of(problem)
    with connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = '200ms'")

    with somebody_else_holding(problem.pk), pytest.raises(ActionRefused, match="请稍候几秒再试一次"):
        accept_assignment(item.pk, by=story.world.clerk)

    assert reread(problem).state == "assigned"
    with connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = '3s'")
    accept_assignment(item.pk, by=story.world.clerk)
    assert reread(problem).state == "planning"


def test_reassigning_opens_the_step_for_the_other_unit_with_a_clock_of_its_own(story: Story) -> None:
    problem = story.planning()
    old = item_of(problem)

    reassign_problem(
        problem.pk,
        by=story.world.registrar,
        seen=seen(problem),
        assignment=Assignment(story.world.units["partner"], "dated", clock.today() + timedelta(30)),
        reason="职责调整",
    )

    item = item_of(problem)
    assert (item.step, item.unit_id) == ("assigned", story.world.units["partner"].pk)
    assert item.due_at == item.deadline.due_at
    assert WorkItem.objects.get(pk=old.pk).status == "CANCELED"
