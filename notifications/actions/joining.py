"""Gathering: what is told at once joins the message that already waits for the same address.

After a bulk assignment of five hundred problems a person gets one message, because each further notice
joins the first for as long as notices keep coming (forty-five seconds), at most five minutes.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from notifications.models import JOINABLE, Address, Carried, Delivery, DeliveryKind, Notice
from notifications.timing import NO_WISHES, Hours, Wishes
from workflows.many import store_many

ROUNDS = 5


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A notice for an address, and how its owner wants to be told."""

    address: Address
    notice: Notice
    wishes: Wishes = NO_WISHES


def join_waiting(outgoing: Iterable[Outgoing], now: datetime, hours: Hours) -> None:
    """Put each notice into the waiting message of its address, made where there is none.

    Locks in the order of owners and addresses, everywhere the same, so that two events that tell the same
    people cannot wait for each other.
    """
    wanted = {each.address.pk: each for each in outgoing}
    # A sender may take a message away between the insert and the lock: then there is a new one to make.
    for _round in range(ROUNDS):
        if not wanted:
            return
        chosen = sorted(wanted.values(), key=lambda each: owner_key(each.address))
        Delivery.objects.bulk_create([_fresh(each, now, hours) for each in chosen], ignore_conflicts=True)
        waiting = list(
            Delivery.objects.filter(JOINABLE, address_id__in=list(wanted))
            .select_for_update()
            .order_by("unit_id", "person_id", "address_id")
        )
        store_many([Carried(delivery=row, notice=wanted[row.address_id].notice) for row in waiting])
        _put_off(waiting, wanted, now, hours)
        for row in waiting:
            del wanted[row.address_id]
    if wanted:
        raise RuntimeError("messages were sent faster than notices could join them")


def owner_key(address: Address) -> tuple[int, int, int]:
    """The order in which messages are made and locked."""
    return address.unit_id or 0, address.user_id or 0, address.pk


def _fresh(each: Outgoing, now: datetime, hours: Hours) -> Delivery:
    out_at = hours.joined(now, now, each.wishes)
    return Delivery(
        person_id=each.address.user_id,
        unit_id=each.address.unit_id,
        channel=each.address.channel,
        address=each.address,
        kind=DeliveryKind.INSTANT,
        send_after=out_at,
        next_try_at=out_at,
        created_at=now,
    )


def _put_off(rows: list[Delivery], wanted: dict[int, Outgoing], now: datetime, hours: Hours) -> None:
    """More may be coming: the message waits a little longer. Those that wait alike are moved in one statement."""
    moved: dict[datetime, list[int]] = {}
    for row in rows:
        out_at = hours.joined(row.created_at, now, wanted[row.address_id].wishes)  # type: ignore[index]
        if out_at > row.send_after:
            moved.setdefault(out_at, []).append(row.pk)
    for out_at, keys in moved.items():
        Delivery.objects.filter(pk__in=keys).update(send_after=out_at, next_try_at=out_at)
