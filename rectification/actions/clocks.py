"""The case clock as actions set it, and the dates it is made from."""

from datetime import date, timedelta

from django.utils.translation import gettext as _

from organizations import clock
from rectification.models import Problem
from workflows.calendar import Limit, LimitUnit, compute_due
from workflows.clocks import NewClock, start_clock
from workflows.models import ClockKind
from workflows.queries import calendar
from workflows.steps import ActionRefused, Door

IMMEDIATE_DAYS = 15  # natural days for 立行立改
DAYS_OF_MONTH = 28  # every month has them: a cycle of months never slips into the next


def propose_clock(problem: Problem, kind: str = "") -> NewClock | None:
    """The date the office is offered, with how it is made, for a kind or for the problem's own.

    What is put right at once gets the short date, unless the usual one is shorter still.
    """
    usual = _usual_clock(problem)
    if (kind or problem.kind) != "immediate":
        return usual
    limit = Limit(IMMEDIATE_DAYS, LimitUnit.DAYS)
    made = compute_due(clock.today(), limit, calendar(problem.case.division))
    if usual and usual.due_on <= made.due_on:
        return usual
    return NewClock.computed(made, _("立行立改：%s") % limit, problem.deadline_policy_id, "case")


def _usual_clock(problem: Problem) -> NewClock | None:
    """The batch's own date goes before the policy's."""
    policy = problem.deadline_policy
    if problem.batch.due_on:
        return NewClock(problem.batch.due_on, _("批次总体整改时限"))
    if policy.fixed_due_on:
        return NewClock(policy.fixed_due_on, _("%s：固定完成日期") % policy)
    limit = policy.limit_of_case()
    if limit is None:
        return None
    made = compute_due(clock.today(), limit, calendar(problem.case.division))
    return NewClock.computed(made, f"{policy}：{limit}", policy.pk, "case")


def set_case_clock(s: Door, problem: Problem, due_on: date | None, rule: str, **computation: object) -> None:
    """Set the case clock to a day a person has chosen, or to none; the problem keeps copies for its lists."""
    put_case_clock(s, problem, NewClock(due_on, rule, computation=computation) if due_on else None)


def put_case_clock(s: Door, problem: Problem, new: NewClock | None) -> None:
    """Set the case clock, or end it; the problem keeps copies for its lists."""
    made = start_clock(s, ClockKind.CASE, new)
    problem.due_on = made.due_on if made else None
    problem.clock_from = made.start_on if made else None


def start_cycle(s: Door, problem: Problem) -> None:
    """长期坚持：the next progress is due when the cycle has run; other kinds have no cycle."""
    if problem.kind != "standing" or not problem.review_cycle:
        start_clock(s, ClockKind.CYCLE, None)
        return
    due_on = months_later(clock.today(), problem.review_cycle)
    rule = _("长期坚持，每%d个月报告一次进展") % problem.review_cycle
    start_clock(s, ClockKind.CYCLE, NewClock(due_on, rule))


def months_later(day: date, months: int) -> date:
    """The same day some months later, or the last day of that month."""
    month = day.month - 1 + months
    first = date(day.year + month // 12, month % 12 + 1, 1)
    last = (first + timedelta(days=DAYS_OF_MONTH + 4)).replace(day=1) - timedelta(days=1)
    return first.replace(day=min(day.day, last.day))


def not_before_today(due_on: date) -> None:
    """Refuse a new date that has passed already."""
    if due_on < clock.today():
        raise ActionRefused(_("新的整改时限不能早于今天，请重新选择。"), field="due_on")
