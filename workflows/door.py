"""What an action holds while a case is locked, and who is let in."""

from typing import Any, TypeVar

from django.core.exceptions import PermissionDenied
from django.db import models
from django.utils.translation import gettext as _
from django_fsm import can_proceed, has_transition_perm
from viewflow.workflow.status import STATUS

from organizations.models import Post, User
from organizations.roles import Role
from workflows.ledger import Happening, write_event
from workflows.models.cases import Case
from workflows.models.events import Event, FrozenRow
from workflows.models.routing import WorkItem
from workflows.registry import Turn, event_type, recusing_events
from workflows.scope import Actor

SubjectT = TypeVar("SubjectT", bound=models.Model)


class ActionRefused(Exception):  # noqa: N818 -- a sentence for a person, not an error
    """The step cannot be taken now; the message is a whole sentence that says what to do.

    `field` names what was filled in wrongly, so that a form can say it there.
    """

    def __init__(self, sentence: str = "", *, field: str = "") -> None:
        super().__init__(sentence)
        self.field = field


class Door:
    """What an action holds while the case is locked."""

    def __init__(self, case: Case, actor: Actor | None, item: WorkItem | None = None) -> None:
        self.case = case
        self.actor = actor
        self.item = item
        self.happening = Happening(name="")
        self.event: Event | None = None
        self._matter: Any = None
        self._as_read: dict[str, Any] = {}
        self._recused: dict[int, str] | None = None
        self._rows: list[FrozenRow] = []
        self.chosen: tuple[str, dict[str, Any]] | None = None
        self.post: Post | None = None
        self.turn: Turn | None = None
        self.given: Turn | None = None
        self.side: Any = None

    @property
    def by(self) -> User | None:
        """The person acting; None for the clock."""
        return self.actor.user if self.actor else None

    @property
    def unit_id(self) -> int:
        """The unit on whose behalf the person acts."""
        if self.post is None:
            raise PermissionDenied
        return self.post.unit_id

    @property
    def matter(self) -> Any:
        """The locked case's matter, whatever its kind."""
        return self._matter

    @matter.setter
    def matter(self, subject: Any) -> None:
        self._matter = subject
        self._as_read = _values_of(subject)

    def save_matter(self) -> None:
        """Store the fields of the matter that this step changed."""
        now = _values_of(self.matter)
        changed = [name for name, value in now.items() if value != self._as_read[name]]
        self.matter.save(update_fields=changed)
        self._as_read = now

    def recused(self) -> dict[int, str]:
        """Who may not judge this round, with the act that bars them; read once."""
        if self._recused is None:
            self._recused = recused_people(self.case.pk, self.matter.round)
        return self._recused

    def subject(self, model: type[SubjectT]) -> SubjectT:
        """The locked case's matter, read after the lock."""
        if not isinstance(self.matter, model):
            raise TypeError(f"this case is about a {type(self.matter).__name__}")
        return self.matter

    def write(self, row: FrozenRow) -> Any:
        """Store a frozen row of this case and have the event name its digest."""
        row.case_id = self.case.pk  # type: ignore[attr-defined]
        row.save(force_insert=True)
        self._rows.append(row)
        return row

    def fire(self, transition: str, **kwargs: Any) -> None:
        """Choose the transition to make on leaving, with what it asks for."""
        self.chosen = (transition, kwargs)

    def give(self, turn: Turn) -> None:
        """Say whose turn it is next, where the action has found it already (an approver)."""
        self.given = turn

    def note(self, **data: Any) -> None:
        """Add ids, codes and numbers to the event; never free text, never personal data."""
        self.happening.data.update(data)

    def finish(self, *, from_state: str, round_before: int) -> None:
        """Write the one event of this door."""
        self.fill_in(from_state=from_state, round_before=round_before)
        self.event = write_event(self.case, self.happening)

    def fill_in(self, *, from_state: str, round_before: int) -> None:
        """Complete what the event of this door says: from where to where, by whom, with which rows."""
        self.happening.from_state = from_state
        self.happening.to_state = str(self.matter.state)
        self.happening.round = round_before
        self.happening.actor_id = self.by.pk if self.by else None
        self.happening.post_id = self.post.pk if self.post else None
        self.happening.unit_id = self.post.unit_id if self.post else None
        self.happening.work_item = self.item.pk if self.item else None
        if self._rows:
            self.happening.data["rows"] = [row.named() for row in self._rows]
        if self.post and self.post.acting_for_id:
            self.happening.data["acting_for"] = self.post.acting_for_id


def _values_of(subject: Any) -> dict[str, Any]:
    return {field.attname: getattr(subject, field.attname) for field in subject._meta.concrete_fields}


def check_step(door: Door, action: str) -> None:
    """Can this happen now, then may this person: in that order, so that a double click reads as a sentence."""
    method = getattr(door.matter, action)
    if not can_proceed(method):
        raise ActionRefused(
            _("这个问题现在是“%(state)s”，不能办理这一步。请刷新页面，按最新环节办理。")
            % {"state": door.matter.get_state_display()}
        )
    if door.actor is None:
        return
    if door.item is not None:
        door.actor.recusal = recusal_of(door)
    actor: Any = door.actor
    if not has_transition_perm(method, actor):
        if door.actor.recusal and door.actor.post_for(door.item):
            raise ActionRefused(door.actor.recusal)
        raise PermissionDenied


def admit(door: Door, action: str, stand_in: str) -> None:
    """Check the step and find the post behind it: the holder's own, or one standing in."""
    if not stand_in:
        check_step(door, action)
        door.post = door.actor.post_for(door.item) if door.actor else None
        return
    post = door.actor.post_over(door.matter.area_path, stand_in) if door.actor else None
    if post is None:
        raise PermissionDenied
    if not can_proceed(getattr(door.matter, action)):
        raise ActionRefused(_("这个问题已不在这个环节，请刷新页面，按最新环节办理。"))
    acts = door.recused()
    if door.by and door.by.pk in acts:
        raise ActionRefused(
            _("您已参与这个问题的%(act)s，按回避规定不能再审议，请由他人办理。") % {"act": acts[door.by.pk]}
        )
    door.post = post


def refuse_claimed(door: Door, by: User) -> None:
    """Refuse what a colleague has claimed; the unit's head may step in."""
    item = door.item
    if item is not None and item.owner_id not in (None, by.pk) and not (door.post and door.post.role == Role.UNIT_HEAD):
        raise ActionRefused(_("这一步已由%(name)s认领，请等其办理，或由整改办改派。") % {"name": item.owner})


def recusal_of(door: Door) -> str:
    """Why the person before this door may not judge (回避), or an empty string."""
    if door.actor is None or not _stands_before_judging(door.matter, door.actor):
        return ""
    return recusal_sentence(door.matter, door.actor, door.recused())


def recusal_now(subject: Any, actor: Actor) -> str:
    """The same for a page that only shows: what the door would say if this person pressed the button."""
    if not _stands_before_judging(subject, actor):
        return ""
    return recusal_sentence(subject, actor, recused_people(subject.case_id, subject.round))


def _stands_before_judging(subject: Any, actor: Actor) -> bool:
    return subject.is_judged and actor.item is not None and actor.post_for(actor.item) is not None


def recusal_sentence(subject: Any, actor: Actor, acts: dict[int, str]) -> str:
    """The rule of recusal: a verifier's units for a verification, the person's own acts for a review."""
    if str(subject.state) == "verifying":
        barred = subject.responsible_unit_ids & {each.unit_id for each in actor.posts}
        return _("核查人不能来自承担整改任务的单位（回避）。") if barred else ""
    if actor.user.pk in acts:
        return _("您已参与这个问题的%(act)s，按回避规定不能再审议，请由他人办理。") % {"act": acts[actor.user.pk]}
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


def posts_behind(door: Door, action: str) -> list[Post]:
    """The posts by which a person may act from beside, the office first; a recall is the unit's own."""
    actor = door.actor
    if actor is None:
        return []
    subject = door.matter
    candidates = [
        actor.post_over(subject.area_path, Role.OFFICE),
        actor.post_in(subject.lead_unit_id, Role.UNIT_HEAD),
        actor.post_in(subject.lead_unit_id, Role.UNIT_CLERK),
    ]
    if action == "recall":
        candidates = candidates[1:]
    return [post for post in candidates if post is not None]


def already_done(item: WorkItem) -> str:
    """Who did this step, or that it was overtaken."""
    if item.status == STATUS.DONE and item.owner_id:
        return _("这一步已由%(name)s办理，请刷新页面查看最新情况。") % {"name": item.owner}
    return _("这一步已经结束或被撤回，请刷新页面查看最新情况。")
