"""A mail server and a webhook's receiver that write down what they get, and sometimes hang up without an answer."""

import socket
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from random import Random
from threading import Event, Lock, Thread
from time import monotonic
from typing import Any

from aiosmtpd.controller import Controller

LOSE = 0.1  # of the first answers
LONGEST_SILENCE = 30.0


@dataclass
class Receipt:
    """One delivery as it came in: when, and whether the sender was left without an answer."""

    at: float
    lost: bool


@dataclass
class Ledger:
    """Every delivery by its id."""

    chance: Random
    receipts: dict[str, list[Receipt]] = field(default_factory=lambda: defaultdict(list))
    lock: Lock = field(default_factory=Lock)
    silent: bool = False
    over: Event = field(default_factory=Event)

    def take(self, delivery: str) -> bool:
        """Write it down; answers whether the sender gets an answer. The second time it always does."""
        with self.lock:
            lost = not self.receipts[delivery] and self.chance.random() < LOSE
            self.receipts[delivery].append(Receipt(monotonic(), lost))
            return not lost

    def everything(self) -> list[Receipt]:
        return [each for rows in self.receipts.values() for each in rows]


class Mailbox:
    """What the mail server does with a letter."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger

    async def handle_DATA(self, server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        if not self.ledger.take(message_from_bytes(envelope.content)["X-Bihuan-Delivery"]):
            server.transport.abort()
        return "250 OK"


def hook(ledger: Ledger) -> type[BaseHTTPRequestHandler]:
    class Hook(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            if ledger.silent:
                ledger.over.wait(LONGEST_SILENCE)
                self.close_connection = True
            elif ledger.take(self.headers["X-Bihuan-Delivery"]):
                self.send_response(200)
                self.end_headers()
            else:
                self.close_connection = True

        def log_message(self, *_words: Any) -> None:
            """Not a word: the ledger is what counts."""

    return Hook


@dataclass
class Receivers:
    """Both, and where they listen."""

    letters: Ledger
    calls: Ledger
    mail_port: int
    hook_port: int


class Quiet(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A sender that was killed in the middle is nobody's error."""


@contextmanager
def receivers(seed: str) -> Iterator[Receivers]:
    letters, calls = Ledger(Random(f"letters {seed}")), Ledger(Random(f"calls {seed}"))
    with socket.create_server(("127.0.0.1", 0)) as probe:
        mail_port = probe.getsockname()[1]
    post = Controller(Mailbox(letters), hostname="127.0.0.1", port=mail_port)
    post.start()
    server = Quiet(("127.0.0.1", 0), hook(calls))
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield Receivers(letters, calls, mail_port, server.server_address[1])
    finally:
        calls.over.set()
        server.shutdown()
        thread.join()
        server.server_close()
        post.stop()
