"""导入问题清单：upload, look, correct, put into the ledger, take back."""

import re
from typing import Any, cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from inspections.actions.committing import take_back
from inspections.actions.drafts import (
    Choice,
    Upload,
    begin_import,
    choose_name,
    correct_row,
    drop_draft,
    set_meaning,
    set_row,
    show_hidden,
)
from inspections.forms import ChoiceForm, MeaningForm, RowForm, UploadForm, meaning_choices
from inspections.models import IMPORTERS, ImportRow, ImportSheet, ImportState, ListImport
from inspections.queries import (
    FILTERS,
    PAGE,
    counts_of,
    doubtful_names,
    imported_elsewhere,
    picture_rows,
    rows_page,
    waiting_ids,
)
from inspections.reading.errors import UnreadableFile
from organizations.roles import Role
from rectification.actions.batches import create_batch_for_list, drop_empty_batch
from rectification.models import Batch
from rectification.views.acting import Page, UserRequest, act, press
from workflows.scope import actor_of
from workflows.steps import ActionRefused

SHEET_LINES = 200
LIST_SHOWN = 50
BATCH_ROLES = (Role.OFFICE, Role.TEAM_LEAD)
BACK = re.compile(r"\?show=[a-z]{1,12}(&from=\d{1,6})?")


def _only_importers(request: UserRequest) -> None:
    if not actor_of(request.user).holds(*IMPORTERS):
        raise PermissionDenied


def _import(request: UserRequest, pk: int) -> ListImport:
    rows = ListImport.objects.visible_to(request.user).select_related("batch__division", "batch__team", "by")
    return get_object_or_404(rows, pk=pk)


def own_draft(request: UserRequest, pk: int) -> ListImport:
    made = _import(request, pk)
    if made.by_id != request.user.pk:
        raise PermissionDenied
    return made


@login_required
def import_list(request: UserRequest) -> HttpResponse:
    """My drafts, and what was imported into the batches I see."""
    _only_importers(request)
    rows = ListImport.objects.visible_to(request.user).select_related("batch", "by")[:LIST_SHOWN]
    return render(request, "inspections/import_list.html", {"rows": rows})


@login_required
def import_new(request: UserRequest) -> HttpResponse:
    """Take a file in; on success its preview."""
    _only_importers(request)
    initial = {"batch": request.GET.get("batch")} if request.GET.get("batch", "").isdecimal() else {}
    form = UploadForm(request.POST or None, request.FILES or None, user=request.user, initial=initial)
    known = None
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        new = None if data["batch"] else _batch_for(request, data)
        try:
            upload = Upload(data["file"].name or "", data["file"].read(), data["reference_date"])
            made = begin_import(cast(Batch, data["batch"] or new), upload, by=request.user)
        except (UnreadableFile, ActionRefused) as refusal:
            form.add_error("file", str(refusal))
            known = getattr(refusal, "known", None)
            if new:
                drop_empty_batch(new)
        else:
            return redirect(made)
    may_make = actor_of(request.user).holds(*BATCH_ROLES)
    return render(request, "inspections/import_new.html", {"form": form, "known": known, "may_make": may_make})


def _batch_for(request: UserRequest, data: dict[str, Any]) -> Batch:
    return create_batch_for_list(by=request.user, file_name=data["file"].name or "", source=data["source"])


@login_required
def import_detail(request: UserRequest, import_id: int) -> HttpResponse:
    """The preview of a draft, or what an import brought."""
    made = _import(request, import_id)
    if made.state != ImportState.DRAFT:
        context = {"made": made, "tally": made.tally, "waiting": waiting_ids(made, request.user)}
        return render(request, "inspections/import_done.html", context)
    name = request.GET.get("show", "all")
    name = name if name in FILTERS else "all"
    offset = int(request.GET["from"]) if request.GET.get("from", "").isdecimal() and len(request.GET["from"]) < 7 else 0
    rows, more = rows_page(made, name, offset)
    sheets = list(made.sheets.all())
    counts = counts_of(made)
    context = {
        "made": made,
        "back": f"?show={name}&from={offset}",
        "counts": counts,
        "chips": _chips(counts),
        "show": name,
        "lines": [_line(row, sheets, made.choices) for row in rows],
        "elsewhere": imported_elsewhere(made, request.user),
        "ask_again": "again" in request.GET,
        "corrected": request.GET.get("done", ""),
        "sheets": [_columns(sheet) for sheet in sheets],
        "names": doubtful_names(made),
        "meanings": meaning_choices(),
        "first": offset + 1,
        "last": offset + len(rows),
        "previous_from": max(0, offset - PAGE) if offset else None,
        "next_from": offset + PAGE if more else None,
    }
    return render(request, "inspections/import_preview.html", context)


def _chips(counts: dict[str, int]) -> list[tuple[str, str, int]]:
    labels = {
        "all": _("全部"),
        "error": _("有错误"),
        "doubt": _("请核对"),
        "twins": _("可能重复"),
        "added": _("新增"),
        "changed": _("有变化"),
        "same": _("无变化"),
        "positive": _("正面情况"),
        "nolead": _("没有牵头单位"),
        "skipped": _("不导入"),
    }
    return [(name, label, counts[name]) for name, label in labels.items() if counts[name] or name == "all"]


def _line(row: ImportRow, sheets: list[ImportSheet], choices: dict[str, Any]) -> dict[str, Any]:
    sheet = next((each for each in sheets if each.name == row.sheet), None)
    source = []
    if sheet:
        tables = sheet.understood.get("tables", [])
        table = next((each for each in tables if each["first_row"] <= row.row_number <= each["last_row"]), None)
        if table and table["header_rows"]:
            heads = table["header_rows"]
            source = picture_rows(sheet.picture, set(heads), min(heads), max(heads))
        source += picture_rows(sheet.picture, set(), row.row_number, row.read.get("last_row", row.row_number))
    # What the clerk chose herself is no guess, so that no percentage stands beside it.
    chosen = "lead" in row.fixes or any(f"unit:{text}" in choices for text, *_match in row.names[:1])
    placed = "place" in row.fixes or f"place:{row.value('location')}" in choices
    return {"row": row, "source": source, "lead_chosen": chosen, "place_chosen": placed, "pk": str(row.pk)}


def _names_of_hidden(sheet: ImportSheet, columns: dict[int, dict[str, Any]]) -> list[str]:
    """The hidden columns by their headers, else by their places."""
    places = sheet.picture.get("hidden_columns", [])
    return [str(columns.get(place, {}).get("header") or _("第%d列") % (place + 1)) for place in places]


def _columns(sheet: ImportSheet) -> dict[str, Any]:
    tables = sheet.understood.get("tables", [])
    columns: dict[int, dict[str, Any]] = {}
    for table in tables:
        for column in table["columns"]:
            columns.setdefault(column["index"], column)
    found = list(columns.values())
    guessed = any(column["sureness"] == "guess" for column in found)
    hidden = _names_of_hidden(sheet, columns)
    return {"sheet": sheet, "columns": found, "guessed": guessed, "hidden": hidden, "understood": sheet.understood}


@login_required
def import_sheet(request: UserRequest, import_id: int, position: int) -> HttpResponse:
    """A sheet as it looks, two hundred lines at a time; hidden lines and columns can be ticked."""
    made = _import(request, import_id)
    sheet = get_object_or_404(made.sheets, position=position)
    first = int(request.GET["from"]) if request.GET.get("from", "").isdecimal() and len(request.GET["from"]) < 7 else 1
    total = len(sheet.picture.get("rows", []))
    headings = {row for table in sheet.understood.get("tables", []) for row in table["header_rows"]}
    last = first + SHEET_LINES - 1
    context = {
        "made": made,
        "sheet": sheet,
        "lines": picture_rows(sheet.picture, headings, max(first, 1), last),
        "hidden_columns": sheet.picture.get("hidden_columns", []),
        "previous_from": max(1, first - SHEET_LINES) if first > 1 else None,
        "next_from": last + 1 if last < total else None,
    }
    return render(request, "inspections/import_sheet.html", context)


def _row(made: ListImport, pk: int) -> ImportRow:
    rows = made.rows.select_related("place__parent", "lead__division__parent", "earlier")
    return get_object_or_404(rows, pk=pk)


def back_to(request: UserRequest, made: ListImport, row: int | None = None) -> str:
    """The page of rows somebody came from; with a row, at that row, which then says that it was changed."""
    kept = request.POST.get("back") or request.GET.get("back", "")
    query = kept if BACK.fullmatch(kept) else "?show=all"
    return made.get_absolute_url() + query + (f"&done={row}#row-{row}" if row else "")


@login_required
def import_row(request: UserRequest, import_id: int, row_id: int) -> HttpResponse:
    """更正一行."""
    made = own_draft(request, import_id)
    row = _row(made, row_id)
    form = RowForm(request.POST or None, user=request.user, initial=RowForm.initial_of(row))
    back = back_to(request, made, row.pk)
    page = Page(title=_("更正第%d行") % row.row_number, back=back, button=_("保存"), cancel=back, quiet=True)
    page.cancel = back.replace(f"&done={row.pk}", "")
    return act(request, page, form, lambda: correct_row(made, row, form.changes(row), by=request.user))


@login_required
@require_POST
def import_row_set(request: UserRequest, import_id: int, row_id: int, what: str) -> HttpResponse:
    """Leave a row out, take it in, split it, keep it together."""
    made = own_draft(request, import_id)
    row = _row(made, row_id)
    changes: dict[str, dict[str, bool]] = {
        "skip": {"skipped": True},
        "keep": {"skipped": False},
        "split": {"apart": True},
        "join": {"apart": False},
    }
    if what not in changes:
        raise Http404
    return press(request, lambda: set_row(made, row, **changes[what]), done="", back=back_to(request, made, row.pk))


@login_required
@require_POST
def import_choose(request: UserRequest, import_id: int) -> HttpResponse:
    """One unit or place for every row that says the same."""
    made = own_draft(request, import_id)
    form = ChoiceForm(request.POST, user=request.user)
    if not form.is_valid():
        for sentences in form.errors.values():
            messages.error(request, " ".join(str(sentence) for sentence in sentences))
        return redirect(back_to(request, made) + "#names")
    data = form.cleaned_data
    choice = Choice(data["kind"], data["text"], data[data["kind"]], data["remember"])
    done = _("“%(text)s”都按“%(row)s”处理。") if choice.row else _("“%(text)s”不是单位，已跳过。")
    done = done % {"text": choice.text, "row": choice.row}
    back = back_to(request, made) + "#names"
    return press(request, lambda: choose_name(made, choice, by=request.user), done=done, back=back)


@login_required
@require_POST
def import_meaning(request: UserRequest, import_id: int) -> HttpResponse:
    """Correct what a column means; everything is read anew."""
    made = own_draft(request, import_id)
    form = MeaningForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("没有这样的列，请刷新页面。"))
        return redirect(made)
    data = form.cleaned_data
    return press(
        request,
        lambda: set_meaning(made, data["sheet"], data["column"], data["meaning"], by=request.user),
        done=_("已按新的含义重新读取整张表。"),
        back=made.get_absolute_url(),
    )


@login_required
@require_POST
def import_shown(request: UserRequest, import_id: int, position: int) -> HttpResponse:
    """Tick a hidden row or column, or untick it."""
    made = own_draft(request, import_id)
    sheet = get_object_or_404(made.sheets, position=position)
    what, index = request.POST.get("what", ""), request.POST.get("index", "")
    if what not in {"row", "column"} or not index.isdecimal() or len(index) > 6:
        raise Http404
    return press(
        request,
        lambda: show_hidden(made, sheet.name, what, int(index), by=request.user),
        done=_("已重新读取整张表。"),
        back=reverse("import-sheet", args=[made.pk, position]),
    )


@login_required
@require_POST
def import_drop(request: UserRequest, import_id: int) -> HttpResponse:
    """放弃草稿."""
    made = own_draft(request, import_id)
    return press(
        request, lambda: drop_draft(made), done=_("已放弃这份草稿，台账没有变化。"), back=reverse("import-list")
    )


@login_required
@require_POST
def import_take_back(request: UserRequest, import_id: int) -> HttpResponse:
    """撤回导入."""
    made = _import(request, import_id)
    return press(
        request,
        lambda: take_back(made.pk, by=request.user),
        done=_("已撤回这次导入，登记的问题都已撤销。"),
        back=made.get_absolute_url(),
    )
