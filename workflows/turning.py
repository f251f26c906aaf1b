"""Moving on: the transition, the item that closes, the item that opens, and their clocks."""

from datetime import date
from typing import Any

from viewflow.workflow.status import STATUS

from organizations import clock
from workflows.calendar import end_of_day
from workflows.door import Door
from workflows.flows import FLOWS
from workflows.models.routing import OPEN, Deadline, WorkItem
from workflows.registry import Turn, subject_type


def move(door: Door, action: str) -> None:
    """Make the transition the action chose, in memory, and store the matter."""
    name, kwargs = door.chosen or (action, {})
    subject = door.matter
    getattr(subject, name)(**kwargs)
    subject.moved_at = clock.now()
    door.save_matter()


def _find_turn(door: Door) -> Turn | None:
    subject = door.matter
    if subject.is_final:
        return None
    turn = door.given or subject_type(door.case.kind).whose_turn(subject, str(subject.state))
    if turn.notes:
        door.note(notes=turn.notes)
    door.note(turn=in_short(turn))
    return turn


def in_short(turn: Turn) -> dict[str, Any]:
    """Whose turn it is, as an event notes it."""
    short = {"unit": turn.unit_id, "role": turn.role, "due": turn.due_on.isoformat() if turn.due_on else None}
    return {**short, "person": turn.addressee_id} if turn.addressee_id else short


def complete(door: Door) -> None:
    """Close the item as done and open the next one with its clock."""
    _prepare(door, door.item.process)  # type: ignore[union-attr]
    close_side_items(door, only_if_final=True)
    close_item(door)
    _start_clock(door, door.item.process)  # type: ignore[union-attr]


def close_item(door: Door) -> None:
    """Close the item as done by this person; viewflow opens what follows."""
    item = door.item
    if item is None or door.by is None:
        raise TypeError("a step needs an item and a person")
    item.status = STATUS.ASSIGNED
    item.owner = door.by
    item.assigned = item.assigned or clock.now()
    activation = item.flow_task.activation_class(item)
    activation.start(None)
    item.started = clock.now()
    activation.execute()


def supersede(door: Door) -> None:
    """Close the open item as overtaken and open what follows; a closed case gets a new routing."""
    close_side_items(door, only_if_final=True)
    if door.item is None:
        open_routing(door, "main", "")
        return
    _prepare(door, door.item.process)
    activation = door.item.flow_task.activation_class(door.item)
    activation.supersede()
    activation.follow()
    _start_clock(door, door.item.process)


def _prepare(door: Door, process: Any) -> None:
    door.turn = _find_turn(door)
    process.turn = door.turn
    process.round = door.matter.round
    process.subject_state = str(door.matter.state)


def open_routing(door: Door, kind: str, key: str, turn: Turn | None = None) -> WorkItem:
    """Start a routing of the case and its first item; without a turn, of the state the subject is in."""
    flow_class: Any = FLOWS[kind]
    activation = flow_class.start.activation_class.create(flow_class.start, None, None)
    process: Any = activation.process
    process.case, process.kind, process.key, process.created = door.case, kind, key, clock.now()
    activation.task.created = activation.task.started = clock.now()
    activation.task.round = door.matter.round
    if turn is None:
        _prepare(door, process)
    else:
        process.turn, process.subject_state = turn, "side"
        process.round = turn.round or door.matter.round
    activation.execute()
    _start_clock(door, process)
    return process.opened


def _start_clock(door: Door, process: Any) -> None:
    """The deadline of the item just opened: how its date was made stands beside it."""
    opened: WorkItem | None = getattr(process, "opened", None)
    turn: Turn | None = process.turn
    if opened is None or turn is None or turn.due_on is None:
        return
    Deadline.objects.create(
        case=door.case,
        item=opened,
        rule=turn.rule,
        computation=explained(turn),
        due_on=turn.due_on,
        due_at=opened.due_at or end_of_day(turn.due_on),
    )


def explained(turn: Turn) -> dict[str, Any]:
    """The computation with its sentence, so that the page can say how the date was made."""
    if turn.computation is None:
        return {}
    return {**turn.computation.as_json(), "sentence": turn.computation.sentence()}


def close_side_items(door: Door, *, only_if_final: bool, key: str = "") -> list[str]:
    """Supersede side duties: all of them when the case is final, or the one of a key."""
    if only_if_final and not door.matter.is_final:
        return []
    rows = WorkItem.objects.select_related("process").filter(
        process__case=door.case, status__in=OPEN, flow_task_type="HUMAN"
    )
    rows = rows.exclude(process__kind="main")
    closed = []
    for item in rows.filter(process__key=key) if key else rows:
        process: Any = item.process
        process.subject_state, process.turn, process.round = "done", None, item.round
        activation = item.flow_task.activation_class(item)
        activation.supersede()
        activation.follow()
        closed.append(process.key)
    return closed


def start_case_clock(door: Door, *, due_on: date | None, rule: str, computation: dict[str, Any]) -> None:
    """Set or replace the case clock; the old row stays, marked as superseded."""
    Deadline.objects.filter(case=door.case, item__isnull=True, superseded_at__isnull=True).update(
        superseded_at=clock.now()
    )
    if due_on:
        Deadline.objects.create(
            case=door.case, rule=rule, computation=computation, due_on=due_on, due_at=end_of_day(due_on)
        )
