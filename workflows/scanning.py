"""The scan: what has come due is looked at, once, whatever is killed or run twice. The cost follows what is due.

A row is pushed ahead before it is worked on, so that one which always fails never blocks the rest, and two
scanners never do a row twice. One of three database-specific places: claiming due rows.
"""

import logging
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection, models, transaction

from organizations import clock
from workflows.clocks import NOTHING_TO_COME, Looked, crossed_by_many, crossing, look_at, start_of_day
from workflows.colours import CALM
from workflows.door import Door
from workflows.many import change_many, look_in_many
from workflows.models.clocks import ClockKind, Crossing, Deadline
from workflows.models.routing import OPEN, WorkItem
from workflows.queries import forget_kept
from workflows.registry import Urgency, clock_handler
from workflows.steps import ActionRefused, look_in

log = logging.getLogger(__name__)

CLAIM = 200
TOGETHER = 40  # clocks a transaction: whoever wants one of their cases waits no longer than a twentieth of a second
# What a killed scanner had claimed is taken up again after so long; a scan needs seconds for what it claims.
AHEAD = timedelta(minutes=5)
Plan = Callable[[Door, Deadline, Looked], "Later"]
RUN_OUT = "run_out"  # the one level of a step
BUSY = timedelta(seconds=10)  # somebody works on the case just now; the next scan comes
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
        for kind, together in _portions(keys):
            _check(together, kind)
        done += len(keys)
    return done


def _portions(keys: list[int]) -> Iterator[tuple[str, list[int]]]:
    """The claimed clocks by kind, so many as are looked at in one transaction, no two of one case.

    Most steps are done in time: their clocks end here, without a lock for each, because a closed item stays closed.
    """
    rows = list(
        Deadline.objects.filter(pk__in=keys).order_by("pk").values_list("pk", "kind", "case_id", "item__status")
    )
    over = [key for key, _kind, _case, status in rows if status is not None and status not in OPEN]
    if over:
        Deadline.objects.filter(pk__in=over).update(next_check_at=None)
    open_portions: dict[str, dict[int, int]] = {}  # of each kind: case to clock
    for key, kind, case_id, status in rows:
        if status is not None and status not in OPEN:
            continue
        portion = open_portions.setdefault(kind, {})
        if case_id in portion or len(portion) == TOGETHER:
            yield kind, list(portion.values())
            portion = open_portions[kind] = {}
        portion[case_id] = key
    yield from ((kind, list(portion.values())) for kind, portion in open_portions.items())


def _check(keys: list[int], kind: str) -> None:
    """Look at some clocks of a kind; where one of them fails, each is looked at by itself."""
    try:
        (clock_handler(kind) or HANDLERS[kind])(keys)
    except Exception as failure:
        if len(keys) > 1:
            for key in keys:
                _check([key], kind)
        elif isinstance(failure, ActionRefused):
            log.info("clock %s is busy and will be looked at again: %s", keys[0], failure)
            _look_soon(keys)
        else:
            log.exception("clock %s could not be looked at", keys[0])


def by_itself(handler: Callable[[int], Any]) -> Callable[[list[int]], Any]:
    """A handler of several clocks out of one that looks at a single one in transactions of its own."""

    def check(keys: list[int]) -> None:
        for key in keys:
            handler(key)

    return check


def _look_soon(keys: Iterable[int]) -> None:
    Deadline.objects.filter(pk__in=keys, next_check_at__isnull=False).update(next_check_at=clock.now() + BUSY)


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


@contextmanager
def looking_at_many(keys: Sequence[int]) -> Iterator[list[tuple[Door, Deadline]]]:
    """Clocks of different cases under the locks of these; what has ended or is over is left out, and ends.

    A case that somebody works on just now is left out as well, and its clock is looked at by the next scan.
    """
    with look_in_many(Deadline.objects.filter(pk__in=keys).values_list("case_id", flat=True)) as doors:
        rows = list(Deadline.objects.filter(pk__in=keys).select_related("item__process"))
        busy = [row.pk for row in rows if row.case_id not in doors]
        found = [(doors[row.case_id], row) for row in rows if row.case_id in doors]
        over = [deadline.pk for door, deadline in found if _is_over(door, deadline)]
        Deadline.objects.filter(pk__in=over).update(next_check_at=None)
        yield [(door, deadline) for door, deadline in found if deadline.pk not in over]
    if busy:  # only now: whoever works on them may be about to write these very rows
        _look_soon(busy)


def _is_over(door: Door, deadline: Deadline) -> bool:
    if deadline.superseded_at or deadline.paused_at or door.matter.is_final:
        return True
    return deadline.item is not None and deadline.item.status not in OPEN


def set_next(key: int, instant: Any) -> None:
    """Say when a clock is to be looked at next; None once it has ended."""
    Deadline.objects.filter(pk=key).update(next_check_at=instant)


def check_steps(keys: Sequence[int]) -> None:
    """Tell of steps whose own time has run out, once for each version of their date."""
    now = clock.now()
    with looking_at_many(keys) as found:
        known = crossed_by_many(found)
        crossings = []
        for door, deadline in found:
            if deadline.due_at > now:
                deadline.next_check_at = deadline.due_at  # moved meanwhile
                continue
            deadline.next_check_at = NOTHING_TO_COME
            # What has no limit of its own runs out with the case clock, and that tells of it; the rest is told once
            # for each date, however many scans have claimed it.
            if deadline.item is None or deadline.follows_case or RUN_OUT in known.get(deadline.pk, {}):
                continue
            crossings.append(crossing(door, deadline, RUN_OUT))
            _tell_run_out(door, deadline, deadline.item)
        Crossing.objects.bulk_create(crossings)
        change_many(Deadline, [deadline for _door, deadline in found], ["next_check_at"])


def _tell_run_out(door: Door, deadline: Deadline, item: WorkItem) -> None:
    door.item = item
    door.happening.name = "step_overdue"
    turn = {"unit": item.unit_id, "role": item.role, "due": deadline.due_on.isoformat()}
    door.note(
        turn={**turn, "person": item.addressee_id} if item.addressee_id else turn,
        deadline=deadline.pk,
        version=deadline.version,
        step=item.step,
        urgent=Urgency.OVERDUE,
    )


def check_cases(keys: Sequence[int], plan: Plan = lambda door, deadline, found: Later()) -> dict[int, date | None]:
    """Tell of the levels that case clocks have reached, once for each round and version of their dates.

    `plan` names one more day on which to look at a clock, if any. Answers the day of the next look at each.
    """
    answer: dict[int, date | None] = {}
    with looking_at_many(keys) as rows:
        known = crossed_by_many(rows)
        crossings: list[Crossing] = []
        changed = []
        for door, deadline in rows:
            found = look_at(door, deadline, known.get(deadline.pk, {}))
            crossings += found.new
            later = plan(door, deadline, found)
            answer[deadline.pk] = min((day for day in (found.next_on, later.day) if day), default=None)
            if not later.goes_on:
                deadline.next_check_at = _instant(answer[deadline.pk])
                changed.append(deadline)
            _warn(door, deadline, found)
        Crossing.objects.bulk_create(crossings)
        change_many(Deadline, changed, ["next_check_at"])
    return answer


def _warn(door: Door, deadline: Deadline, found: Looked) -> None:
    if found.level is None or found.level.colour == CALM:
        return
    door.happening.name = "warned"
    door.note(
        level=found.level.code,
        passed=found.passed,
        deadline=deadline.pk,
        version=deadline.version,
        due=deadline.due_on.isoformat(),
        urgent=found.level.urgent,
    )


def look_later(key: int, day: date | None) -> None:
    """Give a claimed clock its next day; one that somebody wants looked at at once stays as it is."""
    claimed = Deadline.objects.filter(pk=key, next_check_at__gt=clock.now())
    claimed.update(next_check_at=_instant(day))


def _instant(day: date | None) -> datetime:
    return start_of_day(day) if day else NOTHING_TO_COME


HANDLERS: dict[str, Callable[[list[int]], Any]] = {ClockKind.CASE: check_cases, ClockKind.STEP: check_steps}
