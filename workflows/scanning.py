"""The scan: what has come due is looked at, once, whatever is killed or run twice. The cost follows what is due.

A row is pushed an hour ahead before it is worked on, so that one which always fails never blocks the rest, and two
scanners never do a row twice. One of three database-specific places: claiming due rows.
"""

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any

from django.db import connection, models, transaction

from organizations import clock
from workflows.clocks import look_at, start_of_day
from workflows.door import Door
from workflows.models.clocks import ClockKind, Deadline
from workflows.models.routing import OPEN
from workflows.queries import forget_kept
from workflows.registry import Urgency, clock_handler
from workflows.steps import ActionRefused, look_in

log = logging.getLogger(__name__)

CLAIM = 200
AHEAD = timedelta(hours=1)
# Half of what the task may take: one that is ended by its limit leaves what it had claimed waiting for an hour.
LONGEST = 60.0


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
        for key in keys:
            _check(key)
        done += len(keys)
    return done


def _check(key: int) -> None:
    kind = Deadline.objects.values_list("kind", flat=True).get(pk=key)
    try:
        (clock_handler(kind) or HANDLERS[kind])(key)
    except ActionRefused as refusal:
        log.info("clock %s is busy and will be looked at again: %s", key, refusal)
        Deadline.objects.filter(pk=key, next_check_at__isnull=False).update(next_check_at=clock.now())
    except Exception:
        log.exception("clock %s could not be looked at", key)


@contextmanager
def looking_at(key: int) -> Iterator[tuple[Door, Deadline | None]]:
    """A clock under the lock of its case; None where it has ended or its matter is over."""
    case_id = Deadline.objects.values_list("case_id", flat=True).get(pk=key)
    with look_in(case_id) as door:
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
    """Say when a clock is to be looked at next; None for never."""
    Deadline.objects.filter(pk=key).update(next_check_at=instant)


def check_step(key: int) -> None:
    """Tell of a step whose own time has run out, once for each version of its date."""
    with looking_at(key) as (door, deadline):
        if deadline is None or deadline.item is None:
            return
        if deadline.due_at > clock.now():
            set_next(key, deadline.due_at)  # moved meanwhile
            return
        set_next(key, None)
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


def check_case(key: int, *, goes_on: bool = False) -> date | None:
    """Tell of a level the case clock has reached, once for each round and version of its date.

    Answers the day of the next level. Whoever goes on with the clock afterwards says itself when to look again:
    until then the row stays claimed, so that a worker killed in between is made good.
    """
    with looking_at(key) as (door, deadline):
        if deadline is None:
            return None
        found = look_at(door, deadline)
        if not goes_on:
            set_next(key, start_of_day(found.next_on) if found.next_on else None)
        if found.level is None:
            return found.next_on
        door.happening.name = "warned"
        door.note(
            level=found.level.code,
            passed=found.passed,
            deadline=key,
            version=deadline.version,
            due=deadline.due_on.isoformat(),
            urgent=found.level.urgent,
        )
    return found.next_on


HANDLERS: dict[str, Callable[[int], Any]] = {ClockKind.CASE: check_case, ClockKind.STEP: check_step}
