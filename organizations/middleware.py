"""What is asked of every request of somebody logged in: not idle too long, own password set."""

from collections.abc import Callable

from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from organizations import clock

Handler = Callable[[HttpRequest], HttpResponse]
# The background saving of drafts keeps text, not the session.
SILENT_PREFIX = "/drafts/"


class IdleTimeout:
    """Log out whoever did nothing for too long; their drafts are on the server already."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Compare the last request's time with now."""
        if request.user.is_authenticated:
            last = request.session.get("last_seen")
            now = clock.now().timestamp()
            if last is not None and now - last > settings.IDLE_SECONDS:
                logout(request)
                return redirect(f"{reverse('login')}?next={request.path}&idle=1")
            # Once a minute is enough: a write per request would cost every page a statement.
            if (last is None or abs(now - last) > 60) and not request.path.startswith(SILENT_PREFIX):
                request.session["last_seen"] = int(now)
        return self.get_response(request)


class FirstPassword:
    """Nothing else opens until the first password has been changed."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Send to the password page."""
        allowed = {reverse("password"), reverse("logout")}
        if request.user.is_authenticated and request.user.must_change_password and request.path not in allowed:
            return redirect("password")
        return self.get_response(request)
