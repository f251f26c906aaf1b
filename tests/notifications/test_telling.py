"""Who is told of an event, at once or in the digest, when, and how often."""

from datetime import date, time, timedelta
from typing import Any

import pytest

from notifications.actions import telling
from notifications.models import Address, Delivery, Notice, Preference
from notifications.tasks import deliver_event, deliver_missed_events
from organizations import clock
from organizations.models import Post
from tests.conftest import Story, World, fresh, make_batch
from tests.notifications.conftest import (
    PostOffice,
    at,
    empty_outbox,
    happen,
    messages,
    moment,
    send_all,
    tell_all,
    told,
    with_email,
    with_robot,
)  # fmt: skip
from workflows.models import CalendarDay, Event, Outbox
from workflows.queries import forget_kept

MONDAY = "2026-11-23 10:00"
FRIDAY_NIGHT = "2026-11-27 22:00"


def last_event(problem: Any) -> Event:
    return Event.objects.filter(case_id=problem.pk).order_by("-number")[0]


def test_an_assignment_tells_the_lead_unit_and_its_partners_and_not_whoever_assigned(
    story: Story, world: World
) -> None:
    problem = story.assigned(partners=("partner",))

    tell_all()

    assert told(last_event(problem)) == {"head", "clerk", "partner"}
    notice = Notice.objects.get(event=last_event(problem), person=world.clerk)
    assert (notice.sentence, notice.urgency, notice.number) == ("交办", "assignment", problem.case.number)
    assert notice.todo == "请签收；认为不属于本单位的，请提出异议。"
    assert notice.unit == world.units["bureau"]
    assert notice.url == problem.get_absolute_url()
    assert not Outbox.objects.exists()


def test_told_twice_is_told_once(story: Story, world: World) -> None:
    event = last_event(story.assigned())
    with_email(world.clerk)

    deliver_event(event.pk)
    deliver_event(event.pk)
    deliver_missed_events()

    assert Notice.objects.filter(event=event).count() == 2
    assert len(messages()) == 1


def test_an_event_older_than_the_outbox_tells_nobody(story: Story) -> None:
    event = last_event(story.assigned())
    empty_outbox()

    deliver_event(event.pk)
    deliver_missed_events()

    assert not Notice.objects.exists()
    assert not Delivery.objects.exists()


def test_inside_the_system_a_message_is_delivered_when_its_notice_is_there(story: Story, world: World) -> None:
    event = last_event(story.assigned())

    tell_all()

    inside = Delivery.objects.get(notices__event=event, person=world.clerk)
    assert (inside.channel, inside.state, inside.address) == ("in_app", "sent", None)
    assert inside.sent_at is not None
    assert messages() == []


def test_an_event_that_fails_is_put_off_further_each_time_and_stops_nobody(
    story: Story, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad, good = last_event(story.assigned(title="甲")), last_event(story.assigned(title="乙"))
    people = telling.people_told

    def fail(event: Event) -> Any:
        if event.pk == bad.pk:
            raise ValueError("no such seat")
        return people(event)

    monkeypatch.setattr(telling, "people_told", fail)
    deliver_missed_events()
    first = Outbox.objects.get()
    with clock.at(first.next_try_at):
        deliver_missed_events()

    second = Outbox.objects.get()
    assert (first.pk, first.attempts, second.attempts) == (bad.pk, 1, 2)
    assert second.next_try_at - first.next_try_at == timedelta(minutes=1)
    assert told(good) == {"head", "clerk"}
    assert told(bad) == set()
    monkeypatch.undo()
    with clock.at(second.next_try_at):
        deliver_missed_events()
    assert told(bad) == {"head", "clerk"}


def test_nothing_is_tried_again_before_its_time(story: Story) -> None:
    event = last_event(story.assigned())
    Outbox.objects.filter(pk=event.pk).update(next_try_at=clock.soon(minutes=5), attempts=1)

    deliver_event(event.pk)

    assert told(event) == set()


def test_a_worker_whose_clock_is_behind_tells_of_a_fresh_event(story: Story) -> None:
    event = last_event(story.assigned())

    with clock.at(event.at - timedelta(seconds=2)):
        deliver_event(event.pk)

    assert told(event) == {"head", "clerk"}


# Which urgency goes out at once, and which waits for the digest, under each preset: at once, in the digest.
RULES = {
    ("all", "assignment"): (True, False),
    ("all", "send_back"): (True, False),
    ("all", "overdue"): (True, False),
    ("all", "red"): (True, False),
    ("all", ""): (False, True),
    ("important", "assignment"): (True, False),
    ("important", "send_back"): (True, False),
    ("important", "overdue"): (True, False),
    ("important", "red"): (True, False),
    ("important", ""): (False, True),
    ("digest", "assignment"): (False, True),
    ("digest", "send_back"): (False, True),
    ("digest", "overdue"): (True, False),
    ("digest", "red"): (True, False),
    ("digest", ""): (False, True),
}


@pytest.mark.parametrize(("preset", "urgent"), RULES)
def test_a_preset_decides_what_comes_at_once_and_what_in_the_digest(
    story: Story, world: World, preset: str, urgent: str
) -> None:
    problem = story.assigned()
    empty_outbox()
    with_email(world.clerk)
    Preference.objects.create(user=world.clerk, preset=preset)

    happen(problem, urgent=urgent)
    tell_all()

    notice = Notice.objects.get(person=world.clerk)
    assert (len(messages(kind="instant")) == 1, notice.for_digest) == RULES[preset, urgent]


def test_only_what_is_to_be_done_is_in_the_digest_of_somebody_who_wants_the_important(
    story: Story, world: World
) -> None:
    duty, news = story.assigned(), story.assigned(title="另一处")
    empty_outbox()
    with_email(world.clerk, world.head)
    Preference.objects.create(user=world.clerk, preset="important")

    happen(duty)
    happen(news, name="suspend")  # carries no duty
    tell_all()

    waiting = Notice.objects.filter(for_digest=True)
    assert set(waiting.filter(person=world.clerk).values_list("case_id", flat=True)) == {duty.pk}
    assert set(waiting.filter(person=world.head).values_list("case_id", flat=True)) == {duty.pk, news.pk}


def test_nothing_of_a_secret_batch_leaves_the_system(story: Story, world: World) -> None:
    secret = make_batch(world, "M1", secret=True)
    with_email(world.lead, world.registrar)
    with_robot(world.units["team"])

    with at(MONDAY):
        problem = story.registered(batch=secret)
        happen(problem, name="registered", urgent="red", person=world.lead.pk)
        tell_all()

    assert Notice.objects.filter(case_id=problem.pk, person=world.lead).count() == 2
    assert messages() == []
    assert not Notice.objects.filter(for_digest=True).exists()


def test_many_assignments_in_a_row_are_one_message(story: Story, world: World, post: PostOffice) -> None:
    with_email(world.clerk)
    with at(MONDAY):
        problems = [story.assigned(title=f"第{n}处漏水") for n in range(30)]
        tell_all()
    with at(MONDAY, seconds=44):
        assert send_all() == 0
    with at(MONDAY, seconds=46):
        assert send_all() == 1

    (message,) = post.email.sent
    assert message.subject == "交办：30个问题"
    assert problems[0].case.number in message.text
    assert "其余10条请登录系统" in message.text
    assert message.text.count("\n· ") == 20
    assert message.link.endswith("/messages/")


def test_the_window_closes_forty_five_seconds_after_the_last_and_five_minutes_after_the_first(
    story: Story, world: World
) -> None:
    with_email(world.clerk)
    problem = story.assigned()
    empty_outbox()

    planned = []
    for seconds in (0, 40, 80, 120, 160, 200, 240, 280):
        with at(MONDAY, seconds=seconds):
            happen(problem, urgent="red")
            tell_all()
            planned.append(int((messages()[0].send_after - moment(MONDAY)).total_seconds()))

    assert planned == [45, 85, 125, 165, 205, 245, 285, 300]
    assert len(messages()) == 1
    assert messages()[0].notices.count() == 8


def test_a_message_that_has_been_tried_is_not_added_to(story: Story, world: World) -> None:
    with_email(world.clerk)
    problem = story.assigned()
    tell_all()
    Delivery.objects.filter(pk=messages()[0].pk).update(attempts=1)

    happen(problem, urgent="red")
    tell_all()

    assert [row.notices.count() for row in messages()] == [1, 1]


def test_a_group_reads_number_date_and_link_and_nothing_else(story: Story, world: World, post: PostOffice) -> None:
    with_robot(world.units["bureau"])
    with at(MONDAY):
        one = story.assigned(title="张三家饮水管网漏损")
        two = story.assigned(title="李四家饮水管网漏损")
        tell_all()
    with at(MONDAY, minutes=1):
        assert send_all() == 1

    (message,) = post.robot.sent
    due = clock.spelled(date(2026, 11, 23) + timedelta(days=2))
    assert message.brief.split("\n") == [
        f"{one.case.number}，{due}前", f"{two.case.number}，{due}前", message.link,
    ]  # fmt: skip
    for text in (message.subject, message.text, message.brief, str(message.data)):
        assert "张三" not in text
        assert "饮水" not in text


def test_what_is_not_urgent_does_not_reach_a_group(story: Story, world: World) -> None:
    problem = story.assigned()
    empty_outbox()
    with_robot(world.units["bureau"])

    happen(problem)
    tell_all()

    assert messages() == []


HOURS = {
    "in office hours": (MONDAY, "2026-11-23 10:00"),
    "over noon": ("2026-11-23 12:30", "2026-11-23 12:30"),
    "before the office opens": ("2026-11-23 06:00", "2026-11-23 08:30"),
    "at night": ("2026-11-23 19:00", "2026-11-24 08:30"),
    "on Friday night": (FRIDAY_NIGHT, "2026-11-30 08:30"),
    "on a Saturday": ("2026-11-28 10:00", "2026-11-30 08:30"),
    "in the National Day week": ("2026-10-01 10:00", "2026-10-08 08:30"),
}


@pytest.mark.parametrize("when", HOURS)
def test_messages_go_out_in_office_hours_and_wait_otherwise(story: Story, world: World, when: str) -> None:
    with_email(world.clerk)
    now, out_at = HOURS[when]
    with at(now):
        story.assigned()
        tell_all()

    (row,) = messages()
    window = timedelta(seconds=45) if now == out_at else timedelta()
    assert row.send_after == row.next_try_at == moment(out_at) + window


def test_a_make_up_saturday_is_a_day_like_any_other(story: Story, world: World) -> None:
    with_email(world.clerk)
    CalendarDay.objects.filter(day=date(2026, 11, 28)).update(kind="makeup")
    forget_kept()

    with at("2026-11-28 10:00"):
        story.assigned()
        tell_all()

    assert messages()[0].send_after == moment("2026-11-28 10:00") + timedelta(seconds=45)


QUIET = {
    "over noon": ((time(12), time(14)), "2026-11-23 12:30", "2026-11-23 14:00"),
    "a late riser": ((time(18), time(10)), "2026-11-23 09:00", "2026-11-23 10:00"),
    "until the end of the day": ((time(16), time(23)), "2026-11-23 16:30", "2026-11-24 08:30"),
    "Friday until the end of the day": ((time(16), time(23)), "2026-11-27 16:30", "2026-11-30 08:30"),
    "over night, asked on Friday": ((time(16), time(9)), "2026-11-27 16:30", "2026-11-30 09:00"),
    "all day long, which leaves nothing": ((time(0), time(23, 59)), "2026-11-23 09:00", "2026-11-23 09:00"),
}


@pytest.mark.parametrize("case", QUIET)
def test_quiet_hours_put_a_message_off_and_never_drop_it(story: Story, world: World, case: str) -> None:
    with_email(world.clerk)
    (begins, ends), now, out_at = QUIET[case]
    Preference.objects.create(user=world.clerk, quiet_from=begins, quiet_to=ends)
    with at(now):
        story.assigned()
        tell_all()

    expected = moment(out_at) + (timedelta(seconds=45) if now == out_at else timedelta())
    assert messages()[0].send_after == expected


def test_what_comes_at_night_is_gathered_into_the_mornings_one_message(
    story: Story, world: World, post: PostOffice
) -> None:
    with_email(world.clerk)
    problem = story.assigned()
    empty_outbox()
    for hour in ("18:00", "21:00", "23:59"):
        with at(f"2026-11-23 {hour}"):
            happen(problem, urgent="red")
            tell_all()
    with at("2026-11-24 08:29"):
        assert send_all() == 0
    with at("2026-11-24 08:30"):
        assert send_all() == 1

    assert post.email.sent[0].subject == "红色预警：3个问题"


def test_addresses_that_are_off_and_people_who_left_get_nothing(story: Story, world: World) -> None:
    with_email(world.clerk, world.head)
    Address.objects.filter(user=world.clerk).update(active=False)
    Post.objects.filter(user=world.head).update(valid_to=clock.today() - timedelta(days=1))

    event = last_event(story.assigned())
    tell_all()

    assert told(event) == {"clerk"}
    assert messages() == []


def test_without_an_address_nothing_waits_for_a_digest(story: Story, world: World) -> None:
    problem = story.assigned()
    empty_outbox()

    happen(problem)
    tell_all()

    assert not Notice.objects.filter(for_digest=True).exists()
    assert fresh(world.clerk).notices.count() == 1
