"""Putting a version of a policy in force: what has to be looked at again because of it, and what follows it."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest
from django.utils.translation import gettext as _

from organizations import clock
from organizations.access_log import note_access
from organizations.models import AccessKind, User
from organizations.roles import Role
from rectification.models import Problem, Source
from workflows.actions.policies import Policy, first_version, new_version
from workflows.models import ClockKind, Deadline, DeadlinePolicy
from workflows.recomputing import policy_changed
from workflows.scope import actor_of

# The column of a batch that names the policy its clocks are looked at by.
CODE_OF_BATCH = {"warningpolicy": "warning_code", "escalationpolicy": "ladder_code"}


@transaction.atomic
def put_in_force(
    policy: Policy, fields: dict[str, Any], *, by: User, request: HttpRequest | None = None, reason: str = ""
) -> Policy:
    """Have a new version hold for what begins from now on; running dates stay as they are."""
    _only_the_administrator(by)
    made = new_version(policy, fields, by, request, reason)
    _follow(made)
    return made


@transaction.atomic
def put_in_force_for_running(
    policy: DeadlinePolicy, fields: dict[str, Any], *, by: User, request: HttpRequest | None = None, reason: str = ""
) -> DeadlinePolicy:
    """Have a new version hold for running dates too: they are made again in batches, each move with its event."""
    _only_the_administrator(by)
    made = new_version(policy, fields, by, request, reason)
    _follow(made)
    text = _("正在办理的时限按%s调整") % made
    policy_changed(made, text, by)
    note_access(AccessKind.BASIC_DATA, text, by=by, request=request, pk=made.pk)
    return made


@transaction.atomic
def begin_policy(policy: Policy, *, by: User, request: HttpRequest | None = None, reason: str = "") -> Policy:
    """Put a policy with a new code in force; nothing runs under it yet."""
    _only_the_administrator(by)
    return first_version(policy, by, request, reason)


def _only_the_administrator(by: User) -> None:
    if not actor_of(by).holds(Role.SYSTEM_ADMIN):
        raise PermissionDenied


def _follow(made: Any) -> None:
    if isinstance(made, DeadlinePolicy):
        # A source names a row; what it means is the policy, whose row in force is now another one.
        Source.objects.filter(deadline_policy__code=made.code).update(deadline_policy=made)
        return
    look_at_clocks(CODE_OF_BATCH[str(made._meta.model_name)], made.code)


def look_at_clocks(column: str, code: str) -> int:
    """Have the scan look at every running case clock under a code; a level told of is not told of again."""
    running = Problem.objects.open().filter(**{f"batch__{column}": code})
    rows = Deadline.objects.filter(
        kind=ClockKind.CASE,
        item__isnull=True,
        superseded_at__isnull=True,
        paused_at__isnull=True,
        case__in=running.values("case"),
    )
    return rows.update(next_check_at=clock.now())
