"""The problem page, registering, and what the office does from beside."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from organizations.roles import Role
from rectification.actions import assignment, office, progress, registration, reporting, review
from rectification.forms import handling
from rectification.forms.registering import CorrectForm, RegisterForm
from rectification.models import Problem
from rectification.panels import facts_of, panels_of
from rectification.problem_page import page_context
from rectification.queries import likely_twins
from rectification.views.acting import Page, UserRequest, act, draft_initial, press
from rectification.views.uploads import take_files
from workflows.forms.plain import PlainForm
from workflows.powers import actor_before, may_fire
from workflows.queries import main_item
from workflows.registry import looked
from workflows.scope import actor_of
from workflows.steps import ActionRefused

REGISTRARS = (Role.OFFICE, Role.INSPECTOR, Role.TEAM_LEAD)


def find_problem(request: UserRequest, number: str) -> Problem:
    """The problem of a number, if this person may see it; 404 otherwise."""
    rows = Problem.objects.visible_to(request.user).select_related(
        "case__division__parent", "batch__source", "category", "lead_unit", "lead_leader", "found_by", "found_unit",
        "review_policy", "deadline_policy", "merged_into__case", "proposed_unit",
    )  # fmt: skip
    return get_object_or_404(rows, case__number=number)


@login_required
def problem_detail(request: UserRequest, number: str) -> HttpResponse:
    """One page that answers: what, where, whose, by when, how far, proof, who signed, what next."""
    problem = find_problem(request, number)
    looked(problem.pk, request.user.pk)
    return render(
        request,
        "rectification/problem_detail.html",
        {**page_context(problem, request.user), "panels": panels_of(problem, request.user), "facts": facts_of(problem)},
    )


@login_required
def problem_new(request: UserRequest) -> HttpResponse:
    """登记."""
    if not actor_of(request.user).holds(*REGISTRARS):
        raise PermissionDenied
    key = "register"
    form = RegisterForm(request.POST or None, user=request.user, initial=draft_initial(request, key))
    made: list[Problem] = []
    page = Page(title=_("登记问题"), back="ledger", button=_("登记"), draft=key, done=_("已登记。"))
    page.extra["photos_label"] = _("现场照片（整改前）")
    response = act(
        request,
        page,
        form,
        lambda: made.append(registration.register_problem(form.registration(), by=request.user)),
    )
    if not made:
        return response
    take_files(request, made[0], name="photos", phase="before")
    twins = likely_twins(made[0], request.user)
    if twins:
        numbers = "、".join(twin.case.number for twin in twins)
        messages.warning(request, _("这个问题与%(numbers)s相似，请看一看是否需要并案。") % {"numbers": numbers})
    return redirect(made[0])


@dataclass(slots=True)
class Deed:
    """One thing the office (or the unit) does from beside the main line."""

    title: Any
    transition: str
    form: Callable[..., PlainForm]
    do: Callable[[UserRequest, Problem, int, dict[str, Any], Any], Any]


def _plain(form: type[PlainForm]) -> Callable[..., PlainForm]:
    return lambda request, problem: form(request.POST or None)


def _reassign_form(request: UserRequest, problem: Problem) -> PlainForm:
    initial = handling.AssignForm.proposal(problem) | {"lead_unit": None}
    return handling.ReassignForm(request.POST or None, user=request.user, initial=initial)


def _correct_form(request: UserRequest, problem: Problem) -> PlainForm:
    names = ("title", "description", "category", "kind", "place_text", "found_on", "source_serial")
    initial = {name: getattr(problem, name) for name in names} | {"place": problem.case.division}
    return CorrectForm(request.POST or None, user=request.user, initial=initial)


def _merge(request: UserRequest, problem: Problem, seen: int, data: dict[str, Any], form: Any) -> None:
    target = Problem.objects.visible_to(request.user).filter(case__number__iexact=data["target"].strip())
    found = target.select_related("case").first()
    if found is None:
        raise ActionRefused(_("没有找到编号“%s”的问题，请核对编号。") % data["target"])
    office.merge_problem(problem.pk, by=request.user, seen=seen, target=found, reason=data["reason"])


def _reassign(request: UserRequest, problem: Problem, seen: int, data: dict[str, Any], form: Any) -> None:
    chosen, why = form.assignment(), data["reason"]
    assignment.reassign_problem(problem.pk, by=request.user, seen=seen, assignment=chosen, reason=why)


def _correct(request: UserRequest, problem: Problem, seen: int, data: dict[str, Any], form: Any) -> None:
    registration.correct_problem(problem.pk, by=request.user, changes=form.changes(), reason=data["reason"])


def _recall(request: UserRequest, problem: Problem, seen: int, data: dict[str, Any], form: Any) -> None:
    reporting.recall_report(problem.pk, by=request.user, seen=seen)


def _reopen(request: UserRequest, problem: Problem, seen: int, data: dict[str, Any], form: Any) -> None:
    why, due_on = data["reason"], data["due_on"]
    office.reopen_problem(problem.pk, by=request.user, seen=seen, relapse=why, due_on=due_on)


def _designate(request: UserRequest, problem: Problem, seen: int, data: dict[str, Any], form: Any) -> None:
    review.designate_reviewer(problem.pk, by=request.user, **data)


def _designate_verifier(request: UserRequest, problem: Problem, seen: int, data: dict[str, Any], form: Any) -> None:
    review.designate_verifier(problem.pk, by=request.user, **data)


def _verifier_form(request: UserRequest, problem: Problem) -> PlainForm:
    return handling.VerifierForm(request.POST or None, problem=problem)


def _designate_form(request: UserRequest, problem: Problem) -> PlainForm:
    return handling.DesignateForm(request.POST or None, problem=problem)


def _by_office(action: Callable[..., Any]) -> Callable[..., Any]:
    """An action of the office whose form fields are its arguments."""

    def do(request: UserRequest, problem: Problem, seen: int, data: dict[str, Any], form: Any) -> None:
        action(problem.pk, by=request.user, seen=seen, **data)

    return do


_SUSPEND, _RESUME, _WITHDRAW = (
    _by_office(office.suspend_problem),
    _by_office(office.resume_problem),
    _by_office(office.withdraw_problem),
)
DEEDS: dict[str, Deed] = {
    "reassign": Deed(gettext_lazy("改派"), "reassign", _reassign_form, _reassign),
    "suspend": Deed(gettext_lazy("挂账"), "suspend", _plain(handling.SuspendForm), _SUSPEND),
    "resume": Deed(gettext_lazy("恢复整改"), "resume", _plain(handling.DatedReasonForm), _RESUME),
    "reopen": Deed(gettext_lazy("反弹重启"), "reopen", _plain(handling.DatedReasonForm), _reopen),
    "merge": Deed(gettext_lazy("并案"), "merge", _plain(handling.MergeForm), _merge),
    "withdraw": Deed(gettext_lazy("撤销"), "withdraw", _plain(handling.ReasonForm), _WITHDRAW),
    "recall": Deed(gettext_lazy("撤回申请"), "recall", _plain(PlainForm), _recall),
    "correct": Deed(gettext_lazy("更正登记"), "", _correct_form, _correct),
    "designate": Deed(gettext_lazy("指定审定人"), "", _designate_form, _designate),
    "designate-verifier": Deed(gettext_lazy("指定核查人"), "", _verifier_form, _designate_verifier),
}

# What cannot be undone is asked twice.
FOR_GOOD = {
    "withdraw": gettext_lazy("确定撤销这个问题吗？撤销后不能恢复。"),
    "merge": gettext_lazy("确定并案吗？并案后这个问题不再单独办理，不能恢复。"),
}


@login_required
def problem_do(request: UserRequest, number: str, deed: str) -> HttpResponse:
    """改派、挂账、恢复、反弹、并案、撤销、撤回、更正、指定: one form page each."""
    problem = find_problem(request, number)
    if deed not in DEEDS:
        raise Http404
    chosen = DEEDS[deed]
    over = _must_do(request, problem, chosen)
    form = chosen.form(request, problem)
    key = f"do-{deed}-{problem.pk}"
    # The text comes back; which event the page had seen does not.
    form.initial = {**draft_initial(request, key, dict(form.initial)), "seen": problem.case.event_count}
    form.fields["seen"] = forms.IntegerField(widget=forms.HiddenInput, initial=problem.case.event_count)

    def do() -> None:
        data = {key: value for key, value in form.cleaned_data.items() if key != "seen"}
        chosen.do(request, problem, form.cleaned_data["seen"], data, form)

    title = str(chosen.title)
    page = Page(title=title, back=problem.get_absolute_url(), button=title, draft=key, extra={"problem": problem})
    page.confirm = FOR_GOOD.get(deed, "")
    page.over = over
    return act(request, page, form, do)


def _must_do(request: UserRequest, problem: Problem, deed: Deed) -> str:
    """403 for whoever may never do it; for whoever may, why it cannot be done now, or nothing."""
    actor = actor_before(request.user, main_item(problem.pk))
    is_office = actor.post_over(problem.area_path, Role.OFFICE) is not None
    in_lead = any(post.unit_id == problem.lead_unit_id for post in actor.posts)
    if deed.transition and may_fire(problem, actor, deed.transition):
        return ""
    if not (in_lead if deed.transition == "recall" else is_office):
        raise PermissionDenied
    return not_now(problem) if deed.transition else ""


def not_now(problem: Problem) -> str:
    """What somebody reads who opens the form of a step that the problem's stage does not allow."""
    return _("这个问题现在是“%s”，不能办理这一步。下面是最新情况。") % problem.get_state_display()


@login_required
@require_POST
def problem_major(request: UserRequest, number: str) -> HttpResponse:
    """标记或取消重大."""
    problem = find_problem(request, number)
    return press(
        request,
        lambda: registration.mark_major(problem.pk, by=request.user, major=request.GET.get("major") != "0"),
        done=_("已更新重大标记。"),
        back=problem.get_absolute_url(),
    )


@login_required
def progress_new(request: UserRequest, number: str) -> HttpResponse:
    """报送进展."""
    problem = find_problem(request, number)
    if progress.unit_post(problem, request.user) is None:
        raise PermissionDenied
    key = f"progress-{problem.pk}"
    initial = draft_initial(request, key, {"percent": problem.progress})
    form = handling.ProgressForm(request.POST or None, initial=initial)
    page = Page(
        title=_("报送进展"),
        back=problem.get_absolute_url(),
        button=_("报送"),
        draft=key,
        over="" if problem.state in progress.WORKING else not_now(problem),
        extra={"problem": problem},
    )

    def do() -> None:
        progress.report_progress(problem.pk, by=request.user, **form.entry())
        take_files(request, problem, name="photos", phase="after" if problem.is_under_way else "before")

    page.extra["photos_label"] = _("现场照片（随进展一并上传为佐证）")
    return act(request, page, form, do)


@login_required
@require_POST
def progress_unchanged(request: UserRequest, number: str) -> HttpResponse:
    """无变化：one tap."""
    problem = find_problem(request, number)
    return press(
        request,
        lambda: progress.report_progress(problem.pk, by=request.user, unchanged=True),
        done=_("已记录：无变化。"),
        back=problem.get_absolute_url(),
    )
