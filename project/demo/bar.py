"""The demo's bar on every page: what its clock says, and how far it can be moved."""

from calendar import monthrange
from datetime import datetime, time, timedelta
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from organizations import clock
from workflows.queries import calendar

STEPS = {
    "morning": gettext_lazy("到下个工作日早上"),
    "day": gettext_lazy("一天"),
    "week": gettext_lazy("一周"),
    "month": gettext_lazy("一个月"),
}
MORNING = time(8, 40)  # the office is open, and what waited for it goes out
FARTHEST = timedelta(days=5 * 366)
_WEEKDAYS = "一二三四五六日"


def bar(request: HttpRequest) -> dict[str, Any]:
    """Context of the bar; this processor is there in the demo only."""
    back = request.get_full_path() if request.method == "GET" else "/"
    return {"demo_bar": {"now": spelled(clock.now()), "steps": STEPS, "back": back}}


def spelled(instant: datetime) -> str:
    """2026年11月22日 星期日 16:30."""
    local = clock.local(instant)
    weekday = _("星期%(day)s") % {"day": _WEEKDAYS[local.weekday()]}
    return f"{clock.spelled(local.date())} {weekday} {local:%H:%M}"


def _next_morning() -> datetime:
    today = clock.local(clock.now()).date()
    first = datetime.combine(calendar().next_workday(today), MORNING, tzinfo=clock.SHANGHAI)
    if first > clock.now():
        return first
    return datetime.combine(calendar().next_workday(today + timedelta(days=1)), MORNING, tzinfo=clock.SHANGHAI)


def length(step: str) -> timedelta:
    """How much time a step is, from now on: the same day of the next month, or that month's last."""
    if step == "morning":
        return _next_morning() - clock.now()
    if step != "month":
        return timedelta(days={"day": 1, "week": 7}[step])
    today = clock.today()
    year, month = (today.year, today.month + 1) if today.month < 12 else (today.year + 1, 1)
    return today.replace(year=year, month=month, day=min(today.day, monthrange(year, month)[1])) - today
