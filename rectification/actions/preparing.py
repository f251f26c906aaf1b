"""经办人拟稿：what the clerk fills in for the head to send in."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _

from organizations import clock
from organizations.models import Post, User
from rectification.actions.progress import unit_post
from rectification.models import Problem, ReportDraft
from rectification.models.handling import PlanDraft, Prepared
from workflows.steps import ActionRefused, Door, record


def prepare_plan(case_id: int, *, by: User, fields: dict[str, Any]) -> Problem:
    """拟写整改方案：keep what the clerk filled in for the head to send in."""
    with record(case_id, "plan_prepared", by=by, post=_lead_post(case_id, by)) as s:
        if s.subject(Problem).state != "planning":
            raise ActionRefused(_("只有待报方案的问题才能拟写整改方案。"))
        return _keep(s, PlanDraft, fields)


def prepare_report(case_id: int, *, by: User, fields: dict[str, Any]) -> Problem:
    """拟写销号申请：the same for the report."""
    with record(case_id, "report_prepared", by=by, post=_lead_post(case_id, by)) as s:
        if s.subject(Problem).state != "rectifying":
            raise ActionRefused(_("只有整改中的问题才能拟报销号申请。"))
        return _keep(s, ReportDraft, fields)


def forget_prepared(problem: Problem) -> None:
    """Drop what a unit had prepared, because it is not its problem any more."""
    for kind in (PlanDraft, ReportDraft):
        kind.objects.filter(problem=problem).delete()


def _lead_post(case_id: int, by: User) -> Post:
    problem = Problem.objects.select_related("case__division").get(pk=case_id)
    post = unit_post(problem, by)
    if post is None or post.unit_id != problem.lead_unit_id:
        raise PermissionDenied
    return post


def _keep(s: Door, kind: type[Prepared], fields: dict[str, Any]) -> Problem:
    problem = s.subject(Problem)
    kind._default_manager.update_or_create(problem=problem, defaults={"fields": fields, "by": s.by, "at": clock.now()})
    return problem
