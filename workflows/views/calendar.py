"""日历: a year for everybody, and for those who keep it the notice, local days and office hours."""

from dataclasses import asdict, dataclass, field
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from organizations import clock
from organizations.errors import Refused
from organizations.roles import Role
from organizations.views.access import UserRequest, only
from workflows.actions.calendar import (
    Publication,
    change_of,
    drop_local_day,
    may_publish,
    publication,
    publish_year,
    set_local_day,
    set_working_time,
)
from workflows.forms.calendar import HolidayNoticeForm, LocalDayForm, WorkingTimeForm
from workflows.holiday_notice import Notice, read_notice
from workflows.queries import calendars_with, office_hours, read_calendar
from workflows.recomputing import COUNTED_MOST, Moves, count_moves
from workflows.year_view import (
    desk_of,
    differences,
    droppable,
    hours_rows,
    may_be_entered,
    progress,
    rests_of,
    settable_divisions,
    year_view,
)

WEEKDAYS = "一二三四五六日"


@login_required
@require_safe
def year_page(request: UserRequest, year: int | None = None) -> HttpResponse:
    """A year of the calendar as somebody's office lives it."""
    shown = year_view(year or clock.today().year, request.user)
    if shown is None:
        raise Http404
    context = {
        "shown": shown,
        "weekdays": WEEKDAYS,
        "works": progress(),
        "may_publish": may_publish(request.user),
        "may_set_local": bool(settable_divisions(request.user)),
        "droppable": droppable(shown.local, request.user),
        "hours": office_hours(desk_of(request.user)),
    }
    return render(request, "workflows/calendar.html", context)


@login_required
@require_safe
def progress_panel(request: UserRequest) -> HttpResponse:
    """How far running dates have followed the last changes: asked again until everything is done."""
    return render(request, "workflows/_progress.html", {"works": progress()})


@dataclass(slots=True)
class Preview:
    """What a pasted notice was understood to say, and what publishing it would do."""

    notice: Notice
    found: Publication
    document: str
    moves: Moves = field(default_factory=Moves)

    @property
    def rests(self) -> list[Any]:
        """Days off in rows, as read."""
        return rests_of({row.day: (row.kind, row.name) for row in self.notice.days})

    @property
    def differences(self) -> list[Any]:
        """Days that become others."""
        return differences(self.found.before, self.found.after)


@only(Role.SYSTEM_ADMIN)
def publish(request: UserRequest, year: int) -> HttpResponse:
    """公布: paste, look at what was understood, confirm."""
    if not may_be_entered(year):
        raise Http404
    form = HolidayNoticeForm(request.POST or None)
    version = read_calendar().version
    context: dict[str, Any] = {"year": year, "form": form, "seen": version, "most": COUNTED_MOST}
    if request.method == "POST" and form.is_valid():
        shown = _preview(request, year, form.cleaned_data)
        if "confirm" in request.POST and not shown.notice.errors and request.POST.get("seen") == version:
            return _publish(request, shown)
        if "confirm" in request.POST:
            messages.warning(request, _("日历刚刚有了变化，请再核对一遍下面的内容，然后确认。"))
        context["preview"] = shown
    return render(request, "workflows/publish.html", context)


def _preview(request: UserRequest, year: int, data: dict[str, Any]) -> Preview:
    notice = read_notice(data["text"], year)
    document = data["document"].strip() or notice.document
    found = publication(notice)
    shown = Preview(notice, found, document)
    if not notice.errors:
        days = {day: row[0] for day, row in found.after.items()}
        work = change_of(found, notice, document, request.user)
        shown.moves = count_moves(work, calendars_with(days, [year]))
    return shown


def _publish(request: UserRequest, shown: Preview) -> HttpResponse:
    year = shown.notice.year
    try:
        work = publish_year(year, shown.notice, shown.document, request.user, request)
    except Refused as refusal:
        messages.error(request, str(refusal))
        return redirect("calendar-publish", year=year)
    said = _("%(year)d年节假日安排已公布，受影响的时限正在重新计算。") if work else _("%(year)d年节假日安排没有变化。")
    messages.success(request, said % {"year": year})
    return redirect("calendar-year", year=year)


@only(Role.SYSTEM_ADMIN, Role.OFFICE)
def local_day(request: UserRequest) -> HttpResponse:
    """设置地方调整日."""
    form = LocalDayForm(request.POST or None, divisions=settable_divisions(request.user))
    if request.method == "POST" and form.is_valid():
        entry = form.entry()
        try:
            work = set_local_day(entry, request.user, request)
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            said = _("已设置，受影响的时限正在重新计算。") if work else _("这一天已经是这样设置的，没有变化。")
            messages.success(request, said)
            return redirect("calendar-year", year=entry.day.year)
    return render(request, "workflows/local_day.html", {"form": form})


@require_POST
@only(Role.SYSTEM_ADMIN, Role.OFFICE)
def local_day_drop(request: UserRequest, local_day_id: int) -> HttpResponse:
    """取消地方调整日."""
    work = drop_local_day(local_day_id, request.user, request)
    said = _("已取消，受影响的时限正在重新计算。") if work else _("这个地方调整日已经取消。")
    messages.success(request, said)
    return redirect("calendar")


@only(Role.SYSTEM_ADMIN)
def working_time(request: UserRequest) -> HttpResponse:
    """设置办公时间."""
    divisions = settable_divisions(request.user)
    form = WorkingTimeForm(request.POST or None, divisions=divisions, initial=asdict(office_hours()))
    if request.method == "POST" and form.is_valid():
        set_working_time(form.chosen(), form.hours, request.user, request)
        messages.success(request, _("办公时间已保存。"))
        return redirect("calendar-hours")
    return render(request, "workflows/working_time.html", {"form": form, "rows": hours_rows()})
