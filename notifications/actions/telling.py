"""From an event in the outbox to notices and messages: who is told, at once or in the digest."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import islice

from django.conf import settings
from django.db import transaction
from django.db.models import Q

from notifications.actions.joining import Outgoing, join_waiting
from notifications.models import (
    IN_APP,
    Address,
    Carried,
    Delivery,
    DeliveryKind,
    DeliveryState,
    Notice,
)
from notifications.timing import NO_WISHES, Hours, hours, retry_in, wishes_of
from organizations import clock
from workflows.many import store_many
from workflows.models import Event, Outbox
from workflows.office_hours import add_office_hours
from workflows.registry import Urgency
from workflows.telling import Summary, Told, people_told, summary_of

CHUNK = 500


@dataclass(frozen=True, slots=True)
class Words:
    """What a notice says, whoever reads it."""

    sentence: str
    todo: str = ""
    number: str = ""
    due_on: date | None = None
    url: str = ""
    urgency: str = ""
    outside: bool = True
    event_id: int | None = None
    case_id: int | None = None
    passed_on: int = 0


def words_of(event: Event, summary: Summary) -> Words:
    """The words of an event's notices."""
    return Words(
        sentence=summary.sentence,
        todo=summary.todo,
        number=summary.number,
        due_on=summary.due_on,
        url=summary.url,
        urgency=summary.urgency,
        outside=summary.outside,
        event_id=event.pk,
        case_id=event.case_id,
    )


def deliver_event(event_id: int) -> list[int]:
    """Make the notices and messages of an event in the outbox, once; answers who was told.

    An event that is not in the outbox, or not due there, tells nobody: it was told before, or another
    worker is at it. The attempt is counted and the next one put off before the work, so that an event
    that always fails (or kills its worker) is not in the way of the others.
    """
    if not _claim(event_id):
        return []
    with transaction.atomic():
        row = Outbox.objects.select_for_update(skip_locked=True).filter(pk=event_id).first()
        if row is None:
            return []
        event = Event.objects.select_related("case__division").get(pk=event_id)
        told = sorted(people_told(event), key=lambda each: each.user_id)
        tell(told, words_of(event, summary_of(event)))
        row.delete()
    return [each.user_id for each in told]


def _claim(event_id: int) -> bool:
    now = clock.now()
    with transaction.atomic():
        # A first attempt needs no look at the clock: two machines' clocks differ by more than a commit takes.
        due = Q(next_try_at__lte=now) | Q(attempts=0)
        row = Outbox.objects.select_for_update(skip_locked=True).filter(due, pk=event_id).first()
        if row is None:
            return False
        row.attempts += 1
        row.next_try_at = now + retry_in(row.attempts, None)
        row.save(update_fields=["attempts", "next_try_at"])
    return True


def missed_events(limit: int) -> list[int]:
    """Events whose people have not been told though it is time, the longest waiting first."""
    due = Outbox.objects.filter(next_try_at__lte=clock.now()).order_by("next_try_at")
    return list(due.values_list("pk", flat=True)[:limit])


def tell(told: Iterable[Told], words: Words) -> None:
    """Make notices and messages for these people, a few hundred at a time; call it inside a transaction."""
    now, when = clock.now(), hours()
    rows = iter(told)
    of_unit: dict[int | None, Notice] = {}
    while chunk := list(islice(rows, CHUNK)):
        notices = _notices(chunk, words, now, when)
        outgoing = list(_settle(notices, words))
        store_many(notices)
        _note_in_app(notices, now)
        join_waiting(outgoing, now, when)
        of_unit |= {each.unit_id: each for each in notices}
    if words.outside and words.urgency and not words.passed_on:
        join_waiting(_for_groups(of_unit), now, when)


def _notices(chunk: Sequence[Told], words: Words, now: datetime, when: Hours) -> list[Notice]:
    pass_on_at = None
    if words.urgency == Urgency.RED and not words.passed_on:
        pass_on_at = escalation_from(now, when)
    return [
        Notice(
            person_id=each.user_id,
            unit_id=each.unit_id,
            event_id=words.event_id,
            case_id=words.case_id,
            urgency=words.urgency,
            sentence=words.sentence,
            todo=words.todo,
            number=words.number,
            due_on=words.due_on,
            url=words.url,
            created_at=now,
            passed_on=words.passed_on,
            pass_on_at=pass_on_at,
        )
        for each in chunk
    ]


def escalation_from(instant: datetime, when: Hours) -> datetime:
    """When something unread goes to the next person."""
    return add_office_hours(instant, timedelta(hours=settings.ESCALATE_HOURS), when.office, when.calendar)


def _settle(notices: list[Notice], words: Words) -> Iterator[Outgoing]:
    """What goes out at once; the rest is marked for the digest, where there is an address to send one to."""
    if not words.outside:
        return
    people = [each.person_id for each in notices]
    wishes = wishes_of(people)
    addresses: dict[int, list[Address]] = {}
    for row in Address.objects.live().filter(user_id__in=people):
        addresses.setdefault(row.user_id or 0, []).append(row)
    for notice in notices:
        mine, own = wishes.get(notice.person_id, NO_WISHES), addresses.get(notice.person_id, [])
        if mine.at_once(words.urgency):
            yield from (Outgoing(address, notice, mine) for address in own)
        else:
            notice.for_digest = bool(own) and mine.in_digest(words.urgency, words.todo)


def _note_in_app(notices: list[Notice], now: datetime) -> None:
    """Inside the system a message is delivered when its notice exists."""
    made = [
        Delivery(
            person_id=each.person_id,
            channel=IN_APP,
            kind=DeliveryKind.INSTANT,
            state=DeliveryState.SENT,
            send_after=now,
            next_try_at=now,
            sent_at=now,
            attempts=1,
            created_at=now,
        )
        for each in notices
    ]
    store_many(made)
    store_many([Carried(delivery_id=row.pk, notice_id=each.pk) for row, each in zip(made, notices, strict=True)])


def _for_groups(notices: dict[int | None, Notice]) -> list[Outgoing]:
    """The groups of the units told: one notice of each unit stands for all of its people."""
    rows = Address.objects.live().filter(unit_id__in=[unit for unit in notices if unit])
    return [Outgoing(row, notices[row.unit_id]) for row in rows]
