"""佐证材料：upload, look, fetch the original, remove."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from organizations.access_log import note_access
from organizations.models import AccessKind
from organizations.roles import Role
from rectification.actions.evidence import uploader_post, withdraw_evidence
from rectification.forms.handling import EvidenceForm
from rectification.models import Evidence
from rectification.views.acting import UserRequest, press
from rectification.views.problems import find_problem
from rectification.views.uploads import take_files
from workflows.scope import actor_of


@login_required
def evidence_new(request: UserRequest, number: str) -> HttpResponse:
    """上传：up to nine files at once; each is taken or refused with its own sentence."""
    problem = find_problem(request, number)
    uploader_post(problem, request.user)
    form = EvidenceForm(request.POST or None, initial={"phase": "after" if problem.is_under_way else "before"})
    if request.method == "POST" and form.is_valid():
        taken, refused = take_files(request, problem, name="files", **form.cleaned_data)
        if not taken and not refused:
            form.add_error(None, _("请先选择文件，再点上传。"))
        if taken:
            messages.success(request, _("已上传%d份材料。") % len(taken))
        if taken and not refused:
            return redirect(problem)
    again = bool(request.FILES) and not form.is_valid()
    context = {"form": form, "problem": problem, "choose_again": again}
    return render(request, "rectification/evidence_form.html", context)


@login_required
def evidence_file(request: UserRequest, evidence_id: int, form: str) -> FileResponse:
    """What people see of a file: the re-encoded picture, its thumbnail, or the document to download."""
    row = get_object_or_404(Evidence.objects.visible_to(request.user), pk=evidence_id)
    if form == "thumb" and row.thumbnail:
        return _answer(row.thumbnail, "image/jpeg", "thumbnail.jpg", inline=True)
    if form == "view" and row.display:
        return _answer(row.display, row.display_type, row.name, inline=True)
    if form == "document" and not row.is_picture:
        return _answer(row.original, row.content_type, row.name, inline=False)
    raise Http404


@login_required
def evidence_original(request: UserRequest, evidence_id: int) -> FileResponse:
    """The bytes as uploaded: for the auditor and the office, and logged."""
    actor = actor_of(request.user)
    rows = Evidence.objects.all() if actor.is_auditor else Evidence.objects.visible_to(request.user)
    row = get_object_or_404(rows.select_related("problem__case"), pk=evidence_id)
    if not actor.holds(Role.AUDITOR, Role.OFFICE):
        raise PermissionDenied
    text = _("下载%(number)s的原件“%(name)s”") % {"number": row.problem.case.number, "name": row.name}
    note_access(AccessKind.DOWNLOAD, text, by=request.user, request=request, evidence=row.pk, sha256=row.sha256)
    return _answer(row.original, "application/octet-stream", row.name, inline=False)


def _answer(stored: Any, content_type: str, name: str, *, inline: bool) -> FileResponse:
    try:
        handle = stored.open("rb")
    except FileNotFoundError as error:
        raise Http404 from error
    response = FileResponse(handle, as_attachment=not inline, filename=name, content_type=content_type)
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, max-age=3600"
    return response


@login_required
@require_POST
def evidence_remove(request: UserRequest, evidence_id: int) -> HttpResponse:
    """移除."""
    row = get_object_or_404(Evidence.objects.visible_to(request.user).select_related("problem__case"), pk=evidence_id)
    return press(
        request,
        lambda: withdraw_evidence(row.pk, by=request.user),
        done=_("已移除。"),
        back=row.problem.get_absolute_url(),
    )
