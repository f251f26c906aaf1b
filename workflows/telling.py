"""Who is told of an event, and in what words. Who is told is decided here; how, by `notifications`.

Nothing a message carries names a household: a number, the sentence of the event, a date, what to do, a link.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from organizations import clock
from organizations.models import Post
from organizations.roles import SEAT_OF_ROLE
from workflows.models.events import Event
from workflows.queries import warning_levels
from workflows.registry import event_type, subject_type

ROLES_OF_SEAT: dict[str, list[str]] = {}
for _role, _seat in SEAT_OF_ROLE.items():
    ROLES_OF_SEAT.setdefault(str(_seat), []).append(str(_role))


@dataclass(frozen=True, slots=True)
class Told:
    """A person who is told, and the unit by whose seat."""

    user_id: int
    unit_id: int


@dataclass(frozen=True, slots=True)
class Summary:
    """What a message says. `outside` is false where nothing may leave the system (a secret batch)."""

    number: str
    sentence: str
    todo: str
    due_on: date | None
    url: str
    urgency: str
    outside: bool


def people_told(event: Event) -> list[Told]:
    """Everybody an event is for, today's holders of the posts, each once; never who did it."""
    kind = event_type(event.name)
    subject = _subject_of(event)
    seats: set[tuple[int, str]] = set()
    persons: set[int] = {int(event.data[key]) for key in ("person", "to", "designated") if event.data.get(key)}
    for audience in kind.tells:
        if audience == "turn":
            turn = event.data.get("turn") or {}
            if turn.get("person"):
                persons.add(turn["person"])
            elif turn.get("unit"):
                seats.add((turn["unit"], turn["role"]))
        else:
            seats.update(subject_type(event.case.kind).seats(subject, audience))
    return [told for told in _holders(seats, persons) if told.user_id != event.actor_id]


def people_behind(event: Event, audience: str) -> list[Told]:
    """Today's holders of the posts behind one audience of an event's matter, such as “office”."""
    seats = subject_type(event.case.kind).seats(_subject_of(event), audience)
    return _holders(seats, set())


def _holders(seats: Iterable[tuple[int, str]], persons: set[int]) -> list[Told]:
    condition = Q(user_id__in=persons) | Q(acting_for_id__in=persons)
    for unit_id, seat in seats:
        condition |= Q(unit_id=unit_id, role__in=ROLES_OF_SEAT.get(str(seat), []))
    rows = Post.objects.standing(clock.today()).filter(condition, user__is_active=True).order_by("pk")
    found: dict[int, Told] = {}
    for user_id, unit_id in rows.values_list("user_id", "unit_id"):
        found.setdefault(user_id, Told(user_id, unit_id))
    return list(found.values())


def _sentence(event: Event, subject: Any) -> str:
    """What happened: a warning by the name of its level, a date that moved with the old and the new one."""
    plain = str(event_type(event.name).sentence)
    if event.data.get("level"):
        levels = warning_levels(subject_type(event.case.kind).warnings_of(subject))
        return next((level.name for level in levels if level.code == event.data["level"]), plain)
    if event.name == "deadline_moved":
        days = [clock.spelled(date.fromisoformat(event.data[key])) for key in ("from", "due")]
        return _("%(what)s：%(former)s改为%(due)s") % {"what": plain, "former": days[0], "due": days[1]}
    return plain


def summary_of(event: Event) -> Summary:
    """The words of a message about an event."""
    kind = event_type(event.name)
    subject = _subject_of(event)
    due = (event.data.get("turn") or {}).get("due") or event.data.get("due")
    return Summary(
        number=event.case.number,
        sentence=_sentence(event, subject),
        todo=str(kind.todo),
        due_on=date.fromisoformat(due) if due else subject.due_on,
        url=subject.get_absolute_url(),
        urgency=str(event.data.get("urgent") or kind.urgent),
        outside=subject.disclosed_at is not None,
    )


def _subject_of(event: Event) -> Any:
    """The matter of an event, read once for it."""
    kept: Any = getattr(event, "_subject", None)
    if kept is None:
        kind = subject_type(event.case.kind)
        kept = kind.model._default_manager.select_related(*kind.related).get(case_id=event.case_id)
        kept.case = event.case  # type: ignore[attr-defined]
        event._subject = kept  # type: ignore[attr-defined]
    return kept
