"""Whatever the server at the other end does, sending ends soon and says whether to try again."""

import time
from collections.abc import Callable
from datetime import timedelta
from email.utils import format_datetime
from threading import Event
from typing import Any

import pytest
from httpx import Headers
from hypothesis import given, settings
from hypothesis import strategies as st

from notifications.channels import Outcome
from notifications.channels.posting import LONGEST_PAUSE, Answer, Limits, pause
from notifications.channels.webhook import WebhookChannel
from notifications.channels.wecom import WeComChannel
from organizations import clock
from tests.notifications.channels import server as bad
from tests.notifications.channels.conftest import SHORT, SOON, a_message
from tests.notifications.channels.server import Behaviour, Server, answers

pytestmark = pytest.mark.pure

Sender = Callable[..., Outcome]
KEY = "5f0c0de5-0000-4000-8000-00000000c0de"


@pytest.fixture(params=["wecom", "webhook"])
def send(request: pytest.FixtureRequest, settings: Any) -> Sender:
    """Send one message by one of the HTTP channels to the given server."""

    def send_to(server: Server, limits: Limits | None = None) -> Outcome:
        settings.WECOM_BASE = server.url
        if request.param == "wecom":
            return WeComChannel(limits).send(a_message(KEY))
        return WebhookChannel(limits).send(a_message(f"{server.url}/hook"))

    return send_to


@pytest.mark.parametrize(
    "behaviour",
    [
        bad.says_nothing,
        bad.drips_its_head,
        bad.keeps_saying_continue,
        bad.hangs_up_unread,
        bad.hangs_up_after_reading,
        bad.speaks_no_http,
    ],
)
def test_no_answer_is_worth_another_try(send: Sender, serve: Any, behaviour: Behaviour) -> None:
    server, began = serve(behaviour), time.monotonic()

    outcome = send(server, SHORT)

    assert (outcome.sent, outcome.retry, outcome.retry_after) == (False, True, None)
    assert outcome.error.endswith("。")
    assert time.monotonic() - began < SOON
    assert server.stop() == 1


def test_a_server_that_drips_is_left_after_the_total_time_not_after_the_last_byte(send: Sender, serve: Any) -> None:
    server, began = serve(bad.drips_its_head), time.monotonic()

    outcome = send(server, Limits(connect=0.3, read=0.3, total=0.8))

    assert outcome.retry
    assert 0.8 <= time.monotonic() - began < SOON


def test_nobody_listening_is_worth_another_try(send: Sender) -> None:
    with Server([answers(200)]) as gone:
        pass

    outcome = send(gone, SHORT)

    assert (outcome.sent, outcome.retry, outcome.error) == (False, True, "连接不上对方。")


@pytest.mark.parametrize("status", [408, 425, 500, 502, 503, 504])
def test_a_server_in_trouble_is_worth_another_try(send: Sender, serve: Any, status: int) -> None:
    outcome = send(serve(answers(status, b'{"errcode": 0}')))

    assert (outcome.sent, outcome.retry) == (False, True)
    assert str(status) in outcome.error


@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 410, 413])
def test_a_refusal_is_final(send: Sender, serve: Any, status: int) -> None:
    outcome = send(serve(answers(status, b'{"errcode": 0}', Retry_After="5")))

    assert (outcome.sent, outcome.retry, outcome.retry_after) == (False, False, None)


@pytest.mark.parametrize("status", [429, 503])
def test_the_pause_a_server_asks_for_in_seconds_is_passed_on(send: Sender, serve: Any, status: int) -> None:
    outcome = send(serve(answers(status, Retry_After="37")))

    assert (outcome.sent, outcome.retry, outcome.retry_after) == (False, True, 37.0)


def test_the_pause_a_server_asks_for_as_a_date_is_passed_on(send: Sender, serve: Any) -> None:
    until = format_datetime(clock.now() + timedelta(seconds=90), usegmt=True)

    outcome = send(serve(answers(429, Retry_After=until)))

    assert outcome.retry_after is not None
    assert 80 < outcome.retry_after <= 90


def asked(value: str) -> float | None:
    return pause(Answer(429, Headers({"Retry-After": value}), b""))


def test_a_pause_is_never_negative_and_never_longer_than_a_day() -> None:
    long_ago = format_datetime(clock.now() - timedelta(days=9), usegmt=True)
    far_ahead = format_datetime(clock.now() + timedelta(days=9), usegmt=True)

    assert (asked(long_ago), asked(far_ahead), asked("9" * 400)) == (0.0, LONGEST_PAUSE, LONGEST_PAUSE)


@settings(max_examples=50)
@given(st.one_of(st.text(st.characters(max_codepoint=126, min_codepoint=32)), st.from_regex(r"[0-9:, A-Za-z+-]+")))
def test_no_retry_after_can_break_the_sender(value: str) -> None:
    wanted = asked(value.encode("ascii", "ignore").decode())

    assert wanted is None or 0 <= wanted <= LONGEST_PAUSE


@pytest.mark.parametrize("wanted", ["", "soon", "-5", "1.5", "Mon, 99 Foo 2026 99:99:99 GMT"])
def test_a_pause_nobody_can_read_is_none(wanted: str) -> None:
    assert asked(wanted) is None


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(send: Sender, serve: Any, status: int) -> None:
    elsewhere = serve(answers(200, b'{"errcode": 0}'))

    outcome = send(serve(answers(status, Location=f"{elsewhere.url}/hook")))

    assert (outcome.sent, outcome.retry) == (False, False)
    assert "跳转" in outcome.error
    assert elsewhere.connections == 0


def test_an_answer_without_end_is_read_for_64_kilobytes_only(send: Sender, serve: Any) -> None:
    server, began = serve(bad.answers_without_end), time.monotonic()

    send(server)

    assert time.monotonic() - began < SOON
    server.__exit__()
    # What the two ends of a loopback connection buffer comes on top of what was read.
    assert server.guests[0].written < 16 * 2**20


def test_the_proxies_of_the_environment_are_not_asked(
    send: Sender, serve: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    proxy, server = serve(answers(502)), serve(answers(200, b'{"errcode": 0}'))
    for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, proxy.url)
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)

    assert send(server).sent
    assert proxy.connections == 0


def test_a_slow_look_up_of_the_name_ends_in_time(
    send: Sender, serve: Any, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    server, began, answered = serve(answers(200)), time.monotonic(), Event()

    def look_up(*_: object, **__: object) -> list[Any]:
        answered.wait(20)
        return []

    monkeypatch.setattr("socket.getaddrinfo", look_up)

    outcome = send(server, SHORT)

    assert time.monotonic() - began < SOON
    answered.set()
    assert (outcome.sent, outcome.retry, outcome.error) == (False, True, "查不到对方的网络地址。")
    assert server.connections == 0
