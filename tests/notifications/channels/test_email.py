"""E-mail through a server that takes it, refuses it for now or for good, hangs, or hangs up."""

import asyncio
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from django.core.exceptions import ValidationError
from django.core.mail import BadHeaderError

from notifications.channels import Outcome
from notifications.channels.email import EmailChannel
from tests.notifications.channels import server as bad
from tests.notifications.channels.conftest import DELIVERY, SOON, a_message

pytestmark = pytest.mark.pure

WANG = "wang@county.example"
SHORT = 0.4


class Post:
    """A post office that answers each step from a script, and keeps what it took."""

    def __init__(self, **script: list[str]) -> None:
        self.script = script
        self.taken: list[tuple[list[str], EmailMessage]] = []

    async def _answer(self, step: str, server: Any, otherwise: str) -> str:
        answer = self.script[step].pop(0) if self.script.get(step) else otherwise
        if answer == "hang":
            await asyncio.sleep(30)
        if answer == "hang up":
            server.transport.abort()
        return answer

    async def handle_MAIL(self, server: Any, _session: Any, envelope: Any, address: str, _options: Any) -> str:  # noqa: N802
        envelope.mail_from = address
        return await self._answer("mail", server, "250 OK")

    async def handle_RCPT(self, server: Any, _session: Any, envelope: Any, address: str, _options: Any) -> str:  # noqa: N802
        answer = await self._answer("rcpt", server, "250 OK")
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        letter = message_from_bytes(envelope.content, policy=policy.default)
        self.taken.append((envelope.rcpt_tos, letter))
        return await self._answer("data", server, "250 OK")

    async def handle_QUIT(self, server: Any, _session: Any, _envelope: Any) -> str:  # noqa: N802
        return await self._answer("quit", server, "221 Bye")


@pytest.fixture
def post_office(settings: Any) -> Iterator[Callable[..., Post]]:
    """Open a post office to which Django's settings lead."""
    with ExitStack() as stack:

        def opened(**script: list[str]) -> Post:
            post = Post(**script)
            with socket.create_server(("127.0.0.1", 0)) as probe:
                port = probe.getsockname()[1]
            controller = Controller(post, hostname="127.0.0.1", port=port)
            controller.start()
            stack.callback(controller.stop)
            leads_to(settings, port)
            return post

        yield opened


def leads_to(settings: Any, port: int) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
    settings.DEFAULT_FROM_EMAIL = "督查整改 <bihuan@county.example>"


def test_a_letter_arrives_with_its_delivery_in_two_headers(post_office: Any) -> None:
    post, message = post_office(), a_message(WANG)

    outcome = EmailChannel().send(message)

    message_id = f"<{DELIVERY}@county.example>"
    assert outcome == Outcome(sent=True, reference=message_id)
    [(recipients, letter)] = post.taken
    assert recipients == [WANG]
    assert (letter["Message-ID"], letter["X-Bihuan-Delivery"]) == (message_id, DELIVERY)
    assert letter["Auto-Submitted"] == "auto-generated"
    assert (letter["To"], letter["Subject"]) == (WANG, message.subject)
    assert letter.get_content().strip() == message.text


def test_each_attempt_bears_the_same_delivery(post_office: Any) -> None:
    post = post_office(data=["451 Try again later", "250 OK"])
    message = a_message(WANG)

    first, second = EmailChannel().send(message), EmailChannel().send(message)

    assert ((first.sent, first.retry), second.sent) == ((False, True), True)
    assert [letter["X-Bihuan-Delivery"] for _, letter in post.taken] == [DELIVERY] * 2
    assert len({letter["Message-ID"] for _, letter in post.taken}) == 1


@pytest.mark.parametrize("step", ["mail", "rcpt", "data"])
def test_a_refusal_for_now_is_worth_another_try(post_office: Any, step: str) -> None:
    post_office(**{step: ["451 Greylisted"]})

    outcome = EmailChannel().send(a_message(WANG))

    assert (outcome.sent, outcome.retry) == (False, True)
    assert "451" in outcome.error


@pytest.mark.parametrize("step", ["mail", "rcpt", "data"])
def test_a_refusal_for_good_is_final(post_office: Any, step: str) -> None:
    post_office(**{step: ["550 No such mailbox: wang@county.example"]})

    outcome = EmailChannel().send(a_message(WANG))

    assert (outcome.sent, outcome.retry) == (False, False)
    assert "550" in outcome.error
    assert WANG not in outcome.error


@pytest.mark.parametrize("step", ["mail", "rcpt", "data"])
@pytest.mark.parametrize("fault", ["hang", "hang up"])
def test_a_server_that_hangs_or_hangs_up_is_worth_another_try(post_office: Any, step: str, fault: str) -> None:
    post_office(**{step: [fault]})
    began = time.monotonic()

    outcome = EmailChannel(timeout=SHORT).send(a_message(WANG))

    assert (outcome.sent, outcome.retry) == (False, True)
    assert outcome.error.endswith("。")
    assert time.monotonic() - began < SOON


@pytest.mark.parametrize("fault", ["hang", "hang up", "421 Gone", "221 Bye" + "." * 9000])
def test_a_letter_that_was_taken_is_sent_however_the_server_says_goodbye(post_office: Any, fault: str) -> None:
    post = post_office(quit=[fault])

    outcome = EmailChannel(timeout=1.0).send(a_message(WANG))

    assert outcome.sent
    assert len(post.taken) == 1


@pytest.mark.parametrize("behaviour", [lambda guest: guest.stopped.wait(), bad.hangs_up_unread])
def test_a_server_without_a_greeting_is_worth_another_try(serve: Any, settings: Any, behaviour: Any) -> None:
    leads_to(settings, serve(behaviour).port)
    began = time.monotonic()

    outcome = EmailChannel(timeout=SHORT).send(a_message(WANG))

    assert (outcome.sent, outcome.retry) == (False, True)
    assert time.monotonic() - began < SOON


def test_nobody_listening_is_worth_another_try(settings: Any) -> None:
    with bad.Server([bad.hangs_up_unread]) as gone:
        leads_to(settings, gone.port)

    outcome = EmailChannel(timeout=SHORT).send(a_message(WANG))

    assert (outcome.sent, outcome.retry) == (False, True)


def test_a_server_that_does_not_let_us_in_says_nothing_about_the_address(serve: Any, settings: Any) -> None:
    server = serve(lambda guest: guest.write(b"554 You are on a list\r\n"))
    leads_to(settings, server.port)

    outcome = EmailChannel(timeout=SHORT).send(a_message(WANG))

    assert (outcome.sent, outcome.retry) == (False, True)
    assert "554" in outcome.error


@pytest.mark.parametrize(
    "address",
    [
        "",
        "wang",
        "wang@",
        "wang@county.example\nBcc: all@county.example",
        "wang@county.example\r\nRCPT TO:<all@county.example>",
        "wang@county.example, all@county.example",
        "王 <wang@county.example>",
        "wang@county.example>",
    ],
)
def test_an_address_that_is_more_or_less_than_one_is_refused_and_gets_nothing(post_office: Any, address: str) -> None:
    post = post_office()

    with pytest.raises(ValidationError, match="电子邮箱地址"):
        EmailChannel().check(address)
    outcome = EmailChannel().send(a_message(address))

    assert (outcome.sent, outcome.retry) == (False, False)
    assert post.taken == []


def test_a_subject_cannot_add_a_header(post_office: Any) -> None:
    post = post_office()

    EmailChannel().send(a_message(WANG, subject="第一行\r\nBcc: all@county.example\n\n正文"))

    [(recipients, letter)] = post.taken
    assert recipients == [WANG]
    assert letter["Bcc"] is None
    assert letter["Subject"] == "第一行 Bcc: all@county.example 正文"


def test_a_delivery_cannot_add_a_header(post_office: Any) -> None:
    post = post_office()

    with pytest.raises(BadHeaderError):
        EmailChannel().send(a_message(WANG, delivery="1\r\nBcc: all@county.example"))

    assert post.taken == []


def test_a_text_with_lines_that_mean_something_to_smtp_arrives_as_it_is(post_office: Any) -> None:
    post = post_office()
    text = "第一行\n.\nQUIT\n..两点\nFrom 某处\n末行"

    assert EmailChannel().send(a_message(WANG, text=text)).sent

    assert post.taken[0][1].get_content().splitlines() == text.splitlines()
