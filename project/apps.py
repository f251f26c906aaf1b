"""The admin, with powers from posts; and the Celery app, which every process that runs tasks or asks for one needs."""

from django.contrib.admin.apps import AdminConfig


class ProjectAdminConfig(AdminConfig):
    """Django's admin with our site."""

    default_site = "project.admin_site.BasicDataSite"

    def ready(self) -> None:
        """Make the Celery app the current one, so that `shared_task` binds to it."""
        super().ready()
        from project import celery  # noqa: F401
