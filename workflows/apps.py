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
        """Register checks and events; put the guards back after every migrate."""
        from workflows import checks  # noqa: F401
        from workflows.event_types import EVENTS
        from workflows.guards import install_after_migrate
        from workflows.registry import register_events

        register_events(*EVENTS)

        post_migrate.connect(install_after_migrate, dispatch_uid="workflows.guards")
