"""Start-up checks of the organizations app."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register


@register()
def the_demo_door_stays_in_the_demo(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """One-click log-in is refused anywhere but in the demo on loopback."""
    if not settings.DEMO:
        return []
    bad = [host for host in settings.ALLOWED_HOSTS if host not in {"127.0.0.1", "localhost", "[::1]", "testserver"}]
    if bad or not settings.DEMO_ON_LOOPBACK:
        return [
            Error(
                "The demo's one-click log-in is on, but the site answers beyond loopback.",
                hint="Unset BIHUAN_DEMO, or bind to 127.0.0.1 and leave ALLOWED_HOSTS to the demo.",
                id="organizations.E001",
            )
        ]
    return []


@register()
def only_the_demo_moves_its_clock(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """A clock that stands ahead would make every deadline of a real county wrong."""
    if not settings.CLOCK_FILE or settings.DEMO:
        return []
    return [
        Error(
            "A clock file is set, but this is not the demo.",
            hint="Unset BIHUAN_CLOCK_FILE.",
            id="organizations.E002",
        )
    ]
