"""督办升级：rung after rung is proposed with its grounds; a person confirms, changes or drops it; the unit answers."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import F, Max
from django.utils.translation import gettext as _

from organizations import clock
from organizations.models import User
from organizations.roles import Seat
from rectification.actions.wording import own_words
from rectification.models import Escalation, Problem, Statement
from rectification.turns import side_turn
from workflows.calendar import end_of_day
from workflows.clocks import Looked, crossed_by, look_again
from workflows.lifecycles.escalation import EscalationState
from workflows.models import Deadline, Event, NumberSequence
from workflows.queries import calendar, rungs
from workflows.registry import Turn
from workflows.scanning import Later, check_cases, look_later, looking_at
from workflows.steps import ActionRefused, Door, beside, open_routing
from workflows.turning import in_short


def check_cases_and_ladders(keys: Sequence[int]) -> None:
    """Look at case clocks, then propose every rung whose time has come: one event each, in doors of their own."""
    come: set[int] = set()

    def plan(door: Door, deadline: Deadline, found: Looked) -> Later:
        days = [day for _rung, day in _days_of(door.subject(Problem), found.crossed)]
        if any(day <= clock.today() for day in days):
            come.add(deadline.pk)
        return Later(min((day for day in days if day > clock.today()), default=None), goes_on=deadline.pk in come)

    next_days = check_cases(keys, plan)
    for key in sorted(come):
        while _propose_next(key):
            pass
        look_later(key, next_days[key])


def _propose_next(key: int) -> bool:
    """Propose the first rung that is due and not taken in this round."""
    with looking_at(key) as (door, deadline):
        if deadline is None:
            return False
        problem = door.subject(Problem)
        if problem.escalations.filter(round=problem.round, state=EscalationState.PROPOSED).exists():
            return False  # one thing to decide at a time; the decision has the clock looked at again
        passed = _passed(problem)
        days = _days_of(problem, crossed_by(door, deadline))
        due = (rung for rung, day in days if day <= clock.today() and rung["code"] not in passed)
        rung = next(due, None)
        if rung is None:
            return False
        number = (problem.escalations.aggregate(last=Max("number"))["last"] or 0) + 1
        made = Escalation(
            problem=problem,
            number=number,
            round=problem.round,
            rung=rung["code"],
            rung_name=rung["name"],
            grounds=_grounds(problem, deadline, rung),
            at=clock.now(),
        )
        door.happening.name = "escalation_proposed"
        door.write(made)
        turn = side_turn(problem, "escalation", None, Seat.OFFICE)
        open_routing(door, "escalation", str(number), turn, state=str(made.state))
        door.note(number=number, rung=rung["code"], turn=in_short(turn))
        return True


def _taken(problem: Problem) -> set[str]:
    """The rungs of this round that were proposed, or issued in place of the proposed one."""
    issued = Event.objects.filter(case_id=problem.pk, name="escalation_issue", round=problem.round)
    proposed = problem.escalations.filter(round=problem.round).values_list("rung", flat=True)
    return {*proposed, *(data["rung"] for data in issued.values_list("data", flat=True))}


def _passed(problem: Problem) -> set[str]:
    """The rungs that are behind: taken or dropped in this round, and those below one that was issued."""
    ladder = [rung["code"] for rung in rungs(problem.batch.ladder_code)]
    issued = problem.escalations.filter(round=problem.round).exclude(taken="").values_list("taken", flat=True)
    highest = max((ladder.index(code) for code in issued if code in ladder), default=-1)
    return {*_taken(problem), *ladder[: highest + 1]}


def _days_of(problem: Problem, crossed: dict[str, date]) -> list[tuple[dict[str, Any], date]]:
    """The rungs whose level has been reached in this round, each with the day it is due on."""
    days = calendar(problem.case.division)
    return [
        (rung, days.add_working_days(crossed[rung["after"]], int(rung["working_days"])))
        for rung in rungs(problem.batch.ladder_code)
        if rung["after"] in crossed
    ]


def _grounds(problem: Problem, deadline: Deadline, rung: dict[str, Any]) -> dict[str, Any]:
    """What the proposal rests on: facts, each of which the page can show."""
    late = calendar(problem.case.division).working_days_between(deadline.due_on, clock.today())
    return {
        "due_on": deadline.due_on.isoformat(),
        "late_working_days": max(late, 0),
        "progress": problem.progress,
        "sent_back": problem.sent_back,
        "after": rung["after"],
        "working_days": int(rung["working_days"]),
        "former": list(
            problem.escalations.filter(round=problem.round).exclude(taken="").values_list("taken_name", flat=True)
        ),
    }


@dataclass(slots=True)
class Decision:
    """What the office decides of a proposed rung: this one or another, in which words."""

    rung: str
    text: str


def issue_escalation(item_id: int, *, by: User, decision: Decision) -> Escalation:
    """发出：confirm the rung or take another; a paper gets its number and the unit a date to answer by."""
    with beside(item_id, "issue", by=by) as s:
        problem = s.subject(Problem)
        rung = _chosen(problem, s.side, decision.rung)
        own_words(decision.text, otherwise=_("请写明督办要求。"))
        side = s.side
        if rung["code"] != side.rung:
            s.note(proposed=side.rung)
        # The proposal is frozen: what was decided instead stands beside it.
        side.decided_by, side.decided_at = by, clock.now()
        side.taken, side.taken_name = rung["code"], rung["name"]
        look_again(problem.pk)
        s.note(number=side.number, rung=rung["code"])
        s.write(Statement(problem=problem, kind="escalation_issue", text=decision.text, by=by, at=clock.now(),
                          detail={"rung": rung["name"]}))  # fmt: skip
        if not rung.get("paper"):
            s.fire("issue", to=EscalationState.ANSWERED)
            return side
        side.paper_number = _next_paper()
        days = calendar(problem.case.division)
        side.answer_by = days.add_working_days(clock.today(), int(rung["answer_days"]))
        rule = _("%(name)s %(number)s：%(days)d个工作日内答复") % {
            "name": rung["name"], "number": side.paper_number, "days": int(rung["answer_days"]),
        }  # fmt: skip
        s.give(Turn(problem.lead_unit_id, Seat.UNIT, due_on=side.answer_by, rule=rule))
        s.fire("issue", to=EscalationState.ISSUED)
        s.note(paper=side.paper_number)
    return side


def _chosen(problem: Problem, side: Escalation, code: str) -> dict[str, Any]:
    offered = {rung["code"]: rung for rung in rungs(problem.batch.ladder_code)}
    if code not in offered:
        raise ActionRefused(_("请选择一种督办措施。"), field="rung")
    if code != side.rung and code in _taken(problem):
        raise ActionRefused(_("“%s”这一轮已经用过，每一轮只用一次，请另选。") % offered[code]["name"], field="rung")
    return offered[code]


def _next_paper() -> str:
    """督办〔2026〕6号: drawn inside the step, so that a refused one leaves no gap in the papers."""
    year = clock.today().year
    prefix = f"督办{year}"
    NumberSequence.objects.get_or_create(prefix=prefix)
    with transaction.atomic():
        NumberSequence.objects.filter(prefix=prefix).update(last=F("last") + 1)
        last = NumberSequence.objects.get(prefix=prefix).last
    return f"督办〔{year}〕{last}号"


def drop_escalation(item_id: int, *, by: User, reason: str) -> Escalation:
    """不采取：with a reason; the rung is not proposed again in this round."""
    with beside(item_id, "drop", by=by) as s:
        problem = s.subject(Problem)
        own_words(reason, otherwise=_("不采取督办措施必须写明理由。"))
        s.side.decided_by, s.side.decided_at = by, clock.now()
        look_again(problem.pk)
        s.write(Statement(problem=problem, kind="escalation_drop", text=reason, by=by, at=clock.now()))
        s.note(number=s.side.number, rung=s.side.rung)
    return s.side


def answer_escalation(item_id: int, *, by: User, text: str) -> Escalation:
    """答复督办：the unit says what it has done and will do."""
    with beside(item_id, "answer", by=by) as s:
        problem = s.subject(Problem)
        own_words(text, otherwise=_("请写明未按期整改的原因、已做的工作和完成的时间。"))
        s.write(Statement(problem=problem, kind="escalation_answer", text=text, by=by, at=clock.now()))
        late = bool(s.side.answer_by and end_of_day(s.side.answer_by) < clock.now())
        s.note(number=s.side.number, rung=s.side.taken or s.side.rung, late=late)
    return s.side
