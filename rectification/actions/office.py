"""What the office does from beside the main line: suspend, resume, merge, withdraw, reopen."""

from datetime import date

from django.utils.translation import gettext as _

from organizations import clock
from organizations.models import User
from rectification.actions.assignment import renew_partners
from rectification.actions.clocks import not_before_today, set_case_clock, start_cycle
from rectification.models import Problem, Statement
from workflows.clocks import stop_clock
from workflows.queries import review_policy_in_force
from workflows.steps import ActionRefused, Door, close_side_items, office_step


def _state_reason(s: Door, problem: Problem, kind: str, reason: str, by: User) -> None:
    if not reason.strip():
        raise ActionRefused(_("请写明理由。"))
    s.write(Statement(problem=problem, kind=kind, text=reason.strip(), by=by, at=clock.now()))


def suspend_problem(case_id: int, *, by: User, seen: int, reason: str, review_on: date) -> Problem:
    """挂账：conditions are not there yet; the responsible unit stays fixed and a review date is compulsory."""
    with office_step(case_id, "suspend", seen=seen, by=by) as s:
        problem = s.subject(Problem)
        if review_on <= clock.today():
            raise ActionRefused(_("复核日期必须晚于今天，请重新选择。"))
        problem.review_on = review_on
        stop_clock(s.case.pk)
        close_side_items(s, only_if_final=False, kind="extension")  # resuming sets a new date anyway
        s.note(review_on=review_on.isoformat())
        _state_reason(s, problem, "suspend", reason, by)
    return problem


def resume_problem(case_id: int, *, by: User, seen: int, reason: str, due_on: date) -> Problem:
    """恢复整改：with a new date."""
    with office_step(case_id, "resume", seen=seen, by=by) as s:
        problem = s.subject(Problem)
        not_before_today(due_on)
        set_case_clock(s, problem, due_on, _("恢复整改时重新确定"), previous=str(problem.due_on or ""))
        problem.review_on = None
        s.note(due=due_on.isoformat())
        _state_reason(s, problem, "resume", reason, by)
    return problem


def merge_problem(case_id: int, *, by: User, seen: int, target: Problem, reason: str) -> Problem:
    """并案：the same problem stands in the ledger already."""
    with office_step(case_id, "merge", seen=seen, by=by) as s:
        problem = s.subject(Problem)
        if target.pk == problem.pk:
            raise ActionRefused(_("不能并入自己，请填写另一个问题的编号。"))
        if target.state in {"merged", "withdrawn"}:
            raise ActionRefused(_("编号%s的问题已并案或撤销，请并入仍然有效的问题。") % target.case.number)
        problem.merged_into = target
        s.note(target=target.pk)
        _state_reason(s, problem, "merge", reason, by)
    return problem


def withdraw_problem(case_id: int, *, by: User, seen: int, reason: str) -> Problem:
    """撤销：should not have been registered."""
    with office_step(case_id, "withdraw", seen=seen, by=by) as s:
        problem = s.subject(Problem)
        _state_reason(s, problem, "withdraw", reason, by)
    return problem


def reopen_problem(case_id: int, *, by: User, seen: int, relapse: str, due_on: date) -> Problem:
    """反弹重启：a look-back found a relapse; round n+1 begins with the same lead unit and a new date."""
    with office_step(case_id, "reopen", seen=seen, by=by) as s:
        problem = s.subject(Problem)
        not_before_today(due_on)
        set_case_clock(s, problem, due_on, _("反弹重启时重新确定"), previous=str(problem.due_on or ""))
        start_cycle(s, problem)
        problem.closed_on, problem.rectified_on, problem.progress = None, None, 0
        problem.review_policy = review_policy_in_force(problem.review_policy.code)
        s.note(due=due_on.isoformat())
        renew_partners(s, problem)
        _state_reason(s, problem, "reopen", relapse, by)
    return problem
