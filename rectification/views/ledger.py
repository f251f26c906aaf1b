"""问题台账：filters, search, pages, export, bulk assign."""

from datetime import date
from io import BytesIO
from typing import Any

import xlsxwriter
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.signing import BadSignature
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from organizations import clock
from organizations.access_log import note_access
from organizations.models import AccessKind
from organizations.roles import Role
from rectification.actions.assignment import assign_problem
from rectification.forms.fields import place_name, unit_name
from rectification.forms.handling import AssignForm
from rectification.forms.registering import LedgerForm
from rectification.models import Problem
from rectification.queries import BULK_MOST, EXPORT_MOST, SHOWN, ledger_page, narrowed, sign_ids, total_text, unsign_ids
from rectification.search import matching
from rectification.views.acting import REFUSALS, UserRequest
from workflows.queries import main_item
from workflows.scope import actor_of

COLUMNS = (
    "编号", "批次", "来文序号", "问题", "问题详情", "类别", "属地", "具体地点", "环节", "轮次", "牵头单位",
    "整改类型", "整改时限", "进度（%）", "整改完成日期", "销号日期", "是否逾期",
)  # fmt: skip


def _chosen(request: UserRequest) -> tuple[LedgerForm, QuerySet[Problem], str]:
    form = LedgerForm(request.GET or None, user=request.user)
    wanted = form.cleaned_data if form.is_bound and (form.is_valid() or form.cleaned_data) else {}
    return form, narrowed(Problem.objects.visible_to(request.user), wanted), wanted.get("q") or ""


@login_required
def ledger(request: UserRequest) -> HttpResponse:
    """Every problem I may see."""
    form, rows, typed = _chosen(request)
    page = ledger_page(rows, typed=typed, after=request.GET.get("after", ""), before=request.GET.get("before", ""))
    may_assign = actor_of(request.user).holds(Role.OFFICE)
    active = [name for name in form.fields if request.GET.get(name)] if form.is_bound else []
    context = {"form": form, "page": page, "may_assign": may_assign, "active": active}
    template = "rectification/_ledger_rows.html" if request.headers.get("HX-Request") else "rectification/ledger.html"
    return render(request, template, context)


@login_required
def ledger_export(request: UserRequest) -> HttpResponse:
    """The present filter as a workbook of up to 20,000 rows; written into the auditor's log."""
    _form, within, typed = _chosen(request)
    rows = matching(within, typed)
    found = rows.select_related(*SHOWN).order_by("-case_id")
    if rows.order_by().values("pk")[: EXPORT_MOST + 1].count() > EXPORT_MOST:
        messages.error(request, _("当前筛选超过20,000条，请缩小范围后再导出。"))
        return redirect(f"{request.path.replace('export/', '')}?{request.GET.urlencode()}")
    count = total_text(within, typed)
    note_access(
        AccessKind.EXPORT,
        _("导出台账%(count)s条") % {"count": count},
        by=request.user,
        request=request,
        filter=request.GET.urlencode(),
    )
    response = HttpResponse(
        workbook(found), content_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    )
    response["Content-Disposition"] = f'attachment; filename="ledger-{clock.today():%Y%m%d}.xlsx"'
    return response


def workbook(rows: QuerySet[Problem]) -> bytes:
    """The rows as xlsx; cells are written as text, so that no content becomes a formula."""
    buffer = BytesIO()
    with xlsxwriter.Workbook(buffer, {"constant_memory": True, "strings_to_formulas": False}) as book:
        sheet = book.add_worksheet(_("问题台账"))
        bold = book.add_format({"bold": True, "bg_color": "#DDE8F8", "border": 1})
        sheet.freeze_panes(1, 1)
        sheet.set_column(0, len(COLUMNS), 16)
        for column, title in enumerate(COLUMNS):
            sheet.write_string(0, column, title, bold)
        for line, problem in enumerate(rows.iterator(chunk_size=1000), start=1):
            for column, value in enumerate(_cells(problem)):
                if isinstance(value, int):
                    sheet.write_number(line, column, value)
                else:
                    sheet.write_string(line, column, value)
    return buffer.getvalue()


def _cells(problem: Problem) -> list[Any]:
    return [
        problem.case.number, problem.batch.name, problem.source_serial, problem.title, problem.description,
        problem.category.name if problem.category else "", place_name(problem.case.division), problem.place_text,
        problem.get_state_display(), problem.round, problem.lead_unit.name if problem.lead_unit else "",
        problem.get_kind_display(), _iso(problem.due_on), problem.progress, _iso(problem.rectified_on),
        _iso(problem.closed_on), _("是") if problem.is_late else "",
    ]  # fmt: skip


def _iso(day: date | None) -> str:
    return day.isoformat() if day else ""


@login_required
@require_POST
def bulk_assign(request: UserRequest) -> HttpResponse:
    """批量交办：preview what is proposed for each, then confirm; each problem its own success or sentence."""
    if not actor_of(request.user).holds(Role.OFFICE):
        raise PermissionDenied
    if "signed" in request.POST:
        return _confirm_bulk(request)
    ids = [int(pk) for pk in request.POST.getlist("pk") if pk.isdecimal() and len(pk) < 19][:BULK_MOST]
    rows = _waiting(request, ids)
    if not rows:
        messages.error(request, _("请先勾选“待交办”的问题。"))
        return redirect("ledger")
    lines = [_line(request, problem) for problem in rows]
    context = {"lines": lines, "signed": sign_ids([problem.pk for problem in rows])}
    return render(request, "rectification/bulk_assign.html", context)


def _waiting(request: UserRequest, ids: list[int]) -> list[Problem]:
    rows = Problem.objects.visible_to(request.user).filter(pk__in=ids, state="registered")
    return list(rows.select_related("deadline_policy", "proposed_unit__division__parent", *SHOWN).order_by("-case_id"))


def _line(request: UserRequest, problem: Problem) -> dict[str, Any]:
    proposal = AssignForm.proposal(problem)
    form = AssignForm(
        {
            **proposal,
            "lead_unit": unit_name(proposal["lead_unit"]) if proposal["lead_unit"] else "",
            "partners": "、".join(unit_name(unit) for unit in proposal["partners"]),
            "due_on": proposal["due_on"] or "",
            "review_cycle": proposal["review_cycle"] or "",
        },
        user=request.user,
    )
    return {"problem": problem, "proposal": proposal, "form": form, "ready": form.is_valid()}


def _confirm_bulk(request: UserRequest) -> HttpResponse:
    try:
        ids = unsign_ids(request.POST["signed"])
    except BadSignature:
        messages.error(request, _("预览已过期，请重新勾选。"))
        return redirect("ledger")
    done, refused = 0, []
    for problem in _waiting(request, ids):
        line, item = _line(request, problem), main_item(problem.pk)
        if not line["ready"] or item is None:
            refused.append(_("%s：没有拟交办单位，请单独交办。") % problem.case.number)
            continue
        try:
            assign_problem(item.pk, by=request.user, assignment=line["form"].assignment())
            done += 1
        except REFUSALS as refusal:
            refused.append(f"{problem.case.number}：{refusal}")
    messages.success(request, _("已交办%d个问题。") % done)
    for sentence in refused[:20]:
        messages.warning(request, sentence)
    return redirect("ledger")
