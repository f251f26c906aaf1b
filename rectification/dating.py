"""“这个日期怎么来的”：the rule, the calendar, the start, pauses and extensions, every day counted or skipped."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.utils.translation import gettext as _

from organizations import clock
from rectification.models import Problem
from workflows.calendar import Calendar, DayKind, LimitUnit
from workflows.models import OPEN, ClockKind, Deadline
from workflows.models.policies import step_name
from workflows.queries import calendar, timeline
from workflows.registry import event_type

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


@dataclass(slots=True)
class PastStep:
    """A step that is over: by when it was owed, when it ended, and how many working days early or late that was."""

    title: str
    unit: str
    deadline: Deadline
    ended_on: date | None
    taken_over: bool  # ended by something else than being done
    early: int
    round: int

    @property
    def outcome(self) -> str:
        """The same in words."""
        if self.taken_over or self.ended_on is None:
            return _("未办结，已转入其他环节")
        if self.early < 0:
            return _("逾期%d个工作日办结") % -self.early
        return _("提前%d个工作日办结") % self.early if self.early else _("按期办结")


def past_steps_of(problem: Problem) -> list[PastStep]:
    """Every step of a problem that is over, the newest first."""
    rows = Deadline.objects.filter(case_id=problem.pk, item__isnull=False).exclude(item__status__in=OPEN)
    days = calendar(problem.case.division)
    return [_past(row, days) for row in rows.select_related("item__unit").order_by("-item__finished", "-pk")]


def _past(row: Deadline, days: Calendar) -> PastStep:
    item: Any = row.item
    ended_on = clock.local(item.finished).date() if item.finished else None
    early = days.working_days_between(ended_on, row.due_on) if ended_on else 0
    if ended_on and ended_on > row.due_on:
        early = min(early, -1)  # on a rest day after the date: late, though no working day has passed
    return PastStep(
        title=str(item.flow_task.task_title) if item.flow_task else step_name(row.step),
        unit=item.unit.label if item.unit else "—",
        deadline=row,
        ended_on=ended_on,
        taken_over=not item.is_done,
        early=early,
        round=item.round,
    )


def clocks_of(problem: Problem, history: list[dict[str, Any]]) -> list[Dated]:
    """Every clock of a problem that runs, then the dates it has had before."""
    rows = Deadline.objects.filter(case_id=problem.pk).select_related("item__unit", "policy")
    days = calendar(problem.case.division)
    live = [row for row in rows if _is_live(row)]
    past = [row for row in rows if row.superseded_at and row.item_id is None]
    live.sort(key=lambda row: (row.item_id is not None, row.due_on))
    return [
        *(_dated(row, days, history, live=True) for row in live),
        *(_dated(row, days, history, live=False) for row in sorted(past, key=lambda row: -row.pk)),
    ]


def _is_live(row: Deadline) -> bool:
    return row.superseded_at is None and (row.item is None or row.item.is_open)


def _dated(row: Deadline, days: Calendar, history: list[dict[str, Any]], *, live: bool) -> Dated:
    title = str(ClockKind(row.kind).label)
    if row.item is not None:
        node = row.item.flow_task
        title = _("%(step)s（%(unit)s）") % {
            "step": node.task_title if node else step_name(row.step),
            "unit": row.item.unit.label if row.item.unit else "—",
        }
    made = bool(row.computation.get("provisional"))
    sentences = [*_sentences(row), *_chosen(row, days, history)]
    return Dated(title, row, sentences, months=_months(row, days), live=live, provisional=made)


def _chosen(row: Deadline, days: Calendar, history: list[dict[str, Any]]) -> list[str]:
    """Of a date that somebody chose: who, when, and how many working days it left."""
    if row.limit is not None or row.follows_case or row.start_on is None:
        return []
    count = days.working_days_between(row.start_on, row.due_on)
    said = [_("从%(start)s次日数到这一天，共%(n)d个工作日。") % {"start": clock.spelled(row.start_on), "n": count}]
    made = next((each for each in history if each["due"] == row.due_on and each["event"].actor), None)
    if made is None or row.kind != ClockKind.CASE:
        return said
    event = made["event"]
    who = f"{event.unit.label} {event.actor}" if event.unit else str(event.actor)
    facts = {"who": who, "day": clock.spelled(clock.local(event.at).date()), "what": event_type(event.name).sentence}
    return [_("%(who)s于%(day)s确定（%(what)s）。") % facts, *said]


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
    if row.start_on is None or row.follows_case or (row.due_on - row.start_on).days > LONGEST:
        return []
    limit = row.length  # without one, somebody chose the day, and the working days until then are counted
    working = limit is None or limit.unit == LimitUnit.WORKING_DAYS
    first = row.start_on if limit and limit.counts_first else row.start_on + timedelta(days=1)
    number = 0
    months: dict[str, list[Day]] = {}
    for ordinal in range(first.toordinal(), row.due_on.toordinal() + 1):
        day = date.fromordinal(ordinal)
        going_on = limit is None or number < limit.count
        counted = going_on and (days.is_workday(day) if working else True)
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
