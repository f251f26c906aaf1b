"""Two workers in the same moment: an event is told once, a message is sent once, one message gathers them all.

Where a lock is what holds, the race is run again without it and must then go wrong.
"""

import threading
import time
import tracemalloc
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.db.models import QuerySet

from notifications.actions import digests, escalating, sending, telling
from notifications.models import Address, Delivery, Notice
from organizations import clock
from organizations.models import Post, User
from rectification.models import Problem
from tests.conftest import Story, World
from tests.notifications.conftest import (
    PostOffice,
    empty_outbox,
    happen,
    messages,
    moment,
    tell_all,
    with_email,
    with_robot,
)  # fmt: skip

pytestmark = pytest.mark.postgres

MONDAY = moment("2026-11-23 10:00")
LATER = moment("2026-11-23 10:10")


def together(*acts: Callable[[], Any], when: Any = MONDAY) -> list[BaseException]:
    """All at once, each on a connection of its own; answers what went wrong."""
    start, wrong = threading.Barrier(len(acts)), []

    def go(act: Callable[[], Any]) -> None:
        try:
            start.wait(5)
            with clock.at(when):
                act()
        except Exception as error:
            wrong.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=go, args=[act]) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return wrong


@pytest.fixture
def problem(world: World, story: Story, lasting: None, post: PostOffice) -> Problem:
    with clock.at(MONDAY):
        made = story.assigned()
    empty_outbox()
    return made


def slowly(act: Callable[..., Any]) -> Callable[..., Any]:
    """Long enough in the middle for the other one to come by."""

    def slow(*args: Any, **named: Any) -> Any:
        found = act(*args, **named)
        time.sleep(0.3)
        return found

    return slow


def red(problem: Problem, times: int = 1) -> list[int]:
    with clock.at(MONDAY):
        return [happen(problem, urgent="red").pk for _turn in range(times)]


def test_two_workers_tell_of_one_event_once(problem: Problem, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    with_email(world.clerk)
    (event,) = red(problem)
    monkeypatch.setattr(telling, "people_told", slowly(telling.people_told))

    wrong = together(*[lambda: telling.deliver_event(event)] * 3)

    assert wrong == []
    assert Notice.objects.filter(event=event).count() == 2
    assert [row.notices.count() for row in messages()] == [1]


def test_many_workers_gather_many_events_in_one_message(problem: Problem, world: World) -> None:
    with_email(world.clerk, world.head)
    with_robot(world.units["bureau"])
    events = red(problem, 24)

    def work(mine: list[int]) -> Callable[[], None]:
        return lambda: [telling.deliver_event(pk) for pk in mine] and None

    wrong = together(*[work(events[n::4]) for n in range(4)])

    assert wrong == []
    assert sorted((row.channel, row.notices.count()) for row in messages()) == [
        ("email", 24), ("email", 24), ("robot", 24),
    ]  # fmt: skip


def sending_twice(problem: Problem, world: World, post: PostOffice) -> int:
    """How often the receiver got it, when three workers take the same message."""
    with_email(world.clerk)
    red(problem)
    with clock.at(MONDAY):
        tell_all()
    post.email.before = lambda: time.sleep(0.3)
    (row,) = messages()
    assert together(*[lambda: sending.send_delivery(row.pk)] * 3, when=LATER) == []
    return len(post.email.sent)


def test_two_workers_send_one_message_once(problem: Problem, world: World, post: PostOffice) -> None:
    assert sending_twice(problem, world, post) == 1
    assert messages()[0].attempts == 1


def test_without_the_lock_a_message_would_be_sent_more_than_once(
    problem: Problem, world: World, post: PostOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(QuerySet, "select_for_update", lambda rows, **how: rows.all())
    monkeypatch.setattr(sending, "_is_stuck", lambda *which: time.sleep(0.3))

    assert sending_twice(problem, world, post) > 1


def test_a_notice_that_comes_while_its_message_is_being_taken_gets_one_of_its_own(
    problem: Problem, world: World, post: PostOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_email(world.clerk)
    red(problem)
    with clock.at(MONDAY):
        tell_all()
    (row,) = messages()
    with clock.at(LATER):
        event = happen(problem, urgent="red")
    monkeypatch.setattr(sending, "message_of", slowly(sending.message_of))

    wrong = together(
        lambda: sending.send_delivery(row.pk), lambda: (time.sleep(0.1), telling.deliver_event(event.pk)), when=LATER
    )

    assert wrong == []
    assert [each.notices.count() for each in messages()] == [1, 1]
    assert [each.state for each in messages()] == ["sent", "waiting"]


def test_two_sweeps_make_one_digest(problem: Problem, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    with_email(world.clerk)
    with clock.at(MONDAY):
        happen(problem)
        tell_all()
    monkeypatch.setattr(digests, "wishes_of", slowly(digests.wishes_of))

    wrong = together(*[digests.make_digests] * 3, when=moment("2026-11-24 09:00"))

    assert wrong == []
    assert [(row.kind, row.notices.count()) for row in messages()] == [("digest", 1)]


def test_two_sweeps_pass_a_notice_on_once(problem: Problem, world: World) -> None:
    Post.objects.filter(user=world.head).update(role="observer")
    (event,) = red(problem)
    with clock.at(MONDAY):
        tell_all()
    Post.objects.filter(user=world.head).update(role="unit_head")
    notice = Notice.objects.get(event_id=event)

    wrong = together(*[lambda: escalating.pass_on(notice.pk)] * 3, when=moment("2026-11-23 16:00"))

    assert wrong == []
    assert Notice.objects.filter(event_id=event).count() == 2


def test_three_thousand_people_are_told_in_little_memory(problem: Problem, world: World) -> None:
    users = User.objects.bulk_create(User(username=f"u{n}", name=f"人{n}") for n in range(3_000))
    unit = world.units["bureau"]
    Post.objects.bulk_create(Post(user=user, unit=unit, role="unit_clerk") for user in users)
    Address.objects.bulk_create(
        Address(user=user, channel="email", address=f"{user.username}@gov.test") for user in users
    )
    first, second = red(problem, 2)

    with clock.at(MONDAY):
        telling.deliver_event(first)
        tracemalloc.start()
        telling.deliver_event(second)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()

    assert Notice.objects.count() == 2 * 3_002
    assert Delivery.objects.filter(channel="email", kind="instant").count() == 3_000
    assert peak < 10 * 1024 * 1024
