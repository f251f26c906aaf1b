"""The websocket says “look” to those who may, and a broker or a layer that is down holds up nobody."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from channels.testing import WebsocketCommunicator
from django.db import connection
from django.test import Client

from notifications import listening, live
from notifications.tasks import deliver_event
from organizations.models import User
from project.asgi import application
from rectification.actions.assignment import accept_assignment
from tests.conftest import Story, World, fresh, item_of
from tests.notifications.conftest import tell_all

PAGE = b"http://127.0.0.1:8000"


@pytest.fixture(autouse=True)
def layer(settings: Any) -> None:
    settings.CHANNEL_LAYERS = {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}
    live.FUSE.reset()
    listening.BROKER.reset()


def cookie_of(user: User) -> bytes:
    client = Client()
    client.force_login(fresh(user))
    return f"sessionid={client.cookies['sessionid'].value}".encode()


def socket(cookie: bytes = b"", origin: bytes = PAGE) -> WebsocketCommunicator:
    headers = [(b"host", b"127.0.0.1:8000"), (b"origin", origin), (b"cookie", cookie)]
    return WebsocketCommunicator(application, "/live/socket/", headers=headers)


def play(scene: Callable[[], Awaitable[Any]]) -> Any:
    return async_to_sync(scene)()


async def heard(line: WebsocketCommunicator) -> list[str]:
    """Everything that has been said so far."""
    found = []
    while not await line.receive_nothing(0.1):
        found.append((await line.receive_json_from())["changed"])
    return found


async def on(act: Callable[[], Any]) -> Any:
    """Something happens in another thread, as in a request."""

    def alone() -> Any:
        try:
            return act()
        finally:
            connection.close()

    return await asyncio.get_running_loop().run_in_executor(None, alone)


async def group_send(group: str, what: str) -> None:
    await get_channel_layer().group_send(group, {"type": "look", "changed": what})


def test_somebody_logged_in_hears_of_their_own(story: Story, world: World, lasting: None) -> None:
    cookie = cookie_of(world.clerk)

    async def scene() -> list[str]:
        line = socket(cookie)
        assert (await line.connect())[0]
        await group_send(live.user_group(world.clerk.pk), "inbox")
        await group_send(live.user_group(world.head.pk), "inbox")
        await group_send(live.user_group(world.clerk.pk), "notices")
        words = await heard(line)
        await line.disconnect()
        return words

    assert play(scene) == ["inbox", "notices"]


def test_nobody_is_let_in_without_a_session_or_from_elsewhere(world: World, lasting: None) -> None:
    cookie, stopped = cookie_of(world.clerk), cookie_of(world.head)
    first_day = cookie_of(world.partner)
    User.objects.filter(pk=world.head.pk).update(is_active=False)
    User.objects.filter(pk=world.partner.pk).update(must_change_password=True)

    async def scene() -> list[bool]:
        lines = [
            socket(), socket(b"sessionid=nonsense"), socket(stopped), socket(first_day),
            socket(cookie, b"https://evil.test"), socket(cookie),
        ]  # fmt: skip
        let_in = [(await line.connect())[0] for line in lines]
        for line in lines:
            await line.disconnect()
        return let_in

    assert play(scene) == [False, False, False, False, False, True]


def test_a_case_is_watched_by_those_who_may_see_it(story: Story, world: World, lasting: None) -> None:
    problem, other = story.assigned(), story.assigned(title="另一处")
    cookies = {name: cookie_of(world.people[name]) for name in ("clerk", "stranger")}

    async def scene() -> dict[str, list[str]]:
        lines = {name: socket(cookie) for name, cookie in cookies.items()}
        for line in lines.values():
            await line.connect()
            await line.send_json_to({"watch": problem.case.number})
            assert await line.receive_nothing(0.2)
        await group_send(live.case_group(problem.pk), "case")
        await group_send(live.case_group(other.pk), "case")
        words = {name: await heard(line) for name, line in lines.items()}
        await lines["clerk"].send_json_to({"watch": other.case.number})
        assert await lines["clerk"].receive_nothing(0.2)
        await group_send(live.case_group(problem.pk), "case")
        await group_send(live.case_group(other.pk), "case")
        words["clerk, on another page"] = await heard(lines["clerk"])
        for line in lines.values():
            await line.disconnect()
        return words

    assert play(scene) == {"clerk": ["case"], "stranger": [], "clerk, on another page": ["case"]}


NONSENSE = [
    "[]",
    '"watch"',
    '{"watch": 7}',
    '{"watch": null}',
    '{"watch": "\\u0000"}',
    "{",
    '{"watch": "' + "9" * 99 + '"}',
]


def test_nonsense_is_not_heard(world: World, lasting: None) -> None:
    cookie = cookie_of(world.clerk)

    async def scene() -> list[str]:
        line = socket(cookie)
        await line.connect()
        for text in NONSENSE:
            await line.send_to(text_data=text)
        await line.send_to(bytes_data=b"\x00")
        assert await line.receive_nothing(0.3)
        await group_send(live.user_group(world.clerk.pk), "inbox")
        words = await heard(line)
        await line.disconnect()
        return words

    assert play(scene) == ["inbox"]


def test_browsers_hear_of_a_case_at_once_and_of_their_messages_once_there_are_any(
    story: Story, world: World, lasting: None
) -> None:
    problem = story.assigned()
    tell_all()
    cookie = cookie_of(world.registrar)

    async def scene() -> tuple[list[str], list[str]]:
        line = socket(cookie)
        await line.connect()
        await line.send_json_to({"watch": problem.case.number})
        assert await line.receive_nothing(0.2)
        await on(lambda: accept_assignment(item_of(problem).pk, by=fresh(world.clerk)))
        after_a_step = await heard(line)
        other = await on(lambda: story.registered(title="又一处"))
        await on(lambda: deliver_event(other.case.events.get().pk))
        after_a_notice = await heard(line)
        await line.disconnect()
        return after_a_step, after_a_notice

    after_a_step, after_a_notice = play(scene)
    assert after_a_step == ["case"]  # signing tells nobody, but the page is out of date
    assert sorted(after_a_notice) == ["inbox", "notices"]


class Hanging:
    """A layer that never answers."""

    async def group_send(self, group: str, message: dict[str, Any]) -> None:
        await asyncio.sleep(60)


class Broken:
    """A layer whose server is gone."""

    calls = 0

    async def group_send(self, group: str, message: dict[str, Any]) -> None:
        Broken.calls += 1
        raise ConnectionError("refused")


def test_a_layer_that_hangs_costs_a_second_once_and_then_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "get_channel_layer", Hanging)
    monkeypatch.setattr(live, "SECONDS", 0.2)

    begun = time.monotonic()
    for _turn in range(500):
        live.cases_changed([1])

    assert time.monotonic() - begun < 1


def test_a_layer_or_a_broker_that_is_down_never_raises(
    story: Story, world: World, lasting: None, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    asked: list[int] = []

    def refuse(args: list[int], **how: Any) -> None:
        asked.append(args[0])
        assert how == {"retry": False}
        raise OSError("connection refused")

    monkeypatch.setattr(live, "get_channel_layer", Broken)
    monkeypatch.setattr(deliver_event, "apply_async", refuse)
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    Broken.calls = 0

    problem = story.assigned()
    listening.BROKER.reset()
    story.assigned(title="另一处")

    assert problem.state == "assigned"
    assert len(asked) == 2
    assert Broken.calls == 1


def test_without_a_layer_nothing_is_said_and_nothing_breaks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "get_channel_layer", lambda: None)

    live.cases_changed([1])
    live.people_changed([1, 2, 3])

    assert live.FUSE.try_out(lambda: None)
