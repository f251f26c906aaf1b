"""What is asked of every request of somebody logged in: not idle too long, own password set."""

from collections.abc import Callable
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from organizations import clock

Handler = Callable[[HttpRequest], HttpResponse]


def _way_back(request: HttpRequest) -> str:
    """Where to go after logging in again: the page itself, or the one whose button was pressed."""
    if request.method == "GET":
        return request.get_full_path()
    came_from = urlsplit(request.headers.get("Referer", ""))
    return came_from.path if came_from.netloc == request.get_host() else "/"


class IdleTimeout:
    """Log out whoever did nothing for too long; their drafts are on the server already."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Compare the last request's time with now."""
        if request.user.is_authenticated:
            last = request.session.get("last_seen")
            # Machine time: moving the demo's clock by a week makes nobody idle.
            now = clock.machine_now().timestamp()
            if last is not None and now - last > settings.IDLE_SECONDS:
                logout(request)
                query = urlencode({"next": _way_back(request), "idle": 1})
                return redirect(f"{reverse('login')}?{query}")
            # Once a minute is enough: a write per request would cost every page a statement. Saving a
            # draft counts: somebody who types is not idle. A page that asks for its numbers by itself does not.
            if last is None or (abs(now - last) > 60 and "X-Live" not in request.headers):
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
