"""The doors: nothing else changes a case.

`step` takes one step on an open work item, `office_step` moves a case from beside (suspend, reassign,
withdraw …), `record` notes what is not a step, `register` opens a case. Each locks the case row first,
reads everything after the lock, and writes exactly one event on the way out.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from django.core.exceptions import PermissionDenied
from django.db import connection, models, transaction
from django.db.utils import OperationalError
from django.utils.translation import gettext as _
from django_fsm import can_proceed, has_transition_perm
from viewflow.workflow.status import STATUS

from organizations import clock
from organizations.models import Post, User
from organizations.roles import Role
from workflows.calendar import end_of_day
from workflows.flows import FLOWS
from workflows.ledger import Happening, write_event
from workflows.models.cases import Case
from workflows.models.events import Event, FrozenRow
from workflows.models.routing import OPEN, Deadline, Routing, WorkItem
from workflows.registry import Turn, event_type, recusing_events, subject_type
from workflows.scope import Actor, actor_of

SubjectT = TypeVar("SubjectT", bound=models.Model)


class ActionRefused(Exception):  # noqa: N818 -- a sentence for a person, not an error
    """The step cannot be taken now; the message is a whole sentence that says what to do."""


class Door:
    """What an action holds while the case is locked."""

    def __init__(self, case: Case, actor: Actor | None, item: WorkItem | None = None) -> None:
        self.case = case
        self.actor = actor
        self.item = item
        self.happening = Happening(name="")
        self.event: Event | None = None
        self._subject: Any = None
        self._rows: list[FrozenRow] = []
        self._fire: tuple[str, dict[str, Any]] | None = None
        self._post: Post | None = None
        self.turn: Turn | None = None
        self._given: Turn | None = None

    @property
    def by(self) -> User | None:
        """The person acting; None for the clock."""
        return self.actor.user if self.actor else None

    @property
    def post(self) -> Post | None:
        """The post by which the person acts, shown on every decision."""
        return self._post

    def subject(self, model: type[SubjectT]) -> SubjectT:
        """The locked case's matter, read after the lock."""
        if not isinstance(self._subject, model):
            raise TypeError(f"this case is about a {type(self._subject).__name__}")
        return self._subject

    def write(self, row: FrozenRow) -> Any:
        """Store a frozen row of this case and have the event name its digest."""
        row.case_id = self.case.pk  # type: ignore[attr-defined]
        row.save(force_insert=True)
        self._rows.append(row)
        return row

    def name_again(self, row: FrozenRow) -> None:
        """Have the event name a row that was written before and counts for this step."""
        self._rows.append(row)

    def fire(self, transition: str, **kwargs: Any) -> None:
        """Choose the transition to make on leaving, with what it asks for."""
        self._fire = (transition, kwargs)

    def give(self, turn: Turn) -> None:
        """Say whose turn it is next, where the action has found it already (an approver)."""
        self._given = turn

    def note(self, **data: Any) -> None:
        """Add ids, codes and numbers to the event; never free text, never personal data."""
        self.happening.data.update(data)

    def finish(self, *, from_state: str, round_before: int) -> None:
        """Write the one event of this door."""
        self.happening.from_state = from_state
        self.happening.to_state = str(self._subject.state)
        self.happening.round = round_before
        self.happening.actor_id = self.by.pk if self.by else None
        self.happening.post_id = self._post.pk if self._post else None
        self.happening.unit_id = self._post.unit_id if self._post else None
        self.happening.work_item = self.item.pk if self.item else None
        if self._rows:
            self.happening.data["rows"] = [row.named() for row in self._rows]
        if self._post and self._post.acting_for_id:
            self.happening.data["acting_for"] = self._post.acting_for_id
        self.event = write_event(self.case, self.happening)


@contextmanager
def step(item_id: int, action: str, *, by: User, stand_in: str = "") -> Iterator[Door]:
    """Take one step on an open work item of the main routing.

    With `stand_in`, a post of that role over the case's place records the step for whoever owes it
    (代录); recusal holds for the recorder too. Raises WorkItem.DoesNotExist, ActionRefused with a sentence, PermissionDenied, in that order of
    questions: is this item still open, can this happen now, may this person.
    """
    with _locked(WorkItem.objects.filter(pk=item_id).values_list("process__case_id", flat=True)) as case:
        item = WorkItem.objects.select_related("process").get(pk=item_id)
        if not item.is_open:
            raise ActionRefused(_already_done(item))
        door = Door(case, Actor(by, actor_of(by).posts, item), item)
        door._subject = _read_subject(case)
        _admit(door, action, stand_in)
        if (
            not stand_in
            and item.owner_id not in (None, by.pk)
            and not (door._post and door._post.role == Role.UNIT_HEAD)
        ):
            raise ActionRefused(
                _("这一步已由%(name)s认领，请等其办理，或由整改办改派。") % {"name": item.owner}
            )
        door.happening.name = action
        before, round_before = str(door._subject.state), door._subject.round
        yield door
        _move(door, action)
        _complete(door)
        door.finish(from_state=before, round_before=round_before)


@contextmanager
def office_step(case_id: int, action: str, *, seen: int, by: User | None) -> Iterator[Door]:
    """Move a case from beside its work items; `seen` is the number of the last event on the form.

    Raises Case.DoesNotExist, ActionRefused when something newer has happened, PermissionDenied.
    """
    with _locked(Case.objects.filter(pk=case_id).values_list("pk", flat=True)) as case:
        if case.event_count > seen:
            raise ActionRefused(_("在您打开页面之后，这个问题又有了新的办理情况。请刷新页面看过之后再办理。"))
        item = (
            WorkItem.objects.select_related("process")
            .filter(process__case_id=case.pk, process__kind="main", status__in=OPEN, flow_task_type="HUMAN")
            .first()
        )
        door = Door(case, Actor(by, actor_of(by).posts, item) if by else None, item)
        door._subject = _read_subject(case)
        _check(door, action)
        if door.actor:
            door._post = next(iter(_posts_behind(door, action)), None)
        door.happening.name = action
        before, round_before = str(door._subject.state), door._subject.round
        yield door
        _move(door, action)
        _supersede(door)
        door.finish(from_state=before, round_before=round_before)


@contextmanager
def record(case_id: int, name: str, *, by: User | None, post: Post | None = None) -> Iterator[Door]:
    """Note what is not a step: same lock, same event; state, item and clocks stay untouched."""
    with _locked(Case.objects.filter(pk=case_id).values_list("pk", flat=True)) as case:
        door = Door(case, actor_of(by) if by else None)
        door._subject = _read_subject(case)
        door._post = post
        door.happening.name = name
        state, round_now = str(door._subject.state), door._subject.round
        yield door
        door.finish(from_state=state, round_before=round_now)


@contextmanager
def side_step(item_id: int, name: str, *, by: User) -> Iterator[Door]:
    """Do the duty of a side routing: its item closes, the main line is untouched."""
    with _locked(WorkItem.objects.filter(pk=item_id).values_list("process__case_id", flat=True)) as case:
        item = WorkItem.objects.select_related("process").get(pk=item_id)
        if not item.is_open:
            raise ActionRefused(_already_done(item))
        door = Door(case, Actor(by, actor_of(by).posts, item), item)
        door._subject = _read_subject(case)
        door._post = door.actor.post_for(item) if door.actor else None
        if door._post is None:
            raise PermissionDenied
        door.happening.name = name
        state, round_now = str(door._subject.state), door._subject.round
        yield door
        item.process.subject_state = "done"
        _close_item(door)
        door.finish(from_state=state, round_before=round_now)


@contextmanager
def register(case: Case, subject: Any, name: str, *, by: User | None, post: Post | None) -> Iterator[Door]:
    """Open a new case with its subject, its main routing and its first item, in one transaction."""
    with transaction.atomic(durable=True):
        case.created_at = clock.now()
        case.save(force_insert=True)
        door = Door(case, actor_of(by) if by else None)
        door._subject = subject
        door._post = post
        door.happening.name = name
        yield door
        open_routing(door, "main", "")
        door.finish(from_state="", round_before=subject.round)


@contextmanager
def _locked(case_ids: Any) -> Iterator[Case]:
    """A durable transaction around the locked case row; waiting too long is a sentence."""
    try:
        with transaction.atomic(durable=True):
            case_id = case_ids.get()
            yield Case.objects.select_for_update(no_key=True).get(pk=case_id)
    except OperationalError as error:
        if "lock timeout" in str(error) or "database is locked" in str(error):
            raise ActionRefused(
                _("这个问题正在由别人办理，请稍候几秒再试一次，您填写的内容没有丢失。")
            ) from error
        raise


def _read_subject(case: Case) -> Any:
    kind = subject_type(case.kind)
    subject = kind.model._default_manager.select_related(*kind.related).get(case_id=case.pk)
    subject.case = case
    return subject


def _check(door: Door, action: str) -> None:
    method = getattr(door._subject, action)
    if not can_proceed(method):
        raise ActionRefused(
            _("这个问题现在是“%(state)s”，不能办理这一步。请刷新页面，按最新环节办理。")
            % {"state": door._subject.get_state_display()}
        )
    if door.actor is None:
        return
    if door.item is not None:
        door.actor.recusal = recusal_of(door)
    if not has_transition_perm(method, door.actor):
        if door.actor.recusal and door.actor.post_for(door.item):
            raise ActionRefused(door.actor.recusal)
        raise PermissionDenied


def _admit(door: Door, action: str, stand_in: str) -> None:
    """Check the step and find the post behind it: the holder's own, or one standing in."""
    if not stand_in:
        _check(door, action)
        door._post = door.actor.post_for(door.item) if door.actor else None
        return
    post = door.actor.post_over(door._subject.area_path, stand_in) if door.actor else None
    if post is None:
        raise PermissionDenied
    if not can_proceed(getattr(door._subject, action)):
        raise ActionRefused(_("这个问题已不在这个环节，请刷新页面，按最新环节办理。"))
    acts = recused_people(door.case.pk, door._subject.round)
    if door.by and door.by.pk in acts:
        raise ActionRefused(
            _("您已参与这个问题的%(act)s，按回避规定不能再审议，请由他人办理。") % {"act": acts[door.by.pk]}
        )
    door._post = post


def recusal_of(door: Door) -> str:
    """Why this person may not judge (回避), or an empty string."""
    subject, actor, item = door._subject, door.actor, door.item
    if actor is None or item is None or not subject.is_judged:
        return ""
    post = actor.post_for(item)
    if post is None:
        return ""
    if str(subject.state) == "verifying":
        barred = subject.responsible_unit_ids & {each.unit_id for each in actor.posts}
        return _("核查人不能来自承担整改任务的单位（回避）。") if barred else ""
    acts = recused_people(door.case.pk, subject.round)
    if actor.user.pk in acts:
        return _("您已参与这个问题的%(act)s，按回避规定不能再审议，请由他人办理。") % {
            "act": acts[actor.user.pk]
        }
    return ""


def recused_people(case_id: int, round_number: int) -> dict[int, str]:
    """People who found, reported, verified or judged in this round, with the act that bars them."""
    rows = Event.objects.filter(case_id=case_id, name__in=recusing_events(), actor__isnull=False).values_list(
        "actor_id", "name", "round"
    )
    return {
        actor: str(event_type(name).sentence)
        for actor, name, in_round in rows
        if in_round == round_number or name in {"registered", "reopen"}
    }


def _posts_behind(door: Door, action: str) -> list[Post]:
    actor = door.actor
    if actor is None:
        return []
    subject = door._subject
    candidates = [
        actor.post_over(subject.area_path, Role.OFFICE),
        actor.post_in(subject.lead_unit_id, Role.UNIT_HEAD),
        actor.post_in(subject.lead_unit_id, Role.UNIT_CLERK),
    ]
    if action == "recall":
        candidates = candidates[1:]
    return [post for post in candidates if post is not None]


def _already_done(item: WorkItem) -> str:
    if item.status == STATUS.DONE and item.owner_id:
        return _("这一步已由%(name)s办理，请刷新页面查看最新情况。") % {"name": item.owner}
    return _("这一步已经结束或被撤回，请刷新页面查看最新情况。")


def _move(door: Door, action: str) -> None:
    name, kwargs = door._fire or (action, {})
    subject = door._subject
    getattr(subject, name)(**kwargs)
    subject.moved_at = clock.now()
    subject.save()


def _find_turn(door: Door) -> Turn | None:
    subject = door._subject
    if subject.is_final:
        return None
    turn = door._given or subject_type(door.case.kind).whose_turn(subject, str(subject.state))
    if turn.notes:
        door.note(notes=turn.notes)
    door.note(
        turn={
            "unit": turn.unit_id,
            "role": turn.role,
            "due": turn.due_on.isoformat() if turn.due_on else None,
        }
    )
    return turn


def _complete(door: Door) -> None:
    _prepare(door, door.item.process)  # type: ignore[union-attr]
    _close_item(door)
    _start_clock(door, door.item.process)  # type: ignore[union-attr]


def _close_item(door: Door) -> None:
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


def _supersede(door: Door) -> None:
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
    process.round = door._subject.round
    process.subject_state = str(door._subject.state)


def open_routing(door: Door, kind: str, key: str, turn: Turn | None = None) -> WorkItem:
    """Start a routing of the case and its first item; without a turn, of the state the subject is in."""
    flow_class = FLOWS[kind]
    activation = flow_class.start.activation_class.create(flow_class.start, None, None)
    process: Any = activation.process
    process.case, process.kind, process.key, process.created = door.case, kind, key, clock.now()
    activation.task.created = activation.task.started = clock.now()
    activation.task.round = door._subject.round
    if turn is None:
        _prepare(door, process)
    else:
        process.turn, process.round, process.subject_state = turn, door._subject.round, "side"
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
        computation=turn.computation.as_json() if turn.computation else {},
        due_on=turn.due_on,
        due_at=opened.due_at or end_of_day(turn.due_on),
    )


def close_side_items(door: Door, *, only_if_final: bool, key: str = "") -> list[str]:
    """Supersede side duties: all of them when the case is final, or the one of a key."""
    if only_if_final and not door._subject.is_final:
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


def start_case_clock(door: Door, *, due_on: Any, rule: str, computation: dict[str, Any]) -> None:
    """Set or replace the case clock; the old row stays, marked as superseded."""
    Deadline.objects.filter(case=door.case, item__isnull=True, superseded_at__isnull=True).update(
        superseded_at=clock.now()
    )
    if due_on:
        Deadline.objects.create(
            case=door.case, rule=rule, computation=computation, due_on=due_on, due_at=end_of_day(due_on)
        )


def has_row_locks() -> bool:
    """Whether the database locks single rows (PostgreSQL); SQLite locks the whole file."""
    return connection.vendor == "postgresql"


__all__ = [
    "ActionRefused",
    "Door",
    "Routing",
    "office_step",
    "open_routing",
    "record",
    "register",
    "side_step",
    "start_case_clock",
    "step",
]
