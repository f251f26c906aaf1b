"""What Celery runs; each task may run twice, and each row is worked on by itself."""

import logging
from collections.abc import Callable, Iterable
from typing import Any

from celery import shared_task

from notifications import live
from notifications.actions import digests, escalating, sending, telling

log = logging.getLogger(__name__)

MANY = 500


@shared_task(ignore_result=True)
def deliver_event(event_id: int) -> None:
    """Tell the people of one event."""
    live.people_changed(telling.deliver_event(event_id))


@shared_task(ignore_result=True)
def deliver_missed_events() -> None:
    """Tell the people of every event that a dead broker or a killed worker left in the outbox."""
    _each(telling.missed_events(MANY), deliver_event)


# The channels have shorter limits of their own; these hold whatever a channel does.
@shared_task(ignore_result=True, soft_time_limit=45, time_limit=60)
def send_delivery(delivery_id: int) -> None:
    """Send one message."""
    sending.send_delivery(delivery_id)


@shared_task(ignore_result=True)
def send_due_deliveries() -> None:
    """Give every message whose time has come to a task of its own.

    A task that nobody has begun by the next sweep or two is handed out anew, so the old one expires.
    """
    for pk in sending.due_deliveries(MANY):
        send_delivery.apply_async([pk], retry=False, expires=60)


@shared_task(ignore_result=True)
def make_digests() -> None:
    """Make the digests whose hour has come."""
    digests.make_digests()


@shared_task(ignore_result=True)
def escalate_unread() -> None:
    """Pass on what is red and has not been read in time."""
    _each(escalating.unread_notices(MANY), lambda pk: live.people_changed(escalating.pass_on(pk)))


def _each(keys: Iterable[int], act: Callable[[int], Any]) -> None:
    """One after another; one that fails stops nobody."""
    for key in keys:
        try:
            act(key)
        except Exception:
            log.exception("failed on %s", key)
