"""Reads of the engine: the calendar in force, the inbox, timelines, policies in force."""

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, TypeVar

from django.db import connection
from django.db.models import Count, F, QuerySet
from django.db.models.expressions import RawSQL

from organizations import clock
from organizations.models import AccessEntry, AccessKind, Division
from workflows.calendar import Calendar, DayKind
from workflows.colours import Level, read_levels
from workflows.models import (
    OPEN,
    CalendarDay,
    CalendarYear,
    DeadlinePolicy,
    Draft,
    EscalationPolicy,
    Event,
    LocalDay,
    ReviewPolicy,
    WarningPolicy,
    WorkingTime,
    WorkItem,
)
from workflows.models.policies import Versioned
from workflows.office_hours import OfficeHours
from workflows.scope import actor_of

Own = TypeVar("Own")

KEPT_SECONDS = 30.0
PAGE = 20

_kept: dict[str, tuple[float, Any]] = {}


def kept(name: str, read: Callable[[], Any]) -> Any:
    """What is asked at every step and changes a few times a year: read at most every thirty seconds by each process."""
    read_at, value = _kept.get(name, (float("-inf"), None))
    if time.monotonic() - read_at > KEPT_SECONDS:
        value = read()
        _kept[name] = (time.monotonic(), value)
    return value


def forget_kept() -> None:
    """Have the next caller read anew: after a change of calendar or policies, and between tests."""
    _kept.clear()


def calendar(place: Division | None = None) -> Calendar:
    """The day table in force at a place: the published days, and what the divisions above made their own."""
    general, own = kept("calendar", _read_calendars)
    return _nearest(place, own, general)


def own_calendars() -> dict[int, Calendar]:
    """The calendars of divisions that have days of their own, by the key of the division."""
    _general, own = kept("calendar", _read_calendars)
    return dict(own)


def office_hours(place: Division | None = None) -> OfficeHours:
    """The hours of the nearest division above that has its own, else those of everybody."""
    general, own = kept("office_hours", _read_hours)
    return _nearest(place, own, general)


def _nearest(place: Division | None, own: Mapping[int, Own], general: Own) -> Own:
    for pk in reversed(place.ancestor_ids()) if own and place else ():
        if pk in own:
            return own[pk]
    return general


def calendars_with(days: Mapping[date, DayKind], years: Iterable[int]) -> Callable[[Division | None], Calendar]:
    """The calendar of any place as it would be with some days and years published; nothing is stored."""
    base = read_calendar()
    general = Calendar({**base.days, **days}, base.published_years | set(years), base.version)
    own = {division_id: general.with_local(local) for division_id, local in _read_local().items()}
    return lambda place: _nearest(place, own, general)


def _read_calendars() -> tuple[Calendar, dict[int, Calendar]]:
    base = read_calendar()
    return base, {division_id: base.with_local(days) for division_id, days in _read_local().items()}


def _read_local() -> dict[int, dict[date, DayKind]]:
    """What holds in each division that has days of its own: those of the divisions above, and then its own."""
    own: dict[int, dict[date, DayKind]] = {}
    ancestors: dict[int, list[int]] = {}
    for row in LocalDay.objects.select_related("division"):
        own.setdefault(row.division_id, {})[row.day] = DayKind(row.kind)
        ancestors[row.division_id] = row.division.ancestor_ids()
    return {
        division_id: {day: kind for pk in above for day, kind in own.get(pk, {}).items()}
        for division_id, above in ancestors.items()
    }


def _read_hours() -> tuple[OfficeHours, dict[int, OfficeHours]]:
    general, own = OfficeHours(), {}
    for row in WorkingTime.objects.all():
        hours = OfficeHours(row.opens, row.noon_from, row.noon_to, row.closes)
        if row.division_id is None:
            general = hours
        else:
            own[row.division_id] = hours
    return general, own


def read_calendar() -> Calendar:
    """The day table as it stands; its version is the sum of the years' versions."""
    years = list(CalendarYear.objects.values_list("year", "published", "version"))
    days = {day: DayKind(kind) for day, kind in CalendarDay.objects.values_list("day", "kind")}
    return Calendar(
        days=days,
        published_years=frozenset(year for year, published, _version in years if published),
        version=str(sum(version for _year, _published, version in years)),
    )


def warning_levels(code: str) -> tuple[Level, ...]:
    """The levels of the warning policy in force under a code, mildest first."""
    policies: dict[str, tuple[Level, ...]] = kept("warnings", _read_levels)
    return policies.get(code, ())


def _read_levels() -> dict[str, tuple[Level, ...]]:
    rows = WarningPolicy.objects.filter(in_force=True).values_list("code", "levels")
    return {code: read_levels(levels) for code, levels in rows}


def rungs(code: str) -> list[dict[str, Any]]:
    """The rungs of the escalation policy in force under a code."""
    rows = EscalationPolicy.objects.filter(in_force=True)
    policies: dict[str, list[dict[str, Any]]] = kept("rungs", lambda: dict(rows.values_list("code", "rungs")))
    return policies.get(code, [])


def review_policy_in_force(code: str) -> ReviewPolicy:
    """The version of a review policy that new rounds take."""
    return ReviewPolicy.objects.get(code=code, in_force=True)


def deadline_policy_in_force(code: str) -> DeadlinePolicy:
    """The version of a deadline policy that new assignments take."""
    return DeadlinePolicy.objects.get(code=code, in_force=True)


# The policies that have pages of their own, by the word in their address.
POLICY_KINDS: dict[str, type[Versioned]] = {
    "deadline": DeadlinePolicy,
    "warning": WarningPolicy,
    "escalation": EscalationPolicy,
}


def policies_in_force(kind: str) -> list[Any]:
    """Every policy of a kind as it is in force, those of the first installation first."""
    rows: Any = POLICY_KINDS[kind]._default_manager.filter(in_force=True)
    first: dict[str, int] = dict(POLICY_KINDS[kind]._default_manager.filter(version=1).values_list("code", "pk"))
    return sorted(rows, key=lambda row: first.get(row.code, row.pk))


def policy_versions(kind: str, code: str) -> list[Any]:
    """Every version of one policy, newest first; empty for a kind or a code that is not there."""
    model = POLICY_KINDS.get(kind)
    return list(model._default_manager.filter(code=code).order_by("-version")) if model else []


def policy_names(kind: str) -> dict[str, str]:
    """Codes and names of the policies in force, as a form offers them."""
    return {policy.code: policy.name for policy in policies_in_force(kind)}


def offered_deadline_policies() -> QuerySet[DeadlinePolicy]:
    """What a new batch may take: in force and switched on."""
    return DeadlinePolicy.objects.filter(in_force=True, enabled=True).order_by("name")


def log_of_versions(versions: list[Any]) -> dict[int, AccessEntry]:
    """The line of the log that put each version in force; none for what a new installation begins with."""
    if not versions:
        return {}
    rows = AccessEntry.objects.filter(
        kind=AccessKind.BASIC_DATA,
        data__pk__in=[version.pk for version in versions],
        text__contains=str(versions[0]._meta.verbose_name),
    )
    return {row.data["pk"]: row for row in rows.select_related("user").order_by("-id")}


def level_names(codes: Iterable[str] | None = None) -> dict[str, str]:
    """Codes of the warning levels in force, or of those of some policies, each with the names it has in them."""
    found: dict[str, dict[str, None]] = {}
    for policy in policies_in_force("warning"):
        if codes is not None and policy.code not in codes:
            continue
        for level in read_levels(policy.levels):
            found.setdefault(level.code, {})[level.name] = None
    return {code: "、".join(names) for code, names in found.items()}


def open_items() -> QuerySet[WorkItem]:
    """Items that somebody owes."""
    return WorkItem.objects.filter(status__in=OPEN)


# One branch of the inbox for each seat and person: each walks its index, where an OR would scan.
# Written by hand because putting five such branches together costs the ORM more than running them.
_MINE = "SELECT id, due_at FROM workflows_workitem WHERE {mine} AND status IN ('NEW', 'ASSIGNED')"
_KEYS = "SELECT id FROM workflows_workitem WHERE {mine} AND status IN ('NEW', 'ASSIGNED')"
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


@dataclass(frozen=True, slots=True)
class Narrowing:
    """What an inbox is narrowed to: one task, by the name of its step, and the cases of a query of keys."""

    task: str = ""
    cases: Any = None

    def __bool__(self) -> bool:
        return bool(self.task) or self.cases is not None


def inbox_page(user: Any, *, size: int = PAGE, offset: int = 0, narrowed: Narrowing | None = None) -> list[WorkItem]:
    """One page of a person's open items with what a list shows of them."""
    if narrowed:
        rows = narrowed_inbox(user, narrowed).order_by(F("due_at").asc(nulls_last=True), "pk")
        ids = list(rows.values_list("pk", flat=True)[offset : offset + size])
    else:
        ids = inbox_ids(user, size=size, offset=offset)
    found = WorkItem.objects.filter(pk__in=ids).select_related("process__case", "unit", "owner")
    order = {pk: place for place, pk in enumerate(ids)}
    return sorted(found, key=lambda row: order[row.pk])


def narrowed_inbox(user: Any, narrowed: Narrowing) -> QuerySet[WorkItem]:
    """A person's open items of one task, or of some cases."""
    statement, values = _branches(user, _KEYS)
    rows = WorkItem.objects.filter(pk__in=RawSQL(statement, values))  # noqa: S611 -- constants only
    if narrowed.task:
        rows = rows.filter(flow_task__endswith=f".{narrowed.task}")
    if narrowed.cases is not None:
        rows = rows.filter(process__case__in=narrowed.cases)
    return rows


def inbox_tasks(user: Any) -> list[tuple[str, str, int]]:
    """Name, title and number of each task among a person's open items, the most frequent first."""
    rows = narrowed_inbox(user, Narrowing()).order_by().values_list("flow_task").annotate(n=Count("pk"))
    return sorted(((node.name, str(node.task_title), n) for node, n in rows), key=lambda row: (-row[2], row[1]))


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
