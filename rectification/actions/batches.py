"""批次：open one; feed a secret one back."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from organizations import clock
from organizations.models import Unit, User
from organizations.roles import Role
from rectification.actions.registration import disclose_problem
from rectification.models import Batch, Problem, Source
from workflows.models import NumberSequence
from workflows.queries import deadline_policy_in_force, review_policy_in_force
from workflows.scope import actor_of
from workflows.steps import ActionRefused

BATCH_MAKERS = (Role.OFFICE, Role.TEAM_LEAD)
GENERAL_REVIEW, GENERAL_DEADLINES = "three_levels", "standard"


def create_batch_for_list(*, by: User, file_name: str, source: Source) -> Batch:
    """新建批次 for a received list: named after its file, with the source's deadlines and the usual review."""
    name = (file_name.rsplit(".", 1)[0].strip() or _("导入清单"))[:110]
    taken = Batch.objects.filter(name__startswith=name).count()
    given = source.deadline_policy
    return create_batch(
        by=by,
        name=f"{name}（{taken + 1}）" if taken else name,
        source=source,
        review_policy=review_policy_in_force(GENERAL_REVIEW),
        deadline_policy=deadline_policy_in_force(given.code if given else GENERAL_DEADLINES),
    )


def drop_empty_batch(batch: Batch) -> None:
    """Take back a batch that was made for a list which could not be read."""
    if not Problem.objects.filter(batch=batch).exists():
        batch.delete()


def create_batch(*, by: User, name: str, team: Unit | None = None, **fields: Any) -> Batch:
    """新建批次：owned by the division of the office or team that makes it."""
    post = next((each for each in actor_of(by).posts if each.role in (Role.OFFICE, Role.TEAM_LEAD)), None)
    if post is None:
        raise PermissionDenied
    if Batch.objects.filter(name=name, division=post.unit.division).exists():
        raise ActionRefused(_("已经有名为“%s”的批次，请换一个名称，或使用原来的批次。") % name)
    with transaction.atomic():
        prefix = f"P{clock.today().year}-"
        sequence, _made = NumberSequence.objects.select_for_update().get_or_create(prefix=prefix)
        sequence.last += 1
        sequence.save()
        return Batch.objects.create(
            code=f"{prefix}{sequence.last:03d}",
            name=name,
            team=team or (post.unit if post.role == Role.TEAM_LEAD else None),
            division=post.unit.division,
            created_by=by,
            created_at=clock.now(),
            **fields,
        )


def feed_back_batch(batch_id: int, *, by: User) -> Batch:
    """反馈：from today the office and the units may know of the batch; each problem opens in a step of its own."""
    batch = Batch.objects.get(pk=batch_id)
    post = actor_of(by).post_in(batch.team_id, Role.TEAM_LEAD)
    if post is None:
        raise PermissionDenied
    hidden = list(Problem.objects.filter(batch=batch, disclosed_at__isnull=True).values_list("pk", flat=True))
    if batch.is_disclosed and not hidden:
        raise ActionRefused(_("这个批次已经反馈过了。"))
    if not batch.is_disclosed:
        Batch.objects.filter(pk=batch.pk).update(fed_back_on=clock.today())
    # Pressed again after an interruption, it opens what is still hidden.
    for pk in hidden:
        disclose_problem(pk, by=by, post=post)
    return batch
