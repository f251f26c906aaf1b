"""A year of the calendar as its page shows it: twelve months, the rests, the days a county made its own."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise

from django.db.models import Max, Min, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from organizations import clock
from organizations.models import Division, User
from organizations.powers import held_posts
from workflows.actions.calendar import OWN_LEVELS, may_publish, may_set_local, own_divisions
from workflows.calendar import PROVISIONAL_NAME, Calendar, DayKind, statutory_days
from workflows.holiday_notice import Table, festivals_in
from workflows.models import CalendarDay, CalendarYear, LocalDay, Recomputation, WorkingTime
from workflows.queries import calendar
from workflows.recomputing import CALENDAR

MARKS = {DayKind.HOLIDAY: gettext_lazy("休"), DayKind.MAKEUP: gettext_lazy("班")}
# What a day is to people: most days off of a notice are no statutory holidays, only moved ones.
WORDS = {
    DayKind.WORKDAY: gettext_lazy("工作日"),
    DayKind.WEEKEND: gettext_lazy("周末"),
    DayKind.HOLIDAY: gettext_lazy("放假"),
    DayKind.MAKEUP: gettext_lazy("上班"),
}
PENDING_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Cell:
    """One day of a small month: what it is in one character, in words, and by its class."""

    day: date
    kind: str
    mark: str
    title: str
    local: bool
    today: bool


@dataclass(slots=True)
class Month:
    """A small month, week by week; days of its neighbours stay empty."""

    number: int
    weeks: list[list[Cell | None]]


@dataclass(slots=True)
class Rest:
    """Days off in a row, and the weekends worked for them."""

    name: str
    first: date
    last: date
    makeups: list[date] = field(default_factory=list)

    @property
    def count(self) -> int:
        """How many days in a row."""
        return (self.last - self.first).days + 1


@dataclass(slots=True)
class YearView:
    """Everything one year's page shows."""

    row: CalendarYear
    months: list[Month]
    rests: list[Rest]
    local: list[LocalDay]
    place: Division | None
    years: list[int]


def desk_of(user: User) -> Division | None:
    """Where this person's office is; its calendar is the one they read."""
    return next((post.unit.division for post in held_posts(user)), None)


def year_view(year: int, user: User) -> YearView | None:
    """A year as somebody's office lives it; None for a year the table does not hold."""
    row = CalendarYear.objects.filter(pk=year).first()
    if row is None:
        return None
    place = desk_of(user)
    days = calendar(place)
    table = table_standing(year)
    local = list(local_days(user).filter(day__year=year))
    near = set(place.ancestor_ids()) if place else set()
    own = {each.day: each.name for each in local if each.division_id in near}
    months = [Month(number, _weeks(year, number, days, table, own)) for number in range(1, 13)]
    years = list(CalendarYear.objects.values_list("year", flat=True))
    return YearView(row, months, rests_of(table), local, place, years)


def table_standing(year: int) -> Table:
    """The days of a year as they stand, with their names."""
    rows = CalendarDay.objects.filter(day__year=year)
    return {row.day: (DayKind(row.kind), row.name) for row in rows}


def table_between(first: date, last: date, place: Division) -> Table:
    """The days between two, both included, as a place lives them, each with the name it is called by."""
    rows = {row.day: (DayKind(row.kind), row.name) for row in CalendarDay.objects.filter(day__range=(first, last))}
    table = {day: (kind, _name_of(day, rows)) for day, (kind, _name) in rows.items()}
    near = place.ancestor_ids()
    local = LocalDay.objects.filter(day__range=(first, last), division_id__in=near)
    for row in sorted(local, key=lambda row: near.index(row.division_id)):
        table[row.day] = (DayKind(row.kind), row.name)
    return table


def local_days(user: User) -> QuerySet[LocalDay]:
    """Days of their own of the divisions somebody's posts lie in; the administrator sees everybody's."""
    rows = LocalDay.objects.select_related("division").order_by("day", "division__code")
    if may_publish(user):
        return rows
    near = {pk for post in held_posts(user) for pk in post.unit.division.ancestor_ids()}
    return rows.filter(division_id__in=near)


def droppable(rows: Iterable[LocalDay], user: User) -> set[int]:
    """Which of them this person may drop."""
    return {row.pk for row in rows if may_set_local(user, row.division)}


def settable_divisions(user: User) -> list[Division]:
    """The divisions for which somebody may set local days."""
    if not may_publish(user):
        return own_divisions(user)
    return list(Division.objects.on(clock.today()).filter(level__in=OWN_LEVELS).order_by("code"))


def hours_rows() -> QuerySet[WorkingTime]:
    """The office hours there are: everybody's first, then those of divisions."""
    return WorkingTime.objects.select_related("division").order_by("division__code")


def may_be_entered(year: int) -> bool:
    """Whether a notice for the year makes sense here: a year of the table, or the one after it."""
    found = CalendarYear.objects.aggregate(first=Min("year"), last=Max("year"))
    return found["first"] is not None and found["first"] <= year <= found["last"] + 1


def progress() -> list[Recomputation]:
    """What changes of the calendar are being worked through, and the last one that was."""
    rows = Recomputation.objects.filter(reason=CALENDAR).order_by("-id")
    return [*rows.filter(done_at__isnull=True)[:PENDING_SHOWN], *rows.filter(done_at__isnull=False)[:1]]


def _weeks(year: int, month: int, days: Calendar, table: Table, own: dict[date, str]) -> list[list[Cell | None]]:
    first = date(year, month, 1)
    last = date(year + month // 12, month % 12 + 1, 1)
    cells: list[Cell | None] = [None] * first.weekday()
    for ordinal in range(first.toordinal(), last.toordinal()):
        cells.append(_cell(date.fromordinal(ordinal), days, table, own))
    cells += [None] * (-len(cells) % 7)
    return [cells[start : start + 7] for start in range(0, len(cells), 7)]


def _cell(day: date, days: Calendar, table: Table, own: dict[date, str]) -> Cell:
    kind = days.kind(day)
    words = [clock.spelled(day), own.get(day) or _name_of(day, table), str(WORDS[kind])]
    if day in own:
        words.append(_("地方调整"))
    if days.is_provisional(day):
        words.append(_("暂定"))
    title = " ".join(word for word in words if word)
    return Cell(day, str(kind), str(MARKS.get(kind, "")), title, day in own, day == clock.today())


def _name_of(day: date, table: Table) -> str:
    """The holiday's name; a presumed one is called by the statutory day it is."""
    name = table.get(day, (None, ""))[1]
    if name != PROVISIONAL_NAME:
        return name
    return festivals_in(statutory_days(day.year).get(day, ""))


def rests_of(table: Table) -> list[Rest]:
    """The days off in rows, each with the weekends worked for it."""
    off = sorted(day for day, (kind, _name) in table.items() if kind == DayKind.HOLIDAY)
    breaks = [0, *(place for place, (one, two) in enumerate(pairwise(off), 1) if (two - one).days > 1), len(off)]
    rests = []
    for begin, end in pairwise(breaks):
        row = off[begin:end]
        names = dict.fromkeys(part for day in row for part in _name_of(day, table).split("、") if part)
        if row:
            rests.append(Rest("、".join(names), row[0], row[-1]))
    for day in sorted(day for day, (kind, _name) in table.items() if kind == DayKind.MAKEUP and rests):
        _rest_for(day, table[day][1], rests).makeups.append(day)
    return rests


def _rest_for(day: date, name: str, rests: list[Rest]) -> Rest:
    """The rest a weekend is worked for: of its name, else the nearest."""

    def distance(rest: Rest) -> tuple[bool, int]:
        shared = set(name.split("、")) & set(rest.name.split("、"))
        return not shared, min(abs((rest.first - day).days), abs((rest.last - day).days))

    return min(rests, key=distance)


@dataclass(frozen=True, slots=True)
class Difference:
    """A day that becomes another: what it is now, what it will be."""

    day: date
    now: str
    then: str


def differences(before: Table, after: Table) -> list[Difference]:
    """Days whose kind becomes another, for the preview."""
    found = []
    for day, (kind, name) in sorted(after.items()):
        former = before.get(day)
        if former is None or former[0] != kind:
            now = _called(day, former, before) if former else "—"
            found.append(Difference(day, now, _called(day, (kind, name), after)))
    return found


def _called(day: date, row: tuple[DayKind, str], table: Table) -> str:
    label = str(WORDS[row[0]])
    name = _name_of(day, table)
    said = f"{label}（{name}）" if name else label
    return said + (_("（暂定）") if row[1] == PROVISIONAL_NAME and row[0] == DayKind.HOLIDAY else "")
