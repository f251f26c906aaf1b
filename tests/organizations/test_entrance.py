"""Coming in: the log-in page, its throttle, first passwords, idleness, the demo's doors."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth import get_user
from django.test import Client
from django.urls import reverse

from organizations import clock
from organizations.models import AccessEntry, AccessKind, User
from tests.conftest import World, fresh

SECRET = "yunshan2026x"


@pytest.fixture
def member(world: World) -> User:
    world.clerk.set_password(SECRET)
    world.clerk.save()
    return world.clerk


def log_in(client: Client, username: str = "clerk", password: str = SECRET, **extra: Any) -> Any:
    return client.post(reverse("login"), {"username": username, "password": password, **extra})


def is_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


def test_the_page_says_this_is_no_place_for_secrets(client: Client, db: Any) -> None:
    answer = client.get(reverse("login"))

    assert answer.status_code == 200
    assert answer.content.decode().count("本系统为非涉密系统") == 1
    assert "演示" not in answer.content.decode()


def test_a_wrong_password_is_answered_with_a_sentence_and_logged(client: Client, member: User) -> None:
    answer = log_in(client, password="wrong")

    assert "登录名或密码不正确" in answer.content.decode()
    assert not is_in(client)
    entry = AccessEntry.objects.get(kind=AccessKind.LOGIN_FAILED)
    assert entry.username == "clerk"
    assert "wrong" not in str(vars(entry))


def test_the_right_password_opens_the_workbench_and_is_logged(client: Client, member: User) -> None:
    answer = log_in(client)

    assert answer.status_code == 302
    assert answer["Location"] == reverse("workbench")
    assert AccessEntry.objects.get(kind=AccessKind.LOGIN).user == member


def test_next_is_honoured_within_the_site_only(client: Client, member: User) -> None:
    assert log_in(client, next="/ledger/?state=closed")["Location"] == "/ledger/?state=closed"
    client.logout()
    assert log_in(client, next="https://elsewhere.example/")["Location"] == reverse("workbench")


@pytest.mark.parametrize("name", ["login", "logout", "demo-login"])
def test_nobody_lands_on_a_page_that_is_none(client: Client, member: User, name: str) -> None:
    assert log_in(client, next=reverse(name))["Location"] == reverse("workbench")

    assert client.get(reverse("login"), {"next": reverse(name)})["Location"] == reverse("workbench")


def test_a_stopped_account_says_so_only_to_who_knows_the_password(client: Client, member: User) -> None:
    member.is_active = False
    member.save()

    assert "这个账号已停用" in log_in(client).content.decode()
    assert "这个账号已停用" not in log_in(client, password="wrong").content.decode()
    assert not is_in(client)


def test_the_fifth_failure_locks_and_says_for_how_long(client: Client, member: User) -> None:
    answers = [log_in(client, password=f"wrong{n}") for n in range(5)]

    assert [answer.status_code for answer in answers] == [200, 200, 200, 200, 429]
    assert "锁定15分钟" in answers[-1].content.decode()
    assert log_in(client).status_code == 429
    assert not is_in(client)


def test_argon2_keeps_the_passwords(client: Client, world: World, settings: Any) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
    world.clerk.set_password(SECRET)
    world.clerk.save()

    assert world.clerk.password.startswith("argon2$argon2id$")
    assert log_in(client).status_code == 302


def test_logging_out_takes_a_post(client: Client, member: User) -> None:
    client.force_login(member)

    assert client.get(reverse("logout")).status_code == 405
    assert is_in(client)
    assert client.post(reverse("logout"))["Location"] == reverse("login")
    assert not is_in(client)
    assert AccessEntry.objects.filter(kind=AccessKind.LOGOUT, user=member).exists()


def test_whoever_is_in_already_goes_on(client: Client, member: User) -> None:
    client.force_login(member)

    assert client.get(reverse("login"))["Location"] == reverse("workbench")


def test_nothing_opens_before_the_first_password_is_changed(client: Client, member: User) -> None:
    User.objects.filter(pk=member.pk).update(must_change_password=True)
    client.force_login(member)

    assert client.get("/ledger/")["Location"] == reverse("password")
    assert "初始密码" in client.get(reverse("password")).content.decode()


def change(client: Client, old: str = SECRET, new: str = "qingshan2027y", again: str | None = None) -> Any:
    fields = {"old_password": old, "new_password1": new, "new_password2": again or new}
    return client.post(reverse("password"), fields)


def test_a_new_password_clears_the_duty_and_keeps_the_session(client: Client, member: User) -> None:
    User.objects.filter(pk=member.pk).update(must_change_password=True)
    log_in(client)

    answer = change(client)

    assert answer["Location"] == reverse("workbench")
    assert get_user(client).is_authenticated
    assert fresh(member).check_password("qingshan2027y")
    assert not fresh(member).must_change_password
    assert AccessEntry.objects.get(kind=AccessKind.PASSWORD).user == member


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"old": "wrong"}, "原密码不正确"),
        ({"new": SECRET}, "不能与原密码相同"),
        ({"again": "qingshan2027z"}, "两次填写的新密码不一致"),
        ({"new": "duan1"}, "10"),
        ({"new": "zhiyouzimuya"}, "同时包含字母和数字"),
        ({"new": "password123"}, "密码太常见"),
    ],
)
def test_a_password_that_will_not_do(client: Client, member: User, fields: dict[str, str], sentence: str) -> None:
    client.force_login(member)

    answer = change(client, **fields)

    assert answer.status_code == 200
    assert sentence in answer.content.decode()
    assert fresh(member).check_password(SECRET)


def test_idleness_logs_out_and_remembers_the_page(client: Client, member: User) -> None:
    client.force_login(member)
    with clock.at(clock.now()):
        client.get(reverse("password"))
    with clock.at(clock.now() + timedelta(minutes=31)):
        answer = client.get(reverse("password"))
        assert not is_in(client)
        page = client.get(answer["Location"])
        back = log_in(client, next=page.context["next"])

    assert "idle=1" in answer["Location"]
    assert "较长时间没有操作" in page.content.decode()
    assert back["Location"] == reverse("password")


@pytest.fixture
def door(world: World) -> User:
    User.objects.filter(pk=world.clerk.pk).update(username="demo-clerk")
    return fresh(world.clerk)


def walk_in(client: Client, username: str, **extra: Any) -> Any:
    return client.post(reverse("demo-login"), {"username": username}, **extra)


def test_there_is_no_door_outside_the_demo(client: Client, door: User, settings: Any) -> None:
    settings.DEMO = False

    assert walk_in(client, door.username).status_code == 404
    assert not is_in(client)


def test_the_demo_opens_its_doors_on_the_same_machine_only(client: Client, door: User, settings: Any) -> None:
    settings.DEMO = True

    assert walk_in(client, door.username, REMOTE_ADDR="10.1.2.3").status_code == 404
    assert door.name not in client.get(reverse("login"), REMOTE_ADDR="10.1.2.3").content.decode()
    assert walk_in(client, "secadmin").status_code == 404
    assert client.get(reverse("demo-login")).status_code == 405
    page = client.get(reverse("login")).content.decode()
    assert all(word in page for word in (door.name, "县水利局", "单位经办人"))
    assert walk_in(client, door.username)["Location"] == reverse("workbench")
    assert get_user(client) == door
