"""The notifications app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class NotificationsConfig(AppConfig):
    """Telling people."""

    name = "notifications"
    verbose_name = _("消息")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Listen to events and to who looks at which case; add the pages to everybody's navigation."""
        from notifications.actions.reading import read_case
        from notifications.listening import on_event
        from notifications.live import cases_changed
        from notifications.queries import unread_count
        from organizations.places import Place, register_place
        from organizations.roles import Role
        from workflows.registry import follow, listen, watch_looks

        listen(on_event)
        follow(cases_changed)
        watch_looks(read_case)
        register_place(Place(_("消息"), "message-list", count=unread_count, on_top=True, live="notices"))
        register_place(Place(_("发送情况"), "delivery-list", (Role.SYSTEM_ADMIN,)))
