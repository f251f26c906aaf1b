"""A policy is never edited: a change is a new version, and running rounds keep the one they began with."""

from typing import Any, TypeVar

from django.db import transaction
from django.db.models import Max
from django.forms import model_to_dict
from django.http import HttpRequest
from django.utils.translation import gettext as _

from organizations.access_log import note_access
from organizations.actions.basic_data import facts_of
from organizations.errors import Refused
from organizations.models import AccessKind, User
from workflows.models.policies import Versioned
from workflows.queries import forget_kept

Policy = TypeVar("Policy", bound=Versioned)
FIXED = ("id", "code", "version", "in_force")


@transaction.atomic
def new_version(
    policy: Policy, fields: dict[str, Any], by: User, request: HttpRequest | None = None, reason: str = ""
) -> Policy:
    """Put a new version of a policy in force; the one before stays as it was. The reason stands in the log."""
    model = type(policy)
    versions = model._default_manager.filter(code=policy.code)
    kept = versions.select_for_update().filter(pk=policy.pk, in_force=True).first()
    if kept is None:
        raise Refused(_("这个版本已不是现行版本，可能刚被别人更改。请打开现行版本再改。"))
    old = {name: value for name, value in model_to_dict(kept).items() if name not in FIXED}
    new = {**old, **fields}
    if new == old:
        return kept
    kept.in_force = False
    kept.save(update_fields=["in_force"])
    last = versions.aggregate(last=Max("version"))["last"]
    made = model._default_manager.create(code=kept.code, version=last + 1, in_force=True, **new)
    text = _("更改%(what)s %(policy)s") % {"what": model._meta.verbose_name, "policy": made}
    told = {"pk": made.pk, "old": _facts(kept), "new": _facts(made), "reason": reason}
    note_access(AccessKind.BASIC_DATA, text, by=by, request=request, **told)
    _have_it_read_anew()
    return made


@transaction.atomic
def first_version(policy: Policy, by: User, request: HttpRequest | None = None, reason: str = "") -> Policy:
    """Put a policy with a new code in force."""
    if type(policy)._default_manager.filter(code=policy.code).exists():
        raise Refused(_("代码“%(code)s”已经有政策使用，请换一个代码。") % {"code": policy.code})
    policy.version, policy.in_force = 1, True
    policy.save()
    text = _("新增%(what)s %(policy)s") % {"what": policy._meta.verbose_name, "policy": policy}
    told = {"pk": policy.pk, "old": None, "new": _facts(policy), "reason": reason}
    note_access(AccessKind.BASIC_DATA, text, by=by, request=request, **told)
    _have_it_read_anew()
    return policy


def _have_it_read_anew() -> None:
    # At once for what follows in this transaction; once more afterwards, for whoever read the old one meanwhile.
    forget_kept()
    transaction.on_commit(forget_kept)


def _facts(policy: Versioned) -> dict[str, Any]:
    return {name: value for name, value in facts_of(policy).items() if name not in FIXED}
