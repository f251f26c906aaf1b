"""The pages: one's messages, how one wants to be told, a unit's addresses, what was sent."""

from datetime import datetime, time, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from notifications.actions.telling import Words, tell
from notifications.models import Address, Delivery, Notice, Preference
from organizations import clock
from organizations.models import AccessEntry, Post, Unit, User
from tests.conftest import Story, World, fresh
from tests.notifications.conftest import PostOffice, happen, messages, send_all, tell_all, with_email, with_robot
from workflows.telling import Told

LIST, PREFERENCES, UNIT, SENT = "/messages/", "/messages/preferences/", "/messages/unit/", "/deliveries/"
USUAL = {"preset": "all", "digest_at": "08:30", "quiet_from": "", "quiet_to": "", "address_email": ""}


def as_(user: User) -> Client:
    client = Client()
    client.force_login(fresh(user))
    return client


def give(user: User, number: int, **words: Any) -> None:
    for n in range(number):
        tell([Told(user.pk, user.posts.all()[0].unit_id)], Words(f"第{n}条", url=LIST, **words))


def test_unread_messages_stand_first_and_opening_one_reads_it(story: Story, world: World) -> None:
    problem = story.assigned()
    tell_all()
    with clock.at(clock.soon(hours=1)):
        happen(problem, urgent="red")
        tell_all()
    client = as_(world.clerk)
    newest, oldest = Notice.objects.filter(person=world.clerk)

    response = client.get(reverse("message-open", args=[newest.pk]))

    assert (response.status_code, response["Location"]) == (302, problem.get_absolute_url())
    newest.refresh_from_db()
    assert newest.read_at is not None
    assert [row.pk for row in client.get(LIST).context["rows"]] == [oldest.pk, newest.pk]


def test_a_message_bears_the_time_of_what_happened_and_one_about_nothing_that_happened_its_own(
    story: Story, world: World
) -> None:
    happened, told = (datetime(2026, 9, 1, hour, 15, tzinfo=clock.SHANGHAI) for hour in (9, 17))
    with clock.at(happened):
        story.assigned()
    with clock.at(told):
        tell_all()
        give(world.clerk, 1)

        page = as_(world.clerk).get(LIST).content.decode()

    assert page.count("2026年9月1日 09:15") == 1
    assert page.count("2026年9月1日 17:15") == 1


def test_everything_is_marked_as_read_and_only_ones_own(story: Story, world: World) -> None:
    story.assigned()
    tell_all()
    client = as_(world.clerk)

    page = client.post("/messages/read/", follow=True).content.decode()

    assert "已将1条消息标为已读。" in page
    assert not Notice.objects.unread().filter(person=world.clerk).exists()
    assert Notice.objects.unread().filter(person=world.head).exists()


def test_the_number_of_unread_messages_stands_on_every_page(story: Story, world: World) -> None:
    story.assigned()
    tell_all()

    page = as_(world.clerk).get("/flow/").content.decode()

    assert '消息 <span class="count" data-live="notices">1</span>' in page
    assert as_(world.stranger).get("/flow/").context["top_places"][0]["count"] == 0


def test_a_page_has_twenty_messages_and_costs_the_same_with_many(
    world: World, django_assert_max_num_queries: Any
) -> None:
    give(world.clerk, 45)
    client = as_(world.clerk)
    client.get(LIST)  # labels of roles are kept from now on

    with django_assert_max_num_queries(11):
        page = client.get(LIST)

    assert len(page.context["rows"]) == 20
    assert "共 45 条" in page.content.decode()
    assert len(client.get(f"{LIST}?page=3").context["rows"]) == 5
    assert client.get(f"{LIST}?page=ab").status_code == 200


def test_somebody_elses_message_is_not_there(world: World) -> None:
    give(world.clerk, 1)
    notice = Notice.objects.get()

    assert as_(world.head).get(f"{LIST}{notice.pk}/").status_code == 404

    notice.refresh_from_db()
    assert notice.read_at is None


def test_preferences_are_kept_with_ones_address(world: World, post: PostOffice) -> None:
    client = as_(world.clerk)
    chosen = {"preset": "important", "digest_at": "09:15", "quiet_from": "12:00", "quiet_to": "14:00"}

    response = client.post(PREFERENCES, {**chosen, "address_email": "clerk@gov.test"})

    assert response.status_code == 302
    kept = Preference.objects.get(user=world.clerk)
    assert (kept.preset, kept.digest_at, kept.quiet_from, kept.quiet_to) == (
        "important", time(9, 15), time(12), time(14),
    )  # fmt: skip
    assert Address.objects.get(user=world.clerk).address == "clerk@gov.test"
    page = client.get(PREFERENCES).content.decode()
    for value in ("clerk@gov.test", "09:15", "12:00", "14:00"):
        assert f'value="{value}"' in page


def test_an_address_that_is_cleared_is_used_no_more_and_one_that_is_typed_anew_is(
    world: World, post: PostOffice
) -> None:
    (address,) = with_email(world.clerk)
    client = as_(world.clerk)

    client.post(PREFERENCES, USUAL)
    address.refresh_from_db()
    off = (address.active, address.switched_off_reason)
    client.post(PREFERENCES, {**USUAL, "address_email": "new@gov.test"})

    address.refresh_from_db()
    assert off == (False, "本人停用")
    assert (address.active, address.address, address.failures) == (True, "new@gov.test", 0)


WRONG = {
    "half of the quiet hours": ({"quiet_from": "12:00"}, "请同时填写开始和结束时间"),
    "quiet all day": ({"quiet_from": "08:00", "quiet_to": "18:00"}, "免打扰占满了工作时间"),
    "a digest at night": ({"digest_at": "20:00"}, "请填写08:30至17:30之间的时间"),
    "no hour": ({"digest_at": "half past"}, "请按 08:30 的样子填写时间"),
    "no digest hour": ({"digest_at": ""}, "请填写这一栏"),
    "no such preset": ({"preset": "none"}, "请从列表中选择"),
    "an address that is none": ({"address_email": "a b"}, "地址里不能有空格"),
}


@pytest.mark.parametrize("case", WRONG)
def test_preferences_that_make_no_sense_are_answered_with_a_sentence(world: World, post: PostOffice, case: str) -> None:
    values, sentence = WRONG[case]

    page = as_(world.clerk).post(PREFERENCES, {**USUAL, **values}).content.decode()

    assert sentence in page
    assert not Preference.objects.exists()
    assert not Address.objects.exists()


def test_a_head_adds_the_groups_robot_and_the_log_names_it_without_its_key(world: World, post: PostOffice) -> None:
    url = "https://robot.test/send?key=abcdef-0123456789"
    unit = world.units["bureau"]
    values = {"unit": unit.pk, "channel": "robot", "address": url, "secret": "s3cret"}

    page = as_(world.head).post(UNIT, values, follow=True).content.decode()

    row = Address.objects.get(unit=unit)
    assert (row.address, row.secret, row.active) == (url, "s3cret", True)
    assert "…456789" in page
    for hidden in ("abcdef", "s3cret"):
        assert hidden not in page
    entry = AccessEntry.objects.get(kind="basic_data")
    assert entry.text == "添加或更新收件地址 县水利局 群机器人"
    assert "abcdef" not in str(entry.data)


def test_a_head_cannot_add_an_address_to_another_unit(world: World, post: PostOffice) -> None:
    values = {"unit": world.units["partner"].pk, "channel": "robot", "address": "https://robot.test/1"}

    page = as_(world.head).post(UNIT, values).content.decode()

    assert "请从列表中选择。" in page
    assert not Address.objects.exists()


def test_a_clerk_has_no_say_over_the_units_addresses(world: World, post: PostOffice) -> None:
    row = with_robot(world.units["bureau"])
    client = as_(world.clerk)

    assert client.get(UNIT).status_code == 403
    assert client.post(f"/addresses/{row.pk}/switch/", {"active": "0"}).status_code == 404

    row.refresh_from_db()
    assert row.active


def test_the_system_administrator_sees_what_failed_sends_it_again_and_switches_on(
    story: Story, world: World, post: PostOffice
) -> None:
    (address,) = with_email(world.clerk)
    story.assigned(title="张三家饮水管网漏损")
    tell_all()
    Delivery.objects.filter(address=address).update(state="failed", error="550 no such mailbox")
    Address.objects.update(active=False, failures=5, switched_off_reason="550", switched_off_at=clock.now())
    client = as_(world.sysadmin)
    page = client.get(SENT).content.decode()
    row = messages()[0]
    refused = client.post(f"/deliveries/{row.pk}/resend/", follow=True).content.decode()

    client.post(f"/addresses/{address.pk}/switch/", {"active": "1"})
    done = client.post(f"/deliveries/{row.pk}/resend/", follow=True).content.decode()

    assert "550 no such mailbox" in page
    assert "clerk@gov.test" in page
    assert "张三" not in page
    assert "收件地址已停用。请先核对并启用地址，再重发。" in refused
    assert "已安排重发" in done
    address.refresh_from_db()
    assert (address.active, address.failures, address.switched_off_at) == (True, 0, None)
    assert [each.kind for each in messages(state="waiting")] == ["resend"]


def test_messages_are_filtered_by_state_and_channel(story: Story, world: World, post: PostOffice) -> None:
    with_email(world.clerk, world.head)
    story.assigned()
    tell_all()
    Delivery.objects.filter(person=world.head, channel="email").update(state="failed")
    client = as_(world.sysadmin)

    def shown(query: str) -> list[tuple[str, str]]:
        return [(row.person.username, row.channel) for row in client.get(SENT + query).context["rows"]]

    assert set(shown("")) == {("head", "email"), ("clerk", "email")}
    assert shown("?state=failed") == [("head", "email")]
    assert {channel for _name, channel in shown("?channel=in_app")} == {"in_app"}
    assert len(shown("?state=nonsense&channel=%00")) == 2


def test_messages_are_found_by_whom_they_went_to_and_by_the_problem(
    story: Story, world: World, post: PostOffice
) -> None:
    with_email(world.clerk, world.head)
    problem = story.assigned()
    tell_all()
    client = as_(world.sysadmin)

    def shown(typed: str) -> set[str]:
        return {row.person.username for row in client.get(SENT, {"q": typed}).context["rows"]}

    assert shown("人clerk") == shown("CLERK") == {"clerk"}
    assert shown(problem.case.number) == {"clerk", "head"}
    assert shown("没有这个人") == shown("XX2026-99999") == set()


def many_deliveries(user: User, number: int) -> None:
    (address,) = with_email(user)
    now = clock.now()
    Delivery.objects.bulk_create(
        Delivery(person=user, channel="email", address=address, kind="instant", state="sent",
                 send_after=now, next_try_at=now, created_at=now, attempts=1)
        for _n in range(number)
    )  # fmt: skip


def test_the_list_of_what_was_sent_turns_its_pages_and_costs_the_same_with_many(
    world: World, post: PostOffice, django_assert_max_num_queries: Any
) -> None:
    many_deliveries(world.clerk, 120)
    client = as_(world.sysadmin)
    client.get(SENT)

    with django_assert_max_num_queries(11):
        first = client.get(SENT)
    second = client.get(SENT + first.context["page"]["next_url"])
    third = client.get(SENT + second.context["page"]["next_url"])
    back = client.get(SENT + second.context["page"]["previous_url"])

    pages = [[row.pk for row in each.context["rows"]] for each in (first, second, third, back)]
    assert [len(rows) for rows in pages] == [50, 50, 20, 50]
    assert pages[0] == pages[3]
    assert sorted({*pages[0], *pages[1], *pages[2]}, reverse=True) == pages[0] + pages[1] + pages[2]
    assert third.context["page"]["next_url"] == ""


def test_what_the_script_asks_for(story: Story, world: World) -> None:
    problem = story.assigned()
    tell_all()
    address = f"/live/?case={problem.case.number}"

    mine, strangers = as_(world.clerk).get(address), as_(world.stranger).get(address)

    assert mine.json() == {"inbox": 1, "notices": 1, "case": problem.case.event_count}
    assert strangers.json() == {"inbox": 0, "notices": 0, "case": None}
    assert "no-store" in mine["Cache-Control"]
    assert as_(world.clerk).get("/live/?case=%00").json()["case"] is None


def test_a_page_that_asks_by_itself_does_not_keep_anybody_logged_in(world: World, settings: Any) -> None:
    client = as_(world.clerk)
    client.get("/flow/")
    for minutes in range(5, 36, 5):
        with clock.at(clock.soon(minutes=minutes)):
            response = client.get("/live/", headers={"X-Live": "1"})

    assert settings.IDLE_SECONDS == 1800
    assert response.status_code == 302
    assert response["Location"].startswith("/login/")


def test_the_problem_page_says_how_far_the_case_has_come(story: Story, world: World) -> None:
    problem = story.assigned()
    client = as_(world.clerk)

    page = client.get(problem.get_absolute_url()).content.decode()

    assert f'data-live-case="{problem.case.number}" data-live-seen="{problem.case.event_count}"' in page
    assert 'data-live-url="/live/"' in page
    assert "data-live-url" not in Client().get("/login/").content.decode()


def test_a_message_read_on_the_page_is_out_of_the_message_that_waits(
    story: Story, world: World, post: PostOffice
) -> None:
    """What is urgent goes out even so: it was promised at once, and a receipt of it is kept."""
    with_email(world.clerk)
    with clock.at(clock.soon()):
        problem = story.assigned()
        tell_all()
        as_(world.clerk).get(problem.get_absolute_url())

    with clock.at(messages()[0].next_try_at + timedelta(seconds=1)):
        assert send_all() == 1
    assert not Notice.objects.unread().filter(person=world.clerk).exists()


def test_an_office_answers_for_its_own_addresses(world: World, post: PostOffice) -> None:
    values = {"unit": world.units["office"].pk, "channel": "robot", "address": "https://robot.test/office"}

    assert as_(world.registrar).post(UNIT, values).status_code == 302

    assert Address.objects.get().unit == world.units["office"]


def test_somebody_with_an_ended_post_answers_for_nothing(world: World, post: PostOffice) -> None:
    row = with_robot(world.units["bureau"])
    Post.objects.filter(user=world.head).update(valid_to=clock.today() - timedelta(days=1))
    client = as_(world.head)

    assert client.get(UNIT).status_code == 403
    assert client.post(f"/addresses/{row.pk}/switch/", {"active": "0"}).status_code == 404


def test_the_same_robot_twice_is_one_address_with_the_new_key(world: World, post: PostOffice) -> None:
    unit: Unit = world.units["bureau"]
    values = {"unit": unit.pk, "channel": "robot", "address": "https://robot.test/1", "secret": "old"}
    client = as_(world.head)

    client.post(UNIT, values)
    client.post(UNIT, {**values, "secret": "new"})
    client.post(UNIT, {**values, "secret": ""})

    assert list(Address.objects.values_list("unit_id", "secret")) == [(unit.pk, "new")]
