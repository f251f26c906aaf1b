"""The processes of the demo: started, started again when they die, and ended together."""

import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field

from project.demo.data import BASE_DIR, say

STOP_SECONDS = 4.0
FIRST_PAUSE = 1.0
LONGEST_PAUSE = 10.0
STEADY_SECONDS = 60.0


@dataclass
class Child:
    """One process in a session of its own, by its role in serve.py."""

    label: str
    role: str
    words: list[str] = field(default_factory=list)
    descriptors: tuple[int, ...] = ()
    process: "subprocess.Popen[bytes] | None" = None
    began: float = 0.0
    pause: float = 0.0
    again_at: float | None = field(default=None)

    def start(self) -> None:
        """Begin, as a leader of a group that can be ended as a whole."""
        command = [sys.executable, "-m", "project.demo.serve", self.role, str(os.getpid()), *self.words]
        self.process = subprocess.Popen(  # noqa: S603
            command, cwd=BASE_DIR, pass_fds=self.descriptors, stdin=subprocess.DEVNULL, start_new_session=True
        )
        self.began, self.again_at = time.monotonic(), None

    def look_after(self) -> None:
        """Started again after a pause that grows while it keeps dying, and shrinks once it has stood."""
        now = time.monotonic()
        if self.again_at is not None:
            if now >= self.again_at:
                self.start()
            return
        if self.process is None or self.process.poll() is None:
            return
        self.end_group(signal.SIGKILL)  # what it may have left of its own
        steady = now - self.began > STEADY_SECONDS
        self.pause = FIRST_PAUSE if steady or not self.pause else min(2 * self.pause, LONGEST_PAUSE)
        self.again_at = now + self.pause
        say(f"{self.label}意外退出（代码 {self.process.returncode}），{self.pause:.0f}秒后重新启动。")

    def alive(self) -> bool:
        """Whether it runs at this moment."""
        return self.process is not None and self.process.poll() is None

    def end_group(self, number: int) -> None:
        """Send a signal to the process and everything it has started."""
        if self.process is not None:
            try:
                os.killpg(self.process.pid, number)
            except (ProcessLookupError, PermissionError):
                self.process.poll()


def end_all(children: list[Child]) -> None:
    """Politely first and all at once; then whoever is still there, without asking."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        for child in children:
            if child.alive():
                child.end_group(number)
        until = time.monotonic() + STOP_SECONDS
        while any(child.alive() for child in children) and time.monotonic() < until:
            time.sleep(0.02)
