"""方案与措施：what the unit will do, and the office's word on it."""

from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from organizations import clock
from organizations.models import User
from rectification.actions.wording import own_words
from rectification.models import Measure, Plan, Problem, Statement
from rectification.models.handling import PlanDraft
from workflows.steps import ActionRefused, step


@dataclass(slots=True)
class MeasureEntry:
    """One measure as it was typed in."""

    text: str
    owner_name: str
    due_on: date


def submit_plan(item_id: int, *, by: User, text: str, measures: list[MeasureEntry]) -> Problem:
    """报送方案：at least one measure with an owner and a date."""
    with step(item_id, "submit_plan", by=by) as s:
        problem = s.subject(Problem)
        if not measures:
            raise ActionRefused(_("请至少填写一条整改措施，写明责任人和完成时限。"))
        for entry in measures:
            if problem.due_on and entry.due_on > problem.due_on:
                raise ActionRefused(
                    _("措施“%(text)s”的完成时限晚于整改时限%(due)s，请改早，或联系整改办调整时限。")
                    % {"text": entry.text[:20], "due": clock.spelled(problem.due_on)}
                )
        Measure.objects.filter(problem=problem).delete()
        rows = [
            Measure(problem=problem, text=m.text, owner_name=m.owner_name, due_on=m.due_on, position=place)
            for place, m in enumerate(measures)
        ]
        Measure.objects.bulk_create(rows)
        frozen = [{"text": m.text, "owner": m.owner_name, "due": m.due_on.isoformat()} for m in measures]
        s.write(
            Plan(
                problem=problem,
                round=problem.round,
                version=problem.plans.count() + 1,
                text=text,
                measures_json=frozen,
                by=by,
                at=clock.now(),
            )
        )
        s.note(measures=len(measures))
        PlanDraft.objects.filter(problem=problem).delete()
    return problem


def approve_plan(item_id: int, *, by: User) -> Problem:
    """方案通过：the unit may go to work."""
    with step(item_id, "approve_plan", by=by) as s:
        return s.subject(Problem)


def return_plan(item_id: int, *, by: User, reason: str) -> Problem:
    """方案退回：with what is missing."""
    with step(item_id, "return_plan", by=by) as s:
        problem = s.subject(Problem)
        own_words(reason, otherwise=_("请写明理由，让责任单位知道方案还差什么。"))
        s.write(Statement(problem=problem, kind="return_plan", text=reason, by=by, at=clock.now()))
    return problem
