"""Writing the chain of events: canonical text, hash, head. Only the doors call it, under the case lock."""

import hashlib
import json
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC
from functools import partial
from typing import Any

from django.conf import settings
from django.db import transaction

from organizations import clock
from workflows.models.cases import Case
from workflows.models.events import Event, Outbox
from workflows.registry import event_type, followers, listeners

log = logging.getLogger(__name__)

SCHEMA = 1


@dataclass(slots=True)
class Happening:
    """What an event will say, before it has a number and a hash."""

    name: str
    actor_id: int | None = None
    post_id: int | None = None
    unit_id: int | None = None
    from_state: str = ""
    to_state: str = ""
    round: int = 1
    work_item: int | None = None
    data: dict[str, Any] = field(default_factory=dict)


def canonical(event: Event, case_number: str) -> bytes:
    """The event as sorted JSON without floats, time in UTC with six decimals."""
    body = {
        "schema": SCHEMA,
        "case": case_number,
        "number": event.number,
        "name": event.name,
        "actor": event.actor_id,
        "post": event.post_id,
        "unit": event.unit_id,
        "from": event.from_state,
        "to": event.to_state,
        "round": event.round,
        "item": event.work_item,
        "data": event.data,
        "at": event.at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
        "previous": event.previous_hash,
    }
    return json.dumps(body, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()


def digest_of(event: Event, case_number: str) -> str:
    """The event's hash under the algorithm it names."""
    return hashlib.new(event.algorithm, canonical(event, case_number)).hexdigest()


def build_event(case: Case, happening: Happening) -> Event:
    """The next event of a case, hashed but not stored; the case's head moves in memory."""
    event_type(happening.name)  # an event nobody registered is a mistake of ours
    event = Event(
        case=case,
        number=case.event_count + 1,
        name=happening.name,
        actor_id=happening.actor_id,
        post_id=happening.post_id,
        unit_id=happening.unit_id,
        from_state=happening.from_state,
        to_state=happening.to_state,
        round=happening.round,
        work_item=happening.work_item,
        data=_without_floats(happening.data),
        at=clock.now(),
        algorithm=settings.EVENT_HASH,
        previous_hash=case.head_hash,
    )
    event.hash = digest_of(event, case.number)
    case.event_count = event.number
    case.head_hash = event.hash
    return event


def write_event(case: Case, happening: Happening) -> Event:
    """Append one event to a locked case: the event, the head, and a line in the outbox if people are told."""
    event = build_event(case, happening)
    event.save(force_insert=True)
    Case.objects.filter(pk=case.pk).update(event_count=case.event_count, head_hash=case.head_hash)
    if event_type(event.name).tells:
        Outbox.objects.create(event=event, next_try_at=event.at)
    transaction.on_commit(partial(announce, [event]), robust=True)
    return event


def announce(events: Sequence[Event]) -> None:
    """Tell whoever listens of events that stand; the outbox still holds them for whoever was not reached."""
    for event in events:
        if event_type(event.name).tells:
            call_each(listeners(), event.pk)
    if events:
        call_each(followers(), [event.case_id for event in events])


def call_each(called: list[Callable[[Any], None]], key: Any) -> None:
    """Call them one after another with a key, or some; one that fails stops nobody."""
    for each in called:
        try:
            each(key)
        except Exception:
            log.exception("a listener failed on %s", key)


def _without_floats(data: dict[str, Any]) -> dict[str, Any]:
    clean = json.loads(json.dumps(data, default=str, ensure_ascii=False))
    _refuse_floats(clean)
    return clean


def _refuse_floats(value: Any) -> None:
    if isinstance(value, float):
        raise TypeError("events carry no floats: two machines may print them differently")
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        _refuse_floats(inner)
