"""公示: the policy puts it up, objections stop its clock, its end closes the problem, and no person can."""

from datetime import datetime, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.urls import reverse
from django_fsm import has_transition_perm

from organizations import clock
from rectification.actions.noticing import dismiss_objection, record_objection, revise_notice, uphold_objection
from rectification.models import Problem
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
from workflows.clocks import live_clock
from workflows.models import ClockKind, Event, Routing, WorkItem
from workflows.queries import main_item, side_items
from workflows.scanning import scan_deadlines
from workflows.scope import Actor, actor_of
from workflows.steps import ActionRefused, office_step
from workflows.verification import verify

DAYS = 7
REASON = "经现场复核，管网接口仍在渗水。"


def scan_on(instant: datetime) -> None:
    with clock.at(instant):
        scan_deadlines()


def end_of(problem: Problem) -> datetime:
    running = live_clock(problem.pk, ClockKind.NOTICE)
    assert running is not None
    return noon(running.due_on + timedelta(days=1))


def test_a_policy_with_days_of_notice_puts_the_problem_up_before_it_closes(story: Story) -> None:
    problem = story.public_notice()

    notice = problem.notices.get()
    running = live_clock(problem.pk, ClockKind.NOTICE)
    assert (problem.state, problem.closed_on) == ("public_notice", None)
    assert notice.ends_on == running.due_on == clock.today() + timedelta(days=DAYS)
    assert main_item(problem.pk) is None
    assert live_clock(problem.pk).paused_at is not None
    assert not Routing.objects.filter(case_id=problem.pk, kind="main", finished__isnull=True).exists()
    verify()


def test_a_policy_without_closes_at_once(story: Story) -> None:
    problem = story.closed()

    assert problem.state == "closed"
    assert not problem.notices.exists()


def test_the_clock_closes_it_after_its_last_day_and_not_before(story: Story) -> None:
    problem = story.public_notice()
    last = live_clock(problem.pk, ClockKind.NOTICE).due_on

    scan_on(noon(last))
    assert reread(problem).state == "public_notice"
    for _twice in range(2):
        scan_on(end_of(problem) if reread(problem).state == "public_notice" else noon(last + timedelta(days=2)))

    problem = reread(problem)
    event = Event.objects.get(case_id=problem.pk, name="end_notice")
    assert (problem.state, problem.closed_on, problem.progress) == ("closed", last + timedelta(days=1), 100)
    assert (event.actor_id, event.from_state, event.to_state) == (None, "public_notice", "closed")
    assert problem.rectified_on is not None
    verify()


def test_nobody_may_end_a_notice(story: Story) -> None:
    problem = story.public_notice()

    for role in [*CAST, "nobody"]:
        user = fresh(story.world.people[role])
        assert not has_transition_perm(problem.end_notice, Actor(user, actor_of(user).posts, None))
        door = office_step(problem.pk, "end_notice", seen=seen(problem), by=user)
        with undone(), pytest.raises(PermissionDenied), door:
            pass

    assert reread(problem).state == "public_notice"


def test_private_facts_are_taken_out_of_what_is_put_up(story: Story) -> None:
    problem = story.county_review(
        batch=notice_batch(story.world),
        title="户主张三家饮水不通",
        description="身份证11010119900307123X，电话13812345678。",
    )
    walk_on(story, problem, until="public_notice")

    matter = problem.notices.get().matter
    assert "张三" not in matter
    assert "13812345678" not in matter
    assert "11010119900307123X" not in matter
    assert "饮水不通" in matter


def test_a_text_with_private_facts_is_refused_and_a_good_one_is_a_new_version(story: Story) -> None:
    problem = story.public_notice()
    was = unchanged(problem)
    by = fresh(story.world.registrar)

    with undone(), pytest.raises(ActionRefused, match="电话号码"):
        revise_notice(problem.pk, by=by, matter="请拨13812345678。", result="已修。", contact="县整改办")
    assert unchanged(problem) == was
    revise_notice(problem.pk, by=by, matter="饮水管网漏损。", result="已修。", contact="县整改办")

    assert [row.version for row in problem.notices.all()] == [1, 2]
    assert live_clock(problem.pk, ClockKind.NOTICE).due_on == problem.notices.last().ends_on
    verify()


def test_an_objection_stops_the_clock_and_is_the_offices_to_look_into(story: Story) -> None:
    problem = story.public_notice()
    end = end_of(problem)

    objection = story.objection(problem)

    item = side_item(problem.pk, "objection")
    assert (item.role, item.process.key, objection.days_left) == ("office", "1", DAYS)
    assert live_clock(problem.pk, ClockKind.NOTICE).paused_at is not None
    scan_on(end)
    assert reread(problem).state == "public_notice"
    verify()


def test_dismissed_it_goes_on_for_the_days_that_were_left(story: Story) -> None:
    problem = story.public_notice()
    third = noon(clock.today() + timedelta(days=3))
    with clock.at(third):
        story.objection(problem)
    later = third + timedelta(days=5)
    with clock.at(later):
        with undone(), pytest.raises(ActionRefused, match="理由"):
            dismiss_objection(side_item(problem.pk, "objection").pk, by=fresh(story.world.registrar), reason="")
        dismiss_objection(side_item(problem.pk, "objection").pk, by=fresh(story.world.colleague), reason=REASON)

    assert live_clock(problem.pk, ClockKind.NOTICE).due_on == later.date() + timedelta(days=DAYS - 3)
    assert problem.notice_objections.get().upheld is False
    scan_on(noon(later.date() + timedelta(days=DAYS - 3)))
    assert reread(problem).state == "public_notice"
    scan_on(end_of(problem))
    assert reread(problem).state == "closed"
    verify()


def test_of_two_objections_the_clock_waits_for_the_last(story: Story) -> None:
    problem = story.public_notice()
    with clock.at(noon(clock.today() + timedelta(days=2))):
        story.objection(problem)
    with clock.at(noon(clock.today() + timedelta(days=4))):
        second = story.objection(problem)
        first_item, second_item = side_items(problem.pk).order_by("pk")
        dismiss_objection(first_item.pk, by=fresh(story.world.registrar), reason=REASON)
        assert live_clock(problem.pk, ClockKind.NOTICE).paused_at is not None
        dismiss_objection(second_item.pk, by=fresh(story.world.registrar), reason=REASON)

        running = live_clock(problem.pk, ClockKind.NOTICE)
        assert second.days_left == DAYS - 2
        assert (running.paused_at, running.due_on) == (None, clock.today() + timedelta(days=DAYS - 2))


def test_upheld_it_is_a_new_round_with_a_new_date(story: Story) -> None:
    problem = story.public_notice()
    due_on = clock.today() + timedelta(days=15)
    with undone(), pytest.raises(ActionRefused, match="没有正在核实的公示异议"):
        uphold_objection(problem.pk, by=fresh(story.world.registrar), seen=seen(problem), reason=REASON, due_on=due_on)
    story.objection(problem)
    story.objection(problem)

    uphold_objection(problem.pk, by=fresh(story.world.registrar), seen=seen(problem), reason=REASON, due_on=due_on)

    problem = reread(problem)
    assert (problem.state, problem.round, problem.sent_back, problem.due_on) == ("rectifying", 2, 1, due_on)
    assert item_of(problem).unit_id == problem.lead_unit_id
    assert live_clock(problem.pk, ClockKind.NOTICE) is None
    assert live_clock(problem.pk).paused_at is None
    assert not side_items(problem.pk).exists()
    assert set(problem.notice_objections.values_list("upheld", flat=True)) == {True}
    verify()


def test_after_an_upheld_objection_the_second_notice_closes_it(story: Story) -> None:
    problem = story.public_notice()
    story.objection(problem)
    due_on = clock.today() + timedelta(days=15)
    uphold_objection(problem.pk, by=fresh(story.world.registrar), seen=seen(problem), reason=REASON, due_on=due_on)
    story.submit(reread(problem))
    walk_on(story, problem, until="public_notice")

    assert list(problem.notices.values_list("round", "version")) == [(1, 1), (2, 1)]
    scan_on(end_of(problem))
    assert reread(problem).state == "closed"
    verify()


def test_only_the_office_records_and_settles_objections(story: Story) -> None:
    problem = story.public_notice()
    due_on = clock.today() + timedelta(days=15)
    recorders, settlers, upholders = set(), set(), set()
    for role in [*CAST, "nobody"]:
        with undone():
            try:
                story.objection(problem, by=role)
                recorders.add(role)
            except PermissionDenied:
                pass
    story.objection(problem)
    item = side_item(problem.pk, "objection")
    for role in [*CAST, "nobody"]:
        by = fresh(story.world.people[role])
        with undone():
            try:
                dismiss_objection(item.pk, by=by, reason=REASON)
                settlers.add(role)
            except PermissionDenied:
                pass
        with undone():
            try:
                uphold_objection(problem.pk, by=by, seen=seen(problem), reason=REASON, due_on=due_on)
                upholders.add(role)
            except PermissionDenied:
                pass

    assert recorders == settlers == upholders == {"registrar", "colleague"}


@pytest.mark.parametrize("received", [-1, 1])
def test_an_objection_was_received_while_the_notice_was_up(story: Story, received: int) -> None:
    problem = story.public_notice()
    was = unchanged(problem)
    day = clock.today() + timedelta(days=received)
    with undone(), pytest.raises(ActionRefused, match="收到日期"):
        record_objection(problem.pk, by=fresh(story.world.registrar), text="还漏。", source="", received_on=day)

    assert unchanged(problem) == was


def test_an_objection_after_the_last_day_but_before_the_scan_still_counts(story: Story) -> None:
    problem = story.public_notice()
    with clock.at(end_of(problem)):
        story.objection(problem)
        scan_deadlines()
        assert reread(problem).state == "public_notice"
        dismiss_objection(side_item(problem.pk, "objection").pk, by=fresh(story.world.registrar), reason=REASON)
        assert live_clock(problem.pk, ClockKind.NOTICE).due_on == clock.today()
    scan_on(end_of(problem))

    assert reread(problem).state == "closed"


def test_no_work_item_is_left_behind(story: Story) -> None:
    problem = story.public_notice()
    scan_on(end_of(problem))

    assert not WorkItem.objects.filter(process__case_id=problem.pk, status__in=["NEW", "ASSIGNED"]).exists()
    assert event_names(problem)[-2:] == ["pass_county", "end_notice"]


def test_a_notice_tells_people_whom_to_turn_to_and_the_office_what_is_missing(story: Story, world: World) -> None:
    client = Client()
    client.force_login(world.registrar)
    before = story.public_notice(batch=notice_batch(world))
    world.units["office"].contact = "电话0000-6012345，政务服务中心302室"
    world.units["office"].save()
    after = story.public_notice(batch=before.batch, title="另一处")

    silent, told = (
        client.get(reverse("notice-sheet", args=[problem.case.number])).content.decode() for problem in (before, after)
    )

    assert "公示上还没有受理单位的电话和地址" in silent
    assert "公示上还没有受理单位的电话和地址" not in told
    assert "请向县整改办（电话0000-6012345，政务服务中心302室）反映" in told
