"""Giving a problem to a unit: assign, accept, object, reassign."""

from dataclasses import dataclass, field
from datetime import date

from django.utils.translation import gettext as _

from organizations import clock
from organizations.models import Unit, User
from organizations.roles import Seat
from rectification.actions.clocks import propose_clock, put_case_clock, set_case_clock, start_cycle
from rectification.actions.preparing import forget_prepared
from rectification.models import Cooperation, Problem, Statement
from workflows.clocks import start_clock
from workflows.lifecycles.problem import ProblemState
from workflows.models import ClockKind
from workflows.queries import deadline_policy_in_force, review_policy_in_force
from workflows.registry import Turn
from workflows.steps import (
    ActionRefused,
    Door,
    close_side_items,
    office_step,
    open_routing,
    step,
)


@dataclass(slots=True)
class Assignment:
    """What the office decides when it hands a problem over."""

    lead_unit: Unit
    kind: str
    due_on: date | None = None
    due_reason: str = ""
    partners: list[Unit] = field(default_factory=list)
    lead_leader: User | None = None
    person_in_charge: str = ""
    review_cycle: int | None = None


def assign_problem(item_id: int, *, by: User, assignment: Assignment) -> Problem:
    """交办：hand the problem to its lead unit with a kind and a date, or a reason why there is none."""
    with step(item_id, "assign", by=by) as s:
        problem = s.subject(Problem)
        _check(problem, assignment)
        problem.review_policy = review_policy_in_force(problem.batch.review_policy.code)
        problem.deadline_policy = deadline_policy_in_force(problem.batch.deadline_policy.code)
        problem.disclosed_at = problem.disclosed_at or clock.now()
        _hand_over(s, problem, assignment, by)
    return problem


def reassign_problem(case_id: int, *, by: User, seen: int, assignment: Assignment, reason: str) -> Problem:
    """改派：another lead unit, in the same round."""
    with office_step(case_id, "reassign", seen=seen, by=by) as s:
        problem = s.subject(Problem)
        _check(problem, assignment)
        if not reason.strip():
            raise ActionRefused(_("请写明改派理由。"))
        if assignment.lead_unit.pk == problem.lead_unit_id:
            raise ActionRefused(_("改派要换一个牵头单位，请重新选择。"), field="lead_unit")
        problem.review_on = None
        forget_prepared(problem)
        s.note(former=problem.lead_unit_id)
        _hand_over(s, problem, assignment, by)
        s.write(Statement(problem=problem, kind="reassign", text=reason, by=by, at=clock.now()))
    return problem


def _check(problem: Problem, assignment: Assignment) -> None:
    if assignment.due_on is None and assignment.kind != "standing" and not assignment.due_reason.strip():
        raise ActionRefused(_("请填写整改时限；确实没有时限的，请写明理由。"), field="due_on")
    if assignment.kind == "standing" and not assignment.review_cycle:
        raise ActionRefused(_("长期坚持的问题没有整改时限，请填写复查周期（几个月一次）。"), field="review_cycle")
    if assignment.due_on and assignment.due_on < clock.today():
        raise ActionRefused(_("整改时限不能早于今天，请重新选择日期。"), field="due_on")
    if assignment.lead_unit in assignment.partners:
        raise ActionRefused(_("牵头单位不能同时是配合单位，请去掉其中一个。"), field="partners")


def _hand_over(s: Door, problem: Problem, assignment: Assignment, by: User) -> None:
    due_on = None if assignment.kind == "standing" else assignment.due_on
    _end_what_hung_on_the_unit(s)
    problem.lead_unit = assignment.lead_unit
    problem.lead_leader = assignment.lead_leader
    problem.person_in_charge = assignment.person_in_charge
    problem.kind = assignment.kind
    problem.review_cycle = assignment.review_cycle
    proposed = propose_clock(problem)
    if due_on and proposed and proposed.due_on == due_on:
        put_case_clock(s, problem, proposed)
    else:
        set_case_clock(s, problem, due_on, _("整改办交办时确定"))
    start_cycle(s, problem)
    if assignment.due_reason.strip():
        s.write(Statement(problem=problem, kind="no_due_date", text=assignment.due_reason, by=by, at=clock.now()))
    _set_partners(s, problem, assignment.partners)
    s.note(
        lead=assignment.lead_unit.pk,
        partners=[unit.pk for unit in assignment.partners],
        kind=assignment.kind,
        due=due_on.isoformat() if due_on else None,
        review_policy=problem.review_policy_id,
        deadline_policy=problem.deadline_policy_id,
    )


def _end_what_hung_on_the_unit(s: Door) -> None:
    """What the unit before owed or asked for is over."""
    for kind in ("extension", "progress", "escalation"):
        close_side_items(s, only_if_final=False, kind=kind)


def _set_partners(s: Door, problem: Problem, partners: list[Unit]) -> None:
    wanted = {unit.pk for unit in partners}
    for row in Cooperation.objects.filter(problem=problem, ended_at__isnull=True):
        if row.unit_id not in wanted:
            row.ended_at = clock.now()
            row.save(update_fields=["ended_at"])
            close_side_items(s, only_if_final=False, key=str(row.unit_id), kind="cooperation")
        wanted.discard(row.unit_id)
    for unit in partners:
        if unit.pk in wanted:
            Cooperation.objects.create(case=s.case, problem=problem, unit=unit)
            _open_duty(s, problem, unit.pk)


def _open_duty(s: Door, problem: Problem, unit_id: int, round_number: int | None = None) -> None:
    turn = Turn(unit_id, Seat.UNIT, due_on=problem.due_on, rule=_("随整改期限"), round=round_number, follows_case=True)
    open_routing(s, "cooperation", str(unit_id), turn)


def renew_partners(s: Door, problem: Problem) -> None:
    """A relapse concerns the cooperating units too: each owes its measures anew."""
    for row in Cooperation.objects.filter(problem=problem, ended_at__isnull=True):
        row.reported_at = None
        row.save(update_fields=["reported_at"])
        _open_duty(s, problem, row.unit_id, problem.round + 1)  # the round that this reopening begins


def accept_assignment(item_id: int, *, by: User) -> Problem:
    """签收：immediate rectification starts at once, everything else with a plan."""
    with step(item_id, "accept", by=by) as s:
        problem = s.subject(Problem)
        immediate = problem.kind == "immediate"
        s.fire("accept", to=ProblemState.RECTIFYING if immediate else ProblemState.PLANNING)
    return problem


def object_assignment(item_id: int, *, by: User, reason: str) -> Problem:
    """异议：the head of the lead unit gives the problem back with a reason, a limited number of times."""
    with step(item_id, "object_assignment", by=by) as s:
        problem = s.subject(Problem)
        if not reason.strip():
            raise ActionRefused(_("请写明异议理由。"))
        limit = problem.review_policy.objection_limit
        if problem.objections >= limit:
            raise ActionRefused(
                _("这个问题已提出过%(count)d次异议，达到上限。请先签收，或联系整改办改派。") % {"count": limit}
            )
        problem.objections += 1
        s.note(former=problem.lead_unit_id, count=problem.objections)
        s.write(Statement(problem=problem, kind="object_assignment", text=reason, by=by, at=clock.now()))
        problem.proposed_unit, problem.lead_unit = None, None
        _end_what_hung_on_the_unit(s)
        _set_partners(s, problem, [])
        set_case_clock(s, problem, None, "")
        start_clock(s, ClockKind.CYCLE, None)
    return problem
