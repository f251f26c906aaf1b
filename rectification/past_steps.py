"""Steps that are over: how long each had, by when, when it was done, and how early or late."""

from dataclasses import dataclass
from datetime import date

from django.core.paginator import Page, Paginator
from django.utils.translation import gettext as _

from organizations import clock
from rectification.models import Problem
from workflows.calendar import Calendar
from workflows.models import OPEN, Deadline, WorkItem
from workflows.queries import calendar

PAGE = 20


@dataclass(slots=True)
class PastStep:
    """One line: the duty with its clock, and how it ended."""

    item: WorkItem
    limit: str
    due_on: date | None
    done_on: date | None
    result: str
    style: str


def past_steps(problem: Problem, number: str | None) -> Page:
    """One page of the duties of a problem that are over, the latest first."""
    rows = (
        WorkItem.objects.filter(process__case_id=problem.pk, flow_task_type="HUMAN")
        .exclude(status__in=OPEN)
        .select_related("unit", "owner", "deadline")
        .order_by("-finished", "-pk")
    )
    page = Paginator(rows, PAGE).get_page(number)
    days = calendar(problem.case.division)
    page.object_list = [_told(item, days) for item in page.object_list]
    return page


def _told(item: WorkItem, days: Calendar) -> PastStep:
    row: Deadline | None = getattr(item, "deadline", None)
    due_on = row.due_on if row else None
    done_on = clock.local(item.finished).date() if item.finished else None
    result, style = _result(item, due_on, done_on, days)
    return PastStep(item, _limit(row), due_on, done_on, result, style)


def _limit(row: Deadline | None) -> str:
    if row is None:
        return _("没有时限")
    if row.follows_case:
        return _("随整改期限")
    return str(row.length) if row.length else _("指定日期")


def _result(item: WorkItem, due_on: date | None, done_on: date | None, days: Calendar) -> tuple[str, str]:
    if not item.is_done:
        return _("未办结，已转入其他环节"), "grey"
    if due_on is None or done_on is None:
        return _("已办结"), "grey"
    if done_on > due_on:  # on a rest day after the date: late, though no working day has passed
        return _("逾期%d个工作日办结") % max(days.working_days_between(due_on, done_on), 1), "red"
    early = days.working_days_between(done_on, due_on)
    return (_("提前%d个工作日办结") % early if early else _("按期办结")), "green"
