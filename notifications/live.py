"""Telling browsers to look: the socket says “look”, and HTTP says what, with ordinary permissions."""

import asyncio
import logging
import time
from collections.abc import Callable, Iterable

from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer

log = logging.getLogger(__name__)

SECONDS = 1.0  # the most a call may take
REST_SECONDS = 30.0


class Fuse:
    """After a failure nothing is tried for a while: a broker that is down must not hold up every request."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._until = float("-inf")

    def try_out(self, act: Callable[[], object]) -> bool:
        """Do it unless it failed a moment ago; never raises."""
        if time.monotonic() < self._until:
            return False
        try:
            act()
        except Exception as error:
            self._until = time.monotonic() + REST_SECONDS
            log.warning("%s cannot be reached (%s); the sweeps do without", self.name, type(error).__name__)
            return False
        return True

    def reset(self) -> None:
        """Forget the failure; for tests."""
        self._until = float("-inf")


FUSE = Fuse("the channel layer")


def user_group(user_id: int) -> str:
    """The group of one person's browsers."""
    return f"user.{user_id}"


def case_group(case_id: int) -> str:
    """The group of the browsers that show a case; by its key, because a number may be in Chinese."""
    return f"case.{case_id}"


def cases_changed(case_ids: Iterable[int]) -> None:
    """Something happened to these cases."""
    _say([(case_group(pk), "case") for pk in case_ids])


def people_changed(user_ids: Iterable[int]) -> None:
    """These people have something new to read, and perhaps to do."""
    _say([(user_group(pk), what) for pk in user_ids for what in ("notices", "inbox")])


def _say(words: list[tuple[str, str]]) -> None:
    layer = get_channel_layer()
    if layer is None or not words:
        return

    async def send() -> None:
        for group, what in words:
            await layer.group_send(group, {"type": "look", "changed": what})

    async def in_time() -> None:
        # A county's worth of people takes milliseconds; a layer that hangs is given up.
        await asyncio.wait_for(send(), SECONDS + len(words) / 500)

    FUSE.try_out(async_to_sync(in_time))
