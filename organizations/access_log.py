"""Writing the auditor's log: log-ins, exports, downloads, changes of powers."""

from typing import Any

from django.http import HttpRequest

from organizations import clock
from organizations.models import AccessEntry, AccessKind, User


def client_address(request: HttpRequest | None) -> str | None:
    """The address the request came from; a proxy in front is trusted through SECURE settings only."""
    return request.META.get("REMOTE_ADDR") or None if request else None


def note_access(
    kind: AccessKind,
    text: str,
    *,
    by: User | None,
    request: HttpRequest | None = None,
    username: str = "",
    **data: Any,
) -> AccessEntry:
    """Write one line of the auditor's log."""
    return AccessEntry.objects.create(
        at=clock.now(),
        kind=kind,
        user=by,
        username=(by.username if by else username)[:60],
        address=client_address(request),
        text=text[:500],
        data=data,
    )
