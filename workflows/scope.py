"""Who sees what, and who is acting: the person's posts of today, and the one rule about rows."""

from typing import Any

from django.db import models

from organizations.models import Post, User
from organizations.queries import posts_of
from organizations.roles import AREA_ROLES, Role, Seat


class Actor:
    """A person with today's posts, perhaps in front of one locked item."""

    def __init__(self, user: User, posts: list[Post], item: Any = None, recusal: str = "") -> None:
        self.user = user
        self.posts = posts
        self.item = item
        self.recusal = recusal

    def post_for(self, item: Any) -> Post | None:
        """The post by which this person holds an item: that of its unit and seat, the substantive one first."""
        fitting = [post for post in self.posts if self._fits(post, item)]
        return min(fitting, key=lambda post: (not _is_of_seat(post, item), *_substantive_first(post)), default=None)

    def _fits(self, post: Post, item: Any) -> bool:
        if item.addressee_id is not None:
            return item.addressee_id in (post.user_id, post.acting_for_id)
        return _is_of_seat(post, item)

    def post_over(self, path: str, role: str) -> Post | None:
        """A post with a role whose division covers a path."""
        fitting = [post for post in self.posts if post.role == role and post.unit.division.covers(path)]
        return min(fitting, key=_substantive_first, default=None)

    def post_in(self, unit_id: int | None, role: str) -> Post | None:
        """A post with a role in one unit."""
        fitting = [post for post in self.posts if post.role == role and post.unit_id == unit_id]
        return min(fitting, key=_substantive_first, default=None)

    def holds(self, *roles: str) -> bool:
        """Whether any post has one of the roles."""
        return any(post.role in roles for post in self.posts)

    @property
    def area_divisions(self) -> list[Any]:
        """Divisions this person supervises, without those that lie inside another of them."""
        found = {post.unit.division_id: post.unit.division for post in self.posts if post.role in AREA_ROLES}
        return [
            division
            for division in found.values()
            if not any(other.pk != division.pk and other.covers(division.path) for other in found.values())
        ]

    @property
    def unit_ids(self) -> list[int]:
        """Units this person works for in a role that owes or finds something."""
        return sorted({post.unit_id for post in self.posts if post.seat in (Seat.UNIT, Seat.TEAM)})

    @property
    def seats(self) -> list[tuple[int, str]]:
        """The (unit, seat) pairs whose work items are this person's."""
        return sorted({(post.unit_id, post.seat) for post in self.posts if post.seat})

    @property
    def persons(self) -> list[int]:
        """This person, and whoever they act for."""
        acting_for = {post.acting_for_id for post in self.posts if post.acting_for_id}
        return [self.user.pk, *sorted(acting_for)]

    @property
    def is_auditor(self) -> bool:
        """Whether this person reads the auditor's log."""
        return self.holds(Role.AUDITOR)


def _is_of_seat(post: Post, item: Any) -> bool:
    return bool(post.seat) and post.seat == item.role and post.unit_id == item.unit_id


def _substantive_first(post: Post) -> tuple[bool, int]:
    return (post.acting_for_id is not None, post.pk)


def actor_of(user: Any) -> Actor:
    """The actor for a user; posts are read once per user object."""
    if not getattr(user, "is_authenticated", False) or not user.is_active:
        return Actor(user, [])
    cached = getattr(user, "_actor", None)
    if cached is None:
        cached = Actor(user, posts_of(user))
        user._actor = cached
    return cached


class ScopedQuerySet(models.QuerySet):
    """A queryset that knows one rule about rows, and fails closed."""

    def visible_to(self, user: Any) -> "ScopedQuerySet":
        """Rows this person may see; nothing unless a subclass says otherwise."""
        return self.none()
