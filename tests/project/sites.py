"""The demo as a process of its own, and a look at what it leaves behind."""

import os
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import IO

from project.demo import data

# What a demo would take from this test run's environment.
FOREIGN = {"REDIS_URL", "DATABASE_URL"}


class Site:
    """A supervisor in a process of its own."""

    def __init__(self, folder: Path, port: int, *more: str, start: tuple[str, ...] = (), **setting: str) -> None:
        kept = {name: value for name, value in os.environ.items() if name not in FOREIGN}
        environment = {**kept, "BIHUAN_DATA": str(folder), **setting}
        command = [sys.executable, *(start or ("-m", "project.demo.run")), "--port", str(port), *more]
        self.began = time.monotonic()
        self.process = subprocess.Popen(
            command, env=environment, cwd=data.BASE_DIR, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        self.lines: list[str] = []

    def wait_for(self, beginning: str) -> float:
        """Read until a line begins so; the seconds since the start."""
        self.wait_for_any(beginning)
        return time.monotonic() - self.began

    def wait_for_any(self, *beginnings: str) -> str:
        """Read until a line begins with one of these; that line."""
        output: IO[str] = self.process.stdout  # type: ignore[assignment]
        while line := output.readline():
            self.lines.append(line.rstrip())
            if line.startswith(beginnings):
                return self.lines[-1]
        raise AssertionError("\n".join(self.lines))

    def finish(self, number: int) -> int:
        self.process.send_signal(number)
        return self.ended()

    def ended(self) -> int:
        """Wait for the end; the exit code."""
        code = self.process.wait(20)
        self.process.stdout.close()  # type: ignore[union-attr]
        return code


def descendants(mark: str) -> list[int]:
    """Processes whose environment names a folder, or that stand in it: the broker writes its title over the former."""
    found = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit() or int(entry.name) == os.getpid():
            continue
        try:
            # A zombie has no environment any more.
            if mark.encode() in (entry / "environ").read_bytes() or mark in os.readlink(entry / "cwd"):
                found.append(int(entry.name))
        except OSError:
            continue
    return found


def gone_within(mark: str, seconds: float) -> bool:
    until = time.monotonic() + seconds
    while descendants(mark):
        if time.monotonic() > until:
            return False
        time.sleep(0.05)
    return True


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
