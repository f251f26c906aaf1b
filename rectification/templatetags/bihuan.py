"""How dates, deadlines and states read on every page."""

from datetime import date, datetime
from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from organizations import clock
from organizations.models import Division
from rectification.colours import level_of
from rectification.forms.fields import place_name, unit_name
from workflows.calendar import Calendar
from workflows.lifecycles.problem import LEVEL_OF_STATE, ProblemState
from workflows.queries import calendar
from workflows.registry import event_type

register = template.Library()

STATE_STYLE = {
    ProblemState.CLOSED: "state--green",
    ProblemState.RECTIFYING: "state--blue",
    ProblemState.PLANNING: "state--blue",
    ProblemState.PLAN_REVIEW: "state--blue",
    ProblemState.VERIFYING: "state--blue",
    ProblemState.ASSIGNED: "state--amber",
    ProblemState.REGISTERED: "state--amber",
    ProblemState.SUSPENDED: "state--amber",
}


@register.filter
def day(value: date | datetime | None) -> str:
    """2026年6月30日."""
    if value is None:
        return "—"
    if isinstance(value, datetime):
        value = clock.local(value).date()
    return clock.spelled(value)


@register.filter
def moment(value: datetime | None) -> str:
    """2026年6月30日 15:04, as a wall clock in Asia/Shanghai shows it."""
    return f"{day(value)} {clock.local(value):%H:%M}" if value else "—"


@register.filter
def left(value: date | datetime | None, place: Any = None) -> SafeString | str:
    """How many working days of a place are left or past, in text with a colour beside it; 暂定 where it may change."""
    if value is None:
        return ""
    due = clock.local(value).date() if isinstance(value, datetime) else value
    today, days = clock.today(), calendar(place if isinstance(place, Division) else None)
    colour, text = _left(due, today, days)
    if not days.is_certain(min(due, today), max(due, today)):
        text += _("（暂定）")
    return _badge(colour, text)


def _left(due: date, today: date, days: Calendar) -> tuple[str, str]:
    if due < today:
        return "red", _("逾期%(n)d个工作日") % {"n": max(days.working_days_between(due, today), 1)}
    count = days.working_days_between(today, due)
    text = _("今天到期") if due == today else _("剩%(n)d个工作日") % {"n": count}
    return "amber" if count <= 3 else "green", text


def _badge(colour: str, text: str) -> SafeString:
    return format_html('<span class="badge badge--{}">{}</span>', colour, text)


@register.filter
def state(problem: Any) -> SafeString:
    """The stage as a pill."""
    style = STATE_STYLE.get(problem.state, "state--blue" if problem.state in LEVEL_OF_STATE else "")
    return format_html('<span class="state {}">{}</span>', style, problem.get_state_display())


@register.filter
def colour(problem: Any) -> SafeString | str:
    """The level a problem has reached under its warning policy, in words with a colour beside them."""
    level = level_of(problem) if problem else None
    return _badge(level.colour, level.name) if level else ""


@register.filter
def place(division: Any) -> str:
    """“甲镇 / 一村”."""
    return place_name(division) if division else "—"


@register.filter
def unit(row: Any) -> str:
    """“甲镇 / 一村村民委员会”, as the field for units wants it."""
    return unit_name(row) if row else "—"


@register.filter
def step_label(item: Any) -> str:
    """What a work item asks for."""
    return str(item.flow_task.task_title) if item.flow_task else ""


@register.filter
def event_sentence(name: str) -> str:
    """What an event is called."""
    return str(event_type(name).sentence)


@register.filter
def size(value: int) -> str:
    """Bytes as people read them."""
    return f"{value / 1048576:.1f} MB" if value >= 1048576 else f"{max(value // 1024, 1)} KB"


@register.simple_tag(takes_context=True)
def with_query(context: Any, **changes: Any) -> str:
    """The present query string with some parts changed or dropped."""
    query = context["request"].GET.copy()
    for key, value in changes.items():
        query.pop(key, None)
        if value not in (None, ""):
            query[key] = value
    return f"?{query.urlencode()}"
