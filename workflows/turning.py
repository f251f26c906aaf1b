"""Moving on: the transition, the item that closes, the item that opens, and their clocks."""

from typing import Any

from viewflow.workflow.status import STATUS

from organizations import clock
from workflows.calendar import end_of_day
from workflows.clocks import end_clocks, look_again
from workflows.door import Door
from workflows.flows import FLOWS
from workflows.models.clocks import ClockKind, Deadline
from workflows.models.routing import OPEN, WorkItem
from workflows.registry import Turn, side_matter, side_model, subject_type


def move(door: Door, action: str) -> None:
    """Make the transition the action chose, in memory, and store the matter."""
    name, kwargs = door.chosen or (action, {})
    subject = door.matter
    round_before = subject.round
    getattr(subject, name)(**kwargs)
    subject.moved_at = clock.now()
    door.save_matter()
    if subject.is_final:
        end_clocks(door.case.pk)
    elif subject.round != round_before:  # levels are told of anew in each round
        look_again(door.case.pk)


def _find_turn(door: Door) -> Turn | None:
    subject = door.matter
    if subject.is_final or subject.is_with_the_clock:
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
    """Close the open item as overtaken and open what follows; where none was open a new routing begins."""
    close_side_items(door, only_if_final=True)
    if door.item is None:
        if not door.matter.is_final:
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


def open_routing(door: Door, kind: str, key: str, turn: Turn | None = None, state: str = "side") -> WorkItem:
    """Start a routing of the case and its first item; without a turn, of the state the subject is in.

    `state` is where a side matter with a life cycle of its own stands.
    """
    flow_class: Any = FLOWS[kind]
    activation = flow_class.start.activation_class.create(flow_class.start, None, None)
    process: Any = activation.process
    process.case, process.kind, process.key, process.created = door.case, kind, key, clock.now()
    activation.task.created = activation.task.started = clock.now()
    activation.task.round = door.matter.round
    if turn is None:
        _prepare(door, process)
    else:
        process.turn, process.subject_state = turn, state
        process.round = turn.round or door.matter.round
    activation.execute()
    _start_clock(door, process)
    return process.opened


def _start_clock(door: Door, process: Any) -> None:
    """The deadline of the item just opened: how its date was made stands beside it."""
    opened: WorkItem | None = getattr(process, "opened", None)
    turn: Turn | None = process.turn
    if opened is not None and turn is not None and turn.due_on is not None:
        Deadline.objects.create(case=door.case, item=opened, **clock_of(turn))


def clock_of(turn: Turn) -> dict[str, Any]:
    """The columns of an item's deadline: its date, the rule behind it, and when to look at it next."""
    if turn.due_on is None:
        raise TypeError("a turn without a date has no clock")
    due_at = end_of_day(turn.due_on)
    made = turn.computation
    return {
        "kind": ClockKind.STEP,
        "rule": turn.rule,
        "computation": made.explained() if made else {},
        "policy_id": turn.policy_id,
        "step": turn.step,
        "start_on": made.start if made else None,
        "limit": made.limit.as_json() if made else None,
        "follows_case": turn.follows_case,
        "due_on": turn.due_on,
        "due_at": due_at,
        "next_check_at": due_at,
    }


def advance_side(door: Door) -> None:
    """Close the item of a side matter that has moved, and open the one of the state it has moved to."""
    if door.item is None or door.side is None:
        raise TypeError("a side matter moves by its item")
    process: Any = door.item.process
    final = door.side.is_final
    process.turn = None if final else door.given
    if not final and door.given is None:
        raise TypeError("a side matter that goes on needs somebody's turn")
    process.subject_state = "done" if final else str(door.side.state)
    process.round = door.item.round
    if door.given is not None:
        door.note(turn=in_short(door.given))
    note_side(door, process, str(door.side.state))
    close_item(door)
    _start_clock(door, process)


def note_side(door: Door, process: Any, state: str) -> None:
    """Have the event say where a side matter now stands, so that the verification can hold its row against it."""
    said = {"kind": process.kind, "number": int(process.key), "to": state}
    door.note(sides=[*door.happening.data.get("sides", []), said])


def close_side_items(door: Door, *, only_if_final: bool, key: str = "", kind: str = "") -> list[str]:
    """Supersede side duties: all of them when the case is final, or those of a kind, or the one of a key."""
    if only_if_final and not door.matter.is_final:
        return []
    rows = WorkItem.objects.select_related("process").filter(
        process__case=door.case, status__in=OPEN, flow_task_type="HUMAN"
    )
    rows = rows.exclude(process__kind="main")
    wanted = {name: value for name, value in (("process__key", key), ("process__kind", kind)) if value}
    closed = []
    for item in rows.filter(**wanted):
        process: Any = item.process
        if side_model(process.kind):
            matter = side_matter(process.kind, door.case.pk, process.key)
            matter.overtake()
            matter.save(update_fields=["state"])
            note_side(door, process, str(matter.state))
        process.subject_state, process.turn, process.round = "done", None, item.round
        activation = item.flow_task.activation_class(item)
        activation.supersede()
        activation.follow()
        closed.append(process.key)
    return closed
