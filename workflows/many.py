"""Opening many cases at once: the commit of an import. Beside it there is no way around the doors.

A new case is nobody's yet, so nothing has to be locked; everything else is as `steps.register` leaves it:
case, matter, main routing, first item with its clock, first event with the head of its chain. A test holds
the two against each other.
"""

import gc
import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from functools import partial
from itertools import islice
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connection, connections, models, transaction
from django.db.models.base import ModelState
from viewflow.workflow.status import STATUS
from viewflow.workflow.token import Token

from organizations import clock
from organizations.models import Post, User
from workflows.calendar import end_of_day
from workflows.door import Door, check_step
from workflows.flows import FLOWS
from workflows.ledger import Happening, announce, build_event
from workflows.models.cases import Case
from workflows.models.clocks import Deadline
from workflows.models.events import Event, Outbox
from workflows.models.routing import Routing, WorkItem
from workflows.registry import Turn, event_type
from workflows.scope import actor_of
from workflows.steps import lock_case, open_main_item, patiently, read_subject, read_subjects
from workflows.turning import clock_of, in_short, move, supersede

CHUNK = 500
# What the driver writes as it stands in the object.
AS_IT_IS = {
    models.BigAutoField, models.BigIntegerField, models.BooleanField, models.DateField, models.DateTimeField,
    models.ForeignKey, models.IntegerField, models.OneToOneField, models.PositiveIntegerField,
    models.PositiveSmallIntegerField,
}  # fmt: skip


def store_many(rows: Sequence[models.Model]) -> None:
    """Insert new rows of one model and give them their keys.

    On PostgreSQL by COPY, the third part of the ORM's time; elsewhere by the ORM. Database defaults and
    signals play no part in either.
    """
    if not rows:
        return
    model = type(rows[0])
    database = connections[DEFAULT_DB_ALIAS]  # itself, not the proxy: it is asked for each value
    if database.vendor != "postgresql":
        model._default_manager.bulk_create(rows, batch_size=CHUNK)
        return
    table, key = database.ops.quote_name(model._meta.db_table), model._meta.pk
    fields = model._meta.local_concrete_fields
    names = ", ".join(database.ops.quote_name(field.column) for field in fields)
    takes = [(field.attname, None if type(field) in AS_IT_IS else field.get_db_prep_save) for field in fields]
    with database.cursor() as cursor:
        if isinstance(key, models.AutoField):
            sequence = "SELECT nextval(pg_get_serial_sequence(%s, %s)) FROM generate_series(1, %s)"
            cursor.execute(sequence, [table, key.column, len(rows)])
            for row, (number,) in zip(rows, cursor.fetchall(), strict=True):
                row.pk = number
        with database.wrap_database_errors, cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy:
            for row in rows:
                values = row.__dict__
                copy.write_row(
                    [prepare(values[name], database) if prepare else values[name] for name, prepare in takes]
                )
    for row in rows:
        row._state.adding = False


def change_many(model: type[models.Model], rows: Sequence[Any], columns: Sequence[str]) -> None:
    """Store some columns of many rows: on PostgreSQL in one statement, which reads them from one document.

    The ORM's own way builds a CASE for every value: twenty times the work of running it. The columns hold numbers,
    texts, days, instants or JSON; a row is anything that bears them and the key.
    """
    if not rows:
        return
    database = connections[DEFAULT_DB_ALIAS]
    meta = model._meta
    key: Any = meta.pk
    fields: list[Any] = [meta.get_field(name) for name in columns]
    with database.cursor() as cursor:
        if database.vendor == "postgresql":
            given = [*fields, key]
            document = [{field.column: getattr(row, field.attname) for field in given} for row in rows]
            text = json.dumps(document, ensure_ascii=False, default=_spelled)
            cursor.execute(_update_from_document(meta, fields, database), [text])
            return
        prepare = [(field.attname, field.get_db_prep_save) for field in fields]
        values = [
            [*(prep(getattr(row, name), database) for name, prep in prepare), getattr(row, key.attname)] for row in rows
        ]
        cursor.executemany(_update_one(meta, fields, database), values)


def _spelled(value: date) -> str:
    return value.isoformat()  # an instant is a date as well, and keeps its microseconds and its zone


def _update_from_document(meta: Any, fields: Sequence[Any], database: Any) -> str:
    quote = database.ops.quote_name
    key = quote(meta.pk.column)
    changes = ", ".join(f"{quote(field.column)} = new.{quote(field.column)}" for field in fields)
    names = ", ".join(f"{quote(each.column)} {each.rel_db_type(database)}" for each in (*fields, meta.pk))
    return (
        f"UPDATE {quote(meta.db_table)} AS old SET {changes} "  # noqa: S608 -- names only
        f"FROM jsonb_to_recordset(%s::jsonb) AS new({names}) WHERE old.{key} = new.{key}"
    )


def _update_one(meta: Any, fields: Sequence[Any], database: Any) -> str:
    quote = database.ops.quote_name
    changes = ", ".join(f"{quote(field.column)} = %s" for field in fields)
    return f"UPDATE {quote(meta.db_table)} SET {changes} WHERE {quote(meta.pk.column)} = %s"  # noqa: S608 -- names only


@dataclass(slots=True)
class Newcomer:
    """One case to open: its anchor, its matter, whose turn it is first, and what its event notes.

    The matters of one opening begin in the same state and round.
    """

    case: Case
    matter: Any
    turn: Turn
    note: dict[str, Any]


@dataclass(slots=True)
class Opening:
    """Under which name, by whom and with which post the cases are opened."""

    name: str
    by: User | None
    post: Post | None


def register_many(newcomers: Iterable[Newcomer], opening: Opening) -> int:
    """Open all of them or none, `CHUNK` cases a statement; answers how many."""
    done = 0
    rows = iter(newcomers)
    with transaction.atomic(), without_collecting():
        while chunk := list(islice(rows, CHUNK)):
            _open(chunk, opening)
            done += len(chunk)
    return done


@contextmanager
def without_collecting() -> Iterator[None]:
    """Keep Python from looking for garbage while tens of thousands of rows are made, none of which is any."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def _open(chunk: list[Newcomer], opening: Opening) -> None:
    now = clock.now()
    events = list(_events(chunk, opening, now))
    store_many([new.case for new in chunk])
    for new, event in zip(chunk, events, strict=True):
        new.matter.case_id = event.case_id = new.case.pk
        new.matter.case = event.case = new.case
    store_many([new.matter for new in chunk])
    _open_items(chunk)
    store_many(events)


def _events(chunk: list[Newcomer], opening: Opening, now: Any) -> Iterator[Event]:
    for new in chunk:
        new.case.created_at = now
        yield build_event(
            new.case,
            Happening(
                name=opening.name,
                actor_id=opening.by.pk if opening.by else None,
                post_id=opening.post.pk if opening.post else None,
                unit_id=opening.post.unit_id if opening.post else None,
                to_state=str(new.matter.state),
                round=new.matter.round,
                data={**new.note, "turn": in_short(new.turn)},
            ),
        )


def like(template: Any, **values: Any) -> Any:
    """A new row that differs from a template in some columns: the rows of a list differ in few, and making
    each from nothing costs more than storing it.
    """
    row = object.__new__(type(template))
    row.__dict__ = {**template.__dict__, **values, "_state": _fresh_state(template)}
    return row


def _fresh_state(template: Any) -> ModelState:
    state = ModelState()
    # Rows that the template points to and that the values did not replace stay at hand.
    state.fields_cache = dict(template._state.fields_cache)
    return state


def _open_items(chunk: list[Newcomer]) -> None:
    flow: Any = FLOWS["main"]
    now = clock.now()
    empty = Routing(kind="main", flow_class=flow, created=now)
    routings = [like(empty, case_id=new.case.pk) for new in chunk]
    store_many(routings)
    start, human = flow.start, flow.node_for(str(chunk[0].matter.state))
    common = {"round": chunk[0].matter.round, "created": now, "token": Token("start")}
    begun = WorkItem(
        flow_task=start, flow_task_type=start.task_type, status=STATUS.DONE, started=now, finished=now, **common
    )
    waiting = WorkItem(flow_task=human, flow_task_type=human.task_type, **common)
    opened = [
        like(waiting, process_id=routing.pk, **_turned(new)) for new, routing in zip(chunk, routings, strict=True)
    ]
    store_many([*(like(begun, process_id=routing.pk) for routing in routings), *opened])
    made = {id(new.turn): clock_of(new.turn) for new in chunk if new.turn.due_on}  # rows of one list share their turns
    empty_clock = Deadline()
    clocks = [
        like(empty_clock, case_id=new.case.pk, item_id=item.pk, **made[id(new.turn)])
        for new, item in zip(chunk, opened, strict=True)
        if new.turn.due_on
    ]
    store_many(clocks)


def _turned(new: Newcomer) -> dict[str, Any]:
    turn = new.turn
    return {
        "unit_id": turn.unit_id,
        "role": turn.role,
        "addressee_id": turn.addressee_id,
        "due_at": end_of_day(turn.due_on) if turn.due_on else None,
    }


def record_many(case_ids: list[int], name: str, *, by: User | None, post: Post | None) -> Iterator[Door]:
    """Note something on several cases inside one transaction; one door after another, one event each."""
    for door in _doors(case_ids, by, post):
        door.happening.name = name
        before, round_before = str(door.matter.state), door.matter.round
        yield door
        door.finish(from_state=before, round_before=round_before)


def office_steps(case_ids: list[int], action: str, *, by: User, post: Post | None) -> Iterator[Door]:
    """Move several cases from beside inside one transaction: all of them or none.

    Raises ActionRefused where one of them cannot make the step now, PermissionDenied where the person may not.
    """
    for door in _doors(case_ids, by, post):
        door.item = open_main_item(door.case.pk)
        yield door
        check_step(door, action)
        door.happening.name = action
        before, round_before = str(door.matter.state), door.matter.round
        move(door, action)
        supersede(door)
        door.finish(from_state=before, round_before=round_before)


def _doors(case_ids: list[int], by: User | None, post: Post | None) -> Iterator[Door]:
    """The cases in the order of their ids, each locked: two such lists cannot wait for each other."""
    if not connection.in_atomic_block:
        raise RuntimeError("several cases move together inside one transaction only")
    for pk in sorted(case_ids):
        case = lock_case([pk])
        if case is None:
            raise Case.DoesNotExist
        door = Door(case, actor_of(by) if by else None)
        door.matter = read_subject(case)
        door.post = post
        yield door


@contextmanager
def look_in_many(case_ids: Any) -> Iterator[dict[int, Door]]:
    """Lock those cases of a query of ids that nobody works on just now, and look, for the clock.

    Answers a door for each; those that name an event have it written on the way out, all together.
    """
    with patiently(), transaction.atomic(durable=True):
        doors = _doors_of_free(case_ids)
        before = {pk: (str(door.matter.state), door.matter.round) for pk, door in doors.items()}
        yield doors
        events = []
        for pk, door in doors.items():
            if door.happening.name:
                door.fill_in(from_state=before[pk][0], round_before=before[pk][1])
                events.append(build_event(door.case, door.happening))
        store_events(events)
        put_in_outbox(events)
        transaction.on_commit(partial(announce, events), robust=True)


def _doors_of_free(case_ids: Any) -> dict[int, Door]:
    rows = Case.objects.select_related("division").filter(pk__in=case_ids).order_by("pk")
    cases = {case.pk: case for case in rows.select_for_update(of=("self",), no_key=True, skip_locked=True)}
    doors = {pk: Door(case, None) for pk, case in cases.items()}
    for pk, matter in read_subjects(cases.values()).items():
        doors[pk].matter = matter
    return doors


def store_events(events: Sequence[Event]) -> None:
    """Append events that were built under the locks of their cases, and move the heads of these."""
    store_many(events)
    change_many(Case, list({event.case_id: event.case for event in events}.values()), ["event_count", "head_hash"])


def put_in_outbox(events: Iterable[Event]) -> None:
    """Have the people of these events told."""
    telling = [event for event in events if event_type(event.name).tells]
    store_many([Outbox(event=event, next_try_at=event.at) for event in telling])
