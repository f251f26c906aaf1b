"""Pages about dates: how they were made, extensions, public notices, escalations, periodic reports."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from organizations import clock
from organizations.roles import Role
from rectification.actions import escalating, extending, noticing
from rectification.dating import clocks_of, history_of
from rectification.forms import timing
from rectification.models import Problem
from rectification.past_steps import past_steps
from rectification.views.acting import Page, UserRequest, act, draft_initial, press
from rectification.views.items import already_over, find
from rectification.views.problems import find_problem, not_now
from rectification.views.uploads import take_files
from workflows.lifecycles.problem import ProblemState
from workflows.models import WorkItem
from workflows.powers import actor_before
from workflows.scope import actor_of


@login_required
def problem_dates(request: UserRequest, number: str) -> HttpResponse:
    """这个日期怎么来的：every clock, every day counted or skipped, and what has moved it."""
    problem = find_problem(request, number)
    history = history_of(problem)
    context = {
        "problem": problem,
        "clocks": clocks_of(problem, history),
        "history": history,
        "past": past_steps(problem, request.GET.get("past")),
    }
    return render(request, "rectification/dates.html", context)


def _must_lead(request: UserRequest, problem: Problem) -> None:
    actor = actor_of(request.user)
    roles = (Role.UNIT_HEAD, Role.UNIT_CLERK) if problem.clerk_may_send_in else (Role.UNIT_HEAD,)
    if not any(actor.post_in(problem.lead_unit_id, role) for role in roles):
        raise PermissionDenied


@login_required
def extension_new(request: UserRequest, number: str) -> HttpResponse:
    """申请延期."""
    problem = find_problem(request, number)
    _must_lead(request, problem)
    key = f"extension-{problem.pk}"
    data = request.POST.copy() if request.method == "POST" else None
    if data is not None:
        taken, _refused = take_files(request, problem, name="photos", phase="document")
        data.setlist("evidence", [*data.getlist("evidence"), *(str(row.pk) for row in taken)])
    form = timing.AskExtensionForm(data, problem=problem, initial=draft_initial(request, key))
    page = Page(_("申请延期"), problem.get_absolute_url(), _("报送申请"), draft=key, extra={"problem": problem})
    page.over = extending.why_not_extend(problem)
    page.extra |= {"photos_label": _("附件：再上传一些材料"), "choose_again": False}
    page.done = _("延期申请已报整改办审核，原时限在批准之前不变。")
    return act(request, page, form, lambda: extending.ask_extension(problem.pk, by=request.user, **form.entry()))


@login_required
@require_POST
def extension_take_back(request: UserRequest, item_id: int) -> HttpResponse:
    """撤回延期申请."""
    item, problem = find(request, item_id)
    actor = actor_of(request.user)
    if not any(actor.post_in(problem.lead_unit_id, role) for role in (Role.UNIT_HEAD, Role.UNIT_CLERK)):
        raise PermissionDenied
    back = problem.get_absolute_url()
    return press(
        request, lambda: extending.take_back_extension(item.pk, by=request.user), done=_("已撤回延期申请。"), back=back
    )


def _side(request: UserRequest, item_id: int, kind: str) -> tuple[WorkItem, Problem, str]:
    """A side duty of a kind that is this person's; 404 for another kind, 403 for somebody else's."""
    item, problem = find(request, item_id)
    routing: Any = item.process
    if routing.kind != kind:
        raise Http404
    if item.is_open and actor_before(request.user, item).post_for(item) is None:
        raise PermissionDenied
    return item, problem, routing.key


def _page(item: WorkItem, problem: Problem, title: str, template: str, **fields: Any) -> Page:
    over = "" if item.is_open else already_over(item)
    return Page(title, problem.get_absolute_url(), template=template, over=over, extra={"problem": problem}, **fields)


@login_required
def item_extension(request: UserRequest, item_id: int) -> HttpResponse:
    """审核、审批延期申请."""
    item, problem, key = _side(request, item_id, "extension")
    extension = problem.extensions.get(number=int(key))
    view = extension.steps.filter(agreed=True).last()
    draft = f"extension-step-{item_id}"
    initial = {"until": (view.until if view else None) or extension.asked_until, "opinion": _("同意")}
    form = timing.DecideExtensionForm(
        request.POST or None, extension=extension, initial=draft_initial(request, draft, initial)
    )
    decides = extension.state == "leader_review"

    def do() -> None:
        data = form.cleaned_data
        if request.POST.get("verdict") == "back":
            extending.refuse_extension(item.pk, by=request.user, reason=data["opinion"])
            page.done = _("不同意延期，原时限不变。")
            return
        decide = extending.grant_extension if decides else extending.endorse_extension
        decide(item.pk, by=request.user, opinion=data["opinion"], until=data["until"])
        partly = data["until"] != extension.asked_until
        granted = _("已部分同意延期，到%s。") % clock.spelled(data["until"]) if partly else _("已同意延期。")
        page.done = granted if decides else _("已同意，报县领导审批。")

    title = _("审批延期申请") if decides else _("审核延期申请")
    page = _page(item, problem, title, "rectification/extension_form.html", draft=draft)
    page.extra |= {
        "extension": extension,
        "steps": extension.steps.select_related("by", "post__unit"),
        "pass_label": _("同意延期") if decides else _("同意，报县领导"),
        "back_label": _("不同意"),
    }
    return act(request, page, form, do)


@login_required
def item_escalation(request: UserRequest, item_id: int) -> HttpResponse:
    """决定督办措施，或答复督办."""
    item, problem, key = _side(request, item_id, "escalation")
    escalation = problem.escalations.get(number=int(key))
    draft = f"escalation-{item_id}"
    initial = draft_initial(request, draft)
    if item.step == "issued":
        return _answer(request, item, problem, escalation)
    form = timing.EscalationForm(request.POST or None, problem=problem, escalation=escalation, initial=initial)

    def do() -> None:
        data = form.cleaned_data
        if request.POST.get("verdict") == "back":
            escalating.drop_escalation(item.pk, by=request.user, reason=data["text"])
            page.done = _("已记录：不采取这项督办措施。")
            return
        decision = escalating.Decision(data["rung"], data["text"])
        made = escalating.issue_escalation(item.pk, by=request.user, decision=decision)
        page.done = _("已发出%s。") % made.paper_number if made.paper_number else _("已发出。")

    page = _page(item, problem, _("决定督办措施"), "rectification/escalation_form.html", draft=draft)
    page.extra |= {"escalation": escalation, "pass_label": _("发出"), "back_label": _("不采取")}
    return act(request, page, form, do)


def _answer(request: UserRequest, item: WorkItem, problem: Problem, escalation: Any) -> HttpResponse:
    draft = f"answer-{item.pk}"
    form = timing.AnswerForm(request.POST or None, initial=draft_initial(request, draft))
    page = _page(item, problem, _("答复督办"), "rectification/answer_form.html", draft=draft, button=_("答复"))
    orders = [row for row in problem.statements.filter(kind="escalation_issue") if row.at == escalation.decided_at]
    page.extra |= {"escalation": escalation, "order": orders[-1] if orders else None}
    return act(
        request,
        page,
        form,
        lambda: escalating.answer_escalation(item.pk, by=request.user, text=form.cleaned_data["reason"]),
    )


@login_required
def item_objection(request: UserRequest, item_id: int) -> HttpResponse:
    """核实公示异议：upheld, back into rectifying; or not, and the notice goes on."""
    item, problem, key = _side(request, item_id, "objection")
    objection = problem.notice_objections.get(number=int(key))
    draft = f"objection-{item_id}"
    form = timing.SettleObjectionForm(request.POST or None, initial=draft_initial(request, draft))

    def do() -> None:
        data = form.cleaned_data
        if request.POST.get("verdict") == "back":
            noticing.uphold_objection(
                problem.pk, by=request.user, seen=problem.case.event_count, reason=data["reason"], due_on=data["due_on"]
            )
            page.done = _("异议成立，已退回责任单位整改。")
            return
        noticing.dismiss_objection(item.pk, by=request.user, reason=data["reason"])
        page.done = _("异议不成立，公示继续。")

    page = _page(item, problem, _("核实公示异议"), "rectification/objection_form.html", draft=draft)
    page.extra |= {
        "objection": objection,
        "pass_label": _("异议不成立，继续公示"),
        "back_label": _("异议成立，退回整改"),
    }
    return act(request, page, form, do)


def _must_be_office(request: UserRequest, problem: Problem) -> None:
    if actor_of(request.user).post_over(problem.area_path, Role.OFFICE) is None:
        raise PermissionDenied


def _over(problem: Problem) -> str:
    return "" if problem.state == ProblemState.PUBLIC_NOTICE else not_now(problem)


@login_required
def notice_objection(request: UserRequest, number: str) -> HttpResponse:
    """记录公示异议."""
    problem = find_problem(request, number)
    _must_be_office(request, problem)
    key = f"notice-objection-{problem.pk}"
    form = timing.ObjectionForm(
        request.POST or None, initial=draft_initial(request, key, {"received_on": clock.today()})
    )
    page = Page(_("记录公示异议"), problem.get_absolute_url(), _("记录"), draft=key, extra={"problem": problem})
    page.over = _over(problem)
    page.done = _("已记录异议，公示停止计时，请在待办里核实。")
    return act(request, page, form, lambda: noticing.record_objection(problem.pk, by=request.user, **form.cleaned_data))


@login_required
def notice_revise(request: UserRequest, number: str) -> HttpResponse:
    """修改公示内容."""
    problem = find_problem(request, number)
    _must_be_office(request, problem)
    notice = problem.notices.last()
    if notice is None:
        raise Http404
    key = f"notice-{problem.pk}"
    initial = draft_initial(request, key, timing.NoticeForm.initial_of(notice))
    form = timing.NoticeForm(request.POST or None, initial=initial)
    page = Page(_("修改公示内容"), problem.get_absolute_url(), _("保存"), draft=key, extra={"problem": problem})
    page.over = _over(problem)
    return act(request, page, form, lambda: noticing.revise_notice(problem.pk, by=request.user, **form.cleaned_data))


@login_required
def notice_sheet(request: UserRequest, number: str) -> HttpResponse:
    """公示：the sheet as it is put up, to be printed."""
    problem = find_problem(request, number)
    notice = problem.notices.last()
    if notice is None:
        raise Http404
    return render(request, "rectification/notice_sheet.html", {"problem": problem, "notice": notice})


@login_required
def item_progress(request: UserRequest, item_id: int) -> HttpResponse:
    """报送本期进展：the page of progress does it."""
    _item, problem, _key = _side(request, item_id, "progress")
    return redirect("progress-new", number=problem.case.number)
