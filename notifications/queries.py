"""Reads of messages: a person's own, what was sent, and which case a browser may watch."""

from dataclasses import dataclass
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Count, F, Q, QuerySet

from notifications.models import IN_APP, KEEPERS, Address, Carried, Delivery, Notice
from organizations.models import Unit, User
from workflows.models import Case
from workflows.registry import subject_types
from workflows.scope import actor_of

PAGE = 20
DELIVERIES = 50
NAMESAKES = 200


def unread_count(user: Any) -> int:
    """How many notices of a person wait to be opened."""
    return Notice.objects.visible_to(user).unread().count()


def notice_page(user: Any, number: str | None) -> Page:
    """One page of a person's notices: unread first, newest first."""
    rows = Notice.objects.visible_to(user).select_related("unit", "event")
    return Paginator(rows.order_by(F("read_at").asc(nulls_first=True), "-id"), PAGE).get_page(number)


def watched_case(user: Any, number: str) -> tuple[int, int] | None:
    """Key and count of events of the case of a number, for somebody who may see its matter."""
    found = Case.objects.filter(number=number).values_list("pk", "kind", "event_count").first()
    if found is None:
        return None
    pk, kind, count = found
    models = [subject.model for subject in subject_types() if subject.kind == kind]
    if any(model._default_manager.visible_to(user).filter(case_id=pk).exists() for model in models):  # type: ignore[attr-defined]
        return pk, count
    return None


def kept_units(user: Any) -> list[Unit]:
    """The units for whose addresses a person answers."""
    found = {post.unit_id: post.unit for post in actor_of(user).posts if post.role in KEEPERS}
    return [found[key] for key in sorted(found)]


def unit_addresses(user: Any) -> QuerySet[Address]:
    """The addresses of those units."""
    units = [unit.pk for unit in kept_units(user)]
    return Address.objects.visible_to(user).filter(unit_id__in=units).select_related("user", "unit")


def own_addresses(user: Any) -> dict[str, Address]:
    """A person's own addresses by channel."""
    return {row.channel: row for row in Address.objects.filter(user=user)}


def switched_off(user: Any) -> QuerySet[Address]:
    """Addresses that are no more used, the latest first."""
    rows = Address.objects.visible_to(user).filter(active=False).select_related("user", "unit")
    return rows.order_by("-switched_off_at")[:DELIVERIES]


@dataclass(frozen=True, slots=True)
class DeliveryPage:
    """One page of messages, newest first, with the ids its neighbours begin from."""

    rows: list[Delivery]
    older: int | None = None
    newer: int | None = None


@dataclass(frozen=True, slots=True)
class DeliveryFilter:
    """What of the messages is asked for; nothing means those that left the house."""

    q: str = ""
    state: str = ""
    channel: str = ""


def delivery_page(
    user: Any, wanted: DeliveryFilter, *, before: int | None = None, after: int | None = None
) -> DeliveryPage:
    """Messages that left the house (or, if asked for, those inside), filtered; nothing is counted."""
    rows = Delivery.objects.visible_to(user).select_related("person", "unit", "address")
    rows = rows.filter(channel=wanted.channel) if wanted.channel else rows.exclude(channel=IN_APP)
    if wanted.state:
        rows = rows.filter(state=wanted.state)
    if wanted.q.strip():
        rows = rows.filter(_about(wanted.q.strip()))
    if after is not None:
        found = list(rows.filter(pk__gt=after).order_by("id")[: DELIVERIES + 1])
        more, found = len(found) > DELIVERIES, found[:DELIVERIES][::-1]
        page = DeliveryPage(found, older=found[-1].pk if found else None, newer=found[0].pk if more else None)
    else:
        rows = rows.filter(pk__lt=before) if before is not None else rows
        found = list(rows.order_by("-id")[: DELIVERIES + 1])
        more, found = len(found) > DELIVERIES, found[:DELIVERIES]
        newer = found[0].pk if found and before is not None else None
        page = DeliveryPage(found, older=found[-1].pk if more else None, newer=newer)
    _count_notices(page.rows)
    return page


def _about(typed: str) -> Q:
    """Messages to whoever is called so, person or unit, or about the case of this number."""
    people = User.objects.filter(Q(name__icontains=typed) | Q(username__iexact=typed)).values("pk")[:NAMESAKES]
    units = Unit.objects.filter(Q(name__icontains=typed) | Q(short_name__icontains=typed)).values("pk")[:NAMESAKES]
    found = Q(person_id__in=[row["pk"] for row in people]) | Q(unit_id__in=[row["pk"] for row in units])
    case = Case.objects.filter(number__iexact=typed).values_list("pk", flat=True).first()
    if case is not None:
        found |= Q(pk__in=Carried.objects.filter(notice__event__case=case).values("delivery"))
    return found


def _count_notices(rows: list[Delivery]) -> None:
    """How many notices each message carries, counted for the page alone."""
    counted = Delivery.objects.filter(pk__in=[row.pk for row in rows]).annotate(n=Count("carried"))
    numbers = dict(counted.order_by().values_list("pk", "n"))
    for row in rows:
        row.notice_count = numbers.get(row.pk, 0)  # type: ignore[attr-defined]
