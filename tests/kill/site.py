"""An installation of real processes on the test's own database: each can be killed and is started again."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Self
from urllib.parse import urlsplit, urlunsplit

from django.db import connection

from project.demo import broker
from project.demo.data import BASE_DIR
from project.demo.run import COMPILED
from tests.kill.receivers import Receivers
from tests.project.sites import free_port

GONE = {"BIHUAN_TESTING", "REDIS_URL", "DATABASE_URL", "PYTHONDONTWRITEBYTECODE", "BIHUAN_REQUIRE_ALL"}


def until(true: Callable[[], object], seconds: float, what: str) -> None:
    """Wait for something, and say what it was that did not happen."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, f"{what}: not within {seconds:.0f} s"
        time.sleep(0.1)


@dataclass
class Process:
    """One process of the installation, in a session of its own."""

    role: str
    command: list[str]
    environment: dict[str, str]
    log: Path
    descriptors: tuple[int, ...] = ()
    process: "subprocess.Popen[bytes] | None" = None
    killed: list[float] = field(default_factory=list)

    def start(self) -> None:
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", *self.command],
                cwd=BASE_DIR, env=self.environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                pass_fds=self.descriptors, start_new_session=True,
            )  # fmt: skip

    @property
    def ended(self) -> int | None:
        """The exit code, None while it runs."""
        assert self.process is not None
        return self.process.poll()

    def kill(self) -> None:
        """At once and with everything it has started."""
        assert self.process is not None
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
            self.killed.append(time.monotonic())

    def kill_a_child(self) -> None:
        """Only one of those it has started, as when memory runs out."""
        assert self.process is not None
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        if children:
            os.kill(int(children[-1]), signal.SIGKILL)
            self.killed.append(time.monotonic())


class Installation:
    """Web, worker, the schedule, the broker and people at work, and chance that kills them."""

    def __init__(self, folder: Path, post: Receivers, seed: int, workers: int = 2) -> None:
        self.folder, self.chance, self.stack = folder, Random(f"kills {seed}"), ExitStack()
        self.port = free_port()
        (folder / "run").mkdir(parents=True, exist_ok=True)
        parts = urlsplit(os.environ["DATABASE_URL"])
        kept = {name: value for name, value in os.environ.items() if name not in GONE}
        self.environment = kept | {
            "DJANGO_SETTINGS_MODULE": "tests.kill.settings",
            "DATABASE_URL": urlunsplit(parts._replace(path="/" + str(connection.settings_dict["NAME"]))),
            "REDIS_URL": broker.new_address(),
            "BIHUAN_DEMO": "1",
            "BIHUAN_DATA": str(folder),
            "BIHUAN_STATIC": str(folder / "static"),
            "BIHUAN_CLOCK_FILE": str(folder / "clock"),
            "BIHUAN_MAIL_URL": f"smtp://127.0.0.1:{post.mail_port}",
            "PYTHONPYCACHEPREFIX": str(COMPILED),
        }
        own = str(os.getpid())
        self.redis = self.make("broker", ["project.demo.serve", "broker", own])
        self.web = self.make("web", ["tests.kill.child", "web", own, str(self.port)])
        self.worker = self.make("worker", ["tests.kill.child", "worker", own, str(workers)])
        self.ticker = self.make("ticker", ["tests.kill.child", "ticker", own])
        self.beat = self.make("beat", ["project.demo.serve", "beat", own])
        self.people: Process | None = None

    def make(self, role: str, command: list[str]) -> Process:
        made = Process(role, command, self.environment, self.folder / f"{role}.log")
        self.stack.callback(lambda: made.process and made.kill())
        return made

    def __enter__(self) -> Self:
        self.redis.start()
        assert broker.answers(self.environment["REDIS_URL"])
        for each in (self.web, self.worker, self.ticker, self.beat):
            each.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stack.close()

    def put_to_work(self, count: int) -> Process:
        """People begin to bring so many problems where they belong."""
        self.people = self.make("people", ["tests.kill.child", "driver", str(os.getpid()), str(count)])
        self.people.start()
        return self.people

    def strike(self) -> str:
        """Kill somebody, wait a moment, start it again; a dead child of the worker is the worker's own business."""
        victim = self.chance.choice(["worker", "worker", "child", "ticker", "web", "redis", "people", "beat"])
        if victim == "child":
            self.worker.kill_a_child()
            return victim
        process: Process | None = getattr(self, victim)
        if process is not None and process.ended is None:
            process.kill()
            time.sleep(self.chance.uniform(0, 0.6))
            process.start()
        return victim

    def all(self) -> list[Process]:
        """Everybody there has been."""
        own = [self.redis, self.web, self.worker, self.ticker, self.beat]
        return [*own, self.people] if self.people else own

    def mind(self) -> None:
        """Whoever has ended by itself is started again, as by systemd."""
        for each in (self.redis, self.web, self.worker, self.ticker, self.beat):
            if each.ended is not None:
                each.start()

    def last_words(self) -> str:
        """The ends of all logs, for a report of what went wrong."""
        tails = [f"== {path.name}\n{path.read_text(errors='replace')[-1500:]}" for path in self.folder.glob("*.log")]
        return "\n".join(tails)
