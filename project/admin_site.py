"""基础数据：Django's admin, opened by the three administrators' posts and nothing else."""

from typing import Any

from django.contrib.admin import AdminSite
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from organizations.roles import ADMIN_ROLES
from workflows.scope import actor_of


class BasicDataSite(AdminSite):
    """Where administrators keep divisions, units, posts, policies and words."""

    site_header = _("督查整改闭环管理平台 · 基础数据")
    site_title = _("基础数据")
    index_title = _("基础数据维护")
    enable_nav_sidebar = False

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """There is one log-in page; somebody logged in without such a post is refused."""
        if request.user.is_authenticated:
            raise PermissionDenied
        return redirect_to_login(request.GET.get("next") or reverse("admin:index"))

    def password_change(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """There is one page to change one's password, which is logged."""
        return redirect("password")

    def has_permission(self, request: HttpRequest) -> bool:
        """Only people who hold one of the three administrators' posts."""
        return actor_of(request.user).holds(*ADMIN_ROLES)
