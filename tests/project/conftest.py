"""A demo that is built once for all tests about its processes, in whichever worker they run."""

import fcntl
import json
import os
import shutil
import signal
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.request import urlopen

import pytest

from tests.project.sites import Site, free_port


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("site") / "demo"


@pytest.fixture(scope="session")
def port() -> int:
    return free_port()


def first_start(folder: Path) -> dict[str, Any]:
    """A first start, which builds everything, ended by Ctrl-C; what it said and how it ended."""
    port = free_port()
    site = Site(folder, port)
    site.wait_for("Ready: ")
    site.wait_for("  demo-auditor")
    with urlopen(f"http://127.0.0.1:{port}/login/", timeout=20) as page:
        status = page.status
    code = site.finish(signal.SIGINT)
    return {"port": port, "status": status, "code": code, "lines": site.lines}


@pytest.fixture(scope="session")
def built(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> SimpleNamespace:
    """What the first start said; a copy of what it built lies in the folder of this worker's tests."""
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base
    said = shared / "first_start.json"
    with (shared / "first_start.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not said.exists():
            said.write_text(json.dumps(first_start(shared / "first_demo")))
    shutil.copytree(shared / "first_demo", folder)
    return SimpleNamespace(**json.loads(said.read_text()), folder=shared / "first_demo")
