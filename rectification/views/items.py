"""Steps on an open work item: assign, accept, object, plan, apply for closure, verify, review."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from organizations import clock
from organizations.roles import Role
from rectification.actions import assignment, items, planning, progress, reporting, review
from rectification.forms import handling
from rectification.models import Problem
from rectification.problem_page import earlier_rounds, signatures
from rectification.views.acting import Page, UserRequest, act, draft_initial, press
from rectification.views.uploads import take_files
from workflows.models import WorkItem
from workflows.powers import actor_before, may_fire
from workflows.scope import actor_of


def find(request: UserRequest, item_id: int) -> tuple[WorkItem, Problem]:
    """The item and its problem, if this person may see the problem; 404 otherwise."""
    item = get_object_or_404(WorkItem.objects.select_related("process", "unit", "owner"), pk=item_id)
    visible = Problem.objects.visible_to(request.user).select_related(
        "case__division__parent", "batch", "lead_unit", "review_policy", "deadline_policy", "category"
    )
    return item, get_object_or_404(visible, pk=item.process.case_id)


def _must(request: UserRequest, problem: Problem, item: WorkItem, *transitions: str) -> None:
    """403 for somebody who holds neither the item nor the power; a wrong moment is said by the action."""
    actor = actor_before(request.user, item)
    if item.is_open and not actor.post_for(item) and not any(may_fire(problem, actor, each) for each in transitions):
        raise PermissionDenied


def _page(problem: Problem, title: str, **fields: Any) -> Page:
    return Page(title=title, back=problem.get_absolute_url(), extra={"problem": problem}, **fields)


@login_required
def item_assign(request: UserRequest, item_id: int) -> HttpResponse:
    """交办."""
    item, problem = find(request, item_id)
    _must(request, problem, item, "assign")
    form = handling.AssignForm(request.POST or None, user=request.user, initial=handling.AssignForm.proposal(problem))
    return act(
        request,
        _page(problem, _("交办"), button=_("交办")),
        form,
        lambda: assignment.assign_problem(item.pk, by=request.user, assignment=form.assignment()),
    )


@login_required
@require_POST
def item_accept(request: UserRequest, item_id: int) -> HttpResponse:
    """签收：one tap."""
    item, problem = find(request, item_id)
    _must(request, problem, item, "accept")
    return press(
        request,
        lambda: assignment.accept_assignment(item.pk, by=request.user),
        done=_("已签收。"),
        back=problem.get_absolute_url(),
    )


@login_required
def item_object(request: UserRequest, item_id: int) -> HttpResponse:
    """异议."""
    item, problem = find(request, item_id)
    _must(request, problem, item, "object_assignment")
    key = f"object-{item_id}"
    form = handling.ReasonForm(request.POST or None, initial=draft_initial(request, key))
    return act(
        request,
        _page(problem, _("提出异议"), button=_("提出异议"), draft=key),
        form,
        lambda: assignment.object_assignment(item.pk, by=request.user, reason=form.cleaned_data["reason"]),
        then=reverse("workbench"),  # the problem is no longer this unit's to see
    )


@login_required
def item_plan(request: UserRequest, item_id: int) -> HttpResponse:
    """报送整改方案."""
    item, problem = find(request, item_id)
    _must(request, problem, item, "submit_plan")
    key = f"plan-{item_id}"
    initial: dict[str, Any] = {}
    for row, measure in enumerate(problem.measures.all()[: handling.MEASURE_ROWS]):
        initial |= {
            f"measure_{row}": measure.text,
            f"owner_{row}": measure.owner_name,
            f"due_{row}": measure.due_on,
        }
    form = handling.PlanForm(request.POST or None, initial=draft_initial(request, key, initial))
    page = _page(problem, _("报送整改方案"), button=_("报送方案"), draft=key, template="rectification/plan_form.html")
    return act(
        request,
        page,
        form,
        lambda: planning.submit_plan(
            item.pk, by=request.user, text=form.cleaned_data["text"], measures=form.measures()
        ),
    )


@login_required
def item_plan_review(request: UserRequest, item_id: int) -> HttpResponse:
    """审核方案：approve, or return with a reason."""
    item, problem = find(request, item_id)
    _must(request, problem, item, "approve_plan")
    back = request.POST.get("verdict") == "back"
    form = handling.ReviewForm(request.POST or None, initial={"opinion": _("同意")})

    def do() -> None:
        if back:
            planning.return_plan(item.pk, by=request.user, reason=form.cleaned_data["opinion"])
        else:
            planning.approve_plan(item.pk, by=request.user)

    page = _page(problem, _("审核整改方案"), template="rectification/review_form.html")
    page.extra |= {
        "measures": problem.measures.all(),
        "plan": problem.plans.last(),
        "back_label": _("退回修改"),
    }
    return act(request, page, form, do)


@login_required
def item_submit(request: UserRequest, item_id: int) -> HttpResponse:
    """申请销号：the head sends it in; a clerk's text is kept for the head."""
    item, problem = find(request, item_id)
    _must(request, problem, item, "submit")
    key = f"report-{item_id}"
    prepared = getattr(problem, "report_draft", None)
    before = problem.reports.last()
    counted = before.outcomes if before else {}
    initial = {"rectified_on": clock.today(), **counted, **(prepared.fields if prepared else {})}
    form = handling.ReportForm(
        _with_files(request, problem), problem=problem, initial=draft_initial(request, key, initial)
    )
    sends = may_fire(problem, actor_before(request.user, item), "submit")

    def do() -> None:
        if sends:
            reporting.submit_rectification(item.pk, by=request.user, entry=form.entry())
        else:
            fields: dict[str, Any] = {name: request.POST.get(name, "") for name in form.fields if name != "evidence"}
            fields["evidence"] = [row.pk for row in form.cleaned_data["evidence"]]
            reporting.prepare_report(problem.pk, by=request.user, fields=fields)

    title = _("申请销号") if sends else _("拟写销号申请")
    page = _page(problem, title, draft=key, button=_("报送") if sends else _("存好，请负责人报送"))
    page.done = _("销号申请已报送。") if sends else _("已存好，请本单位负责人登录报送。")
    page.extra |= {"prepared": prepared, "photos_label": _("再上传一些佐证材料（整改后），随报告一并报送")}
    return act(request, page, form, do)


def _with_files(request: UserRequest, problem: Problem) -> Any:
    """The posted form with the files that came along uploaded and ticked: they stay whatever is refused."""
    if request.method != "POST":
        return None
    data = request.POST.copy()
    taken, _refused = take_files(request, problem, name="photos", phase="after")
    data.setlist("evidence", [*data.getlist("evidence"), *(str(row.pk) for row in taken)])
    return data


@login_required
def item_verify(request: UserRequest, item_id: int) -> HttpResponse:
    """现场核查."""
    item, problem = find(request, item_id)
    _must(request, problem, item, "pass_verification")
    key = f"verify-{item_id}"
    initial = {"visited_on": clock.today(), "place": problem.place_text or problem.case.division.name}
    form = handling.VerifyForm(request.POST or None, initial=draft_initial(request, key, initial))
    passed = request.POST.get("verdict") != "back"
    page = _page(problem, _("现场核查"), draft=key, template="rectification/review_form.html")
    page.extra |= {
        "report": problem.reports.last(),
        "back_label": _("不到位，退回重改"),
        "pass_label": _("核查通过"),
        "signatures": signatures(problem),
        "earlier_rounds": earlier_rounds(problem),
        "photos": _photos(problem),
    }
    return act(
        request,
        page,
        form,
        lambda: review.verify_on_site(item.pk, by=request.user, visit=form.visit(), passed=passed),
    )


def _photos(problem: Problem) -> list[Any]:
    rows = problem.evidence.filter(withdrawn_at__isnull=True).exclude(thumbnail="").select_related("by")
    order = {"before": 0, "after": 1}
    return sorted(rows.order_by("id")[:12], key=lambda row: order.get(row.phase, 2))


@login_required
def item_review(request: UserRequest, item_id: int) -> HttpResponse:
    """村级评定、乡镇审核、县级审定：agree with 同意 proposed, or send back in own words."""
    item, problem = find(request, item_id)
    _must(request, problem, item, "send_back")
    back = request.POST.get("verdict") == "back"
    form = handling.ReviewForm(request.POST or None, initial={"opinion": _("同意")})

    def do() -> None:
        opinion = form.cleaned_data["opinion"]
        if back and opinion.strip() == _("同意"):
            raise review.ActionRefused(_("退回要写明理由，不能写“同意”。请写清还差什么。"))
        if back:
            review.send_back(item.pk, by=request.user, reason=opinion)
        else:
            review.pass_review(item.pk, by=request.user, opinion=opinion)

    page = _page(problem, str(problem.get_state_display()), template="rectification/review_form.html")
    page.extra |= {
        "report": problem.reports.last(),
        "back_label": _("退回重改"),
        "signatures": signatures(problem),
        "earlier_rounds": earlier_rounds(problem),
        "photos": _photos(problem),
    }
    return act(request, page, form, do)


@login_required
def item_paper(request: UserRequest, item_id: int) -> HttpResponse:
    """代录书面决定."""
    item, problem = find(request, item_id)
    if actor_of(request.user).post_over(problem.area_path, Role.OFFICE) is None:
        raise PermissionDenied
    form = handling.PaperForm(request.POST or None, problem=problem)

    def do() -> None:
        data = form.cleaned_data
        decision = review.PaperDecision(
            passed=data["verdict"] == "pass",
            opinion=data["opinion"],
            decided_by=data["decided_by"],
            decided_on=data["decided_on"],
            document_number=data["document_number"],
            scan=data["scan"].first(),
        )
        review.record_paper_decision(item.pk, by=request.user, decision=decision)

    return act(request, _page(problem, _("代录书面决定"), button=_("代录")), form, do)


@login_required
def item_cooperate(request: UserRequest, item_id: int) -> HttpResponse:
    """配合单位报送落实情况."""
    item, problem = find(request, item_id)
    if item.is_open and actor_before(request.user, item).post_for(item) is None:
        raise PermissionDenied
    key = f"cooperate-{item_id}"
    form = handling.CooperationForm(request.POST or None, initial=draft_initial(request, key))
    return act(
        request,
        _page(problem, _("报送配合落实情况"), button=_("报送"), draft=key),
        form,
        lambda: progress.report_cooperation(item.pk, by=request.user, text=form.cleaned_data["text"]),
    )


@login_required
@require_POST
def item_claim(request: UserRequest, item_id: int) -> HttpResponse:
    """认领."""
    item, problem = find(request, item_id)
    back = problem.get_absolute_url()
    return press(request, lambda: items.claim_item(item.pk, by=request.user), done=_("已认领。"), back=back)


@login_required
@require_POST
def item_release(request: UserRequest, item_id: int) -> HttpResponse:
    """放回待办."""
    item, problem = find(request, item_id)
    back = problem.get_absolute_url()
    return press(request, lambda: items.release_item(item.pk, by=request.user), done=_("已放回待办。"), back=back)


@login_required
def item_hand_over(request: UserRequest, item_id: int) -> HttpResponse:
    """单位内转办."""
    item, problem = find(request, item_id)
    if item.is_open and actor_before(request.user, item).post_for(item) is None:
        raise PermissionDenied
    form = handling.HandOverForm(request.POST or None, item=item)
    return act(
        request,
        _page(problem, _("转给同事"), button=_("转办")),
        form,
        lambda: items.hand_over_item(item.pk, by=request.user, to=form.cleaned_data["to"]),
    )


@login_required
def item_open(request: UserRequest, item_id: int) -> HttpResponse:
    """Where a line of the inbox leads: the problem's page."""
    _item, problem = find(request, item_id)
    return redirect(problem)
