"""Text that was typed and not taken: kept as a draft, so that it is there when the form is opened again."""

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from django import forms
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from organizations import clock
from organizations.models import User
from workflows.models import Draft
from workflows.secrecy import SECRECY_REFUSAL, has_secrecy_mark

DRAFT_BYTES = 60_000
CARRIED = "kept_as"
CARRIED_SECONDS = 24 * 3600
_SALT = "draft"
_NOT_TYPED = (forms.CheckboxInput, forms.CheckboxSelectMultiple, forms.FileInput, forms.HiddenInput)


def storable(text: str) -> str:
    """Without what PostgreSQL cannot store: zero bytes and half characters."""
    return text.replace("\0", "").encode(errors="ignore").decode()


def keep_text(user_id: int, key: str, texts: Mapping[str, str]) -> str:
    """Keep the texts of one form for one person; the sentence why not, where they are not kept."""
    fields = {storable(name): storable(value) for name, value in texts.items()}
    if len(json.dumps(fields, ensure_ascii=False).encode()) > DRAFT_BYTES:
        return _("内容太长，草稿没有保存，请尽快提交。")
    if any(has_secrecy_mark(value) for value in fields.values()):
        return str(SECRECY_REFUSAL)
    Draft.objects.update_or_create(user_id=user_id, key=key[:100], defaults={"fields": fields, "saved_at": clock.now()})
    return ""


def drop_text(user_id: int, key: str) -> None:
    """Forget the kept text of one form: it was taken, or its owner no longer wants it."""
    Draft.objects.filter(user_id=user_id, key=key[:100]).delete()


def typed_names(form: forms.Form) -> list[str]:
    """The fields that people write in or choose one thing from; ticks, files and hidden fields are left out."""
    return [name for name, field in form.fields.items() if not isinstance(field.widget, _NOT_TYPED)]


def typed_in(data: Mapping[str, str], names: Iterable[str]) -> dict[str, str]:
    """What was posted of these fields."""
    return {name: data[name] for name in names if name in data}


def carried(user: User, key: str, form: forms.Form) -> str:
    """A signed note in the form: whose draft its text belongs to, should the session be gone when it is sent."""
    return signing.dumps([user.pk, key, typed_names(form)], salt=_SALT)


class KeepText:
    """Keep the text of a form that came after the session ended, or from a page older than the log-in."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Look at what was turned away at the door."""
        response = self.get_response(request)
        if request.method == "POST" and _turned_away(request, response):
            _keep_carried(request)
        return response


def _turned_away(request: HttpRequest, response: HttpResponse) -> bool:
    user: Any = getattr(request, "user", None)
    return response.status_code == 403 or user is None or not user.is_authenticated


def _keep_carried(request: HttpRequest) -> None:
    try:
        user_id, key, names = signing.loads(request.POST.get(CARRIED, ""), salt=_SALT, max_age=CARRIED_SECONDS)
    except signing.BadSignature:
        return
    if User.objects.filter(pk=user_id).exists():
        keep_text(user_id, key, typed_in(request.POST, names))
