"""One message: claimed, sent, tried again, given up, sent anew; and an address that is switched off."""

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from notifications import tasks
from notifications.actions import sending
from notifications.actions.addresses import resend
from notifications.channels import Outcome
from notifications.models import Address, Delivery, Notice, Preference
from organizations import clock
from organizations.errors import Refused
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
    with_robot,
)  # fmt: skip

MONDAY = "2026-11-23 10:00"
BUSY = Outcome(sent=False, retry=True, error="451 busy")
GONE = Outcome(sent=False, error="550 no such mailbox")


@pytest.fixture
def waiting(story: Story, world: World, post: PostOffice) -> Delivery:
    """A message to the clerk, planned for Monday at ten and forty-five seconds."""
    with_email(world.clerk)
    with at(MONDAY):
        story.assigned()
        tell_all()
    return messages()[0]


def again(row: Delivery) -> Delivery:
    return Delivery.objects.select_related("address").get(pk=row.pk)


def try_at(row: Delivery, instant: Any) -> bool:
    with clock.at(instant):
        return sending.send_delivery(row.pk)


def test_a_message_says_what_by_when_what_to_do_and_where(waiting: Delivery, post: PostOffice, settings: Any) -> None:
    settings.SITE_URL = "https://rectify.example.gov.cn"
    problem = Notice.objects.filter(carried__delivery=waiting).get()

    assert try_at(waiting, waiting.next_try_at)

    (message,) = post.email.sent
    assert message.address == "clerk@gov.test"
    assert message.subject == f"交办 {problem.number}"
    assert message.text.split("\n") == [
        f"问题{problem.number}：交办。", "请在2026年11月25日前办理。", "请签收；认为不属于本单位的，请提出异议。",
        f"查看：https://rectify.example.gov.cn/problems/{problem.number}/",
    ]  # fmt: skip
    row = again(waiting)
    assert (row.state, row.attempts, row.error, row.reference) == ("sent", 1, "", "ok")
    assert row.sent_at == waiting.next_try_at


def test_nothing_is_sent_before_its_time_and_nothing_twice(waiting: Delivery, post: PostOffice) -> None:
    assert not try_at(waiting, waiting.next_try_at - timedelta(seconds=1))
    assert try_at(waiting, waiting.next_try_at)
    assert not try_at(waiting, waiting.next_try_at + timedelta(hours=1))

    assert len(post.email.sent) == 1


def test_what_can_be_tried_again_is_with_growing_pauses_and_the_same_key(waiting: Delivery, post: PostOffice) -> None:
    keys: list[str] = []
    post.email.answers = [BUSY] * 4
    pauses, instant = [], waiting.next_try_at
    for _attempt in range(4):
        assert not try_at(waiting, instant)
        row = again(waiting)
        assert (row.state, row.error) == ("waiting", "451 busy")
        pauses.append(int((row.next_try_at - instant).total_seconds()))
        keys.append(str(row.key))
        instant = row.next_try_at
    assert try_at(waiting, instant)

    assert pauses == [30, 60, 120, 240]
    assert set(keys) == {post.email.sent[0].delivery}
    assert uuid.UUID(post.email.sent[0].delivery) == waiting.key
    assert (again(waiting).state, again(waiting).attempts, again(waiting).error) == ("sent", 5, "")


def test_a_receiver_that_asks_for_patience_gets_it(waiting: Delivery, post: PostOffice) -> None:
    post.email.answers = [Outcome(sent=False, retry=True, retry_after=600.0, error="429")]

    try_at(waiting, waiting.next_try_at)

    assert again(waiting).next_try_at == waiting.next_try_at + timedelta(seconds=600)


def test_a_retry_waits_for_the_office_to_open_too(waiting: Delivery, post: PostOffice) -> None:
    post.email.answers = [BUSY]
    Delivery.objects.filter(pk=waiting.pk).update(next_try_at=moment("2026-11-27 17:29"))

    with at("2026-11-27 17:29", seconds=45):
        sending.send_delivery(waiting.pk)

    assert again(waiting).next_try_at == moment("2026-11-30 08:30")


@pytest.mark.parametrize("now", ["2026-11-23 20:00", "2026-11-28 10:00"])
def test_a_message_that_comes_up_at_night_or_on_a_rest_day_is_put_off_unsent(
    waiting: Delivery, post: PostOffice, now: str
) -> None:
    Delivery.objects.filter(pk=waiting.pk).update(next_try_at=moment(now))

    with at(now):
        assert not sending.send_delivery(waiting.pk)

    row = again(waiting)
    assert (row.state, row.attempts) == ("waiting", 0)
    assert row.next_try_at == moment("2026-11-24 08:30" if "23" in now else "2026-11-30 08:30")
    assert post.email.sent == []


def test_quiet_hours_chosen_meanwhile_hold(waiting: Delivery, world: World, post: PostOffice) -> None:
    Preference.objects.create(user=world.clerk, quiet_from="09:00", quiet_to="11:00")

    assert not try_at(waiting, waiting.next_try_at)

    assert again(waiting).next_try_at == moment("2026-11-23 11:00")
    assert post.email.sent == []


def test_what_cannot_arrive_has_failed_and_says_why(waiting: Delivery, post: PostOffice) -> None:
    post.email.answers = [GONE]

    assert not try_at(waiting, waiting.next_try_at)
    assert not try_at(waiting, waiting.next_try_at + timedelta(days=7))

    row = again(waiting)
    assert (row.state, row.attempts, row.error) == ("failed", 1, "550 no such mailbox")
    assert row.address is not None
    assert (row.address.failures, row.address.active) == (1, True)


def test_after_many_attempts_a_message_has_failed(waiting: Delivery, post: PostOffice) -> None:
    post.email.answers = [BUSY] * 20
    instant = waiting.next_try_at
    for _attempt in range(sending.MOST_ATTEMPTS):
        try_at(waiting, instant)
        instant = again(waiting).next_try_at

    assert (again(waiting).state, again(waiting).attempts) == ("failed", sending.MOST_ATTEMPTS)
    assert len(post.email.answers) == 20 - sending.MOST_ATTEMPTS


def test_a_channel_that_breaks_down_leaves_a_message_to_try_again(waiting: Delivery, post: PostOffice) -> None:
    post.email.answers = [RuntimeError("secret=abc")]

    assert not try_at(waiting, waiting.next_try_at)

    assert (again(waiting).state, again(waiting).error) == ("waiting", "RuntimeError")


def test_a_message_whose_sender_vanished_is_taken_up_when_its_lease_has_run_out(
    waiting: Delivery, post: PostOffice
) -> None:
    with clock.at(waiting.next_try_at):
        lost = sending._claim(waiting.pk)
        assert lost is not None
        assert not sending.send_delivery(waiting.pk)
    later = waiting.next_try_at + sending.LEASE
    with clock.at(later):
        assert sending.due_deliveries(10) == [waiting.pk]
        assert sending.send_delivery(waiting.pk)
    with clock.at(later + timedelta(seconds=1)):
        sending._store(lost, GONE)  # the first worker wakes up

    assert (again(waiting).state, again(waiting).attempts) == ("sent", 2)
    assert len(post.email.sent) == 1


def test_a_message_that_kills_its_senders_is_given_up(waiting: Delivery, post: PostOffice) -> None:
    instant = waiting.next_try_at
    for _attempt in range(sending.MOST_ATTEMPTS):
        with clock.at(instant):
            assert sending._claim(waiting.pk) is not None
        instant = again(waiting).next_try_at
    assert not try_at(waiting, instant)

    assert (again(waiting).state, again(waiting).error) == ("failed", "多次发送都没有结果。")


def test_a_channel_that_never_answers_does_not_keep_workers_from_the_others(
    story: Story, world: World, post: PostOffice
) -> None:
    with_email(world.clerk, world.head, world.partner)
    with_robot(world.units["bureau"])
    with at(MONDAY):
        story.assigned(partners=("partner",))
        tell_all()
    hung = messages(channel="email")[:2]
    with at(MONDAY, minutes=1):
        assert all(sending._claim(row.pk) for row in hung)  # two workers wait for an answer

    with at(MONDAY, minutes=1, seconds=10):
        for pk in sending.due_deliveries(10):
            sending.send_delivery(pk)

    assert len(post.robot.sent) == 1
    third = again(messages(channel="email")[2])
    assert (third.state, third.attempts) == ("waiting", 0)
    with at(MONDAY, minutes=4):
        assert send_all() == 3


def test_a_channel_that_was_waited_for_in_vain_is_tried_by_one_worker_at_a_time(
    story: Story, world: World, post: PostOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "SLOW_KEY", f"slow-{uuid.uuid4()}-")
    with_email(world.clerk, world.head, world.partner)
    with at(MONDAY):
        story.assigned(partners=("partner",))
        tell_all()
    first, second, third = messages(channel="email")
    post.email.answers = [Outcome(sent=False, retry=True, error="对方没有及时回答。")] * 2

    with at(MONDAY, minutes=1):
        sending.send_delivery(first.pk)
        assert sending._claim(second.pk) is not None  # a quick refusal keeps nobody back
        Delivery.objects.filter(pk=second.pk).update(state="waiting", next_try_at=clock.now())
        monkeypatch.setattr(sending, "SLOW_ANSWER", -1.0)
        sending.send_delivery(second.pk)
        Delivery.objects.filter(pk=first.pk).update(next_try_at=clock.now())
        assert sending._claim(first.pk) is not None  # somebody has to find out whether it answers again
        assert sending._claim(third.pk) is None

    assert (again(third).state, again(third).attempts) == ("waiting", 0)


def test_time_limits_end_before_the_lease() -> None:
    task: Any = tasks.send_delivery

    assert task.soft_time_limit < task.time_limit < sending.LEASE.total_seconds()


def test_a_message_is_sent_outside_any_transaction(story: Story, world: World, lasting: None, post: PostOffice) -> None:
    inside: list[bool] = []
    post.email.before = lambda: inside.append(connection.in_atomic_block)
    with_email(world.clerk)
    with at(MONDAY):
        story.assigned()
        tell_all()
    with at(MONDAY, minutes=1):
        assert send_all() == 1

    assert inside == [False]


def fail_messages(story: Story, post: PostOffice, times: int, first: int = 0) -> None:
    problem = story.assigned(title=f"第{first}处")
    empty_outbox()
    for turn in range(times):
        post.email.answers = [GONE]
        with at(MONDAY, hours=turn % 7, minutes=first):
            happen(problem, urgent="red")
            tell_all()
        with at(MONDAY, hours=turn % 7, minutes=first + 1):
            send_all()


def test_five_failures_in_a_row_switch_an_address_off_and_the_system_administrator_is_told(
    story: Story, world: World, post: PostOffice
) -> None:
    (address,) = with_email(world.clerk)
    fail_messages(story, post, sending.FAILURES_ALLOWED - 1)
    assert Address.objects.get().active

    fail_messages(story, post, 1, first=5)

    address.refresh_from_db()
    assert (address.active, address.failures, address.switched_off_reason) == (False, 5, "550 no such mailbox")
    notice = Notice.objects.get(person=world.sysadmin)
    assert notice.sentence == "人clerk的电子邮件地址连续5次发送失败，已停用"
    assert (notice.event, notice.case, notice.url) == (None, None, "/deliveries/")
    assert "clerk@gov.test" not in notice.sentence


def test_a_message_that_arrives_ends_the_row(story: Story, world: World, post: PostOffice) -> None:
    (address,) = with_email(world.clerk)
    fail_messages(story, post, 4)
    problem = story.assigned(title="另一处")
    with at(MONDAY, hours=5):
        empty_outbox()
        happen(problem, urgent="red")
        tell_all()
    with at(MONDAY, hours=5, minutes=1):
        assert send_all() == 1

    address.refresh_from_db()
    assert (address.active, address.failures) == (True, 0)


def test_what_waits_for_an_address_that_is_off_has_failed_and_can_be_sent_again(
    waiting: Delivery, post: PostOffice
) -> None:
    Address.objects.update(active=False)
    assert not try_at(waiting, waiting.next_try_at)
    assert again(waiting).state == "failed"
    with pytest.raises(Refused, match="停用"):
        resend(again(waiting))
    Address.objects.update(active=True)

    with at(MONDAY, hours=1):
        anew = resend(again(waiting))
        assert send_all() == 1

    assert (anew.kind, anew.resend_of_id, again(anew).state) == ("resend", waiting.pk, "sent")
    assert anew.key != waiting.key
    assert list(anew.notices.all()) == list(waiting.notices.all())
    assert post.email.sent[0].delivery == str(anew.key)


def test_a_second_press_sends_nothing_more(waiting: Delivery, post: PostOffice) -> None:
    try_at(waiting, waiting.next_try_at)
    with at("2026-11-23 22:00"):
        anew = resend(again(waiting))
        with pytest.raises(Refused, match="已经在重发"):
            resend(again(waiting))

    assert again(anew).next_try_at == moment("2026-11-24 08:30")
    assert [row.kind for row in messages()] == ["instant", "resend"]


def test_what_waits_or_lies_inside_is_not_sent_again(waiting: Delivery, post: PostOffice) -> None:
    with pytest.raises(Refused, match="等待发送"):
        resend(again(waiting))
    with pytest.raises(Refused, match="已经送达"):
        resend(Delivery.objects.filter(channel="in_app")[0])


def test_the_sweep_gives_each_message_a_task_of_its_own(
    waiting: Delivery, post: PostOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: list[Any] = []
    monkeypatch.setattr(tasks.send_delivery, "apply_async", lambda args, **more: given.append((args, more)))

    with clock.at(waiting.next_try_at):
        tasks.send_due_deliveries()

    assert given == [([waiting.pk], {"retry": False, "expires": 60})]
    with clock.at(waiting.next_try_at):
        tasks.send_delivery(waiting.pk)
        tasks.send_delivery(waiting.pk)
    assert len(post.email.sent) == 1
