"""What time it is: the only place that asks, so demo and tests can live at any time."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")

_pinned: ContextVar[datetime | None] = ContextVar("pinned", default=None)


def now() -> datetime:
    """The present instant, aware, in UTC."""
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
