"""What time it is: the only place that asks, so demo and tests can live at any time."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from django.conf import settings

SHANGHAI = ZoneInfo("Asia/Shanghai")
NOT_MOVED = timedelta(0)

_pinned: ContextVar[datetime | None] = ContextVar("pinned", default=None)
# The clock file as it was read last: which file, changed when, how far ahead.
_read: tuple[int, int, timedelta] = (0, 0, NOT_MOVED)


def now() -> datetime:
    """The present instant, aware, in UTC; in the demo as far ahead as somebody moved it."""
    return _pinned.get() or datetime.now(UTC) + ahead()


def machine_now() -> datetime:
    """The instant without the demo's lead: for how long a person has been idle, never for the business."""
    return _pinned.get() or datetime.now(UTC)


def today() -> date:
    """The present day in Asia/Shanghai, by which every deadline counts."""
    return now().astimezone(SHANGHAI).date()


def local(instant: datetime) -> datetime:
    """The instant as a wall clock in Asia/Shanghai shows it."""
    return instant.astimezone(SHANGHAI)


def spelled(day: date) -> str:
    """2026年6月30日, as people read it."""
    return f"{day.year}年{day.month}月{day.day}日"


def soon(**delta: float) -> datetime:
    """The instant that lies a timedelta ahead of now."""
    return now() + timedelta(**delta)


@contextmanager
def at(instant: datetime) -> Iterator[None]:
    """Pin the clock of this context: how the demo county lives through its past."""
    token = _pinned.set(instant)
    try:
        yield
    finally:
        _pinned.reset(token)


def ahead() -> timedelta:
    """How far the demo's clock has been moved, as every process of it reads; nothing anywhere else."""
    global _read  # noqa: PLW0603 -- one stat a call is all that asking the time may cost
    if not settings.CLOCK_FILE:
        return NOT_MOVED
    try:
        found = os.stat(settings.CLOCK_FILE)
    except FileNotFoundError:
        return NOT_MOVED
    # The file is replaced, never written into, so number and time tell every version from the next.
    number, changed, lead = _read
    if number != found.st_ino or changed != found.st_mtime_ns:
        seconds = int(Path(settings.CLOCK_FILE).read_text(encoding="ascii"))
        lead = timedelta(seconds=seconds)
        _read = (found.st_ino, found.st_mtime_ns, lead)
    return lead


def move(by: timedelta) -> None:
    """Move the demo's clock, for every process, and only forward: events already stand at later times."""
    if by <= NOT_MOVED or not settings.CLOCK_FILE:
        raise ValueError("only the demo's clock moves, and only forward")
    path = Path(settings.CLOCK_FILE)
    with path.with_suffix(".lock").open("w") as alone:
        fcntl.flock(alone, fcntl.LOCK_EX)
        draft = path.with_suffix(".new")
        draft.write_text(str(int((ahead() + by).total_seconds())), encoding="ascii")
        draft.replace(path)
