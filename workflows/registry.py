"""What apps above tell the engine: their subjects, their events, whose turn a state is."""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from workflows.calendar import Computation

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Turn:
    """Who owes the next step, by when, and why it is theirs.

    `rule` and `computation` say how `due_on` was made; `notes` are codes of what the timeline
    should say (a level skipped, an item passed up). `round` is only set for a duty of another round
    than the one the matter is in. `policy_id` and `step` name the rule a computed date follows from;
    `follows_case` is true where the date is the case clock's own.
    """

    unit_id: int | None
    role: str
    addressee_id: int | None = None
    due_on: date | None = None
    rule: str = ""
    computation: Computation | None = None
    notes: list[str] = field(default_factory=list)
    round: int | None = None
    policy_id: int | None = None
    step: str = ""
    follows_case: bool = False


class Urgency(models.TextChoices):
    """What a person is told at once; everything else waits for the day's digest."""

    ASSIGNMENT = "assignment", _("交办")
    SEND_BACK = "send_back", _("退回")
    OVERDUE = "overdue", _("逾期")
    RED = "red", _("红色预警")


@dataclass(frozen=True)
class EventType:
    """An event name, its Chinese sentence, whether its actor is recused from judging the round, who is told.

    `tells` names audiences (workflows/telling.py): “turn” is whoever owes the next step, the others are
    answered by the kind of matter. `todo` is the sentence that says what to do.
    """

    name: str
    sentence: Any
    recuses: bool = False
    tells: tuple[str, ...] = ()
    urgent: str = ""
    todo: Any = ""


@dataclass(frozen=True)
class SubjectType:
    """A kind of matter that moves: its model, the rule whose turn each state is, and who stands behind a word.

    `seats` answers an audience (“lead”, “partners”, “office” …) with pairs of unit and seat;
    `warnings_of` names the warning policy a matter's case clock runs under; `open_titles` answers, by case, the titles
    of matters that are no secret to whoever keeps the calendar.
    """

    kind: str
    model: type[models.Model]
    whose_turn: Callable[[Any, str], Turn]
    related: tuple[str, ...] = ()
    seats: Callable[[Any, str], list[tuple[int, str]]] = lambda subject, audience: []
    warnings_of: Callable[[Any], str] = lambda subject: ""
    open_titles: Callable[[list[int]], dict[int, str]] = lambda case_ids: {}


_subjects: dict[str, SubjectType] = {}
_events: dict[str, EventType] = {}
_listeners: list[Callable[[int], None]] = []
_sides: dict[str, type[models.Model]] = {}
_clocks: dict[str, Callable[[list[int]], Any]] = {}
_watchers: list[Callable[[int, int], None]] = []
_followers: list[Callable[[list[int]], None]] = []


def register_subject(subject: SubjectType) -> None:
    """Tell the engine of a kind of matter; called once, from an app's ready()."""
    _subjects[subject.kind] = subject


def subject_type(kind: str) -> SubjectType:
    """The kind of matter a case is."""
    return _subjects[kind]


def subject_types() -> list[SubjectType]:
    """Every registered kind of matter."""
    return list(_subjects.values())


def register_events(*types: EventType) -> None:
    """Tell the engine of an app's events."""
    _events.update({each.name: each for each in types})


def event_type(name: str) -> EventType:
    """The registered event of a name; KeyError for one that nobody registered."""
    return _events[name]


def event_types() -> dict[str, EventType]:
    """Every registered event by name."""
    return dict(_events)


def recusing_events() -> list[str]:
    """Names of events whose actors may not judge the same round."""
    return [name for name, each in _events.items() if each.recuses]


def listen(listener: Callable[[int], None]) -> None:
    """Have somebody called with the id of every event that tells people, after its commit."""
    if listener not in _listeners:
        _listeners.append(listener)


def listeners() -> list[Callable[[int], None]]:
    """Everybody who asked to be called."""
    return list(_listeners)


def register_clock(kind: str, handler: Callable[[list[int]], Any]) -> None:
    """Say who looks at clocks of a kind when their time has come; an app above may take a kind over.

    The handler is given clocks of different cases. Where it fails on several, it is called for each by itself.
    """
    _clocks[kind] = handler


def clock_handler(kind: str) -> Callable[[list[int]], Any] | None:
    """Who above the engine looks at clocks of this kind; None where the engine does."""
    return _clocks.get(kind)


def register_side(kind: str, model: type[models.Model]) -> None:
    """Tell the engine of a side matter with a life cycle of its own: rows of `model`, told apart by `number`."""
    _sides[kind] = model


def side_model(kind: str) -> Any:
    """The model of a side matter; None for a plain duty."""
    return _sides.get(kind)


def side_kinds() -> dict[str, str]:
    """The kind of each side matter by the label of its model."""
    return {model._meta.label_lower: kind for kind, model in _sides.items()}


def side_matter(kind: str, case_id: int, key: str) -> Any:
    """The side matter a routing is about, read under the case's lock."""
    return _sides[kind]._default_manager.get(case_id=case_id, number=int(key))


def follow(follower: Callable[[list[int]], None]) -> None:
    """Have somebody called with the ids of the cases to which anything has happened, after the commit."""
    if follower not in _followers:
        _followers.append(follower)


def followers() -> list[Callable[[list[int]], None]]:
    """Everybody who follows cases."""
    return list(_followers)


def watch_looks(watcher: Callable[[int, int], None]) -> None:
    """Have somebody called with case and person whenever a person opens the page of a case."""
    if watcher not in _watchers:
        _watchers.append(watcher)


def looked(case_id: int, user_id: int) -> None:
    """Say that a person has opened the page of a case; the page is shown whatever a watcher does."""
    for watcher in _watchers:
        try:
            watcher(case_id, user_id)
        except Exception:
            log.exception("a watcher failed on case %s", case_id)
