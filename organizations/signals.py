"""Log-ins and log-outs go into the auditor's log; Django announces them as signals."""

from typing import Any

from django.contrib.auth import user_logged_in, user_logged_out, user_login_failed
from django.dispatch import receiver
from django.http import HttpRequest
from django.utils.translation import gettext as _

from organizations.access_log import note_access
from organizations.models import AccessKind, User


@receiver(user_logged_in)
def note_login(sender: type, request: HttpRequest, user: User, **kwargs: Any) -> None:
    """Somebody came in."""
    note_access(AccessKind.LOGIN, _("登录系统"), by=user, request=request)


@receiver(user_logged_out)
def note_logout(sender: type, request: HttpRequest, user: User | None, **kwargs: Any) -> None:
    """Somebody left."""
    if user:
        note_access(AccessKind.LOGOUT, _("退出系统"), by=user, request=request)


@receiver(user_login_failed)
def note_failure(sender: type, credentials: dict[str, Any], request: HttpRequest | None = None, **kwargs: Any) -> None:
    """Somebody tried and failed; the password is never written down."""
    username = str(credentials.get("username", ""))
    note_access(AccessKind.LOGIN_FAILED, _("登录失败"), by=None, request=request, username=username)
