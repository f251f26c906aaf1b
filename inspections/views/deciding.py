"""What a clerk decides about many rows of a draft at once: their units, what stays out, and the commit."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.forms import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from inspections.actions.committing import commit_import
from inspections.actions.drafts import set_leads, skip_level, take_repeats
from inspections.forms import LeadBoxes
from inspections.models import ListImport
from inspections.queries import FILTERS, imported_elsewhere
from inspections.views.imports import back_to, own_draft
from organizations.models import Unit
from rectification.views.acting import UserRequest, press


def _boxes(request: UserRequest, made: ListImport) -> LeadBoxes:
    ids = [name[5:] for name in request.POST if name.startswith("unit-") and name[5:].isdecimal() and len(name) < 24]
    return LeadBoxes(
        made.rows.filter(pk__in=ids).select_related("lead__division__parent"), request.POST, user=request.user
    )


@login_required
@require_POST
def import_units(request: UserRequest, import_id: int) -> HttpResponse:
    """Keep the unit boxes of the rows; with one unit for all that have none, or for the ticked ones."""
    made = own_draft(request, import_id)
    boxes = _boxes(request, made)
    given, which = _given(request, boxes), request.POST.get("do", "")
    if given:
        # Whoever presses Enter in the box means its button: the ticked rows, or all that have no unit.
        which = which or ("ticked" if request.POST.getlist("row") else "all")
        boxes.leads |= dict.fromkeys(_rows_for(request, made, boxes, which), given.pk)
    for sentence in boxes.troubles:
        messages.error(request, sentence)
    if not boxes.leads:
        if not boxes.troubles:
            messages.info(request, _("没有改动：请先填写单位；只给一部分行填的，请先勾选。"))
        return redirect(back_to(request, made))
    back = back_to(request, made, next(iter(boxes.leads)) if len(boxes.leads) == 1 else None)
    done = _("已更新%d行的牵头单位。") % len(boxes.leads)
    return press(request, lambda: set_leads(made, boxes.leads, by=request.user), done=done, back=back)


def _given(request: UserRequest, boxes: LeadBoxes) -> Unit | None:
    try:
        return boxes.unit(request.POST.get("lead", "").strip())
    except ValidationError as error:
        boxes.troubles += error.messages
        return None


def _rows_for(request: UserRequest, made: ListImport, boxes: LeadBoxes, which: str) -> list[int]:
    if which == "all":
        lacking = made.rows.filter(FILTERS["nolead"]).exclude(pk__in=boxes.leads)
        return list(lacking.values_list("pk", flat=True))
    ticked = [int(pk) for pk in request.POST.getlist("row") if pk.isdecimal() and len(pk) < 19]
    return list(made.rows.filter(pk__in=ticked).values_list("pk", flat=True))


@login_required
@require_POST
def import_again(request: UserRequest, import_id: int) -> HttpResponse:
    """One tick for all rows that repeat a problem: they go in all the same, or stay out."""
    made = own_draft(request, import_id)
    take = request.POST.get("take") == "yes"
    done = _("重复的行也会导入。") if take else _("重复的行不导入。")
    return press(request, lambda: take_repeats(made, take=take), done=done, back=back_to(request, made))


@login_required
@require_POST
def import_skip(request: UserRequest, import_id: int, level: str) -> HttpResponse:
    """Leave out every row with errors at once."""
    made = own_draft(request, import_id)
    if level != "error":
        raise Http404
    return press(request, lambda: skip_level(made, level), done=_("有错误的行都不导入。"), back=made.get_absolute_url())


@login_required
@require_POST
def import_commit(request: UserRequest, import_id: int) -> HttpResponse:
    """导入台账：with the boxes as they stand; a file that went into another batch is asked about once more."""
    made = own_draft(request, import_id)
    boxes = _boxes(request, made) if made.is_draft else None
    if boxes and request.POST.get("lead", "").strip():
        sentence = _("“%s”还没有填到行里：请填好后先点“都交给它”或“只给勾选的行”，再导入。现在还没有导入。")
        boxes.troubles.append(sentence % request.POST["lead"].strip()[:60])
    if boxes and boxes.leads:
        set_leads(made, boxes.leads, by=request.user)  # what was typed well stays, whatever is wrong beside it
    if boxes and boxes.troubles:
        for sentence in boxes.troubles:
            messages.error(request, sentence)
        if boxes.leads:
            messages.info(request, _("其余%d行填好的单位已保存，改好上面的再导入。") % len(boxes.leads))
        return redirect(back_to(request, made))
    elsewhere = imported_elsewhere(made, request.user) if made.is_draft else None
    if elsewhere and request.POST.get("again") != "yes":
        return redirect(f"{back_to(request, made)}&again=1")
    return press(
        request, lambda: commit_import(made.pk, by=request.user), done=_("已导入台账。"), back=made.get_absolute_url()
    )
