"""What the problem page shows of extensions, notices and escalations, and the steps beside them."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from organizations.roles import Role
from rectification.actions.extending import why_not_extend
from rectification.links import Link
from rectification.models import ExtensionStep, Problem
from workflows.clocks import live_clock
from workflows.lifecycles.extension import OPEN_EXTENSION
from workflows.lifecycles.problem import ProblemState
from workflows.models import ClockKind, WorkItem
from workflows.scope import Actor

DUTIES = {
    "cooperation": "item-cooperate",
    "extension": "item-extension",
    "escalation": "item-escalation",
    "objection": "item-objection",
    "progress": "item-progress",
}


def duty_link(item: WorkItem) -> Link:
    """Where a duty beside the main line is done."""
    kind = item.process.kind  # type: ignore[attr-defined]
    label = str(item.flow_task.task_title) if item.flow_task else ""
    return Link(label, reverse(DUTIES[kind], args=[item.pk]), due_at=item.due_at)


def timing_links(problem: Problem, actor: Actor) -> list[Link]:
    """Asking for an extension, taking it back; what the office does while a notice is up."""
    number = problem.case.number
    found = []
    head = actor.post_in(problem.lead_unit_id, Role.UNIT_HEAD)
    clerk = actor.post_in(problem.lead_unit_id, Role.UNIT_CLERK)
    if (head or (clerk and problem.clerk_may_send_in)) and not why_not_extend(problem):
        found.append(Link(_("申请延期"), reverse("extension-new", args=[number])))
    if head or clerk:
        waiting = WorkItem.objects.filter(
            process__case_id=problem.pk, process__kind="extension", status__in=["NEW", "ASSIGNED"]
        ).values_list("pk", flat=True)
        found += [Link(_("撤回延期申请"), reverse("extension-take-back", args=[pk]), post=True) for pk in waiting[:1]]
    if problem.state == ProblemState.PUBLIC_NOTICE:
        found.append(Link(_("打印公示"), reverse("notice-sheet", args=[number])))
        if actor.post_over(problem.area_path, Role.OFFICE):
            found.append(Link(_("记录公示异议"), reverse("notice-objection", args=[number])))
            found.append(Link(_("修改公示内容"), reverse("notice-revise", args=[number])))
    return found


def timing_of(problem: Problem, actor: Actor) -> dict[str, Any]:
    """Extensions with what was said of them, the notice that is up, objections to it, rungs of the ladder."""
    extensions = list(
        problem.extensions.select_related("by", "unit").prefetch_related("steps__by", "steps__post__unit")
    )
    notice = problem.notices.last() if problem.state == ProblemState.PUBLIC_NOTICE else None
    return {
        "extensions": extensions,
        "extension_open": any(each.state in OPEN_EXTENSION for each in extensions),
        "notice": notice,
        "notice_clock": live_clock(problem.pk, ClockKind.NOTICE) if notice else None,
        "notice_objections": list(problem.notice_objections.all()),
        "escalations": list(problem.escalations.select_related("decided_by")),
    }


def steps_of(problem: Problem) -> list[ExtensionStep]:
    """What was said of any extension of a problem."""
    return list(ExtensionStep.objects.filter(extension__problem=problem))
