"""Where people and units want to be told; switching addresses on and off; sending again."""

from dataclasses import dataclass
from datetime import time
from typing import Any

from django.db import IntegrityError, transaction
from django.http import HttpRequest
from django.utils.translation import gettext as _

from notifications.actions.sending import channel_label
from notifications.models import (
    IN_APP,
    UNSENT,
    Address,
    Carried,
    Delivery,
    DeliveryKind,
    Preference,
)
from notifications.timing import hours
from organizations import clock
from organizations.access_log import note_access
from organizations.errors import Refused
from organizations.models import AccessKind, Unit, User


@dataclass(frozen=True, slots=True)
class Choice:
    """How a person wants to be told."""

    preset: str
    quiet_from: time | None
    quiet_to: time | None
    digest_at: time


@transaction.atomic
def keep_preference(user: User, choice: Choice, addresses: dict[str, str]) -> None:
    """Store how a person wants to be told, and their address on each channel; an empty one is no more used."""
    wishes: dict[str, Any] = {name: getattr(choice, name) for name in Choice.__slots__}
    Preference.objects.update_or_create(user=user, defaults=wishes)
    for channel, text in addresses.items():
        _keep_own(user, channel, text)


def _keep_own(user: User, channel: str, text: str) -> None:
    row = Address.objects.select_for_update().filter(user=user, channel=channel).first()
    if row is None:
        if text:
            Address.objects.create(user=user, channel=channel, address=text)
        return
    if text and (text != row.address or not row.active):
        _switch_on(row, address=text)
    elif not text and row.active:
        row.active, row.switched_off_at, row.switched_off_reason = False, clock.now(), _("本人停用")
        row.save(update_fields=["active", "switched_off_at", "switched_off_reason"])


def _switch_on(row: Address, **fields: Any) -> None:
    row.active, row.failures, row.switched_off_at, row.switched_off_reason = True, 0, None, ""
    for name, value in fields.items():
        setattr(row, name, value)
    row.save()


@transaction.atomic
def keep_unit_address(unit: Unit, channel: str, text: str, secret: str, *, request: HttpRequest) -> Address:
    """Add an address of a unit; the same one again is switched on and takes the new key."""
    row = Address.objects.select_for_update().filter(unit=unit, channel=channel, address=text).first()
    row = row or Address(unit=unit, channel=channel, address=text)
    _switch_on(row, **({"secret": secret} if secret else {}))
    _note(row, _("添加或更新收件地址"), request)
    return row


@transaction.atomic
def switch_address(row: Address, *, active: bool, request: HttpRequest) -> None:
    """Use an address again, or no more."""
    row = Address.objects.select_for_update(of=("self",)).get(pk=row.pk)
    if active:
        _switch_on(row)
    else:
        row.active, row.switched_off_at, row.switched_off_reason = False, clock.now(), _("人工停用")
        row.save(update_fields=["active", "switched_off_at", "switched_off_reason"])
    _note(row, _("启用收件地址") if active else _("停用收件地址"), request)


def _note(row: Address, deed: str, request: HttpRequest) -> None:
    """An address leads out of the house, so the auditor's log names each change; its key stays out."""
    by = request.user if isinstance(request.user, User) else None
    text = f"{deed} {row.owner} {channel_label(row.channel)}"
    note_access(AccessKind.BASIC_DATA, text, by=by, request=request, pk=row.pk, address=row.masked)


@transaction.atomic
def resend(original: Delivery) -> Delivery:
    """Send the same notices again as a message of its own; a second press finds the first one waiting."""
    if original.channel == IN_APP or original.address is None:
        raise Refused(_("系统内的消息已经送达，不需要重发。"))
    if not original.address.active:
        raise Refused(_("收件地址已停用。请先核对并启用地址，再重发。"))
    if original.state in UNSENT:
        raise Refused(_("这条消息还在等待发送，不需要重发。"))
    now = clock.now()
    first = original.resend_of or original
    out_at = hours().sendable(now)
    try:
        with transaction.atomic():
            made = Delivery.objects.create(
                person=original.person,
                unit=original.unit,
                channel=original.channel,
                address=original.address,
                kind=DeliveryKind.RESEND,
                send_after=out_at,
                next_try_at=out_at,
                resend_of=first,
                created_at=now,
            )
    except IntegrityError as error:
        raise Refused(_("这条消息已经在重发，请稍后查看结果。")) from error
    notices = Carried.objects.filter(delivery=original).values_list("notice_id", flat=True)
    Carried.objects.bulk_create([Carried(delivery=made, notice_id=pk) for pk in notices], batch_size=500)
    return made
