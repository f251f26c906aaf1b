"""The inspections app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class InspectionsConfig(AppConfig):
    """Where problems come from: received ledgers, findings, campaigns, going back to look."""

    name = "inspections"
    verbose_name = _("监督检查")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Tell the engine of the events of imports, and the problem page of the findings behind a problem."""
        from inspections.event_types import EVENTS
        from inspections.models import IMPORTERS
        from inspections.queries import panel_of_findings, source_category
        from organizations.places import Place, register_place
        from rectification.panels import register_fact, register_panel
        from workflows.registry import register_events

        register_events(*EVENTS)
        register_panel(panel_of_findings)
        register_fact(source_category)
        register_place(Place(_("导入清单"), "import-list", IMPORTERS))
