"""延期: asked before the date has passed, decided on two levels, never by who asked; the date moves or it does not."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.urls import reverse

from organizations import clock
from organizations.models import Post, User
from rectification.actions.assignment import Assignment, reassign_problem
from rectification.actions.extending import (
    ask_extension,
    endorse_extension,
    grant_extension,
    refuse_extension,
    take_back_extension,
)
from rectification.actions.office import suspend_problem, withdraw_problem
from rectification.models import Extension, Problem
from tests.conftest import (
    CAST,
    Story,
    World,
    event_names,
    fresh,
    item_of,
    noon,
    notice_batch,
    reread,
    seen,
    side_item,
    undone,
    walk_on,
)
from tests.conftest import standing as unchanged
from workflows.calendar import end_of_day
from workflows.clocks import live_clock
from workflows.models import Deadline, DeadlinePolicy, Event, Routing
from workflows.queries import calendar, side_items
from workflows.steps import ActionRefused
from workflows.verification import verify

GROUNDS = "汛期无法施工，需待水位回落。"


def read(extension: Extension) -> Extension:
    return Extension.objects.get(pk=extension.pk)


def test_a_granted_extension_moves_the_date_and_all_that_follows_it(story: Story) -> None:
    problem = story.rectifying(partners=("partner",))
    before, former = live_clock(problem.pk), problem.due_on

    extension = story.grant(story.endorse(story.ask(problem, 20)))

    until = former + timedelta(days=20)
    problem = reread(problem)
    now = live_clock(problem.pk)
    assert (problem.due_on, problem.state, extension.state) == (until, "rectifying", "granted")
    assert (now.due_on, now.start_on, now.computation["previous"]) == (until, before.start_on, former.isoformat())
    assert Deadline.objects.get(pk=before.pk).superseded_at is not None
    assert item_of(problem).due_at == end_of_day(until)
    assert side_item(problem.pk, "cooperation").due_at == end_of_day(until)
    assert event_names(problem)[-3:] == ["extension_ask", "extension_endorse", "extension_grant"]
    assert [(step.level, step.agreed, step.until) for step in extension.steps.all()] == [
        ("office", True, until),
        ("leader", True, until),
    ]
    assert not Routing.objects.filter(case_id=problem.pk, kind="extension", finished__isnull=True).exists()
    verify()


def test_another_day_than_asked_is_a_part_of_it(story: Story) -> None:
    problem = story.rectifying()
    until = problem.due_on + timedelta(days=7)

    extension = story.grant(story.endorse(story.ask(problem, 20)), until=until)

    assert reread(problem).due_on == until
    assert extension.is_partly_granted
    assert Event.objects.get(case_id=problem.pk, name="extension_grant").data["partly"] is True


@pytest.mark.parametrize("level", ["office", "leader"])
def test_a_refusal_at_either_level_leaves_the_date(story: Story, level: str) -> None:
    problem = story.rectifying()
    extension = story.ask(problem)
    if level == "leader":
        story.endorse(extension)
    by = fresh(story.world.registrar if level == "office" else story.world.leader)

    with undone(), pytest.raises(ActionRefused, match="理由"):
        refuse_extension(side_item(problem.pk, "extension").pk, by=by, reason=" ")
    refuse_extension(side_item(problem.pk, "extension").pk, by=by, reason="工期可以压缩。")

    assert (read(extension).state, reread(problem).due_on) == ("refused", problem.due_on)
    assert not side_items(problem.pk).exists()
    verify()


def test_the_unit_may_take_it_back_until_it_is_decided(story: Story) -> None:
    problem = story.rectifying()
    extension = story.endorse(story.ask(problem))

    take_back_extension(side_item(problem.pk, "extension").pk, by=fresh(story.world.clerk))

    assert read(extension).state == "taken_back"
    event = Event.objects.filter(case_id=problem.pk).latest("number")
    assert (event.name, event.unit_id) == ("extension_take_back", story.world.units["bureau"].pk)
    verify()


DECIDERS: dict[str, tuple[str, Callable[[int, User, Extension], Any]]] = {
    "endorse": (
        "registrar colleague",
        lambda pk, by, row: endorse_extension(pk, by=by, opinion="", until=row.asked_until),
    ),
    "refuse": ("registrar colleague", lambda pk, by, row: refuse_extension(pk, by=by, reason="不必。")),
    "take_back": ("head clerk", lambda pk, by, row: take_back_extension(pk, by=by)),
    "grant": ("leader", lambda pk, by, row: grant_extension(pk, by=by, opinion="", until=row.asked_until)),
    "refuse_above": ("leader", lambda pk, by, row: refuse_extension(pk, by=by, reason="不必。")),
    "take_back_above": ("head clerk", lambda pk, by, row: take_back_extension(pk, by=by)),
}


@pytest.mark.parametrize("deed", DECIDERS)
def test_every_step_is_open_to_whom_it_belongs_and_to_nobody_else(story: Story, deed: str) -> None:
    problem = story.rectifying(partners=("partner",))
    extension = story.ask(problem)
    if deed in {"grant", "refuse_above", "take_back_above"}:
        story.endorse(extension)
    right, call = DECIDERS[deed]
    was = unchanged(problem)

    found = set()
    for role in [*CAST, "nobody"]:
        with undone():
            try:
                call(side_item(problem.pk, "extension").pk, fresh(story.world.people[role]), extension)
                found.add(role)
            except PermissionDenied:
                assert unchanged(problem) == was

    assert found == set(right.split())


def test_only_the_head_of_the_lead_unit_asks_unless_policy_lets_the_clerk(story: Story) -> None:
    problem = story.rectifying(partners=("partner",))
    found = set()
    for role in [*CAST, "nobody"]:
        with undone():
            try:
                story.ask(problem, by=role)
                found.add(role)
            except PermissionDenied:
                pass
    assert found == {"head"}

    type(problem.review_policy).objects.filter(pk=problem.review_policy_id).update(clerk_submits=True)
    assert story.ask(problem, by="clerk").number == 1


def test_who_asked_does_not_decide_even_from_the_office_or_the_leaders_seat(story: Story) -> None:
    world = story.world
    problem = story.rectifying()
    Post.objects.create(user=world.head, unit=world.units["office"], role="office")
    Post.objects.create(user=world.head, unit=world.units["leaders"], role="county_leader")
    extension = story.ask(problem)

    with undone(), pytest.raises(PermissionDenied):
        story.endorse(extension, by="head")
    story.endorse(extension)
    with undone(), pytest.raises(PermissionDenied):
        story.grant(extension, by="head")

    assert read(extension).state == "leader_review"


def test_nobody_decides_both_levels(story: Story) -> None:
    world = story.world
    problem = story.rectifying()
    Post.objects.create(user=world.registrar, unit=world.units["leaders"], role="county_leader")
    extension = story.endorse(story.ask(problem), by="registrar")

    with undone(), pytest.raises(ActionRefused, match="回避"):
        story.grant(extension, by="registrar")
    story.grant(extension)

    assert read(extension).state == "granted"


def test_after_the_date_has_passed_it_is_too_late_unless_policy_says_otherwise(story: Story) -> None:
    problem = story.rectifying()
    with clock.at(noon(problem.due_on)), undone():
        story.ask(problem)  # on the day itself it is not
    with clock.at(noon(problem.due_on + timedelta(days=1))):
        with undone(), pytest.raises(ActionRefused, match="届满前"):
            story.ask(problem)
        DeadlinePolicy.objects.filter(pk=problem.deadline_policy_id).update(extends_late=True)

        assert story.ask(problem).former_due_on == problem.due_on


def test_asked_in_time_and_decided_late_it_still_counts_from_the_old_date(story: Story) -> None:
    problem = story.rectifying()
    extension = story.endorse(story.ask(problem, 30))
    last = problem.due_on + timedelta(days=30)

    with clock.at(noon(problem.due_on + timedelta(days=10))):
        with undone(), pytest.raises(ActionRefused, match="晚于原整改时限和今天"):
            story.grant(extension, until=clock.today())
        with undone(), pytest.raises(ActionRefused, match="最多延期30天"):
            story.grant(extension, until=last + timedelta(days=1))
        story.grant(extension)

    assert reread(problem).due_on == last


@pytest.mark.parametrize("days", [0, -1, 31])
def test_a_day_that_is_no_extension_or_too_long_a_one_is_refused(story: Story, days: int) -> None:
    problem = story.rectifying()
    was = unchanged(problem)

    with undone(), pytest.raises(ActionRefused):
        story.ask(problem, days)

    assert unchanged(problem) == was


def test_there_is_one_at_a_time_and_as_many_as_policy_lets(story: Story) -> None:
    problem = story.rectifying()
    extension = story.ask(problem)
    with undone(), pytest.raises(ActionRefused, match="正在审批"):
        story.ask(problem)
    story.grant(story.endorse(extension))
    with undone(), pytest.raises(ActionRefused, match="最多延期1次"):
        story.ask(problem)

    DeadlinePolicy.objects.filter(pk=problem.deadline_policy_id).update(extensions_most=2)
    assert story.ask(problem, 5).number == 2


@pytest.mark.parametrize("state", ["assigned", "verifying", "county_review", "closed"])
def test_only_what_is_being_rectified_can_be_extended(story: Story, state: str) -> None:
    problem = getattr(story, state)()

    with undone(), pytest.raises(ActionRefused, match="正在整改"):
        story.ask(problem)


def test_a_standing_problem_has_no_date_to_extend(story: Story) -> None:
    problem = story.rectifying(kind="standing")

    until = clock.today() + timedelta(days=9)
    with undone(), pytest.raises(ActionRefused, match="定有整改时限"):
        ask_extension(problem.pk, by=fresh(story.world.head), grounds=GROUNDS, until=until)


def withdraw(story: Story, problem: Problem) -> None:
    withdraw_problem(problem.pk, by=fresh(story.world.registrar), seen=seen(problem), reason="登记有误。")


def reassign(story: Story, problem: Problem) -> None:
    to = Assignment(story.world.units["sector"], "dated", clock.today() + timedelta(days=50))
    reassign_problem(
        problem.pk, by=fresh(story.world.registrar), seen=seen(problem), assignment=to, reason="职责调整。"
    )


def suspend(story: Story, problem: Problem) -> None:
    review_on = clock.today() + timedelta(days=50)
    by = fresh(story.world.registrar)
    suspend_problem(problem.pk, by=by, seen=seen(problem), reason="等资金。", review_on=review_on)


ENDINGS = {"withdraw": withdraw, "reassign": reassign, "suspend": suspend}


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize("level", ["office_review", "leader_review"])
def test_it_ends_with_what_makes_it_pointless(story: Story, ending: str, level: str) -> None:
    problem = story.rectifying()
    extension = story.ask(problem)
    if level == "leader_review":
        story.endorse(extension)
    item = side_item(problem.pk, "extension")

    ENDINGS[ending](story, problem)

    assert read(extension).state == "over"
    assert not side_items(problem.pk).exists()
    with undone(), pytest.raises(ActionRefused, match="已经结束"):
        grant_extension(item.pk, by=fresh(story.world.leader), opinion="", until=extension.asked_until)
    sides = Event.objects.filter(case_id=problem.pk).latest("number").data["sides"]
    assert sides == [{"kind": "extension", "number": 1, "to": "over"}]
    verify()


def test_a_notice_put_up_ends_it_too(story: Story) -> None:
    problem = story.rectifying(batch=notice_batch(story.world))
    extension = story.ask(problem)
    story.submit(problem)
    walk_on(story, problem, until="public_notice")

    assert read(extension).state == "over"
    verify()


def test_the_page_of_dates_counts_the_days_to_a_chosen_date_and_lists_the_steps_that_are_over(
    story: Story, world: World
) -> None:
    client = Client()
    client.force_login(world.registrar)
    problem = story.rectifying()

    page = client.get(reverse("problem-dates", args=[problem.case.number])).content.decode()

    count = calendar().working_days_between(clock.today(), problem.due_on)
    assert f"共{count}个工作日" in page
    assert "县整改办 人registrar于" in page
    assert "daystrip-day" in page
    past = page.partition("已经过去的环节")[2]
    assert "签收" in past
    assert "提前2个工作日办结" in past
