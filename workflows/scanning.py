"""The scan: what has come due is looked at, once, whatever is killed or run twice. The cost follows what is due.

A row is pushed ahead before it is worked on, so that one which always fails never blocks the rest, and two
scanners never do a row twice. One of three database-specific places: claiming due rows.
"""

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection, models, transaction

from organizations import clock
from workflows.clocks import NOTHING_TO_COME, Looked, cross, look_at, start_of_day
from workflows.colours import CALM
from workflows.door import Door
from workflows.models.clocks import ClockKind, Deadline
from workflows.models.routing import OPEN
from workflows.queries import forget_kept
from workflows.registry import Urgency, clock_handler
from workflows.steps import ActionRefused, look_in

log = logging.getLogger(__name__)

CLAIM = 200
# What a killed scanner had claimed is taken up again after so long; a scan needs seconds for what it claims.
AHEAD = timedelta(minutes=5)
Plan = Callable[[Door, Looked], "Later"]
RUN_OUT = "run_out"  # the one level of a step
BUSY = timedelta(minutes=1)  # somebody works on the case just now
# Half of what the task may take: one that is ended by its limit leaves what it had claimed waiting.
LONGEST = 60.0


@dataclass(frozen=True, slots=True)
class Later:
    """One more day on which to look at a clock, and whether something has to be done first.

    Where something goes on, the row stays claimed, so that a worker killed in between is made good; whoever goes
    on calls `look_later` at the end.
    """

    day: date | None = None
    goes_on: bool = False


def claim(model: type[models.Model], column: str, *, count: int = CLAIM, ahead: timedelta = AHEAD) -> list[int]:
    """Keys of rows whose time has come, each pushed ahead so that nobody else takes it meanwhile."""
    now = clock.now()
    with transaction.atomic():
        due = model._default_manager.filter(**{f"{column}__lte": now}).order_by(column)
        if connection.features.has_select_for_update_skip_locked:
            due = due.select_for_update(skip_locked=True, of=("self",))
        keys = list(due.values_list("pk", flat=True)[:count])
        model._default_manager.filter(pk__in=keys).update(**{column: now + ahead})
    return keys


def scan_deadlines(most: int = 5_000, seconds: float = LONGEST) -> int:
    """Look at every clock whose time has come, at most so many for so long; answers how many were looked at."""
    done, until = 0, time.monotonic() + seconds
    while time.monotonic() < until and (keys := claim(Deadline, "next_check_at", count=min(CLAIM, most - done))):
        # A new version of a policy has its clocks looked at in its own transaction: whoever claims them reads it.
        forget_kept()
        for key, kind in _still_running(keys):
            _check(key, kind)
        done += len(keys)
    return done


def _still_running(keys: list[int]) -> list[tuple[int, str]]:
    """The claimed clocks with their kinds. Most steps are done in time: their clocks end together, without a lock
    for each, because a closed item stays closed.
    """
    rows = list(Deadline.objects.filter(pk__in=keys).order_by("pk").values_list("pk", "kind", "item__status"))
    over = [key for key, _kind, status in rows if status is not None and status not in OPEN]
    if over:
        Deadline.objects.filter(pk__in=over).update(next_check_at=None)
    return [(key, kind) for key, kind, status in rows if status is None or status in OPEN]


def _check(key: int, kind: str) -> None:
    try:
        (clock_handler(kind) or HANDLERS[kind])(key)
    except ActionRefused as refusal:
        log.info("clock %s is busy and will be looked at again: %s", key, refusal)
        Deadline.objects.filter(pk=key, next_check_at__isnull=False).update(next_check_at=clock.now() + BUSY)
    except Exception:
        log.exception("clock %s could not be looked at", key)


@contextmanager
def looking_at(key: int) -> Iterator[tuple[Door, Deadline | None]]:
    """A clock under the lock of its case; None where it has ended or its matter is over."""
    with look_in(Deadline.objects.filter(pk=key).values_list("case_id", flat=True)) as door:
        deadline = Deadline.objects.select_related("item__process").get(pk=key)
        if _is_over(door, deadline):
            set_next(key, None)
            yield door, None
        else:
            yield door, deadline


def _is_over(door: Door, deadline: Deadline) -> bool:
    if deadline.superseded_at or deadline.paused_at or door.matter.is_final:
        return True
    return deadline.item is not None and deadline.item.status not in OPEN


def set_next(key: int, instant: Any) -> None:
    """Say when a clock is to be looked at next; None once it has ended."""
    Deadline.objects.filter(pk=key).update(next_check_at=instant)


def check_step(key: int) -> None:
    """Tell of a step whose own time has run out, once for each version of its date."""
    with looking_at(key) as (door, deadline):
        if deadline is None or deadline.item is None:
            return
        if deadline.due_at > clock.now():
            set_next(key, deadline.due_at)  # moved meanwhile
            return
        set_next(key, NOTHING_TO_COME)
        # What has no limit of its own runs out with the case clock, and that tells of it; the rest is told once for
        # each date, however many scans have claimed it.
        if deadline.follows_case or not cross(deadline, door.matter.round, RUN_OUT):
            return
        item = deadline.item
        door.item = item
        door.happening.name = "step_overdue"
        turn = {"unit": item.unit_id, "role": item.role, "due": deadline.due_on.isoformat()}
        door.note(
            turn={**turn, "person": item.addressee_id} if item.addressee_id else turn,
            deadline=key,
            version=deadline.version,
            step=item.step,
            urgent=Urgency.OVERDUE,
        )


def check_case(key: int, plan: Plan = lambda door, found: Later()) -> date | None:
    """Tell of a level the case clock has reached, once for each round and version of its date.

    `plan` names one more day on which to look at it, if any. Answers the day of the next look.
    """
    with looking_at(key) as (door, deadline):
        if deadline is None:
            return None
        found = look_at(door, deadline)
        later = plan(door, found)
        days = [day for day in (found.next_on, later.day) if day]
        next_on = min(days, default=None)
        if not later.goes_on:
            set_next(key, _instant(next_on))
        if found.level is None or found.level.colour == CALM:
            return next_on
        door.happening.name = "warned"
        door.note(
            level=found.level.code,
            passed=found.passed,
            deadline=key,
            version=deadline.version,
            due=deadline.due_on.isoformat(),
            urgent=found.level.urgent,
        )
        return next_on


def look_later(key: int, day: date | None) -> None:
    """Give a claimed clock its next day; one that somebody wants looked at at once stays as it is."""
    claimed = Deadline.objects.filter(pk=key, next_check_at__gt=clock.now())
    claimed.update(next_check_at=_instant(day))


def _instant(day: date | None) -> datetime:
    return start_of_day(day) if day else NOTHING_TO_COME


HANDLERS: dict[str, Callable[[int], Any]] = {ClockKind.CASE: check_case, ClockKind.STEP: check_step}
