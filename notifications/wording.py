"""The words of a message: what, by when, what to do, a link. No title, nothing about households."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from notifications.channels import Message
from notifications.models import Delivery, DeliveryKind, Notice
from organizations import clock
from workflows.registry import Urgency

LINES = 20


def message_of(delivery: Delivery) -> Message:
    """The message of a delivery, written when it is sent, from everything it has gathered by then."""
    rows = Notice.objects.filter(carried__delivery=delivery).order_by("id")
    total = rows.count()
    shown = list(rows[:LINES])
    if _is_digest(delivery):
        waiting = rows.exclude(todo="").count()
        subject, opening = digest_words(total, waiting)
    else:
        subject, opening = instant_words(shown, total)
    link = absolute(shown[0].url if total == 1 else reverse("message-list"))
    address = delivery.address
    return Message(
        delivery=str(delivery.key),
        address=address.address if address else "",
        secret=address.secret if address else "",
        subject=subject,
        text="\n".join([*opening, *map(line_of, shown if total > 1 else []), *_rest(total), _("查看：%s") % link]),
        brief=brief_of(shown, total, link),
        link=link,
        data=data_of(shown, total),
    )


def _is_digest(delivery: Delivery) -> bool:
    original = delivery.resend_of if delivery.kind == DeliveryKind.RESEND else delivery
    return original is not None and original.kind == DeliveryKind.DIGEST


def digest_words(total: int, waiting: int) -> tuple[str, list[str]]:
    """Subject and first line of a digest: how many, and how many of them are to be dealt with."""
    counts = {"total": total, "waiting": waiting}
    if waiting:
        opening = _("上次汇总以来有%(total)d条消息，其中%(waiting)d条需要您办理。") % counts
    else:
        opening = _("上次汇总以来有%(total)d条消息，都不需要您办理，供您了解。") % counts
    return _("每日汇总：%(total)d条消息") % counts, [opening]


def instant_words(shown: Sequence[Notice], total: int) -> tuple[str, list[str]]:
    """Subject and first lines of what is told at once: one matter, or how many."""
    first = shown[0]
    if total == 1:
        subject = f"{first.sentence} {first.number}".strip()
        return subject, [_("问题%(number)s：%(sentence)s。") % _facts(first) if first.number else first.sentence,
                         *filter(None, [_due(first), first.todo])]  # fmt: skip
    kinds = {Urgency(each.urgency).label if each.urgency else each.sentence for each in shown}
    subject = _("%(kinds)s：%(total)d个问题") % {"kinds": _("、").join(sorted(map(str, kinds))), "total": total}
    return subject, [_("有%(total)d个问题需要您查看。") % {"total": total}]


def line_of(notice: Notice) -> str:
    """One line of many: number, what, by when."""
    due = _("（%s前）") % clock.spelled(notice.due_on) if notice.due_on else ""
    return _("· %(number)s %(sentence)s%(due)s") % {**_facts(notice), "due": due}


def brief_of(shown: Sequence[Notice], total: int, link: str) -> str:
    """Number, due date and link, for groups whose members may have no sight of the matter."""
    lines: dict[str, str] = {}
    for notice in shown:
        due = _("，%s前") % clock.spelled(notice.due_on) if notice.due_on else ""
        lines[notice.number] = f"{notice.number}{due}"
    return "\n".join([*lines.values(), *_rest(total), link])


def data_of(shown: Sequence[Notice], total: int) -> dict[str, Any]:
    """The same for a machine."""
    matters = [
        {
            "number": notice.number,
            "due_on": notice.due_on.isoformat() if notice.due_on else None,
            "urgency": notice.urgency,
            "link": absolute(notice.url),
        }
        for notice in shown
    ]
    return {"count": total, "matters": matters}


def _facts(notice: Notice) -> dict[str, str]:
    return {"number": notice.number, "sentence": notice.sentence}


def _due(notice: Notice) -> str:
    return _("请在%s前办理。") % clock.spelled(notice.due_on) if notice.due_on else ""


def _rest(total: int) -> list[str]:
    return [_("其余%d条请登录系统，在“消息”中查看。") % (total - LINES)] if total > LINES else []


def absolute(path: str) -> str:
    """An address of ours as it can be opened from outside."""
    return f"{settings.SITE_URL}{path}"
