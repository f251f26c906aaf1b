"""基础数据：Django's admin, opened by the three administrators' posts and nothing else."""

from django.contrib.admin import AdminSite
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from organizations.roles import ADMIN_ROLES
from workflows.scope import actor_of


class BasicDataSite(AdminSite):
    """Where administrators keep divisions, units, posts, policies and words."""

    site_header = _("督查整改闭环管理平台 · 基础数据")
    site_title = _("基础数据")
    index_title = _("基础数据维护")
    enable_nav_sidebar = False

    def has_permission(self, request: HttpRequest) -> bool:
        """Only people who hold one of the three administrators' posts."""
        return actor_of(request.user).holds(*ADMIN_ROLES)
