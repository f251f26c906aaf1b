"""What changes the calendar: the yearly notice, days a county makes its own, the hours of the office."""

from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import F
from django.http import HttpRequest
from django.utils.translation import gettext as _

from organizations.access_log import note_access
from organizations.clock import spelled
from organizations.errors import Refused
from organizations.models import AccessKind, Division, Level, User
from organizations.powers import held_posts, holds
from organizations.roles import Role
from workflows.calendar import DayKind
from workflows.holiday_notice import Notice, Table, table_of
from workflows.models import CalendarDay, CalendarYear, LocalDay, Recomputation, WorkingTime
from workflows.office_hours import OfficeHours
from workflows.queries import forget_kept
from workflows.recomputing import calendar_change, calendar_changed

WORKED = (DayKind.WORKDAY, DayKind.MAKEUP)
OWN_LEVELS = (Level.PROVINCE, Level.CITY, Level.COUNTY)


@dataclass(frozen=True, slots=True)
class LocalEntry:
    """A day a division makes its own, as the form has it."""

    division: Division
    day: date
    kind: DayKind
    name: str = ""
    document: str = ""


@dataclass(slots=True)
class Publication:
    """What publishing a notice would change: days as they stand and as they will be, and the whole new table."""

    before: Table
    after: dict[date, tuple[DayKind, str]]
    first_time: bool

    @property
    def changed(self) -> list[date]:
        """Days whose kind or name becomes another."""
        return sorted(day for day, row in self.after.items() if self.before.get(day) != row)

    @property
    def recounted(self) -> list[date]:
        """Days that dates count otherwise: worked or not, and at the first publication certain or not."""
        if self.first_time:
            return sorted(self.after)
        return [day for day in self.changed if self._works(self.before, day) != self._works(self.after, day)]

    @staticmethod
    def _works(table: Table, day: date) -> bool:
        row = table.get(day)
        return row[0] in WORKED if row else day.weekday() < 5


def may_publish(user: Any) -> bool:
    """The published calendar and the office hours belong to the system administrator."""
    return holds(user, Role.SYSTEM_ADMIN)


def own_divisions(user: Any) -> list[Division]:
    """The divisions whose own days this person sets as their office."""
    offices = [post.unit.division for post in held_posts(user) if post.role == Role.OFFICE]
    return list({row.pk: row for row in offices if row.level in OWN_LEVELS}.values())


def may_set_local(user: Any, division: Division) -> bool:
    """The system administrator everywhere, an office for its own county."""
    return may_publish(user) or division.pk in {row.pk for row in own_divisions(user)}


def publication(notice: Notice) -> Publication:
    """What stands now beside what the notice says."""
    outside = [row.day for row in notice.days if row.day.year != notice.year]
    rows = CalendarDay.objects.filter(day__year=notice.year) | CalendarDay.objects.filter(day__in=outside)
    before = {row.day: (DayKind(row.kind), row.name) for row in rows}
    published = CalendarYear.objects.filter(year=notice.year, published=True).exists()
    return Publication(before, table_of(notice, before), first_time=not published)


def change_of(found: Publication, notice: Notice, document: str, by: User) -> Recomputation:
    """The recomputation a publication asks for, not yet written down."""
    return calendar_change(found.recounted, publishing_text(notice.year, document), by)


def publishing_text(year: int, document: str) -> str:
    """How the log and the recomputation call it."""
    text = _("公布%(year)d年节假日安排") % {"year": year}
    return f"{text}（{document}）" if document else text


@transaction.atomic
def publish_year(
    year: int, notice: Notice, document: str, by: User, request: HttpRequest | None = None
) -> Recomputation | None:
    """Put a year's notice in force and have running dates follow; None where nothing differs or nothing counts."""
    if not may_publish(by):
        raise PermissionDenied
    if notice.errors or notice.year != year or not notice.days:
        raise Refused(_("通知里还有没有读懂或互相矛盾的地方，请改好后再公布。"))
    row, made = CalendarYear.objects.get_or_create(year=year)
    row = CalendarYear.objects.select_for_update().get(pk=year)
    found = publication(notice)
    if row.published and not found.changed and row.document == document:
        return None
    _store(found, year)
    row.version += not made
    row.published, row.document = True, document
    row.save()
    text = publishing_text(year, document)
    days = {day.isoformat(): str(found.after[day][0]) for day in found.changed}
    note_access(AccessKind.BASIC_DATA, text, by=by, request=request, year=year, version=row.version, days=days)
    _forget()
    return calendar_changed(found.recounted, text, by) if found.recounted else None


def _store(found: Publication, year: int) -> None:
    """Replace the rows that differ; a neighbouring year that had a say in them has a new version too."""
    CalendarDay.objects.filter(day__in=found.changed).delete()
    CalendarDay.objects.bulk_create(
        CalendarDay(day=day, kind=found.after[day][0], name=found.after[day][1]) for day in found.changed
    )
    neighbours = {day.year for day in found.changed} - {year}
    CalendarYear.objects.filter(year__in=neighbours).update(version=F("version") + 1)


@transaction.atomic
def set_local_day(entry: LocalEntry, by: User, request: HttpRequest | None = None) -> Recomputation | None:
    """Make a day a division's own, or change what it is there; None where it already is so."""
    if not may_set_local(by, entry.division):
        raise PermissionDenied
    if entry.division.level not in OWN_LEVELS:
        raise Refused(_("地方调整日按县级以上区划设置，乡镇和村随所在县执行。"))
    if not CalendarYear.objects.filter(year=entry.day.year).exists():
        raise Refused(_("日历里还没有%(year)d年，请核对日期。") % {"year": entry.day.year})
    fields = {"kind": entry.kind, "name": entry.name, "document": entry.document}
    rows = LocalDay.objects.select_for_update()
    known = rows.filter(division=entry.division, day=entry.day).first()
    if known and {name: getattr(known, name) for name in fields} == fields:
        return None
    LocalDay.objects.update_or_create(division=entry.division, day=entry.day, defaults=fields)
    words = {
        "place": entry.division,
        "day": spelled(entry.day),
        "kind": _("上班") if entry.kind in WORKED else _("放假"),
    }
    text = _("%(place)s设置地方调整日：%(day)s %(kind)s") % words
    data: dict[str, Any] = {"division": entry.division.pk, "old": known.kind if known else None, "new": str(entry.kind)}
    note_access(AccessKind.BASIC_DATA, text, by=by, request=request, day=entry.day.isoformat(), **data)
    _forget()
    return calendar_changed([entry.day], text, by)


@transaction.atomic
def drop_local_day(local_day_id: int, by: User, request: HttpRequest | None = None) -> Recomputation | None:
    """Have a day count again as it does everywhere; None where somebody already did."""
    row = LocalDay.objects.select_for_update(of=("self",)).select_related("division").filter(pk=local_day_id).first()
    if row is None:
        return None
    if not may_set_local(by, row.division):
        raise PermissionDenied
    text = _("%(place)s取消地方调整日：%(day)s") % {"place": row.division, "day": spelled(row.day)}
    data: dict[str, Any] = {"division": row.division_id, "day": row.day.isoformat(), "old": row.kind, "new": None}
    note_access(AccessKind.BASIC_DATA, text, by=by, request=request, **data)
    row.delete()
    _forget()
    return calendar_changed([row.day], text, by)


@transaction.atomic
def set_working_time(
    division: Division | None, hours: OfficeHours, by: User, request: HttpRequest | None = None
) -> WorkingTime:
    """Set the hours of a division and what lies below it, or of everybody."""
    if not may_publish(by):
        raise PermissionDenied
    known = WorkingTime.objects.select_for_update().filter(division=division).first()
    if known and str(_hours_of(known)) == str(hours):
        return known
    row, _made = WorkingTime.objects.update_or_create(division=division, defaults=asdict(hours))
    words = {"place": division or _("各地"), "hours": hours}
    text = _("%(place)s办公时间改为%(hours)s") % words
    data: dict[str, Any] = {
        "division": division.pk if division else None,
        "old": str(_hours_of(known)) if known else None,
    }
    note_access(AccessKind.BASIC_DATA, text, by=by, request=request, new=str(hours), **data)
    _forget()
    return row


def _hours_of(row: WorkingTime) -> OfficeHours:
    return OfficeHours(row.opens, row.noon_from, row.noon_to, row.closes)


def _forget() -> None:
    """At once for this transaction, and after the commit for whoever read in between."""
    forget_kept()
    transaction.on_commit(forget_kept)
