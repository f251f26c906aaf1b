"""The one shape of a page that acts: show the form, run the action, say a refusal as a sentence."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from organizations.models import User
from rectification.actions.repeats import SentTwice
from rectification.forms.fields import TypedRow
from rectification.intake import FileRefused
from rectification.keeping import carried, drop_text, keep_text, typed_in, typed_names
from workflows.queries import draft_of
from workflows.steps import ActionRefused

REFUSALS = (ActionRefused, FileRefused)


class UserRequest(HttpRequest):
    """A request of somebody who has logged in."""

    user: User  # type: ignore[assignment]


@dataclass(slots=True)
class Page:
    """What the form page says around its form; `over` says why there is nothing left to do here."""

    title: str
    back: str
    button: str = ""
    template: str = "rectification/form_page.html"
    draft: str = ""
    done: Any = ""
    cancel: str = ""
    over: str = ""
    confirm: Any = ""
    quiet: bool = False  # the page it goes back to says itself what was done
    extra: dict[str, Any] = field(default_factory=dict)


def draft_initial(request: UserRequest, key: str, initial: dict[str, Any] | None = None) -> dict[str, Any]:
    """Initial values with the unsent text of last time laid over them."""
    return {**(initial or {}), **draft_of(request.user, key)}


def act(request: UserRequest, page: Page, form: forms.Form, do: Callable[[], Any], *, then: str = "") -> HttpResponse:
    """Answer a form page: 200 with the form, or do it and go on to `then` (else back).

    What was typed into a form that is refused is kept as its draft.
    """
    if page.over and request.method == "GET":
        messages.warning(request, page.over)
        return redirect(page.back)
    if request.method == "POST" and form.is_valid():
        try:
            do()
        except SentTwice as repeat:
            _forget_draft(request, page)
            messages.warning(request, str(repeat))
            return redirect("problem-detail", number=repeat.number)
        except REFUSALS as refusal:
            field = getattr(refusal, "field", "")
            form.add_error(field if field in form.fields else None, str(refusal))
        else:
            _forget_draft(request, page)
            if not page.quiet:
                messages.success(request, page.done or _("已办理：%(title)s。") % {"title": page.title})
            return redirect(then or page.back)
    if request.method == "POST" and page.draft:
        keep_text(request.user.pk, page.draft, typed_in(request.POST, typed_names(form)))
    return render(request, page.template, _around(request, page, form))


def _forget_draft(request: UserRequest, page: Page) -> None:
    if page.draft:
        drop_text(request.user.pk, page.draft)


def _show_half_typed(form: forms.Form, kept: dict[str, Any]) -> None:
    """What came back from a draft and names no unit or place says so at once, rather than look like one."""
    form.cleaned_data = {}
    for name, each in form.fields.items():
        if isinstance(each, TypedRow) and kept.get(name):
            try:
                each.clean(kept[name])
            except forms.ValidationError as error:
                form.add_error(name, error)


def _around(request: UserRequest, page: Page, form: forms.Form) -> dict[str, Any]:
    kept = draft_of(request.user, page.draft) if page.draft and request.method == "GET" else {}
    if kept and not form.is_bound:
        _show_half_typed(form, kept)
    return {
        "form": form,
        "page": page,
        "draft_url": reverse("draft", args=[page.draft]) if page.draft else "",
        "carried": carried(request.user, page.draft, form) if page.draft else "",
        "restored": bool(kept),
        "choose_again": bool(request.FILES),
        **page.extra,
    }


def press(request: UserRequest, do: Callable[[], Any], *, done: str, back: str) -> HttpResponse:
    """Answer a one-tap button: do it, or say why not, and go back."""
    try:
        do()
    except REFUSALS as refusal:
        messages.error(request, str(refusal))
    else:
        if done:
            messages.success(request, done)
    return redirect(back)
