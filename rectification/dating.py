"""“这个日期怎么来的”：the rule, the calendar, the start, pauses and extensions, every day counted or skipped."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from organizations import clock
from rectification.day_strips import Months, rests_in, strip_of, strip_up_to, tally
from rectification.models import Problem
from rectification.problem_page import shown_timeline
from workflows.calendar import Calendar
from workflows.models import OPEN, ClockKind, Deadline
from workflows.models.policies import step_name
from workflows.queries import calendar
from workflows.registry import event_type
from workflows.year_view import Table, table_between

SPAN = timedelta(days=4 * 366)  # what is read of the day table for one page
# What sets or moves a date, as far as the page tells of it.
MOVES = {
    "assign", "reassign", "suspend", "resume", "reopen", "extension_ask", "extension_grant", "deadline_moved",
    "uphold_objection", "notice_objection", "notice_objection_dismissed",
}  # fmt: skip


@dataclass(slots=True)
class Dated:
    """One clock as the page tells of it."""

    title: str
    deadline: Deadline
    sentences: list[str]
    months: Months = field(default_factory=list)
    live: bool = True
    provisional: bool = False


@dataclass(slots=True)
class Ground:
    """What the telling of any clock of one problem needs: its calendar, the named days, and what happened."""

    days: Calendar
    table: Table
    history: list[dict[str, Any]]

    def setting(self, row: Deadline) -> dict[str, Any] | None:
        """What happened when somebody chose the date of a clock."""
        if row.item is None:
            number = row.computation.get("event")
            return next((one for one in self.history if one["event"].number == number), None)
        # Only a suspension gives a step a day of its own, and it opens the step in the same breath.
        suspended = (one for one in reversed(self.history) if one["event"].name == "suspend")
        return next((one for one in suspended if one["event"].at >= row.item.created), None)


def clocks_of(problem: Problem, history: list[dict[str, Any]]) -> list[Dated]:
    """Every clock of a problem that runs, then the dates it has had before."""
    found = Deadline.objects.filter(case_id=problem.pk).filter(Q(item=None) | Q(item__status__in=OPEN))
    rows = list(found.select_related("item__unit", "policy"))
    live = [row for row in rows if _is_live(row)]
    past = [row for row in rows if row.superseded_at and row.item_id is None]
    live.sort(key=lambda row: (row.item_id is not None, row.due_on))
    ground = Ground(calendar(problem.case.division), _table(problem, rows), history)
    return [
        *(_dated(row, ground, live=True) for row in live),
        *(_dated(row, ground, live=False) for row in sorted(past, key=lambda row: -row.pk)),
    ]


def _table(problem: Problem, rows: list[Deadline]) -> Table:
    """The named days between the first start and the last date, as the problem's place lives them."""
    if not rows:
        return {}
    first, last = min(_start(row) for row in rows), max(row.due_on for row in rows)
    return table_between(max(first, last - SPAN), last, problem.case.division)


def _start(row: Deadline) -> date:
    """The day before the first that is counted."""
    if row.start_on:
        return row.start_on
    return clock.local(row.item.created).date() if row.item else row.due_on


def _is_live(row: Deadline) -> bool:
    return row.superseded_at is None and (row.item is None or row.item.is_open)


def _dated(row: Deadline, ground: Ground, *, live: bool) -> Dated:
    title = str(ClockKind(row.kind).label)
    if row.item is not None:
        node = row.item.flow_task
        title = _("%(step)s（%(unit)s）") % {
            "step": node.task_title if node else step_name(row.step),
            "unit": row.item.unit.label if row.item.unit else "—",
        }
    if row.length or row.follows_case:
        made = bool(row.computation.get("provisional"))
        return Dated(title, row, _sentences(row), strip_of(row, ground.days, ground.table), live, made)
    start = _start(row)
    months = strip_up_to(start, row.due_on, ground.days, ground.table)
    said = [*_sentences(row), *_chosen(row, ground)]
    return Dated(title, row, said, months, live, not ground.days.is_certain(min(start, row.due_on), row.due_on))


def _chosen(row: Deadline, ground: Ground) -> list[str]:
    """Of a date that somebody chose: who and why, and the working days counted up to it."""
    said = []
    setting = ground.setting(row)
    if setting and setting["event"].actor:
        event = setting["event"]
        facts = {
            "who": f"{event.unit.label} {event.actor}" if event.unit else str(event.actor),
            "day": clock.spelled(clock.local(event.at).date()),
            "what": event_type(event.name).sentence,
        }
        said.append(_("%(who)s于%(day)s确定（%(what)s）。") % facts)
        said += [_("理由：%s") % setting["text"]] if setting["text"] else []
    start, ended = _start(row), row.paused_at or row.superseded_at
    until = clock.local(ended).date() if ended else clock.today()
    said.append(tally(start, row.due_on, until, ground.days))
    rests = rests_in(start, row.due_on, ground.days, ground.table)
    return [*said, rests] if rests else said


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
        said.append(_("这是直接确定的日期，不由时长推算。"))
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


def history_of(problem: Problem) -> list[dict[str, Any]]:
    """What has moved the dates, with the reasons given: the newest first."""
    found = []
    for row in shown_timeline(problem):
        data = row["event"].data
        if row["event"].name in MOVES:
            due, former = data.get("due"), data.get("from") or data.get("former")
            found.append(
                {
                    **row,
                    "due": date.fromisoformat(due) if due else None,
                    "former": date.fromisoformat(former) if isinstance(former, str) else None,
                }
            )
    return found
