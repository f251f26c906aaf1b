"""The day's digest: one message per person and channel on each working day, and none where there is nothing."""

from collections.abc import Iterator
from datetime import date, datetime

from django.db import transaction

from notifications.models import Address, Carried, Delivery, DeliveryKind, DeliveryState, Notice
from notifications.timing import NO_WISHES, Hours, Wishes, hours, wishes_of
from organizations import clock
from organizations.clock import SHANGHAI
from workflows.many import store_many

CHUNK = 200


def make_digests() -> int:
    """Make the digests whose hour has come; answers how many."""
    when, today = hours(), clock.today()
    if not when.calendar.is_workday(today):
        return 0
    return sum(_make(people, today, when) for people in _people_waiting())


def _people_waiting() -> Iterator[list[int]]:
    """Everybody for whom something waits, in the order of their ids."""
    last = 0
    while True:
        rows = Notice.objects.filter(for_digest=True, person_id__gt=last).order_by("person_id")
        chunk = list(rows.values_list("person_id", flat=True).distinct()[:CHUNK])
        if not chunk:
            return
        yield chunk
        last = chunk[-1]


@transaction.atomic
def _make(people: list[int], today: date, when: Hours) -> int:
    """The digests of a few hundred people in one transaction; locking their notices is the claim."""
    now = clock.now()
    wishes = wishes_of(people)
    earlier = Delivery.objects.filter(kind=DeliveryKind.DIGEST, day__gte=today, person_id__in=people)
    had = set(earlier.values_list("person_id", flat=True))
    closing = {pk: _closing(today, wishes.get(pk, NO_WISHES)) for pk in people if pk not in had}
    due = [pk for pk, hour in closing.items() if hour <= now]
    rows = Notice.objects.filter(for_digest=True, person_id__in=due).select_for_update(skip_locked=True).order_by("id")
    gathered: dict[int, list[Notice]] = {}
    for notice in rows:
        if notice.created_at < closing[notice.person_id]:
            gathered.setdefault(notice.person_id, []).append(notice)
    made = list(_deliveries(gathered, wishes, now, when))
    Delivery.objects.bulk_create([delivery for delivery, _notices in made if delivery._state.adding])
    store_many([Carried(delivery=delivery, notice=each) for delivery, notices in made for each in notices])
    taken = [each.pk for notices in gathered.values() for each in notices]
    for start in range(0, len(taken), 500):
        Notice.objects.filter(pk__in=taken[start : start + 500]).update(for_digest=False)
    return len(made)


def _closing(today: date, wishes: Wishes) -> datetime:
    """What came after this hour waits for the next day's digest."""
    return datetime.combine(today, wishes.digest_at, tzinfo=SHANGHAI)


def _deliveries(
    gathered: dict[int, list[Notice]], wishes: dict[int, Wishes], now: datetime, when: Hours
) -> Iterator[tuple[Delivery, list[Notice]]]:
    rows = Address.objects.live().filter(user_id__in=list(gathered), user__is_active=True).order_by("user_id", "id")
    # One that could not go out yet, after an outage or a row of rest days, takes in what has come since.
    waiting = Delivery.objects.select_for_update(skip_locked=True).filter(
        kind=DeliveryKind.DIGEST, state=DeliveryState.WAITING, person_id__in=list(gathered)
    )
    unsent = {row.address_id: row for row in waiting}
    for address in rows:
        person = address.user_id or 0
        notices = [each for each in gathered[person] if each.read_at is None]
        if not notices:
            continue
        if address.pk in unsent:
            yield unsent[address.pk], notices
            continue
        out_at = when.sendable(now, wishes.get(person, NO_WISHES))
        delivery = Delivery(
            person_id=person,
            channel=address.channel,
            address=address,
            kind=DeliveryKind.DIGEST,
            day=clock.local(out_at).date(),
            send_after=out_at,
            next_try_at=out_at,
            created_at=now,
        )
        yield delivery, notices
