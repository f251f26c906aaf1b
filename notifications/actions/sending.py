"""Sending one message: claimed in a transaction, sent outside any, its outcome stored in another."""

import logging
import time
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.core.cache import cache
from django.db import transaction
from django.db.models import F
from django.urls import reverse
from django.utils.translation import gettext as _

from notifications import channels
from notifications.actions.telling import Words, tell
from notifications.channels import Message, Outcome
from notifications.models import UNSENT, Address, Delivery, DeliveryState
from notifications.timing import NO_WISHES, hours, retry_in, wishes_of
from notifications.wording import message_of
from organizations import clock
from organizations.models import Post
from organizations.roles import Role
from workflows.telling import Told

log = logging.getLogger(__name__)

LEASE = timedelta(minutes=2)  # longer than a task may take; after it a killed worker's message is taken up again
MOST_ATTEMPTS = 8
FAILURES_ALLOWED = 5
SLOW = timedelta(seconds=5)
SLOW_AT_ONCE = 2  # more than these of one channel do not keep workers from the other channels
SLOW_KEY = "slow-channel-"
STAND_BACK = timedelta(seconds=30)
SLOW_ANSWER = 2.0  # seconds; whoever was waited for so long in vain has its channel tried by one worker at a time


@dataclass(frozen=True, slots=True)
class Claim:
    """A message in hand, and which attempt this is."""

    delivery_id: int
    channel: str
    attempt: int
    message: Message


def send_delivery(delivery_id: int) -> bool:
    """Send one message if it is due and nobody else is at it; answers whether it went out."""
    claim = _claim(delivery_id)
    if claim is None:
        return False
    outcome = _send(claim)
    _store(claim, outcome)
    return outcome.sent


def due_deliveries(limit: int) -> list[int]:
    """Messages it is time to send, and those whose sender has vanished."""
    due = Delivery.objects.filter(state__in=UNSENT, next_try_at__lte=clock.now()).order_by("next_try_at")
    return list(due.values_list("pk", flat=True)[:limit])


@transaction.atomic
def _claim(delivery_id: int) -> Claim | None:
    now = clock.now()
    rows = Delivery.objects.select_for_update(skip_locked=True, of=("self",)).select_related("address", "resend_of")
    delivery = rows.filter(pk=delivery_id, state__in=UNSENT, next_try_at__lte=now).first()
    if delivery is None:
        return None
    if delivery.address is None or not delivery.address.active:
        _fail(delivery, _("收件地址已停用，没有发送。启用后可以重发。"))
        return None
    if delivery.attempts >= MOST_ATTEMPTS:  # its senders vanished each time
        _fail(delivery, _("多次发送都没有结果。"))
        return None
    wishes = wishes_of([delivery.person_id]).get(delivery.person_id, NO_WISHES) if delivery.person_id else NO_WISHES
    allowed = hours().sendable(now, wishes)
    if allowed > now or _is_stuck(delivery.channel, now):
        delivery.state, delivery.next_try_at = DeliveryState.WAITING, max(allowed, now + STAND_BACK)
        delivery.save(update_fields=["state", "next_try_at"])
        return None
    delivery.state, delivery.next_try_at = DeliveryState.SENDING, now + LEASE
    delivery.attempts += 1
    delivery.save(update_fields=["state", "next_try_at", "attempts"])
    return Claim(delivery.pk, delivery.channel, delivery.attempts, message_of(delivery))


def _is_stuck(channel: str, now: datetime) -> bool:
    """Whether several messages of a channel have been under way for so long that more would only wait as well."""
    under_way = Delivery.objects.filter(channel=channel, state=DeliveryState.SENDING, next_try_at__gt=now)
    if under_way.filter(next_try_at__lte=now + LEASE - SLOW).count() >= SLOW_AT_ONCE:
        return True
    # Workers that waited together are free together: none of the messages is old when they take the next ones.
    return _was_slow(channel) and under_way.exists()


def _was_slow(channel: str) -> bool:
    with suppress(Exception):  # without a cache nobody remembers, and messages go out all the same
        return bool(cache.get(SLOW_KEY + channel))
    return False


def _remember_slow(channel: str) -> None:
    with suppress(Exception):
        cache.set(SLOW_KEY + channel, 1, int(STAND_BACK.total_seconds()))


def _send(claim: Claim) -> Outcome:
    begun = time.monotonic()
    try:
        outcome = channels.channel(claim.channel).send(claim.message)
    except Exception as error:  # whatever a channel does, the message keeps a state somebody can see
        log.exception("channel %s failed on delivery %s", claim.channel, claim.message.delivery)
        outcome = Outcome(sent=False, retry=True, error=type(error).__name__)
    if not outcome.sent and time.monotonic() - begun > SLOW_ANSWER:
        _remember_slow(claim.channel)
    return outcome


@transaction.atomic
def _store(claim: Claim, outcome: Outcome) -> None:
    rows = Delivery.objects.select_for_update(of=("self",)).select_related("address")
    delivery = rows.get(pk=claim.delivery_id)
    if delivery.state == DeliveryState.SENT:
        return
    if outcome.sent:
        _done(delivery, outcome)
    elif delivery.state != DeliveryState.SENDING or delivery.attempts != claim.attempt:
        return  # the lease ran out and another worker has taken it up: its outcome counts
    elif outcome.retry and delivery.attempts < MOST_ATTEMPTS:
        again = hours().sendable(clock.now() + retry_in(delivery.attempts, outcome.retry_after))
        delivery.state, delivery.next_try_at, delivery.error = DeliveryState.WAITING, again, outcome.error[:300]
        delivery.save(update_fields=["state", "next_try_at", "error"])
    else:
        _fail(delivery, outcome.error)
        _count_failure(delivery)


def _done(delivery: Delivery, outcome: Outcome) -> None:
    delivery.state, delivery.sent_at, delivery.error = DeliveryState.SENT, clock.now(), ""
    delivery.reference = outcome.reference[:200]
    delivery.save(update_fields=["state", "sent_at", "error", "reference"])
    Address.objects.filter(deliveries=delivery, failures__gt=0).update(failures=0)


def _fail(delivery: Delivery, error: str) -> None:
    delivery.state, delivery.error = DeliveryState.FAILED, (error or _("没有说明原因。"))[:300]
    delivery.save(update_fields=["state", "error"])


def _count_failure(delivery: Delivery) -> None:
    """After several failed messages in a row an address is switched off, and its keepers' keepers are told."""
    Address.objects.filter(deliveries=delivery).update(failures=F("failures") + 1)
    rows = Address.objects.select_for_update(of=("self",)).select_related("user", "unit")
    address = rows.get(deliveries=delivery)
    if not address.active or address.failures < FAILURES_ALLOWED:
        return
    address.active, address.switched_off_at = False, clock.now()
    address.switched_off_reason = delivery.error[:200]
    address.save(update_fields=["active", "switched_off_at", "switched_off_reason"])
    sentence = _("%(owner)s的%(channel)s地址连续%(n)d次发送失败，已停用") % {
        "owner": address.owner,
        "channel": channel_label(address.channel),
        "n": FAILURES_ALLOWED,
    }
    todo = _("请核对地址后重新启用，再重发失败的消息。")
    tell(_system_administrators(), Words(sentence[:200], todo, url=reverse("delivery-list")))


def _system_administrators() -> list[Told]:
    posts = Post.objects.standing(clock.today()).filter(role=Role.SYSTEM_ADMIN)
    found = {post.user_id: Told(post.user_id, post.unit_id) for post in posts}
    return [found[key] for key in sorted(found)]


def channel_label(code: str) -> str:
    """The name of a channel; its code where it is gone."""
    try:
        return str(channels.channel(code).label)
    except KeyError:
        return code
