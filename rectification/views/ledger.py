"""问题台账：filters, search, pages, export, bulk assign."""

from datetime import date
from io import BytesIO
from typing import Any

import xlsxwriter
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from organizations import clock
from organizations.access_log import note_access
from organizations.models import AccessKind
from organizations.roles import Role
from rectification.forms.fields import place_name
from rectification.forms.registering import LedgerForm
from rectification.models import Problem
from rectification.queries import EXPORT_MOST, SHOWN, ledger_page, narrowed, total_text
from rectification.search import matching
from rectification.views.acting import UserRequest
from workflows.scope import actor_of

COLUMNS = (
    "编号", "批次", "来文序号", "问题", "问题详情", "类别", "属地", "具体地点", "环节", "轮次", "牵头单位",
    "整改类型", "整改时限", "进度（%）", "整改完成日期", "销号日期", "是否逾期",
)  # fmt: skip

CHIP_FIELDS = {"state", "late"}
CHIPS: tuple[tuple[Any, tuple[str, ...]], ...] = (
    (gettext_lazy("待交办"), ("registered",)),
    (gettext_lazy("整改中"), ("rectifying",)),
    (gettext_lazy("核查审议中"), ("verifying", "village_review", "township_review", "sector_review", "county_review")),
    (gettext_lazy("挂账"), ("suspended",)),
    (gettext_lazy("已销号"), ("closed",)),
)


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
    context = {
        "form": form,
        "page": page,
        "may_assign": may_assign,
        "active": active,
        "chips": _chips(request, active),
        "hidden": _beyond_chips(form, active, request),
    }
    template = "rectification/_ledger_rows.html" if request.headers.get("HX-Request") else "rectification/ledger.html"
    return render(request, template, context)


def _chips(request: UserRequest, active: list[str]) -> list[tuple[str, str, bool]]:
    """The usual filters as label, query and whether it is the one that holds."""
    states = set(request.GET.getlist("state"))
    found = [(str(_("全部")), "", not active), (str(_("已逾期")), "?late=yes", request.GET.get("late") == "yes")]
    for label, wanted in CHIPS:
        query = "?" + "&".join(f"state={state}" for state in wanted)
        found.append((str(label), query, states == set(wanted) and request.GET.get("late") != "yes"))
    return found


def _beyond_chips(form: LedgerForm, active: list[str], request: UserRequest) -> list[str]:
    """Labels of the filters that hold and that no chip shows: the closed panel names them."""
    shown = any(on and query for _label, query, on in _chips(request, active))
    return [str(form.fields[name].label) for name in active if name != "q" and not (shown and name in CHIP_FIELDS)]


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
