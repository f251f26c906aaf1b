"""Which level a clock has reached, and the next day on which that can change; pure."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from math import ceil
from typing import Any

from django.db.models import TextChoices
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from workflows.calendar import Calendar

ONE_DAY = timedelta(days=1)


class ConditionKind(TextChoices):
    """What a level can depend on; each with a count."""

    LEFT = "left", gettext_lazy("剩余工作日不多于")
    USED = "used", gettext_lazy("已用时间达到（%）")
    BEHIND = "behind", gettext_lazy("进度落后序时（百分点）达到")
    OVERDUE = "overdue", gettext_lazy("逾期工作日达到（0为一逾期）")
    SENT_BACK = "sent_back", gettext_lazy("被退回次数达到")


CALM = "green"  # a level that says all is well: shown, and told to nobody
COLOURS = (CALM, "blue", "amber", "orange", "red")


@dataclass(frozen=True, slots=True)
class Facts:
    """What the conditions look at. `start_on` is the day the time was counted from, where there is one."""

    due_on: date
    start_on: date | None = None
    progress: int = 0
    sent_back: int = 0


@dataclass(frozen=True, slots=True)
class Level:
    """One level of a warning policy; `order` counts from 0, the mildest."""

    code: str
    name: str
    colour: str
    order: int
    urgent: str = ""
    when: tuple[tuple[str, int], ...] = ()


def read_levels(raw: Sequence[dict[str, Any]]) -> tuple[Level, ...]:
    """The levels of a policy row, mildest first."""
    return tuple(
        Level(
            code=each["code"],
            name=each["name"],
            colour=each["colour"],
            order=order,
            urgent=each.get("urgent", ""),
            when=tuple((one["kind"], int(one["count"])) for one in each["when"]),
        )
        for order, each in enumerate(raw)
    )


def level_on(day: date, levels: Sequence[Level], facts: Facts, calendar: Calendar) -> Level | None:
    """The gravest level of which a condition holds on a day; None where none does."""
    return next((level for level in reversed(levels) if _reached(level, day, facts, calendar)), None)


def _reached(level: Level, day: date, facts: Facts, calendar: Calendar) -> bool:
    firsts = (first_day(kind, count, facts, calendar) for kind, count in level.when)
    return any(first is not None and first <= day for first in firsts)


def next_change(day: date, levels: Sequence[Level], facts: Facts, calendar: Calendar) -> date | None:
    """The first later day on which time alone brings another level; None where none is left."""
    reached = level_on(day, levels, facts, calendar)
    graver = [level for level in levels if reached is None or level.order > reached.order]
    firsts = [first_day(kind, count, facts, calendar) for level in graver for kind, count in level.when]
    return min((first for first in firsts if first is not None and first > day), default=None)


def first_day(kind: str, count: int, facts: Facts, calendar: Calendar) -> date | None:
    """The day from which a condition holds for good as things stand; None where time alone never brings it."""
    return _FIRST[kind](count, facts, calendar)


def _left(count: int, facts: Facts, calendar: Calendar) -> date:
    return calendar.first_day_with_left(facts.due_on, count)


def _overdue(count: int, facts: Facts, calendar: Calendar) -> date:
    return calendar.first_day_with_left(facts.due_on, -count) if count else facts.due_on + ONE_DAY


def _used(percent: int, facts: Facts, calendar: Calendar) -> date | None:
    if facts.start_on is None or facts.start_on >= facts.due_on:
        return None
    return facts.start_on + timedelta(days=ceil((facts.due_on - facts.start_on).days * percent / 100))


def _behind(points: int, facts: Facts, calendar: Calendar) -> date | None:
    # Time goes on being used after the due day, so a gap of more than what is left of 100 still opens.
    return _used(facts.progress + points, facts, calendar) if facts.progress < 100 else None


def _sent_back(count: int, facts: Facts, calendar: Calendar) -> date | None:
    return date.min if facts.sent_back >= count else None


_FIRST: dict[str, Callable[[int, Facts, Calendar], date | None]] = {
    ConditionKind.LEFT: _left,
    ConditionKind.USED: _used,
    ConditionKind.BEHIND: _behind,
    ConditionKind.OVERDUE: _overdue,
    ConditionKind.SENT_BACK: _sent_back,
}


def in_words(kind: str, count: int) -> str:
    """A condition as people read it."""
    words = {
        ConditionKind.LEFT: _("剩余不超过%d个工作日"),
        ConditionKind.USED: _("已用时间达到%d%%"),
        ConditionKind.BEHIND: _("进度落后序时%d个百分点"),
        ConditionKind.OVERDUE: _("逾期满%d个工作日") if count else _("逾期"),
        ConditionKind.SENT_BACK: _("被退回%d次"),
    }
    text = words[ConditionKind(kind)]
    return text % count if "%d" in text else text
