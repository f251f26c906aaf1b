"""Powers come from posts alone: what a person holds today, and Django's questions answered by it."""

from typing import Any

from organizations import clock
from organizations.roles import ADMIN_ROLES


def held_posts(user: Any) -> list[Any]:
    """The posts a person holds today, read once per user object; nobody else holds any."""
    if not getattr(user, "is_authenticated", False) or not user.is_active:
        return []
    cached = getattr(user, "_held_posts", None)
    if cached is None:
        cached = list(user.posts.standing(clock.today()))
        user._held_posts = cached
    return cached


def holds(user: Any, *roles: str) -> bool:
    """Whether any of the person's posts of today has one of the roles."""
    return any(post.role in roles for post in held_posts(user))


class Powers:
    """Mixed into the user: what Django's admin asks. There are no superusers and no permission rows."""

    @property
    def is_staff(self) -> bool:
        """Whether this is one of the three administrators (三员)."""
        return holds(self, *ADMIN_ROLES)

    def has_perm(self, perm: str, obj: Any = None) -> bool:
        """Never: each page of the admin asks for a post instead."""
        return False

    def has_perms(self, perm_list: Any, obj: Any = None) -> bool:
        """Never, like has_perm."""
        return False

    def has_module_perms(self, app_label: str) -> bool:
        """Never, like has_perm."""
        return False
