"""A message that holds more than any channel outside may say, and servers to send it to."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import date
from uuid import UUID

import pytest

from notifications.channels import Message
from notifications.channels.posting import Limits
from tests.notifications.channels.server import Behaviour, Server

# For servers that misbehave; where an answer is expected the ordinary limits hold.
SHORT = Limits(connect=0.3, read=0.3, total=0.5)
# Half a second, on a machine that has much else to do; without its limit sending would not end at all.
SOON = 4.0
DELIVERY = str(UUID(int=0x5EED))


def a_message(address: str, **changes: object) -> Message:
    facts: dict[str, object] = {
        "delivery": DELIVERY,
        "address": address,
        "secret": "correct horse battery staple",
        "subject": "县水利局有一个问题待签收",
        "text": "李某某家的危房改造款没有到账，请在期限内签收。",
        "brief": "问题 2026-0118，期限 2026年6月30日\nhttps://rectify.example.gov.cn/problems/2026-0118/",
        "link": "https://rectify.example.gov.cn/problems/2026-0118/",
        "data": {
            "number": "2026-0118",
            "due_on": date(2026, 6, 30),
            "urgency": "assignment",
            "household": "李某某",
            "sentence": "交办给县水利局",
        },
    }
    return Message(**(facts | changes))  # type: ignore[arg-type]


@pytest.fixture
def serve() -> Iterator[Callable[..., Server]]:
    """Start a server with a script of behaviours; it ends with the test."""
    with ExitStack() as stack:
        yield lambda *script: stack.enter_context(Server(list[Behaviour](script)))
