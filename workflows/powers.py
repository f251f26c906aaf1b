"""What a person may do with a case right now: the same predicates the doors ask."""

from typing import Any

from django_fsm import can_proceed, has_transition_perm

from workflows.scope import Actor, actor_of


def actor_before(user: Any, item: Any) -> Actor:
    """The person in front of one item."""
    return Actor(user, actor_of(user).posts, item)


def may_fire(subject: Any, actor: Any, transition: str) -> bool:
    """Whether a transition can happen now and this person may make it."""
    method = getattr(subject, transition)
    return bool(can_proceed(method) and has_transition_perm(method, actor))
