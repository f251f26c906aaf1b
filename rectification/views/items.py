"""Steps on an open work item: assign, accept, object, plan, apply for closure, verify, review."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from organizations import clock
from organizations.roles import Role
from rectification.actions import assignment, items, planning, preparing, progress, reporting, review
from rectification.actions.evidence import uploader_posts
from rectification.forms import handling
from rectification.models import Problem, ReportDraft
from rectification.models.handling import PlanDraft
from rectification.problem_page import earlier_rounds, sent_back, shown_timeline, signatures
from rectification.queries import next_waiting, objection_of
from rectification.templatetags.bihuan import moment
from rectification.views.acting import Page, UserRequest, act, draft_initial, press
from rectification.views.uploads import take_files
from workflows.lifecycles.problem import ProblemState
from workflows.models import WorkItem
from workflows.powers import actor_before, may_fire
from workflows.scope import actor_of

SENT_BACK = gettext_lazy("已退回重改，由责任单位重新整改后再报。")


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


def _page(item: WorkItem, problem: Problem, title: str, **fields: Any) -> Page:
    over = "" if item.is_open else already_over(item)
    return Page(title=title, back=problem.get_absolute_url(), extra={"problem": problem}, over=over, **fields)


def already_over(item: WorkItem) -> str:
    """Who did this step, for somebody who opens its form afterwards."""
    if item.status == "DONE" and item.owner:
        return _("这一步已由%(name)s办理，不用再办。") % {"name": item.owner}
    return _("这一步已经结束或被撤回，不用再办。")


@login_required
def item_assign(request: UserRequest, item_id: int) -> HttpResponse:
    """交办."""
    item, problem = find(request, item_id)
    _must(request, problem, item, "assign")
    key = f"assign-{item_id}"
    initial = draft_initial(request, key, handling.AssignForm.proposal(problem))
    form = handling.AssignForm(request.POST or None, user=request.user, initial=initial)

    def do() -> None:
        assignment.assign_problem(item.pk, by=request.user, assignment=form.assignment())
        page.done = _assigned(request, problem)

    page = _page(item, problem, _("交办"), button=_("交办"), draft=key)
    return act(request, page, form, do)


def _assigned(request: UserRequest, problem: Problem) -> str:
    """That it is done, and the way to the next one that waits."""
    following = next_waiting(problem, request.user)
    if following is None or actor_of(request.user).post_for(following) is None:
        return _("已交办。")
    words = (_("已交办。"), reverse("item-assign", args=[following.pk]), _("下一个待交办"))
    return format_html('{} <a class="btn btn--small" href="{}">{}</a>', *words)


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
    """异议; once it is made the problem is out of the unit's sight, and a second click hears so."""
    made = objection_of(item_id, request.user)
    if made is not None:
        sentence = _("%(name)s已于%(day)s提出异议，问题已退回整改办，不用再次提交。")
        messages.warning(request, sentence % {"name": made.actor, "day": moment(made.at)})
        return redirect("workbench")
    item, problem = find(request, item_id)
    _must(request, problem, item, "object_assignment")
    key = f"object-{item_id}"
    form = handling.ReasonForm(request.POST or None, initial=draft_initial(request, key))
    return act(
        request,
        _page(item, problem, _("提出异议"), button=_("提出异议"), draft=key),
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
    prepared: PlanDraft | None = getattr(problem, "plandraft", None)
    former = problem.plans.last()
    initial: dict[str, Any] = {"text": former.text if former else ""}
    for row, measure in enumerate(problem.measures.all()[: handling.MEASURE_ROWS]):
        initial |= {
            f"measure_{row}": measure.text,
            f"owner_{row}": measure.owner_name,
            f"due_{row}": measure.due_on,
        }
    initial |= prepared.fields if prepared else {}
    form = handling.PlanForm(request.POST or None, initial=draft_initial(request, key, initial))
    sends = may_fire(problem, actor_before(request.user, item), "submit_plan")

    def do() -> None:
        if sends:
            text, measures = form.cleaned_data["text"], form.measures()
            planning.submit_plan(item.pk, by=request.user, text=text, measures=measures)
        else:
            preparing.prepare_plan(problem.pk, by=request.user, fields=_as_typed(request, form))

    page = _sent_or_prepared(item, problem, key, sends=sends, what=_("整改方案"), title=_("报送整改方案"))
    page.template = "rectification/plan_form.html"
    page.extra |= {"prepared": prepared, "sent_back": sent_back(shown_timeline(problem))}
    return act(request, page, form, do)


def _as_typed(request: UserRequest, form: Form) -> dict[str, Any]:
    """The fields of a good form as they were typed, so that the head finds the form as the clerk left it."""
    return {name: request.POST.get(name, "") for name in form.fields}


def _sent_or_prepared(item: WorkItem, problem: Problem, key: str, *, sends: bool, what: str, title: str) -> Page:
    """The page of a form that the head sends in and the clerk prepares for the head."""
    if sends:
        done = _("%(what)s已报送。") % {"what": what}
        return _page(item, problem, title, draft=key, button=_("报送"), done=done)
    done = _("%(what)s已拟好，请本单位负责人登录核对后报送。") % {"what": what}
    title = _("拟写%(what)s") % {"what": what}
    return _page(item, problem, title, draft=key, button=_("交单位负责人报送"), done=done)


@login_required
def item_plan_review(request: UserRequest, item_id: int) -> HttpResponse:
    """审核方案：approve, or return with a reason."""
    item, problem = find(request, item_id)
    _must(request, problem, item, "approve_plan")
    key = f"plan-review-{item_id}"
    form = handling.ReviewForm(request.POST or None, initial=draft_initial(request, key, {"opinion": _("同意")}))

    def do() -> None:
        if request.POST.get("verdict") == "back":
            planning.return_plan(item.pk, by=request.user, reason=form.cleaned_data["opinion"])
            page.done = _("方案已退回修改，由责任单位改好后重新报送。")
        else:
            planning.approve_plan(item.pk, by=request.user)
            page.done = _("已同意整改方案，由责任单位按方案整改。")

    page = _page(item, problem, _("审核整改方案"), draft=key, template="rectification/review_form.html")
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
    prepared: ReportDraft | None = getattr(problem, "reportdraft", None)
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
            ticked = [row.pk for row in form.cleaned_data["evidence"]]
            fields = {**_as_typed(request, form), "evidence": ticked}
            preparing.prepare_report(problem.pk, by=request.user, fields=fields)

    page = _sent_or_prepared(item, problem, key, sends=sends, what=_("销号申请"), title=_("申请销号"))
    page.extra |= {
        "prepared": prepared,
        "sent_back": sent_back(shown_timeline(problem)),
        "photos_label": _("再上传一些佐证材料（整改后），随报告一并报送"),
        "choose_again": False,  # what came along has been taken and ticked already
    }
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

    def do() -> None:
        moved = review.verify_on_site(item.pk, by=request.user, visit=form.visit(), passed=passed)
        take_files(request, problem, name="photos", phase="after")
        page.done = _("核查通过，转%s。") % moved.get_state_display() if passed else SENT_BACK

    page = _page(item, problem, _("现场核查"), draft=key, template="rectification/review_form.html")
    page.extra |= {
        "report": problem.reports.last(),
        "back_label": _("不到位，退回重改"),
        "pass_label": _("核查通过"),
        "photos_label": _("核查照片") if uploader_posts(problem, request.user) else "",
        "signatures": signatures(problem),
        "earlier_rounds": earlier_rounds(problem),
        "photos": _photos(problem),
    }
    return act(request, page, form, do)


def _photos(problem: Problem) -> list[Any]:
    rows = problem.evidence.filter(withdrawn_at__isnull=True).exclude(thumbnail="").select_related("by")
    order = {"before": 0, "after": 1}
    return sorted(rows.order_by("id")[:12], key=lambda row: order.get(row.phase, 2))


@login_required
def item_review(request: UserRequest, item_id: int) -> HttpResponse:
    """村级评定、乡镇审核、县级审定：agree with 同意 proposed, or send back in own words."""
    item, problem = find(request, item_id)
    _must(request, problem, item, "send_back")
    key = f"review-{item_id}"
    form = handling.ReviewForm(request.POST or None, initial=draft_initial(request, key, {"opinion": _("同意")}))

    def do() -> None:
        opinion = form.cleaned_data["opinion"]
        if request.POST.get("verdict") == "back":
            review.send_back(item.pk, by=request.user, reason=opinion)
            page.done = SENT_BACK
            return
        moved = review.pass_review(item.pk, by=request.user, opinion=opinion)
        closed = moved.state == ProblemState.CLOSED
        page.done = _("已同意，予以销号。") if closed else _("已同意，转%s。") % moved.get_state_display()

    page = _page(item, problem, str(problem.get_state_display()), draft=key, template="rectification/review_form.html")
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

    return act(request, _page(item, problem, _("代录书面决定"), button=_("代录")), form, do)


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
        _page(item, problem, _("报送配合落实情况"), button=_("报送"), draft=key),
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
        _page(item, problem, _("转给同事"), button=_("转办")),
        form,
        lambda: items.hand_over_item(item.pk, by=request.user, to=form.cleaned_data["to"]),
    )


@login_required
def item_open(request: UserRequest, item_id: int) -> HttpResponse:
    """Where a line of the inbox leads: the problem's page."""
    _item, problem = find(request, item_id)
    return redirect(problem)
