"""The rectification app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class RectificationConfig(AppConfig):
    """Problems and what is done about them."""

    name = "rectification"
    verbose_name = _("督查整改")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Tell the engine of problems, of what moves beside them, of their events and their clocks."""
        from rectification.event_types import EVENTS
        from rectification.models import Escalation, Extension, Problem
        from rectification.queries import open_titles
        from rectification.turns import seats, whose_turn
        from workflows.registry import SubjectType, register_clock, register_events, register_side, register_subject

        register_events(*EVENTS)
        register_side("extension", Extension)
        register_side("escalation", Escalation)
        register_subject(
            SubjectType(
                kind="problem",
                model=Problem,
                whose_turn=whose_turn,
                related=("review_policy", "deadline_policy", "batch", "category"),
                seats=seats,
                warnings_of=lambda problem: problem.batch.warning_code,
                open_titles=open_titles,
            )
        )
        # The flows read their arrows from the matters above, so what imports them comes after.
        from rectification.actions.escalating import check_cases_and_ladders
        from rectification.actions.noticing import check_notice
        from rectification.actions.standing import check_cycle
        from workflows.scanning import by_itself

        register_clock("case", check_cases_and_ladders)
        register_clock("notice", by_itself(check_notice))
        register_clock("cycle", by_itself(check_cycle))
