"""The security administrator's pages: people, their passwords, and the import of a whole workbook."""

import csv
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.crypto import get_random_string
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_POST, require_safe

from organizations.actions.people import reset_password, set_active
from organizations.actions.people_load import BadRows, load_people, preview
from organizations.errors import Refused
from organizations.first_passwords import random_password
from organizations.forms import PeopleFileForm
from organizations.listings import people_page
from organizations.models import User
from organizations.people_file import SHEETS, PeopleRows, read_people
from organizations.people_template import XLSX, empty_workbook
from organizations.roles import Role
from organizations.views.access import UserRequest, only, with_query

DRAFT = "people_import"
RESULT = "people_import_result"
SHOWN_ROWS = 200


@require_safe
@only(Role.SECURITY_ADMIN)
def people(request: UserRequest) -> HttpResponse:
    """Everybody who can log in, with their posts."""
    text = request.GET.get("q", "")[:60]
    page = people_page(text, request.GET.get("page"))
    pager = {
        "total_text": _("共 %(n)d 人") % {"n": page.paginator.count},
        "previous_url": with_query(request, page=page.previous_page_number() if page.has_previous() else None),
        "next_url": with_query(request, page=page.next_page_number() if page.has_next() else None),
    }
    context = {"rows": page.object_list, "page": pager, "text": text}
    return render(request, "organizations/people.html", context)


@require_POST
@never_cache
@sensitive_variables("password")
@only(Role.SECURITY_ADMIN)
def people_reset(request: UserRequest, user_id: int) -> HttpResponse:
    """Give somebody a new first password, and show it this once."""
    user = get_object_or_404(User, pk=user_id)
    try:
        user, password = reset_password(user.pk, by=request.user, request=request)
    except Refused as refusal:
        messages.error(request, str(refusal))
        return redirect("people")
    return render(request, "organizations/people_password.html", {"person": user, "password": password})


@require_POST
@only(Role.SECURITY_ADMIN)
def people_active(request: UserRequest, user_id: int) -> HttpResponse:
    """Stop somebody's account, or open it again."""
    user = get_object_or_404(User, pk=user_id)
    active = request.POST.get("active") == "1"
    try:
        set_active(user.pk, by=request.user, active=active, request=request)
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        said = _("%(name)s的账号已重新启用。") if active else _("%(name)s的账号已停用，不能再登录。")
        messages.success(request, said % {"name": user.name})
    return redirect("people")


@never_cache
@only(Role.SECURITY_ADMIN)
def people_import(request: UserRequest) -> HttpResponse:
    """Take a workbook and show what it would do; the rows wait in the session until they are confirmed."""
    upload = request.method == "POST"
    form = PeopleFileForm(request.POST or None, request.FILES or None) if upload else PeopleFileForm()
    if upload and form.is_valid():
        try:
            rows = read_people(form.cleaned_data["file"])
        except Refused as refusal:
            form.add_error("file", str(refusal))
        else:
            return _preview(request, rows)
    return render(request, "organizations/people_import.html", {"form": form, "sheets": SHEETS})


def _preview(request: UserRequest, rows: PeopleRows) -> HttpResponse:
    judgement = preview(rows)
    request.session.pop(DRAFT, None)
    token = ""
    if not judgement.bad:
        token = get_random_string(22)
        passwords = {row.username: random_password() for row in rows.people}
        request.session[DRAFT] = {"token": token, "rows": rows.as_data(), "passwords": passwords}
    context = {"token": token, "judgement": judgement, "shown": SHOWN_ROWS, "slice": f":{SHOWN_ROWS}"}
    return render(request, "organizations/people_preview.html", context)


@require_POST
@never_cache
@only(Role.SECURITY_ADMIN)
def people_import_commit(request: UserRequest) -> HttpResponse:
    """Write the rows that were shown; judged anew, because the world may have moved on."""
    token = request.POST.get("token", "")
    draft = request.session.get(DRAFT)
    if not draft or draft["token"] != token:
        if request.session.get(RESULT, {}).get("token") == token:
            return redirect("people-import-result")
        messages.warning(request, _("没有待确认的导入，可能已经导入或已被新的文件替换。请重新上传文件。"))
        return redirect("people-import")
    try:
        loaded = load_people(
            PeopleRows.from_data(draft["rows"]),
            by=request.user,
            request=request,
            passwords=draft["passwords"],
        )
    except BadRows as refusal:
        messages.error(request, " ".join([str(refusal), *map(str, refusal.bad[:5])]))
        return redirect("people-import")
    # A second post of the form finds nothing to do; it must not wipe out the passwords of the first.
    if not loaded:
        messages.info(request, _("文件里的内容与系统一致，没有需要写入的变化。"))
        return redirect("people-import-result" if RESULT in request.session else "people")
    names = {row["username"]: row["name"] for row in draft["rows"]["people"]}
    handed = [[name, names[name], secret] for name, secret in loaded.passwords.items()]
    request.session[RESULT] = {"token": token, "text": str(loaded), "passwords": handed}
    del request.session[DRAFT]
    return redirect("people-import-result")


@never_cache
@only(Role.SECURITY_ADMIN)
def people_import_result(request: UserRequest) -> HttpResponse:
    """What the import did, with the first passwords until they have been put away."""
    result: dict[str, Any] = request.session.get(RESULT, {})
    if request.method == "POST":
        request.session.pop(RESULT, None)
        return redirect("people")
    return render(request, "organizations/people_result.html", {"result": result})


@require_safe
@only(Role.SECURITY_ADMIN)
def people_template(request: UserRequest) -> HttpResponse:
    """An empty workbook to fill in."""
    response = HttpResponse(empty_workbook(), content_type=XLSX)
    response["Content-Disposition"] = 'attachment; filename="people.xlsx"'
    return response


@require_POST
@never_cache
@only(Role.SECURITY_ADMIN)
def people_passwords(request: UserRequest) -> HttpResponse:
    """The list of first passwords as a file, once."""
    result = request.session.get(RESULT, {})
    if not result.get("passwords"):
        messages.warning(request, _("初始密码名单只能下载一次。找不到名单时，请在人员页逐个重置密码。"))
        return redirect("people")
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="passwords.csv"'
    response.write("\ufeff")
    writer = csv.writer(response)
    writer.writerow([_("登录名"), _("姓名"), _("初始密码")])
    writer.writerows([_harmless(cell) for cell in row] for row in result["passwords"])
    request.session[RESULT] = {**result, "passwords": []}
    return response


def _harmless(text: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{text}" if text[:1] in "=+-@\t\r" else text
