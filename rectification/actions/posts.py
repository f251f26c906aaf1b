"""The post by which somebody of the office acts on a case from beside."""

from django.core.exceptions import PermissionDenied

from organizations.models import Post, User
from organizations.roles import Role
from workflows.models import Case
from workflows.scope import actor_of


def office_post(case_id: int, by: User) -> Post:
    """A post of the office over the case's place; PermissionDenied where the person has none."""
    case = Case.objects.select_related("division").get(pk=case_id)
    post = actor_of(by).post_over(case.division.path, Role.OFFICE)
    if post is None:
        raise PermissionDenied
    return post
