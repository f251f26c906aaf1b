"""Reads of the engine: the calendar in force, the inbox, timelines, policies in force."""

import time
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import QuerySet

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
from workflows.scope import actor_of

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


# One branch of the inbox for each seat and person: each walks its index, where an OR would scan.
# Written by hand because putting five such branches together costs the ORM more than running them.
_MINE = "SELECT id, due_at FROM workflows_workitem WHERE {mine} AND status IN ('NEW', 'ASSIGNED')"
_FIRST = f"SELECT * FROM ({_MINE} ORDER BY due_at NULLS LAST, id LIMIT %s) branch"  # noqa: S608 -- constants only
_COUNTED = (
    "SELECT count(*), count(CASE WHEN due_at < %s THEN 1 END), "
    "count(CASE WHEN due_at >= %s AND due_at < %s THEN 1 END) FROM ({branches}) mine"
)
_SEAT = "unit_id = %s AND role = %s AND addressee_id IS NULL"
_PERSON = "addressee_id = %s"


def _branches(user: Any, branch: str, *more: Any) -> tuple[str, list[Any]]:
    """The branches of one person in one statement, and its values."""
    actor = actor_of(user)
    keys: list[tuple[Any, ...]] = [*actor.seats, *((person,) for person in actor.persons)]
    parts = [branch.format(mine=_SEAT if len(key) == 2 else _PERSON) for key in keys]
    return " UNION ALL ".join(parts), [value for key in keys for value in (*key, *more)]


def inbox_ids(user: Any, *, size: int = PAGE, offset: int = 0) -> list[int]:
    """Ids of one page of a person's open items, latest due first."""
    statement, values = _branches(user, _FIRST, offset + size)
    with connection.cursor() as cursor:
        cursor.execute(
            statement + " ORDER BY due_at NULLS LAST, id LIMIT %s OFFSET %s",
            [*values, size, offset],
        )
        return [row[0] for row in cursor.fetchall()]


def inbox_page(user: Any, *, size: int = PAGE, offset: int = 0) -> list[WorkItem]:
    """One page of a person's open items with what a list shows of them."""
    ids = inbox_ids(user, size=size, offset=offset)
    rows = WorkItem.objects.filter(pk__in=ids).select_related("process__case", "unit", "owner")
    order = {pk: place for place, pk in enumerate(ids)}
    return sorted(rows, key=lambda row: order[row.pk])


def inbox_counts(user: Any) -> dict[str, int]:
    """How many open items a person has, how many are late, how many are due within three days."""
    statement, values = _branches(user, _MINE)
    now, soon = (connection.ops.adapt_datetimefield_value(at) for at in (clock.now(), clock.soon(days=3)))
    with connection.cursor() as cursor:
        cursor.execute(_COUNTED.replace("{branches}", statement), [now, now, soon, *values])
        return dict(zip(("all", "late", "soon"), cursor.fetchone(), strict=True))


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
