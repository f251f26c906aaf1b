"""Coming in, the demo's doors, and one's own password."""

from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login, update_session_auth_hash
from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import LoginView, LogoutView
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from organizations.access_log import client_address
from organizations.actions.people import change_password
from organizations.forms import LoginForm, PasswordForm
from organizations.listings import demo_doors, demo_user
from organizations.views.access import UserRequest

# Pages that nobody wants to land on after logging in.
NO_LANDING = ("login", "logout", "demo-login")


class Login(LoginView):
    """The log-in page."""

    form_class = LoginForm
    template_name = "organizations/login.html"
    redirect_authenticated_user = True

    def get_redirect_url(self) -> str:
        """Where the visitor wanted to go, if it is a page of this site to go to."""
        url = super().get_redirect_url()
        return "" if urlsplit(url).path in {reverse(name) for name in NO_LANDING} else url

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Why one was logged out, and the demo's doors."""
        context = super().get_context_data(**kwargs)
        doors = demo_doors() if is_demo_visitor(self.request) else []
        return {**context, "idle": self.request.GET.get("idle") == "1", "doors": doors}


class Logout(LogoutView):
    """Leaving, and being told so."""

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Log out and say it on the log-in page."""
        response = super().post(request, *args, **kwargs)
        messages.success(request, _("已退出。"))
        return response


def is_demo_visitor(request: HttpRequest) -> bool:
    """Whether this is the demo, asked from the very machine it runs on."""
    address = client_address(request)
    return bool(settings.DEMO and address and ip_address(address).is_loopback)


@require_POST
@never_cache
def demo_login(request: HttpRequest) -> HttpResponse:
    """Walk in through one of the demo's doors."""
    user = demo_user(request.POST.get("username", "")) if is_demo_visitor(request) else None
    if user is None:
        raise Http404
    login(request, user, backend="django.contrib.auth.backends.ModelBackend")
    return redirect(_landing(request) or settings.LOGIN_REDIRECT_URL)


def _landing(request: HttpRequest) -> str:
    """Where the visitor wanted to go, by the log-in page's own rule."""
    page = Login()
    page.setup(request)
    return page.get_redirect_url()


@sensitive_post_parameters()
@never_cache
@login_required
def password(request: UserRequest) -> HttpResponse:
    """Change one's own password; the session goes on."""
    form = PasswordForm(request.user, request.POST or None)
    if request.method == "POST" and form.is_valid():
        user = change_password(request.user.pk, password=form.cleaned_data["new_password1"], request=request)
        update_session_auth_hash(request, user)
        messages.success(request, _("密码已修改，下次请用新密码登录。"))
        return redirect(settings.LOGIN_REDIRECT_URL)
    return render(request, "organizations/password.html", {"form": form})
