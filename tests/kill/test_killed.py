"""Two of every three rounds: whoever is killed, everything happens and nothing twice."""

from pathlib import Path

import pytest

from tests.conftest import World
from tests.kill.receivers import Receivers
from tests.kill.rounds import NEEDED, play, seeds

pytestmark = NEEDED


@pytest.mark.parametrize("seed", seeds(0, 1))
def test_whoever_is_killed_everything_happens_and_nothing_twice(
    seed: int, world: World, folder: Path, post: Receivers
) -> None:
    play(seed, folder, post)
