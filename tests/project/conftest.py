"""A demo that is built once for all tests about its processes."""

import signal
from collections.abc import Iterator
from pathlib import Path
from urllib.request import urlopen

import pytest

from tests.project.sites import Site, free_port


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("site") / "demo"


@pytest.fixture(scope="session")
def port() -> int:
    return free_port()


@pytest.fixture(scope="session")
def built(folder: Path, port: int) -> Iterator[Site]:
    """A first start, which builds everything, ended by Ctrl-C."""
    site = Site(folder, port)
    site.wait_for("Ready: ")
    site.wait_for("  demo-auditor")
    with urlopen(f"http://127.0.0.1:{port}/login/", timeout=20) as page:
        site.status = page.status  # type: ignore[attr-defined]
    site.code = site.finish(signal.SIGINT)  # type: ignore[attr-defined]
    return site
