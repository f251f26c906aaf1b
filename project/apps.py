"""The admin, with powers from posts."""

from django.contrib.admin.apps import AdminConfig


class ProjectAdminConfig(AdminConfig):
    """Django's admin with our site."""

    default_site = "project.admin_site.BasicDataSite"
