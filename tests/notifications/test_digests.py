"""The day's digest: at most one a person on a working day, with what came before its hour, and none of nothing."""

from datetime import date, time
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from notifications.actions.digests import make_digests
from notifications.actions.reading import read_all
from notifications.models import Address, Delivery, Notice, Preference
from organizations import clock
from rectification.models import Problem
from tests.conftest import Story, World
from tests.notifications.conftest import (
    PostOffice,
    at,
    empty_outbox,
    happen,
    messages,
    moment,
    send_all,
    tell_all,
    with_email,
)  # fmt: skip


@pytest.fixture
def problem(story: Story, world: World, post: PostOffice) -> Problem:
    """Somebody has an address, and nothing has happened yet."""
    made = story.assigned()
    empty_outbox()
    with_email(world.clerk)
    return made


def news(problem: Problem, when: str, times: int = 1, **more: Any) -> None:
    with at(when):
        for _turn in range(times):
            happen(problem, **more)
        tell_all()


def at_hour(when: str) -> int:
    with at(when):
        return make_digests()


def test_a_digest_gathers_what_came_since_the_last_one(problem: Problem, post: PostOffice) -> None:
    news(problem, "2026-11-23 15:00", times=2)
    news(problem, "2026-11-23 20:00", name="suspend")

    assert at_hour("2026-11-24 08:29") == 0
    assert at_hour("2026-11-24 08:30") == 1
    with at("2026-11-24 08:30"):
        assert send_all() == 1

    (message,) = post.email.sent
    assert message.subject == "每日汇总：3条消息"
    assert message.text.startswith("上次汇总以来有3条消息，其中2条需要您办理。\n")
    assert message.text.count("\n· ") == 3
    assert "其余" not in message.text
    assert not Notice.objects.filter(for_digest=True).exists()


def test_there_is_one_digest_a_day_and_later_news_waits_for_the_next(problem: Problem) -> None:
    news(problem, "2026-11-23 15:00")
    assert at_hour("2026-11-24 08:30") == 1
    Delivery.objects.update(state="sent")
    news(problem, "2026-11-24 08:31")

    assert [at_hour(f"2026-11-24 {hour}") for hour in ("08:32", "12:00", "17:29", "23:00")] == [0, 0, 0, 0]
    assert at_hour("2026-11-25 08:30") == 1
    assert [row.day for row in messages(kind="digest")] == [date(2026, 11, 24), date(2026, 11, 25)]


def test_a_digest_that_could_not_go_out_takes_in_what_has_come_since(problem: Problem) -> None:
    news(problem, "2026-11-23 15:00")
    at_hour("2026-11-24 08:30")
    news(problem, "2026-11-24 15:00")

    at_hour("2026-11-25 08:30")

    (waiting,) = messages(kind="digest")
    assert waiting.notices.count() == 2


def test_news_of_a_day_without_a_digest_is_not_sent_at_once(problem: Problem) -> None:
    assert at_hour("2026-11-24 08:30") == 0
    news(problem, "2026-11-24 10:00")

    assert at_hour("2026-11-24 10:01") == 0
    assert at_hour("2026-11-25 08:30") == 1


def test_a_digest_that_nobody_made_in_time_is_made_later_that_day(problem: Problem) -> None:
    news(problem, "2026-11-23 15:00")

    assert at_hour("2026-11-24 15:00") == 1

    assert messages()[0].send_after == moment("2026-11-24 15:00")


def test_a_day_of_rest_has_no_digest(problem: Problem) -> None:
    news(problem, "2026-11-27 15:00")

    assert at_hour("2026-11-28 09:00") == at_hour("2026-11-29 09:00") == 0
    assert at_hour("2026-11-30 08:30") == 1


def test_a_digest_has_an_hour_of_ones_own(problem: Problem, world: World) -> None:
    Preference.objects.create(user=world.clerk, digest_at=time(16))
    news(problem, "2026-11-24 15:59")

    assert at_hour("2026-11-24 15:59") == 0
    assert at_hour("2026-11-24 16:00") == 1


def test_a_digest_keeps_quiet_hours(problem: Problem, world: World) -> None:
    Preference.objects.create(user=world.clerk, quiet_from=time(8), quiet_to=time(10))
    news(problem, "2026-11-23 15:00")

    at_hour("2026-11-24 08:30")

    assert messages()[0].send_after == moment("2026-11-24 10:00")


def test_what_has_been_read_is_not_told_again_and_an_empty_digest_is_not_sent(problem: Problem, world: World) -> None:
    news(problem, "2026-11-23 15:00", times=3)
    with at("2026-11-23 16:00"):
        read_all(world.clerk)

    assert at_hour("2026-11-24 08:30") == 0
    assert messages() == []


def test_a_long_digest_counts_shows_twenty_lines_and_says_where_the_rest_is(problem: Problem, post: PostOffice) -> None:
    news(problem, "2026-11-23 15:00", times=37)

    at_hour("2026-11-24 08:30")
    with at("2026-11-24 08:30"):
        send_all()

    text = post.email.sent[0].text
    assert text.startswith("上次汇总以来有37条消息，其中37条需要您办理。\n")
    assert text.count("\n· ") == 20
    assert "\n其余17条请登录系统，在“消息”中查看。\n" in text
    assert text.endswith("/messages/")


def test_somebody_whose_address_went_off_has_no_digest_and_keeps_the_notices(problem: Problem, world: World) -> None:
    news(problem, "2026-11-23 15:00")
    Address.objects.update(active=False)

    assert at_hour("2026-11-24 08:30") == 0
    assert Notice.objects.filter(person=world.clerk).unread().count() == 1


def test_the_database_holds_the_rule(problem: Problem, world: World) -> None:
    news(problem, "2026-11-23 15:00")
    at_hour("2026-11-24 08:30")
    row = messages()[0]

    with pytest.raises(IntegrityError), transaction.atomic():
        Delivery.objects.create(
            person=world.clerk, channel="email", address=row.address, kind="digest", day=row.day,
            send_after=clock.now(), next_try_at=clock.now(), created_at=clock.now(),
        )  # fmt: skip
    notice = Notice.objects.filter(person=world.clerk)[0]
    again = {"person": world.clerk, "event": notice.event, "created_at": clock.now()}
    with pytest.raises(IntegrityError), transaction.atomic():
        Notice.objects.create(sentence="又一次", url="/", **again)
    assert len(messages()) == 1


def test_many_people_cost_few_statements(problem: Problem, world: World, django_assert_max_num_queries: Any) -> None:
    with_email(world.head, world.partner, world.registrar, world.leader, world.reviewer)
    for person in (world.head, world.partner, world.registrar, world.leader, world.reviewer):
        news(problem, "2026-11-23 15:00", person=person.pk)

    with at("2026-11-24 08:30"), django_assert_max_num_queries(13):
        assert make_digests() == 6
