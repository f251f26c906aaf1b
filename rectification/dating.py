"""“这个日期怎么来的”：the rule, the calendar, the start, pauses and extensions, every day counted or skipped."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.utils.translation import gettext as _

from organizations import clock
from rectification.models import Problem
from workflows.calendar import Calendar, DayKind, LimitUnit
from workflows.models import ClockKind, Deadline
from workflows.models.policies import step_name
from workflows.queries import calendar, timeline

LONGEST = 400  # days drawn one by one; beyond it the sentence must do
PAUSES = {"suspend": _("挂账，停止计时"), "resume": _("恢复整改，重新确定时限")}


@dataclass(slots=True)
class Day:
    """One day of a count: its number among the counted ones, or why it was skipped."""

    day: date
    number: int | None
    kind: str
    why: str
    provisional: bool


@dataclass(slots=True)
class Dated:
    """One clock as the page tells of it."""

    title: str
    deadline: Deadline
    sentences: list[str]
    months: list[tuple[str, list[Day]]] = field(default_factory=list)
    live: bool = True
    provisional: bool = False


def clocks_of(problem: Problem) -> list[Dated]:
    """Every clock of a problem that runs, then the dates it has had before."""
    rows = Deadline.objects.filter(case_id=problem.pk).select_related("item__unit", "policy")
    days = calendar(problem.case.division)
    live = [row for row in rows if _is_live(row)]
    past = [row for row in rows if row.superseded_at and row.item_id is None]
    live.sort(key=lambda row: (row.item_id is not None, row.due_on))
    return [
        *(_dated(row, days, live=True) for row in live),
        *(_dated(row, days, live=False) for row in sorted(past, key=lambda row: -row.pk)),
    ]


def _is_live(row: Deadline) -> bool:
    return row.superseded_at is None and (row.item is None or row.item.is_open)


def _dated(row: Deadline, days: Calendar, *, live: bool) -> Dated:
    title = str(ClockKind(row.kind).label)
    if row.item is not None:
        node = row.item.flow_task
        title = _("%(step)s（%(unit)s）") % {
            "step": node.task_title if node else step_name(row.step),
            "unit": row.item.unit.label if row.item.unit else "—",
        }
    made = bool(row.computation.get("provisional"))
    return Dated(title, row, _sentences(row), months=_months(row, days), live=live, provisional=made)


def _sentences(row: Deadline) -> list[str]:
    made = row.computation
    said = [_("规则：%s。") % row.rule]
    if row.start_on:
        said.append(_("起算日：%s。") % clock.spelled(row.start_on))
    if made.get("sentence"):
        said.append(made["sentence"])
        said.append(_("日历版本：第%s版。") % made.get("calendar_version", "—"))
    elif row.follows_case:
        said.append(_("这一步没有单独的时限，与整改期限同一天，整改期限改了随着改。"))
    else:
        said.append(_("这是直接确定的日期，不按日历推算。"))
    if made.get("previous"):
        said.append(_("此前的时限：%s。") % _written(made["previous"]))
    said += [_("%(why)s，由%(day)s调整而来。") % {"why": one["why"], "day": _written(one["from"])}
             for one in made.get("moved", [])]  # fmt: skip
    if row.paused_at:
        said.append(_("自%s起停止计时。") % clock.spelled(clock.local(row.paused_at).date()))
    return said


def _written(text: str) -> str:
    try:
        return clock.spelled(date.fromisoformat(text))
    except ValueError:
        return _("无")


def _months(row: Deadline, days: Calendar) -> list[tuple[str, list[Day]]]:
    limit = row.length
    if limit is None or row.start_on is None or (row.due_on - row.start_on).days > LONGEST:
        return []
    working = limit.unit == LimitUnit.WORKING_DAYS
    first = row.start_on if limit.counts_first else row.start_on + timedelta(days=1)
    number = 0
    months: dict[str, list[Day]] = {}
    for ordinal in range(first.toordinal(), row.due_on.toordinal() + 1):
        day = date.fromordinal(ordinal)
        counted = number < limit.count and (days.is_workday(day) if working else True)
        number += counted
        kind = days.kind(day)
        told = Day(day, number if counted else None, str(kind), _why(kind, counted), days.is_provisional(day))
        months.setdefault(_("%(year)d年%(month)d月") % {"year": day.year, "month": day.month}, []).append(told)
    return list(months.items())


def _why(kind: DayKind, counted: bool) -> str:
    label = str(DayKind(kind).label)
    return label if counted else _("%s，不计") % label


def history_of(problem: Problem) -> list[dict[str, Any]]:
    """What has moved the dates: assignments, pauses, extensions, corrections of the calendar; the newest first."""
    names = {"assign", "reassign", "suspend", "resume", "reopen", "extension_grant", "deadline_moved",
             "uphold_objection", "notice_objection", "notice_objection_dismissed"}  # fmt: skip
    found = []
    for event in timeline(problem.pk):
        if event.name in names:
            due = event.data.get("due")
            former = event.data.get("from") or event.data.get("former")
            found.append(
                {
                    "event": event,
                    "due": date.fromisoformat(due) if due else None,
                    "former": date.fromisoformat(former) if isinstance(former, str) else None,
                }
            )
    return found
