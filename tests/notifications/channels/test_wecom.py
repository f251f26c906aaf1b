"""The group robot: the brief and nothing else, in a form WeCom takes, and its answers understood."""

import json
import logging
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from notifications.channels import Outcome
from notifications.channels.wecom import WeComChannel, shortened
from tests.notifications.channels import server as bad
from tests.notifications.channels.conftest import SHORT, a_message
from tests.notifications.channels.server import Server, answers

pytestmark = pytest.mark.pure

KEY = "5f0c0de5-0000-4000-8000-00000000c0de"
OK = answers(200, b'{"errcode": 0, "errmsg": "ok"}')


@pytest.fixture
def robot(serve: Any, settings: Any) -> Any:
    """A robot's server with a script of answers."""

    def started(*script: bad.Behaviour) -> Server:
        server: Server = serve(*script)
        settings.WECOM_BASE = server.url
        return server

    return started


def errcode(number: int) -> bad.Behaviour:
    return answers(200, json.dumps({"errcode": number, "errmsg": f"whatever, key {KEY}"}).encode())


def test_nothing_but_the_brief_leaves_by_the_robot(robot: Any) -> None:
    server, message = robot(OK), a_message(KEY)

    outcome = WeComChannel().send(message)

    assert outcome == Outcome(sent=True)
    [request] = server.requests
    assert json.loads(request.body) == {"msgtype": "text", "text": {"content": message.brief}}
    assert request.target == f"/cgi-bin/webhook/send?key={KEY}"
    allowed = {"host", "user-agent", "accept-encoding", "content-type", "content-length"}
    assert set(request.headers) == allowed
    kept_back = [message.delivery, message.secret, message.subject, message.text, "李某某", "交办给县水利局"]
    assert [each for each in kept_back if each.encode() in request.raw] == []


def test_a_long_brief_goes_as_markdown_in_which_nobody_is_called(robot: Any) -> None:
    server = robot(OK)
    lines = [f"问题 2026-{number:04d}，期限 2026年6月30日 <@all>" for number in range(45)]

    WeComChannel().send(a_message(KEY, brief="\n".join(lines)))

    [request] = server.requests
    sent = json.loads(request.body)
    assert sent["msgtype"] == "markdown"
    assert 2048 < len(sent["markdown"]["content"].encode()) <= 4096
    assert sent["markdown"]["content"].splitlines() == [line.replace("<", "＜") for line in lines]


def test_a_brief_that_is_too_long_ends_after_a_line_with_a_sentence(robot: Any) -> None:
    server = robot(OK)
    lines = [f"问题 2026-{number:04d}，期限 2026年6月30日" for number in range(500)]

    WeComChannel().send(a_message(KEY, brief="\n".join(lines)))

    content = json.loads(server.requests[0].body)["markdown"]["content"]
    *kept, ending = content.splitlines()
    assert len(content.encode()) <= 4096
    assert kept == lines[: len(kept)]
    assert len(kept) > 70
    assert ending == "……内容较长，其余请登录系统查看。"


@given(st.text(min_size=40), st.integers(60, 200))
def test_shortening_keeps_a_beginning_and_whole_characters(text: str, size: int) -> None:
    short = shortened(text, size)

    assert len(short.encode()) <= size
    assert short == text or text.startswith(short.removesuffix("\n……内容较长，其余请登录系统查看。"))


def test_one_endless_line_is_cut_after_a_character() -> None:
    short = shortened("一行\n" + "字" * 400, 300)

    assert 296 <= len(short.encode()) <= 300
    assert short.startswith("一行\n字字字")


def test_the_whole_address_and_the_bare_key_come_to_the_same(robot: Any) -> None:
    server = robot(OK)

    WeComChannel().send(a_message(KEY))
    WeComChannel().send(a_message(f" {server.url}/cgi-bin/webhook/send?key={KEY}\n"))

    assert [request.target for request in server.requests] == [f"/cgi-bin/webhook/send?key={KEY}"] * 2


@pytest.mark.parametrize(
    "address",
    [
        "",
        "short",
        "https://elsewhere.example/cgi-bin/webhook/send?key=" + KEY,
        "https://qyapi.weixin.qq.com.elsewhere.example/cgi-bin/webhook/send?key=" + KEY,
        "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=" + KEY + "&debug=1",
        "https://qyapi.weixin.qq.com/cgi-bin/gettoken?key=" + KEY,
        KEY + "\r\nX-Injected: 1",
        KEY + "#",
        "一二三四五六七八",
    ],
)
def test_an_address_of_anything_else_is_refused_and_never_called(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("socket.getaddrinfo", lambda *_, **__: pytest.fail("looked up"))

    with pytest.raises(ValidationError, match="群机器人"):
        WeComChannel().check(address)
    outcome = WeComChannel().send(a_message(address))

    assert (outcome.sent, outcome.retry) == (False, False)
    assert "群机器人" in outcome.error


def test_the_address_as_wecom_shows_it_is_taken() -> None:
    WeComChannel().check(f"https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key={KEY}")
    WeComChannel().check(KEY)


@pytest.mark.parametrize(("code", "wait"), [(-1, None), (45009, 60.0), (45033, 60.0)])
def test_a_busy_robot_is_worth_another_try_later(robot: Any, code: int, wait: float | None) -> None:
    robot(errcode(code))

    outcome = WeComChannel().send(a_message(KEY))

    assert (outcome.sent, outcome.retry, outcome.retry_after) == (False, True, wait)


@pytest.mark.parametrize("code", [93000, 40008, 45002, 93004])
def test_a_robot_that_refuses_is_not_asked_again(robot: Any, code: int) -> None:
    robot(errcode(code))

    outcome = WeComChannel().send(a_message(KEY))

    assert (outcome.sent, outcome.retry) == (False, False)
    assert str(code) in outcome.error
    assert KEY not in outcome.error


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>please log in</html>",
        b"\xff\xfe\x00",
        b"[]",
        b"0",
        b"{}",
        b'{"errcode": "0"}',
        b'{"errcode": false}',
        b'{"errcode": 0.0}',
        b"[" * 60000,
    ],
)
def test_an_answer_that_says_nothing_is_no_success(robot: Any, body: bytes) -> None:
    robot(answers(200, body))

    outcome = WeComChannel().send(a_message(KEY))

    assert (outcome.sent, outcome.retry, outcome.error) == (False, True, "企业微信的回答读不懂。")


@pytest.mark.parametrize("behaviour", [bad.drips_its_body, bad.stops_in_the_middle, bad.answers_without_end])
def test_an_answer_that_cannot_be_read_to_its_end_is_no_success(robot: Any, behaviour: bad.Behaviour) -> None:
    robot(behaviour)

    outcome = WeComChannel(SHORT).send(a_message(KEY))

    assert (outcome.sent, outcome.retry) == (False, True)


def test_the_key_stands_in_no_log_and_in_no_error(robot: Any, caplog: pytest.LogCaptureFixture) -> None:
    robot(bad.hangs_up_after_reading, answers(500), errcode(93000), OK)

    with caplog.at_level(logging.DEBUG):
        outcomes = [WeComChannel().send(a_message(KEY)) for _ in range(4)]

    assert [outcome.sent for outcome in outcomes] == [False, False, False, True]
    assert "send_request_headers" in caplog.text
    assert KEY not in caplog.text
    assert KEY not in str(outcomes)
