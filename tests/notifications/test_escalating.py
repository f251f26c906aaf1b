"""What is red and unread goes to the unit's head, then to the office; each is told once."""

from typing import Any

import pytest
from django.test import Client

from notifications.actions.reading import read_notice
from notifications.models import Notice
from notifications.tasks import escalate_unread
from organizations.models import Post
from rectification.models import Problem
from tests.conftest import Story, World, add_person, fresh
from tests.notifications.conftest import (
    PostOffice,
    at,
    empty_outbox,
    happen,
    messages,
    moment,
    tell_all,
    told,
    with_email,
)  # fmt: skip


@pytest.fixture
def red(story: Story, world: World, post: PostOffice) -> Any:
    """A red warning for the clerk alone, on Monday at ten."""
    problem = story.assigned()
    empty_outbox()
    head = Post.objects.filter(user=world.head)
    head.update(role="observer")  # away while it comes in
    with at("2026-11-23 10:00"):
        event = happen(problem, urgent="red")
        tell_all()
    head.update(role="unit_head")
    return event


def sweep(when: str) -> None:
    with at(when):
        escalate_unread()


def test_after_four_worked_hours_the_head_is_told_and_after_eight_the_office(world: World, red: Any) -> None:
    with_email(world.head, world.registrar)
    sweep("2026-11-23 15:59")
    assert told(red) == {"clerk"}

    sweep("2026-11-23 16:00")  # two hours before noon, two after two
    assert told(red) == {"clerk", "head"}
    sweep("2026-11-24 10:59")
    assert told(red) == {"clerk", "head"}
    sweep("2026-11-24 11:00")

    assert told(red) == {"clerk", "head", "registrar", "colleague"}
    notice = Notice.objects.get(event=red, person=world.head)
    assert notice.sentence == "县水利局有一条红色预警消息无人查看：标记为重大问题"
    assert (notice.urgency, notice.passed_on, notice.pass_on_at) == ("red", 1, None)
    assert [row.address.user for row in messages() if row.address] == [world.head, world.registrar]


def test_each_is_told_once_however_often_the_sweep_runs(world: World, red: Any) -> None:
    for day in ("2026-11-23 16:00", "2026-11-23 16:01", "2026-11-24 11:00", "2026-11-24 11:01", "2026-12-01 09:00"):
        sweep(day)
        sweep(day)

    assert Notice.objects.filter(event=red).count() == 4


def test_what_has_been_read_goes_no_further(world: World, red: Any) -> None:
    with at("2026-11-23 11:00"):
        read_notice(Notice.objects.get(event=red, person=world.clerk))

    sweep("2026-11-23 16:00")
    sweep("2026-11-30 16:00")

    assert told(red) == {"clerk"}


def test_once_the_head_has_read_it_the_office_is_not_troubled(world: World, red: Any) -> None:
    sweep("2026-11-23 16:00")
    with at("2026-11-24 09:00"):
        read_notice(Notice.objects.get(event=red, person=world.head))

    sweep("2026-11-30 16:00")

    assert told(red) == {"clerk", "head"}


def test_a_unit_without_a_head_waits_for_the_office(story: Story, world: World, red: Any) -> None:
    Post.objects.filter(user=world.head).delete()

    sweep("2026-11-23 16:00")
    assert told(red) == {"clerk"}
    sweep("2026-11-24 11:00")

    assert told(red) == {"clerk", "registrar", "colleague"}


def test_a_weekend_does_not_count(story: Story, world: World, post: PostOffice) -> None:
    problem = story.assigned()
    empty_outbox()

    with at("2026-11-27 16:30"):
        happen(problem, urgent="red")
        tell_all()

    assert set(Notice.objects.values_list("pass_on_at", flat=True)) == {moment("2026-11-30 11:30")}


def test_the_hours_are_a_setting(story: Story, world: World, settings: Any) -> None:
    settings.ESCALATE_HOURS = 1
    problem = story.assigned()
    empty_outbox()

    with at("2026-11-23 10:00"):
        happen(problem, urgent="red")
        tell_all()

    assert set(Notice.objects.values_list("pass_on_at", flat=True)) == {moment("2026-11-23 11:00")}


@pytest.mark.parametrize("urgent", ["", "assignment", "send_back", "overdue"])
def test_what_is_not_red_waits_for_its_reader(story: Story, world: World, urgent: str) -> None:
    problem = story.assigned()
    happen(problem, urgent=urgent)
    tell_all()

    sweep("2027-03-01 10:00")

    assert not Notice.objects.filter(passed_on__gt=0).exists()


def test_opening_the_problem_is_reading_what_one_was_told_of_it(story: Story, world: World, client: Client) -> None:
    seen, other = story.assigned(), story.assigned(title="另一处")
    for problem in (seen, other):
        happen(problem, urgent="red")
    tell_all()
    client.force_login(fresh(world.clerk))

    client.get(seen.get_absolute_url())

    unread = Notice.objects.unread()
    assert set(unread.filter(person=world.clerk).values_list("case_id", flat=True)) == {other.pk}
    assert unread.filter(person=world.head, case_id=seen.pk).count() == 2
    read = Notice.objects.filter(person=world.clerk, case_id=seen.pk)
    assert set(read.values_list("pass_on_at", "for_digest")) == {(None, False)}


def test_whoever_may_not_see_the_problem_has_read_nothing(story: Story, world: World, client: Client) -> None:
    problem: Problem = story.assigned()
    stranger = add_person(world, "odd", "elsewhere", "unit_clerk")
    happen(problem, person=stranger.pk)
    tell_all()
    client.force_login(fresh(stranger))

    assert client.get(problem.get_absolute_url()).status_code == 404

    assert Notice.objects.unread().filter(person=stranger).count() == 1
