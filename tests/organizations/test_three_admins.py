"""三员分立, posts, and what the security administrator does with accounts."""

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from organizations import clock
from organizations.actions.people import PostEntry, add_post, end_post, reset_password, set_active
from organizations.errors import Refused
from organizations.models import AccessEntry, AccessKind, Post, User
from tests.conftest import World, fresh, make_world


def admin_post(world: World, user: User, role: str, **days: Any) -> Post:
    return add_post(user.pk, by=world.secadmin, entry=PostEntry(world.units["platform"], role, **days))


@pytest.mark.parametrize("wanted", ["security_admin", "auditor"])
def test_a_system_administrator_becomes_neither_of_the_others(world: World, wanted: str) -> None:
    before = AccessEntry.objects.count()

    with pytest.raises(Refused, match="已任系统管理员，按三员分立的要求"):
        admin_post(world, world.sysadmin, wanted)

    assert [post.role for post in world.sysadmin.posts.all()] == ["system_admin"]
    assert AccessEntry.objects.count() == before


def test_the_other_role_is_free_from_the_day_after(world: World) -> None:
    today = clock.today()
    end_post(world.auditor.posts.get().pk, by=world.secadmin, last_day=today)

    with pytest.raises(Refused):
        admin_post(world, world.auditor, "system_admin", valid_from=today)
    admin_post(world, world.auditor, "system_admin", valid_from=today + timedelta(days=1))

    first = world.auditor.posts.get(role="auditor")
    with pytest.raises(Refused, match="三员分立"):
        end_post(first.pk, by=world.secadmin, last_day=today + timedelta(days=9))


def test_a_new_post_and_its_end_are_logged_with_old_and_new(world: World) -> None:
    post = admin_post(world, world.nobody, "auditor")
    end_post(post.pk, by=world.secadmin, last_day=clock.today())

    ended, added = AccessEntry.objects.filter(kind=AccessKind.PERMISSION).order_by("-id")[:2]
    assert (added.data["old"], added.data["new"]["role"]) == (None, "auditor")
    assert ended.data["old"]["valid_to"] is None
    assert ended.data["new"]["valid_to"] == clock.today().isoformat()
    assert ended.user == world.secadmin


def test_the_same_post_is_not_given_twice(world: World) -> None:
    admin_post(world, world.nobody, "auditor")

    with pytest.raises(Refused, match="不用重复添加"):
        admin_post(world, world.nobody, "auditor")


def test_resetting_and_stopping_are_logged_and_not_for_oneself(world: World) -> None:
    _user, password = reset_password(world.clerk.pk, by=world.secadmin)
    set_active(world.clerk.pk, by=world.secadmin, active=False)

    clerk = fresh(world.clerk)
    assert clerk.check_password(password)
    assert clerk.must_change_password
    assert not clerk.is_active
    kinds = list(AccessEntry.objects.order_by("id").values_list("kind", flat=True))
    assert kinds == [AccessKind.PASSWORD, AccessKind.PERMISSION]
    assert password not in str(list(AccessEntry.objects.values()))
    for refused in (
        lambda: set_active(world.secadmin.pk, by=world.secadmin, active=False),
        lambda: reset_password(world.secadmin.pk, by=world.secadmin),
    ):
        with pytest.raises(Refused, match="自己"):
            refused()


@pytest.mark.postgres
def test_two_at_once_cannot_make_one_person_two(lasting: None) -> None:
    world = make_world()
    start, refused = threading.Barrier(2), []

    def give(role: str) -> None:
        try:
            start.wait(5)
            admin_post(world, world.nobody, role)
        except Refused as refusal:
            refused.append(str(refusal))
        finally:
            connection.close()

    threads = [threading.Thread(target=give, args=(role,)) for role in ("auditor", "system_admin")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)

    assert world.nobody.posts.count() == 1
    assert len(refused) == 1


def add_through_admin(client: Client, world: World, user: User, role: str) -> Any:
    fields = {"user": user.pk, "unit": world.units["platform"].pk, "role": role}
    return client.post(reverse("admin:organizations_post_add"), fields)


def test_the_admin_refuses_a_second_administrators_post(client: Client, world: World) -> None:
    client.force_login(world.secadmin)

    answer = add_through_admin(client, world, world.sysadmin, "auditor")

    assert answer.status_code == 200
    assert "按三员分立的要求" in answer.content.decode()
    assert world.sysadmin.posts.count() == 1


def test_the_admin_adds_and_ends_a_post_through_the_actions(client: Client, world: World) -> None:
    client.force_login(world.secadmin)

    assert add_through_admin(client, world, world.nobody, "auditor").status_code == 302
    post = world.nobody.posts.get()
    change = reverse("admin:organizations_post_change", args=[post.pk])
    assert "请填写离任日期" in client.post(change, {"valid_to": ""}).content.decode()
    client.post(change, {"valid_to": clock.today().isoformat(), "role": "system_admin"})

    post.refresh_from_db()
    assert (post.role, post.valid_to) == ("auditor", clock.today())
    assert AccessEntry.objects.filter(kind=AccessKind.PERMISSION).count() == 2


def test_a_refusal_under_the_lock_becomes_a_message(client: Client, world: World) -> None:
    client.force_login(world.secadmin)
    add_through_admin(client, world, world.nobody, "auditor")

    answer = add_through_admin(client, world, world.nobody, "auditor")

    assert answer.status_code == 302
    assert "不用重复添加" in client.get(answer["Location"]).content.decode()
    assert world.nobody.posts.count() == 1
