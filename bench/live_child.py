"""What the part `live` starts: `python -m bench.live_child stepper|told NUMBER`; they speak by lines on their pipes.

The instants are of the monotonic clock, which all processes of a machine share.
"""

import json
import resource
import sys
import time
from typing import Any

import django

django.setup()  # models are there only now

from asgiref.sync import async_to_sync  # noqa: E402
from channels.layers import get_channel_layer  # noqa: E402
from django.db import connection, transaction  # noqa: E402

from notifications.actions import telling  # noqa: E402
from notifications.live import user_group  # noqa: E402
from notifications.models import Delivery, Notice  # noqa: E402
from organizations.models import Post, User  # noqa: E402
from rectification.actions.assignment import Assignment, assign_problem  # noqa: E402
from rectification.models import Problem  # noqa: E402
from tests.conftest import item_of  # noqa: E402
from workflows import registry  # noqa: E402
from workflows.models import Event, Outbox  # noqa: E402
from workflows.steps import record  # noqa: E402


def main() -> int:
    """Do what the first word says."""
    return step() if sys.argv[1] == "stepper" else tell_many(int(sys.argv[2]))


def say(**words: Any) -> None:
    """A line for whoever started us."""
    print(json.dumps(words), flush=True)


def step() -> int:
    """Assign a problem for each line “step KEY UNIT”, say a bare word for each “bare USER”; answer with the instant."""
    stamps: list[float] = []
    # First of all listeners, so that it is called right after the commit and before anything is published.
    registry._listeners.insert(0, lambda event_id: stamps.append(time.monotonic()))
    say(ready=True)
    for line in sys.stdin:
        word, *numbers = line.split()
        if word == "bare":
            say(at=_bare(int(numbers[0])))
        else:
            _assign(*map(int, numbers))
            say(at=stamps.pop())
    return 0


def _assign(problem_id: int, unit_id: int) -> None:
    problem = Problem.objects.get(pk=problem_id)
    unit = Post.objects.select_related("unit").filter(unit_id=unit_id)[0].unit
    by = User.objects.get(username="registrar")
    assign_problem(item_of(problem).pk, by=by, assignment=Assignment(lead_unit=unit, kind="standing", review_cycle=6))


def _bare(user_id: int) -> float:
    async def send() -> float:
        layer = get_channel_layer()
        at = time.monotonic()
        await layer.group_send(user_group(user_id), {"type": "look", "changed": "inbox"})
        return at

    return async_to_sync(send)()


def tell_many(problem_id: int) -> int:
    """Tell of one event, then write the same rows for another as bare SQL; seconds, rows and the peak of memory."""
    with record(problem_id, "marked_major", by=None) as door:
        door.note(urgent="red")
    assert door.event is not None
    begun = time.monotonic()
    told = telling.deliver_event(door.event.pk)
    seconds = time.monotonic() - begun
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    with record(problem_id, "unmarked_major", by=None) as other:
        pass
    assert other.event is not None
    say(
        told=len(told),
        seconds=seconds,
        peak=peak,
        floor=_floor(door.event, other.event.pk),
        notices=Notice.objects.filter(event=door.event).count(),
        deliveries=Delivery.objects.filter(carried__notice__event=door.event).count(),
        waiting=Outbox.objects.filter(pk=door.event.pk).count(),
    )
    return 0


def _columns(model: Any, *without: str) -> str:
    return ", ".join(field.column for field in model._meta.concrete_fields if field.column not in {"id", *without})


def _floor(event: Event, other_id: int) -> float:
    """Copies of notices, messages and what binds them, made by three statements and taken back."""
    notices, deliveries = _columns(Notice, "event_id"), _columns(Delivery, "key", "address_id")
    mine = "(SELECT id FROM notifications_notice WHERE event_id = %(event)s)"
    theirs = f"(SELECT delivery_id FROM notifications_carried WHERE notice_id IN {mine})"
    begun = time.monotonic()
    with transaction.atomic(), connection.cursor() as cursor:
        values = {"event": event.pk, "other": other_id}
        cursor.execute(
            f"INSERT INTO notifications_notice ({notices}, event_id) SELECT {notices}, %(other)s "
            f"FROM notifications_notice WHERE event_id = %(event)s RETURNING id",
            values,
        )
        values["notices"] = [row[0] for row in cursor.fetchall()]
        cursor.execute(
            f"INSERT INTO notifications_delivery ({deliveries}, key) SELECT {deliveries}, gen_random_uuid() "
            f"FROM notifications_delivery WHERE id IN {theirs} RETURNING id",
            values,
        )
        values["deliveries"] = [row[0] for row in cursor.fetchall()]
        cursor.execute(
            "INSERT INTO notifications_carried (delivery_id, notice_id) SELECT d, n FROM "
            "unnest(%(deliveries)s::bigint[], %(notices)s::bigint[] || %(notices)s::bigint[]) AS pairs(d, n) "
            "WHERE d IS NOT NULL AND n IS NOT NULL",
            values,
        )
        transaction.set_rollback(True)
    return time.monotonic() - begun


if __name__ == "__main__":
    sys.exit(main())
