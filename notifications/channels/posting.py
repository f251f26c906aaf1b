"""One POST to a server nobody can vouch for: bounded in time and size, sent only where it was judged to go."""

import asyncio
import socket
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC
from email.utils import parsedate_to_datetime
from functools import cache
from queue import Empty, SimpleQueue
from threading import Thread

import httpx
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from notifications.channels import Outcome
from organizations import clock

LONGEST_BODY = 64 * 1024
LONGEST_PAUSE = 24 * 3600.0
_AGAIN = {408, 425, 429}


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds: to look up or connect, between two pieces of the answer, and for everything together."""

    connect: float = 3.0
    read: float = 5.0
    total: float = 10.0


@dataclass(frozen=True, slots=True)
class Call:
    """What is posted where; `judge` looks at the addresses the host stands for and may raise ValidationError."""

    url: httpx.URL
    body: bytes
    headers: dict[str, str]
    judge: Callable[[httpx.URL, list[str]], None] | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back; the body is None where it was too long, too slow or cut off."""

    status: int
    headers: httpx.Headers
    body: bytes | None


class Unanswered(Exception):  # noqa: N818 -- an outcome, not a fault
    """There is no answer; `outcome` says whether to try again."""

    def __init__(self, error: str, *, retry: bool = True) -> None:
        super().__init__(error)
        self.outcome = Outcome(sent=False, retry=retry, error=error)


def post(call: Call, limits: Limits, tls: ssl.SSLContext | None = None) -> Answer:
    """The answer or Unanswered, within `limits.total`; for threads without a running event loop."""
    until = time.monotonic() + limits.total
    addresses = _addresses_of(call.url, limits.connect)
    if call.judge:
        try:
            call.judge(call.url, addresses)
        except ValidationError as refusal:
            raise Unanswered(refusal.messages[0], retry=False) from refusal
    try:
        # An event loop because it alone can stop anywhere: in a handshake, or in a head that comes drop by drop.
        return asyncio.run(_exchange(call, addresses, limits, until, tls or _trusted()))
    except (httpx.TimeoutException, TimeoutError) as error:
        raise Unanswered(_("对方没有及时回答。")) from error
    except (httpx.HTTPError, OSError) as error:
        raise Unanswered(_sentence_for(error)) from error


def refusal(answer: Answer) -> Outcome | None:
    """What an HTTP status other than success means for the delivery; None is success."""
    if 200 <= answer.status < 300:
        return None
    if 300 <= answer.status < 400:
        return Outcome(sent=False, error=_("对方要求转到别的地址，系统不跟随跳转，请改填最终的地址。"))
    retry = answer.status >= 500 or answer.status in _AGAIN
    error = _("对方拒绝接收（HTTP %(status)s）。") % {"status": answer.status}
    return Outcome(sent=False, retry=retry, retry_after=pause(answer) if retry else None, error=error)


def pause(answer: Answer) -> float | None:
    """Seconds that Retry-After asks for, as a number or a date, a day at most; None where it says nothing."""
    wanted = answer.headers.get("Retry-After", "").strip()
    if wanted.isascii() and wanted.isdigit():
        return min(float(wanted), LONGEST_PAUSE)
    try:
        day = parsedate_to_datetime(wanted)
    except (ValueError, OverflowError):
        return None
    if day.tzinfo is None:
        day = day.replace(tzinfo=UTC)
    return min(max((day - clock.now()).total_seconds(), 0.0), LONGEST_PAUSE)


def _addresses_of(url: httpx.URL, within: float) -> list[str]:
    """Looked up once and by a thread of its own, because nothing can interrupt a resolver."""
    answers: SimpleQueue[list[str]] = SimpleQueue()

    def ask() -> None:
        try:
            rows = socket.getaddrinfo(url.raw_host.decode(), url.port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError):
            rows = []
        # An address with a zone is a neighbour on one cable, and no URL can say it.
        answers.put([str(row[4][0]) for row in rows if "%" not in str(row[4][0])])

    Thread(target=ask, daemon=True, name="bihuan-resolver").start()
    try:
        found = answers.get(timeout=within)
    except Empty:
        found = []
    if not found:
        raise Unanswered(_("查不到对方的网络地址。"))
    return list(dict.fromkeys(found))


@cache
def _trusted() -> ssl.SSLContext:
    return httpx.create_ssl_context()


async def _exchange(call: Call, addresses: list[str], limits: Limits, until: float, tls: ssl.SSLContext) -> Answer:
    # The bare transport: no redirects, no proxies of the environment, no cookies, and no log line with the URL,
    # which for a robot is a secret.
    deadline = asyncio.get_running_loop().time() + until - time.monotonic()
    async with httpx.AsyncHTTPTransport(verify=tls, trust_env=False) as transport:
        async with asyncio.timeout_at(deadline):
            response = await _first_that_connects(transport, call, addresses, limits)
        try:
            async with asyncio.timeout_at(deadline):
                body = await _read(response)
        except (httpx.HTTPError, OSError):
            body = None
        finally:
            await response.aclose()
        return Answer(response.status_code, response.headers, body)


async def _first_that_connects(
    transport: httpx.AsyncHTTPTransport, call: Call, addresses: list[str], limits: Limits
) -> httpx.Response:
    *others, last = addresses
    for address in others:
        try:
            return await transport.handle_async_request(_request(call, address, limits))
        except (httpx.ConnectError, httpx.ConnectTimeout):
            continue
    return await transport.handle_async_request(_request(call, last, limits))


def _request(call: Call, address: str, limits: Limits) -> httpx.Request:
    """To the address that was judged; the name goes into the Host header and is what the certificate must say."""
    timeout = httpx.Timeout(limits.read, connect=limits.connect)
    headers = {
        "Host": call.url.netloc.decode(),
        "User-Agent": "Bihuan",
        "Accept-Encoding": "identity",
        "Content-Type": "application/json",
        **call.headers,
    }
    return httpx.Request(
        "POST",
        call.url.copy_with(host=address),
        headers=headers,
        content=call.body,
        extensions={"timeout": timeout.as_dict(), "sni_hostname": call.url.raw_host.decode()},
    )


async def _read(response: httpx.Response) -> bytes | None:
    body = b""
    async for piece in response.aiter_raw():
        body += piece
        if len(body) > LONGEST_BODY:
            return None
    return body


def _sentence_for(error: Exception) -> str:
    if "CERTIFICATE_VERIFY_FAILED" in str(error):
        return _("对方的证书不可信，没有发送。")
    if isinstance(error, httpx.ConnectError):
        return _("连接不上对方。")
    return _("对方没有答完就断开了。")
