"""The workflows app."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class WorkflowsConfig(AppConfig):
    """How things move."""

    name = "workflows"
    verbose_name = _("流程")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register the checks; put the guards back after every migrate."""
        from workflows import checks  # noqa: F401
        from workflows.guards import install_after_migrate

        post_migrate.connect(install_after_migrate, dispatch_uid="workflows.guards")
