"""What only the demo has: a clock that can be moved, and its mail to read. Anywhere else these pages do not exist."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from organizations import clock
from organizations.views.entrance import is_demo_visitor
from project.celery import app
from project.demo import mail
from project.demo.bar import FARTHEST, STEPS, length, spelled

# What a moved clock makes due; beat would come by within the minute, but the visitor is looking now.
AFTER_A_MOVE = (
    "workflows.tasks.seal_day",
    "workflows.tasks.scan_deadlines",
    "notifications.tasks.make_digests",
    "notifications.tasks.send_due_deliveries",
)


def demo_only(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """404 anywhere but in the demo, asked from its own machine."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not is_demo_visitor(request):
            raise Http404
        return view(request, *args, **kwargs)

    return guarded


@require_POST
@never_cache
@demo_only
def move_clock(request: HttpRequest) -> HttpResponse:
    """Forward by a day, a week or a month, for every process; then what has come due is looked for."""
    step = request.POST.get("by", "")
    if step not in STEPS:
        raise Http404
    if clock.ahead() + length(step) > FARTHEST:
        messages.error(request, _("演示时钟最多快进五年。要重新开始，请在终端运行 make demo-reset。"))
        return redirect(_back(request))
    clock.move(length(step))
    for name in AFTER_A_MOVE:
        app.send_task(name)
    moved = _("演示时钟已快进%(step)s，现在是%(now)s。") % {"step": STEPS[step], "now": spelled(clock.now())}
    soon = _("到期的提醒几秒钟内出现。") if settings.REDIS_URL else ""
    messages.success(request, moved + soon + _("时钟只能向前，要从头开始，请在终端运行 make demo-reset。"))
    return redirect(_back(request))


def _back(request: HttpRequest) -> str:
    page = request.POST.get("back", "")
    return page if url_has_allowed_host_and_scheme(page, {request.get_host()}) else "/"


@require_safe
@never_cache
@demo_only
def mail_list(request: HttpRequest) -> HttpResponse:
    """Every message the demo would have sent by e-mail, newest first."""
    to = request.GET.get("to", "")
    letters, names = mail.letters(to), dict(mail.addressees())
    rows = [(letter, names.get(letter.to, "")) for letter in letters]
    return render(request, "demo/mail_list.html", {"rows": rows, "addressees": names.items(), "to": to})


@require_safe
@never_cache
@demo_only
def mail_detail(request: HttpRequest, name: str) -> HttpResponse:
    """One message as plain text."""
    letter = mail.letter(name)
    if letter is None:
        raise Http404
    whose = mail.names_of([letter.to]).get(letter.to, "")
    return render(request, "demo/mail_detail.html", {"letter": letter, "name": whose})
