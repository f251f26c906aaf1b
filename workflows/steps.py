"""The doors: nothing else changes a case.

`step` takes one step on an open work item, `office_step` moves a case from beside (suspend, reassign,
withdraw …), `record` notes what is not a step, `register` opens a case. Each locks the case row first,
reads everything after the lock, and writes exactly one event on the way out.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.utils import OperationalError
from django.utils.translation import gettext as _
from django_fsm import can_proceed, has_transition_perm

from organizations import clock
from organizations.models import Post, User
from workflows.door import (
    ActionRefused,
    Door,
    admit,
    already_done,
    check_step,
    posts_behind,
    recused_people,
    refuse_claimed,
)
from workflows.models.cases import Case
from workflows.models.routing import OPEN, WorkItem
from workflows.registry import side_matter, subject_type
from workflows.scope import Actor, actor_of
from workflows.turning import (
    advance_side,
    close_item,
    close_side_items,
    complete,
    move,
    open_routing,
    supersede,
)

__all__ = [
    "ActionRefused",
    "Door",
    "beside",
    "close_side_items",
    "look_in",
    "office_step",
    "open_routing",
    "record",
    "recused_people",
    "register",
    "side_step",
    "step",
]


@contextmanager
def step(item_id: int, action: str | Callable[[Any], str], *, by: User, stand_in: str = "") -> Iterator[Door]:
    """Take one step on an open work item of the main routing.

    `action` is a transition, or a function that names it for the matter as it stands under the lock.

    With `stand_in`, a post of that role over the case's place records the step for whoever owes it
    (代录); recusal holds for the recorder too. Raises WorkItem.DoesNotExist, ActionRefused with a
    sentence, PermissionDenied, in that order of questions: is this item still open, can this happen
    now, may this person.
    """
    with _locked(WorkItem.objects.filter(pk=item_id).values_list("process__case_id", flat=True)) as case:
        item = WorkItem.objects.select_related("process").get(pk=item_id)
        if not item.is_open:
            raise ActionRefused(already_done(item))
        door = Door(case, Actor(by, actor_of(by).posts, item), item)
        door.matter = read_subject(case)
        action = action if isinstance(action, str) else action(door.matter)
        admit(door, action, stand_in)
        if not stand_in:
            refuse_claimed(door, by)
        door.happening.name = action
        before, round_before = str(door.matter.state), door.matter.round
        yield door
        move(door, action)
        complete(door)
        door.finish(from_state=before, round_before=round_before)


@contextmanager
def office_step(case_id: int, action: str, *, seen: int, by: User | None) -> Iterator[Door]:
    """Move a case from beside its work items; `seen` is the number of the last event on the form.

    Raises Case.DoesNotExist, ActionRefused when something newer has happened, PermissionDenied.
    """
    with _locked(Case.objects.filter(pk=case_id).values_list("pk", flat=True)) as case:
        if case.event_count > seen:
            raise ActionRefused(_("在您打开页面之后，这个问题又有了新的办理情况。请刷新页面看过之后再办理。"))
        item = open_main_item(case.pk)
        door = Door(case, Actor(by, actor_of(by).posts, item) if by else None, item)
        door.matter = read_subject(case)
        check_step(door, action)
        if door.actor:
            door.post = next(iter(posts_behind(door, action)), None)
        door.happening.name = action
        before, round_before = str(door.matter.state), door.matter.round
        yield door
        move(door, action)
        supersede(door)
        door.finish(from_state=before, round_before=round_before)


@contextmanager
def record(case_id: int, name: str, *, by: User | None, post: Post | None = None) -> Iterator[Door]:
    """Note what is not a step: same lock, same event; state, item and clocks stay untouched."""
    with _locked(Case.objects.filter(pk=case_id).values_list("pk", flat=True)) as case:
        door = Door(case, actor_of(by) if by else None)
        door.matter = read_subject(case)
        door.post = post
        door.happening.name = name
        state, round_now = str(door.matter.state), door.matter.round
        yield door
        door.finish(from_state=state, round_before=round_now)


@contextmanager
def look_in(case_ids: Any) -> Iterator[Door]:
    """Lock the case of a query of ids and look, for the clock: an event is written only if the caller names one."""
    with _locked(case_ids) as case:
        door = Door(case, None)
        door.matter = read_subject(case)
        state, round_now = str(door.matter.state), door.matter.round
        yield door
        if door.happening.name:
            door.finish(from_state=state, round_before=round_now)


@contextmanager
def side_step(item_id: int, name: str, *, by: User) -> Iterator[Door]:
    """Do the duty of a side routing: its item closes, the main line is untouched."""
    with _locked(WorkItem.objects.filter(pk=item_id).values_list("process__case_id", flat=True)) as case:
        item = WorkItem.objects.select_related("process").get(pk=item_id)
        if not item.is_open:
            raise ActionRefused(already_done(item))
        door = Door(case, Actor(by, actor_of(by).posts, item), item)
        door.matter = read_subject(case)
        door.post = door.actor.post_for(item) if door.actor else None
        if door.post is None:
            raise PermissionDenied
        door.happening.name = name
        state, round_now = str(door.matter.state), door.matter.round
        yield door
        item.process.subject_state = "done"
        close_item(door)
        door.finish(from_state=state, round_before=round_now)


@contextmanager
def beside(item_id: int, action: str, *, by: User) -> Iterator[Door]:
    """Take one step of a side matter with a life cycle of its own (`door.side`: an extension, an escalation).

    The main line stays where it is. The event is named after the routing's kind and the transition. The same
    questions in the same order as in `step`.
    """
    with _locked(WorkItem.objects.filter(pk=item_id).values_list("process__case_id", flat=True)) as case:
        item = WorkItem.objects.select_related("process").get(pk=item_id)
        if not item.is_open:
            raise ActionRefused(already_done(item))
        routing: Any = item.process
        actor = Actor(by, actor_of(by).posts, item)
        door = Door(case, actor, item)
        door.matter = read_subject(case)
        door.side = side_matter(routing.kind, case.pk, routing.key)
        door.side.problem = door.matter
        method = getattr(door.side, action)
        if not can_proceed(method):
            raise ActionRefused(_("这件事已经到了下一步，请刷新页面，按最新情况办理。"))
        if not has_transition_perm(method, actor):  # type: ignore[arg-type]
            raise PermissionDenied
        door.post = actor.post_for(item) or next(iter(posts_behind(door, "recall")), None)
        refuse_claimed(door, by)
        door.happening.name = f"{routing.kind}_{action}"
        state, round_now = str(door.matter.state), door.matter.round
        yield door
        name, kwargs = door.chosen or (action, {})
        getattr(door.side, name)(**kwargs)
        door.side.save()
        advance_side(door)
        door.finish(from_state=state, round_before=round_now)


@contextmanager
def register(case: Case, subject: Any, name: str, *, by: User | None, post: Post | None) -> Iterator[Door]:
    """Open a new case with its subject, its main routing and its first item, in one transaction."""
    with transaction.atomic(durable=True):
        case.created_at = clock.now()
        case.save(force_insert=True)
        door = Door(case, actor_of(by) if by else None)
        door.matter = subject
        door.post = post
        door.happening.name = name
        yield door
        open_routing(door, "main", "")
        door.finish(from_state="", round_before=subject.round)


@contextmanager
def _locked(case_ids: Any) -> Iterator[Case]:
    """A durable transaction around the locked case row."""
    with patiently(), transaction.atomic(durable=True):
        case = lock_case(case_ids)
        if case is None:
            raise case_ids.model.DoesNotExist
        yield case


@contextmanager
def patiently() -> Iterator[None]:
    """Waiting too long for a lock is a sentence."""
    try:
        yield
    except OperationalError as error:
        if "lock timeout" in str(error) or "database is locked" in str(error):
            raise ActionRefused(_("这个问题正在由别人办理，请稍候几秒再试一次，您填写的内容没有丢失。")) from error
        raise


def lock_case(case_ids: Any) -> Case | None:
    """The case of a query of ids, found and locked in one statement; what hangs on it is read after the lock."""
    rows = Case.objects.select_related("division").select_for_update(of=("self",), no_key=True)
    return rows.filter(pk__in=case_ids).first()


def open_main_item(case_id: int) -> WorkItem | None:
    """The open item of a locked case's main routing."""
    rows = WorkItem.objects.select_related("process").filter(process__kind="main", flow_task_type="HUMAN")
    return rows.filter(process__case_id=case_id, status__in=OPEN).first()


def read_subject(case: Case) -> Any:
    """The matter of a locked case, read after the lock."""
    return read_subjects([case])[case.pk]


def read_subjects(cases: Iterable[Case]) -> dict[int, Any]:
    """The matters of locked cases, a statement for each kind; KeyError comes later for a case without one."""
    by_kind: dict[str, dict[int, Case]] = {}
    for case in cases:
        by_kind.setdefault(case.kind, {})[case.pk] = case
    found: dict[int, Any] = {}
    for name, of_kind in by_kind.items():
        kind = subject_type(name)
        rows: Any = kind.model._default_manager.select_related(*kind.related).filter(case_id__in=of_kind)
        for subject in rows:
            subject.case = of_kind[subject.case_id]  # with its place, read under the lock
            found[subject.case_id] = subject
    return found
