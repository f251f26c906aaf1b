"""The auditor's log, and who may open the administrators' pages."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from organizations.forms import LogForm
from organizations.listings import LogPage, log_page
from organizations.models import User
from organizations.powers import holds
from organizations.queries import label_of
from organizations.roles import Role

View = Callable[..., HttpResponse]


class UserRequest(HttpRequest):
    """A request of somebody logged in."""

    user: User


def only(*roles: Role) -> Callable[[View], View]:
    """Open a page to the holders of a role; 403 with a sentence for everybody else."""

    def decorate(view: View) -> View:
        @wraps(view)
        @login_required
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not holds(request.user, *roles):
                names = "、".join(label_of("role", role) for role in roles)
                raise PermissionDenied(_("这一页只对%(role)s开放。") % {"role": names})
            return view(request, *args, **kwargs)

        return guarded

    return decorate


@require_safe
@only(Role.AUDITOR)
def access_log(request: HttpRequest) -> HttpResponse:
    """The log, newest first, filtered by kind, person and days."""
    form = LogForm(request.GET or None)
    wanted = form.wanted() if form.is_bound else LogForm({}).wanted()
    found = log_page(wanted, before=_id(request, "before"), after=_id(request, "after"))
    context = {"form": form, "rows": found.rows, "page": _pager(request, found)}
    return render(request, "organizations/access_log.html", context)


def _id(request: HttpRequest, name: str) -> int | None:
    text = request.GET.get(name, "")
    return int(text) if text.isdecimal() and len(text) < 19 else None


def _pager(request: HttpRequest, found: LogPage) -> dict[str, str]:
    return {
        "total_text": _("本页 %(n)d 条，最新的在最前") % {"n": len(found.rows)},
        "previous_url": with_query(request, after=found.newer),
        "next_url": with_query(request, before=found.older),
    }


def with_query(request: HttpRequest, **place: int | None) -> str:
    """The present filters at another place of the list; empty where there is none."""
    query = request.GET.copy()
    for key in ("before", "after", "page"):
        query.pop(key, None)
    wanted = {key: str(value) for key, value in place.items() if value is not None}
    if not wanted:
        return ""
    query.update(wanted)
    return f"?{query.urlencode()}"
