"""An installation's folder, and servers that receive what it sends."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from organizations import clock
from tests.conftest import World
from tests.kill.receivers import Receivers, receivers
from tests.kill.rounds import a_tuesday, people_of


@pytest.fixture
def folder(tmp_path: Path, settings: Any) -> Path:
    """The data of the installation; the test lives by its clock."""
    settings.CLOCK_FILE = str(tmp_path / "clock")
    return tmp_path


@pytest.fixture
def post(request: pytest.FixtureRequest) -> Iterator[Receivers]:
    with receivers(request.node.name) as both:
        yield both


@pytest.fixture
def world(lasting: None, folder: Path, post: Receivers) -> World:
    """The county on a Tuesday morning."""
    clock.move(a_tuesday() - datetime.now(UTC))
    return people_of(post)
