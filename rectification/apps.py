"""The rectification app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class RectificationConfig(AppConfig):
    """Problems and what is done about them."""

    name = "rectification"
    verbose_name = _("督查整改")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Tell the engine of problems and their events."""
        from rectification.event_types import EVENTS
        from rectification.models import Problem
        from rectification.turns import seats, whose_turn
        from workflows.registry import SubjectType, register_events, register_subject

        register_events(*EVENTS)
        register_subject(
            SubjectType(
                kind="problem",
                model=Problem,
                whose_turn=whose_turn,
                related=("review_policy", "deadline_policy", "batch", "category"),
                seats=seats,
            )
        )
