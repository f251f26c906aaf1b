"""Opening many cases at once: the commit of an import. Beside it there is no way around the doors.

A new case is nobody's yet, so nothing has to be locked; everything else is as `steps.register` leaves it:
case, matter, main routing, first item with its clock, first event with the head of its chain. A test holds
the two against each other.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from django.db import connection, transaction
from viewflow.workflow.status import STATUS
from viewflow.workflow.token import Token

from organizations import clock
from organizations.models import Post, User
from workflows.calendar import end_of_day
from workflows.door import Door, check_step
from workflows.flows import FLOWS
from workflows.ledger import Happening, build_event
from workflows.models.cases import Case
from workflows.models.events import Event
from workflows.models.routing import Deadline, Routing, WorkItem
from workflows.registry import Turn
from workflows.scope import actor_of
from workflows.steps import lock_case, open_main_item, read_subject
from workflows.turning import explained, in_short, move, supersede

CHUNK = 500


@dataclass(slots=True)
class Newcomer:
    """One case to open: its anchor, its matter, whose turn it is first, and what its event notes."""

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


def register_many(newcomers: Iterable[Newcomer], opening: Opening, *, each: Callable[[int], None] | None = None) -> int:
    """Open all of them or none, `CHUNK` cases a statement; answers how many. `each` is told the count so far."""
    done = 0
    rows = iter(newcomers)
    with transaction.atomic():
        while chunk := list(islice(rows, CHUNK)):
            _open(chunk, opening)
            done += len(chunk)
            if each:
                each(done)
    return done


def _open(chunk: list[Newcomer], opening: Opening) -> None:
    now = clock.now()
    events = list(_events(chunk, opening, now))
    Case.objects.bulk_create([new.case for new in chunk])
    for new, event in zip(chunk, events, strict=True):
        new.matter.case_id = event.case_id = new.case.pk
        new.matter.case = event.case = new.case
    type(chunk[0].matter)._default_manager.bulk_create([new.matter for new in chunk])
    _open_items(chunk)
    Event.objects.bulk_create(events)


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


def _open_items(chunk: list[Newcomer]) -> None:
    flow: Any = FLOWS["main"]
    now = clock.now()
    routings = [Routing(case=new.case, kind="main", flow_class=flow, created=now) for new in chunk]
    Routing.objects.bulk_create(routings)
    begun, opened = [], []
    for new, routing in zip(chunk, routings, strict=True):
        common = {"process": routing, "round": new.matter.round, "created": now, "token": Token("start")}
        begun.append(WorkItem(flow_task=flow.start, status=STATUS.DONE, started=now, finished=now, **common))
        opened.append(
            WorkItem(
                flow_task=flow.node_for(str(new.matter.state)),
                unit_id=new.turn.unit_id,
                role=new.turn.role,
                addressee_id=new.turn.addressee_id,
                due_at=end_of_day(new.turn.due_on) if new.turn.due_on else None,
                **common,
            )
        )
    for item in [*begun, *opened]:
        item.flow_task_type = item.flow_task.task_type
    WorkItem.objects.bulk_create([*begun, *opened])
    made = {id(new.turn): explained(new.turn) for new in chunk}  # rows of one list share their turns
    Deadline.objects.bulk_create(
        Deadline(
            case=new.case,
            item=item,
            rule=new.turn.rule,
            computation=made[id(new.turn)],
            due_on=new.turn.due_on,
            due_at=item.due_at,
        )
        for new, item in zip(chunk, opened, strict=True)
        if new.turn.due_on
    )


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
