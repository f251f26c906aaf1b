"""What the system administrator keeps: divisions, units, dictionaries; each change is in the log."""

from typing import Any

from django.core.cache import cache
from django.db import transaction
from django.db.models import Model
from django.forms import model_to_dict
from django.http import HttpRequest
from django.utils.translation import gettext as _

from organizations import clock
from organizations.access_log import note_access
from organizations.models import AccessKind, DictionaryEntry, Division, User
from organizations.spelling import initials_of


@transaction.atomic
def keep_row(row: Model, *, by: User, request: HttpRequest | None = None) -> Model:
    """Store a row of basic data, and what it said before and says now."""
    kept = type(row)._default_manager.select_for_update().filter(pk=row.pk).first() if row.pk else None
    old = facts_of(kept) if kept else None
    if isinstance(row, Division):
        row.initials = initials_of(row.name)
    row.save()
    new = facts_of(row)
    if old != new:
        verb = _("更改") if old else _("新增")
        text = f"{verb}{row._meta.verbose_name} {row}"
        note_access(AccessKind.BASIC_DATA, text, by=by, request=request, pk=row.pk, old=old, new=new)
    if isinstance(row, DictionaryEntry):
        cache.delete(f"labels:{row.kind}:{clock.today()}")
    return row


def facts_of(row: Model) -> dict[str, Any]:
    """The row's fields as the log keeps them."""
    values = model_to_dict(row)
    return {name: value if isinstance(value, PLAIN) else str(value) for name, value in values.items()}


PLAIN = (str, int, bool, float, list, dict, type(None))
