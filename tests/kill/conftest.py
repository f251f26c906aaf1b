"""An installation's folder, and servers that receive what it sends."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.kill.receivers import Receivers, receivers


@pytest.fixture
def folder(tmp_path: Path, settings: Any) -> Path:
    """The data of the installation; the test lives by its clock."""
    settings.CLOCK_FILE = str(tmp_path / "clock")
    return tmp_path


@pytest.fixture
def post(request: pytest.FixtureRequest) -> Iterator[Receivers]:
    with receivers(request.node.name) as both:
        yield both
