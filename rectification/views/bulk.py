"""批量交办：a box for the unit, the kind and the day of each problem, then one confirmation for all."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.signing import BadSignature
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from organizations.roles import Role
from rectification.actions.assignment import assign_problem
from rectification.forms.bulk import BulkSheet, Line, Shown
from rectification.models import Problem
from rectification.queries import BULK_MOST, SHOWN, sign_shown, unsign_shown
from rectification.views.acting import REFUSALS, UserRequest
from workflows.queries import main_item
from workflows.scope import actor_of


@login_required
@require_POST
def bulk_assign(request: UserRequest) -> HttpResponse:
    """Show what is proposed for each problem, fill many at once, or send; each its own success or sentence."""
    if not actor_of(request.user).holds(Role.OFFICE):
        raise PermissionDenied
    try:
        shown = unsign_shown(request.POST["signed"]) if "signed" in request.POST else {}
    except BadSignature:
        messages.error(request, _("页面已过期，请重新勾选。"))
        return redirect("ledger")
    ids = list(shown) or [int(pk) for pk in request.POST.getlist("pk") if pk.isdecimal() and len(pk) < 19]
    rows = _waiting(request, ids[:BULK_MOST])
    if not rows:
        sentence = _("这些问题都已交办，不用再次交办。") if shown else _("请先勾选“待交办”的问题。")
        messages.error(request, sentence)
        return redirect("ledger")
    sheet = BulkSheet(rows, request.user)
    if shown:
        return _answer(request, sheet, shown)
    return _page(request, sheet)


def _waiting(request: UserRequest, ids: list[int]) -> list[Problem]:
    """In the order in which they were registered: that of the list they came with."""
    rows = Problem.objects.visible_to(request.user).filter(pk__in=ids, state="registered")
    related = ("deadline_policy", "proposed_unit__division__parent", *SHOWN)
    return list(rows.select_related(*related).order_by("case_id"))


def _page(request: UserRequest, sheet: BulkSheet, **more: Any) -> HttpResponse:
    context = {"sheet": sheet, "lines": sheet.lines, "signed": sign_shown(sheet.shown), **more}
    return render(request, "rectification/bulk_assign.html", context)


def _answer(request: UserRequest, sheet: BulkSheet, shown: Shown) -> HttpResponse:
    sheet.read(request.POST, shown)
    which = request.POST.get("do", "send")
    if which in {"ticked", "missing"}:
        sheet.give(which)
        return _page(request, sheet)
    sheet.check()
    sheet.said = _objection(sheet)
    return _page(request, sheet) if sheet.said else _sent(request, sheet, [line for line in sheet.lines if line.unit])


def _objection(sheet: BulkSheet) -> str:
    """Why nothing is sent yet: whatever nobody has seen as it would be sent."""
    left = next((typed for typed in sheet.waiting.values() if typed), "")
    redated = sum(line.redated for line in sheet.lines)
    if sheet.wrong:
        return _("有%d个问题填得不对，见下面的红字；改好后再确认，现在还没有交办。") % len(sheet.wrong)
    if left:
        return _("“%s”还没有填到问题里：请先点“填入”，或清空那一格；现在还没有交办。") % left
    if redated:
        return _("有%d个问题改了整改类型，时限已跟着改。请核对后再确认，现在还没有交办。") % redated
    if not any(line.unit for line in sheet.lines):
        return _("还没有一个问题填了牵头单位，请先填写；没有交办任何问题。")
    return ""


def _sent(request: UserRequest, sheet: BulkSheet, ready: list[Line]) -> HttpResponse:
    done = [line for line in ready if _assign(request, line)]
    left = [line for line in sheet.lines if line not in done]
    if done:
        sentence = _("已交办%d个问题。") if not left else _("已交办%(done)d个问题，还有%(left)d个没有交办。")
        counts = len(done) if not left else {"done": len(done), "left": len(left)}
        messages.success(request, sentence % counts)
    if not left:
        return redirect(f"{reverse('ledger')}?state=assigned")
    sheet.lines = left
    sheet.said = "" if done else _("一个问题也没有交办成，原因见下面的红字。")
    return _page(request, sheet, sent=True)


def _assign(request: UserRequest, line: Line) -> bool:
    item = main_item(line.problem.pk)
    if item is None:
        line.errors = [_("这一步已经结束或被撤回，不用再办。")]
        return False
    try:
        assign_problem(item.pk, by=request.user, assignment=line.assignment())
    except REFUSALS as refusal:
        line.errors = [str(refusal)]
        return False
    return True
