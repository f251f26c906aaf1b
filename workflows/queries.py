"""Reads of the engine: the calendar in force, the inbox, timelines, policies in force."""

import time
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import Count, F, Q, QuerySet

from organizations import clock
from workflows.calendar import Calendar, DayKind
from workflows.models import (
    OPEN,
    CalendarDay,
    CalendarYear,
    DeadlinePolicy,
    Draft,
    Event,
    ReviewPolicy,
    WorkItem,
)
from workflows.scope import Actor, actor_of

CALENDAR_SECONDS = 30.0
PAGE = 20

_calendar: dict[str, Any] = {"read_at": float("-inf"), "calendar": None}


def calendar() -> Calendar:
    """The day table in force, read at most every thirty seconds by each process."""
    if time.monotonic() - _calendar["read_at"] > CALENDAR_SECONDS or _calendar["calendar"] is None:
        _calendar.update(read_at=time.monotonic(), calendar=read_calendar())
    return _calendar["calendar"]


def forget_calendar() -> None:
    """Have the next caller read the day table anew: after a change, and between tests."""
    _calendar.update(read_at=float("-inf"), calendar=None)


def read_calendar() -> Calendar:
    """The day table as it stands; its version is the sum of the years' versions."""
    years = list(CalendarYear.objects.values_list("year", "published", "version"))
    days = {day: DayKind(kind) for day, kind in CalendarDay.objects.values_list("day", "kind")}
    return Calendar(
        days=days,
        published_years=frozenset(year for year, published, _version in years if published),
        version=str(sum(version for _year, _published, version in years)),
    )


def review_policy_in_force(code: str) -> ReviewPolicy:
    """The version of a review policy that new rounds take."""
    return ReviewPolicy.objects.get(code=code, in_force=True)


def deadline_policy_in_force(code: str) -> DeadlinePolicy:
    """The version of a deadline policy that new assignments take."""
    return DeadlinePolicy.objects.get(code=code, in_force=True)


def open_items() -> QuerySet[WorkItem]:
    """Items that somebody owes."""
    return WorkItem.objects.filter(status__in=OPEN)


def _branches(actor: Actor) -> list[Q]:
    branches = [Q(unit_id=unit_id, role=seat, addressee__isnull=True) for unit_id, seat in actor.seats]
    return [*branches, Q(addressee_id__in=actor.persons)]


def inbox_ids(user: Any, *, size: int = PAGE, offset: int = 0) -> list[int]:
    """Ids of one page of a person's open items, latest due first.

    A UNION ALL of each post's first rows: each branch walks the inbox index, where an OR would scan.
    """
    actor = actor_of(user)
    parts = [
        open_items()
        .filter(branch)
        .order_by(F("due_at").asc(nulls_last=True), "id")
        .values_list("id", "due_at")[: offset + size]
        for branch in _branches(actor)
    ]
    if connection.features.supports_slicing_ordering_in_compound:
        rows = list(parts[0].union(*parts[1:], all=True))
    else:
        rows = [row for part in parts for row in part]
    rows.sort(key=lambda row: (row[1] is None, row[1] or clock.now(), row[0]))
    return [pk for pk, _due in rows[offset : offset + size]]


def inbox_page(user: Any, *, size: int = PAGE, offset: int = 0) -> list[WorkItem]:
    """One page of a person's open items with what a list shows of them."""
    ids = inbox_ids(user, size=size, offset=offset)
    rows = WorkItem.objects.filter(pk__in=ids).select_related("process__case", "unit", "owner")
    order = {pk: place for place, pk in enumerate(ids)}
    return sorted(rows, key=lambda row: order[row.pk])


def inbox_counts(user: Any) -> dict[str, int]:
    """How many open items a person has, how many are late, how many are due within three days."""
    actor = actor_of(user)
    now, soon = clock.now(), clock.soon(days=3)
    total = {"all": 0, "late": 0, "soon": 0}
    for branch in _branches(actor):
        found = (
            open_items()
            .filter(branch)
            .aggregate(
                all=Count("id"),
                late=Count("id", filter=Q(due_at__lt=now)),
                soon=Count("id", filter=Q(due_at__gte=now, due_at__lt=soon)),
            )
        )
        for key in total:
            total[key] += found[key]
    return total


def timeline(case_id: int) -> QuerySet[Event]:
    """Everything that happened to a case, newest first, with names."""
    return Event.objects.filter(case_id=case_id).select_related("actor", "unit", "post__acting_for").order_by("-number")


def draft_of(user: Any, key: str) -> dict[str, Any]:
    """The unsent text of one form."""
    found = Draft.objects.filter(user=user, key=key).values_list("fields", flat=True).first()
    return found or {}


def main_item(case_id: int) -> WorkItem | None:
    """The open item of the main routing."""
    return (
        open_items()
        .filter(process__case_id=case_id, process__kind="main", flow_task_type="HUMAN")
        .select_related("process", "unit", "owner", "addressee", "deadline")
        .first()
    )


def side_items(case_id: int) -> QuerySet[WorkItem]:
    """Open side duties of a case."""
    return (
        open_items()
        .filter(process__case_id=case_id, flow_task_type="HUMAN")
        .exclude(process__kind="main")
        .select_related("process", "unit")
    )


def changed_since(case_ids: Any, instant: datetime | None, limit: int = 10) -> QuerySet[Event]:
    """The newest events of some cases after an instant."""
    rows = Event.objects.filter(case_id__in=case_ids).select_related("case", "actor", "unit")
    if instant:
        rows = rows.filter(at__gt=instant)
    return rows.order_by("-at", "-id")[:limit]
