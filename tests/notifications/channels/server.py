"""A server on loopback that speaks HTTP and misbehaves as told; it keeps what it received."""

import socket
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Event, Thread
from typing import Self

PAUSE = 0.02


@dataclass
class Received:
    """One request as it came in."""

    target: str
    headers: dict[str, str]
    body: bytes
    raw: bytes


@dataclass
class Guest:
    """One connection while it is served."""

    socket: socket.socket
    stopped: Event
    requests: list[Received]
    written: int = 0

    def read(self) -> None:
        """Take in one whole request."""
        raw = b""
        while b"\r\n\r\n" not in raw:
            raw += self._piece()
        head, _, body = raw.partition(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        while len(body) < int(headers.get("content-length", 0)):
            piece = self._piece()
            raw, body = raw + piece, body + piece
        self.requests.append(Received(first.split(" ")[1], headers, body, raw))

    def _piece(self) -> bytes:
        piece = self.socket.recv(65536)
        if not piece:
            raise ConnectionError("the client has gone")
        return piece

    def write(self, data: bytes) -> None:
        self.socket.sendall(data)
        self.written += len(data)

    def drip(self) -> None:
        """One byte after another until somebody has had enough."""
        while not self.stopped.wait(PAUSE):
            self.write(b"x")


Behaviour = Callable[[Guest], None]


def answers(status: int, body: bytes = b"", **headers: str) -> Behaviour:
    lines = [f"HTTP/1.1 {status} Whatever", f"Content-Length: {len(body)}", "Connection: close"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]

    def behave(guest: Guest) -> None:
        guest.read()
        guest.write("\r\n".join([*lines, "", ""]).encode() + body)

    return behave


def says_nothing(guest: Guest) -> None:
    guest.read()
    guest.stopped.wait()


def drips_its_head(guest: Guest) -> None:
    guest.read()
    guest.write(b"HTTP/1.1 200 OK\r\nX-Patience: ")
    guest.drip()


def drips_its_body(guest: Guest) -> None:
    guest.read()
    guest.write(b"HTTP/1.1 200 OK\r\nContent-Length: 60000\r\n\r\n")
    guest.drip()


def keeps_saying_continue(guest: Guest) -> None:
    guest.read()
    while not guest.stopped.wait(PAUSE):
        guest.write(b"HTTP/1.1 100 Continue\r\n\r\n")


def hangs_up_unread(guest: Guest) -> None:
    """The caller of behaviours closes the connection."""


def hangs_up_after_reading(guest: Guest) -> None:
    guest.read()


def stops_in_the_middle(guest: Guest) -> None:
    guest.read()
    guest.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{")


def speaks_no_http(guest: Guest) -> None:
    guest.read()
    guest.write(b"\x00\xff\x16\x03 220 hello\r\n\r\n")


def answers_without_end(guest: Guest) -> None:
    """Chunk after chunk, 64 MB at most; `written` says how far it came."""
    guest.read()
    guest.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    chunk = b"10000\r\n" + b"x" * 65536 + b"\r\n"
    for _ in range(1024):
        guest.write(chunk)


@dataclass
class Server:
    """Each connection gets the next behaviour of the script, and the last one for ever."""

    script: list[Behaviour]
    tls: ssl.SSLContext | None = None
    requests: list[Received] = field(default_factory=list)
    guests: list[Guest] = field(default_factory=list)
    connections: int = 0

    def __enter__(self) -> Self:
        self._stopped = Event()
        self._threads: list[Thread] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.settimeout(PAUSE)
        self.port: int = self._listener.getsockname()[1]
        self._acceptor = Thread(target=self._accept)
        self._acceptor.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopped.set()
        for thread in [self._acceptor, *self._threads]:
            thread.join(timeout=5)
            assert not thread.is_alive()
        self._listener.close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def stop(self) -> int:
        """Take no more guests and answer how many came: even one that left before it was looked at counts."""
        self._stopped.set()
        self._acceptor.join(timeout=5)
        return self.connections

    def _accept(self) -> None:
        while True:
            stopped = self._stopped.is_set()  # asked first: whoever waits in the queue by then is still let in
            try:
                accepted, _ = self._listener.accept()
            except TimeoutError:
                if stopped:
                    return
                continue
            behave = self.script[min(self.connections, len(self.script) - 1)]
            self.connections += 1
            self._threads.append(Thread(target=self._serve, args=(accepted, behave)))
            self._threads[-1].start()

    def _serve(self, accepted: socket.socket, behave: Behaviour) -> None:
        accepted.settimeout(5)
        with accepted:
            try:
                spoken = self.tls.wrap_socket(accepted, server_side=True) if self.tls else accepted
                with spoken:
                    guest = Guest(spoken, self._stopped, self.requests)
                    self.guests.append(guest)
                    behave(guest)
            except OSError:
                pass  # the client has had enough, which is what most tests are about
