"""佐证材料：take a file in, withdraw one, replace one by a new version."""

from decimal import Decimal
from typing import BinaryIO

from django.core.exceptions import PermissionDenied
from django.core.files.base import ContentFile, File
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from organizations import clock
from organizations.models import Post, User
from organizations.roles import Role
from rectification.actions.progress import unit_posts
from rectification.intake import Prepared, prepare
from rectification.models import Evidence, Problem
from rectification.models.evidence import private_store
from workflows.scope import actor_of
from workflows.steps import ActionRefused, record


def add_evidence(
    case_id: int, *, by: User, name: str, stream: BinaryIO, phase: str, caption: str = ""
) -> tuple[Evidence, list[Evidence]]:
    """上传：judge and store the file, then record it. Returns it and where the same bytes were used before.

    Bytes are stored before the case is locked; a refusal afterwards removes them again.
    """
    problem = Problem.objects.select_related("case__division").get(pk=case_id)
    post = uploader_post(problem, by)
    prepared = prepare(name, stream)
    stream.seek(0)
    row = _stored_row(problem, prepared, stream)
    try:
        with record(case_id, "evidence_added", by=by, post=post) as s:
            locked = s.subject(Problem)
            if locked.is_final:
                raise ActionRefused(_("这个问题已经办结，不能再上传材料。"))
            row.problem, row.phase, row.caption = locked, phase, caption.strip()
            row.unit_id, row.by, row.at = post.unit_id, by, clock.now()
            s.write(row)
            s.note(phase=phase, size=prepared.size)
    except BaseException:
        _forget_files(row)
        raise
    return row, list(used_before(row, by))


def used_before(row: Evidence, user: User) -> QuerySet[Evidence]:
    """Evidence with the same bytes in problems this person may see."""
    return (
        Evidence.objects.visible_to(user).filter(sha256=row.sha256).exclude(pk=row.pk).select_related("problem__case")
    )


def withdraw_evidence(evidence_id: int, *, by: User) -> Evidence:
    """移除：the uploader's own unit or the office, and only while no report names it; the bytes stay in the store."""
    row = Evidence.objects.select_related("problem__case__division", "unit").get(pk=evidence_id)
    posts = uploader_posts(row.problem, by)
    if not posts:
        raise PermissionDenied
    post = next((each for each in posts if each.unit_id == row.unit_id or each.role == Role.OFFICE), None)
    if post is None:
        raise ActionRefused(_("这份材料是%s上传的，只有上传单位和整改办可以移除。") % (row.unit or row.by))
    with record(row.problem_id, "evidence_removed", by=by, post=post) as s:
        row = Evidence.objects.get(pk=evidence_id)
        if row.locked_at:
            raise ActionRefused(_("这份材料已随报告锁定，不能移除。需要更正的，请上传新的版本。"))
        row.withdrawn_at = clock.now()
        row.save(update_fields=["withdrawn_at"])
        s.note(evidence=row.pk)
    return row


def uploader_post(problem: Problem, by: User) -> Post:
    """The post by which a person may add evidence: of a responsible unit, the finding team, the office.

    Raises PermissionDenied for everybody else.
    """
    post = next(iter(uploader_posts(problem, by)), None)
    if post is None:
        raise PermissionDenied
    return post


def uploader_posts(problem: Problem, by: User) -> list[Post]:
    """Every post by which a person may add evidence to a problem."""
    actor, team = actor_of(by), problem.found_unit_id
    found = [
        *unit_posts(problem, by),
        actor.post_in(team, Role.INSPECTOR) if team else None,
        actor.post_in(team, Role.TEAM_LEAD) if team else None,
        actor.post_over(problem.area_path, Role.OFFICE),
    ]
    return [post for post in found if post is not None]


def _stored_row(problem: Problem, prepared: Prepared, stream: BinaryIO) -> Evidence:
    folder = f"{problem.pk % 1000:03d}/{problem.pk}/{prepared.sha256[:16]}"
    store = private_store()
    row = Evidence(
        name=prepared.name,
        kind=prepared.kind,
        content_type=prepared.content_type,
        size=prepared.size,
        sha256=prepared.sha256,
        taken_at=prepared.taken_at,
        latitude=_degrees(prepared.latitude),
        longitude=_degrees(prepared.longitude),
        display_type=prepared.display_type,
    )
    row.original.name = store.save(f"{folder}-original", File(stream))
    if prepared.display:
        row.display.name = store.save(f"{folder}-display", ContentFile(prepared.display))
    if prepared.thumbnail:
        row.thumbnail.name = store.save(f"{folder}-thumbnail", ContentFile(prepared.thumbnail))
    return row


def _degrees(value: float | None) -> Decimal | None:
    return None if value is None else Decimal(f"{value:.6f}")


def _forget_files(row: Evidence) -> None:
    store = private_store()
    for stored in (row.original, row.display, row.thumbnail):
        if stored.name:
            store.delete(stored.name)


def live_evidence(problem: Problem) -> QuerySet[Evidence]:
    """Evidence of a problem that has not been withdrawn."""
    return problem.evidence.filter(withdrawn_at__isnull=True).select_related("by", "unit").order_by("id")
