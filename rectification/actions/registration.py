"""Registering a problem, correcting what was typed, opening a secret batch."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, models, transaction
from django.utils.translation import gettext as _

from organizations import clock
from organizations.models import Division, Post, Unit, User
from organizations.roles import Role
from rectification.models import Batch, Category, Problem, Statement
from rectification.search import search_text_of
from rectification.turns import office_turn
from workflows.models import Case, NumberSequence, WorkItem
from workflows.queries import deadline_policy_in_force, review_policy_in_force
from workflows.scope import actor_of
from workflows.steps import ActionRefused, record, register

REGISTRARS = (Role.OFFICE, Role.INSPECTOR, Role.TEAM_LEAD)


@dataclass(slots=True)
class Registration:
    """What is typed in when a problem is registered."""

    batch: Batch
    division: Division
    title: str
    description: str = ""
    category: Category | None = None
    kind: str = "dated"
    place_text: str = ""
    source_serial: str = ""
    found_on: date | None = None
    proposed_unit: Unit | None = None
    major: bool = False
    submission: UUID | None = None


def register_problem(entry: Registration, *, by: User) -> Problem:
    """登记：put one problem into the ledger; it waits to be assigned."""
    post = _registrar_post(entry, by)
    case = Case(number=next_number(entry.division), kind="problem", division=entry.division)
    problem = _problem_of(entry, case, post, by)
    try:
        with register(case, problem, "registered", by=by, post=post) as s:
            problem.case = case
            problem.save(force_insert=True)
            s.note(batch=entry.batch.pk, kind=entry.kind)
    except IntegrityError as error:
        if "submission" in str(error):
            number = Case.objects.get(problem__submission=entry.submission).number
            raise ActionRefused(
                _("这份登记已经提交过，编号是%s，没有重复登记。请到问题台账按编号查看。") % number
            ) from error
        if "serial_once_in_batch" in str(error) or "source_serial" in str(error):
            raise ActionRefused(
                _("这个批次里已经有序号“%(serial)s”的问题，请核对序号，或直接打开原来的问题。")
                % {"serial": entry.source_serial}
            ) from error
        raise
    return problem


def next_number(division: Division) -> str:
    """The next number of the division's county in this year: initials, year, five digits."""
    ids = division.ancestor_ids()
    county = Division.objects.filter(pk__in=ids, level="county").first() or division
    prefix = f"{county.initials.upper() or 'DC'}{clock.today().year}-"
    NumberSequence.objects.get_or_create(prefix=prefix)
    # A short transaction of its own: a number lost to a failed registration is only a gap, and nobody
    # waits for somebody else's registration.
    with transaction.atomic():
        NumberSequence.objects.filter(prefix=prefix).update(last=models.F("last") + 1)
        last = NumberSequence.objects.get(prefix=prefix).last
    return f"{prefix}{last:05d}"


def _registrar_post(entry: Registration, by: User) -> Post:
    actor = actor_of(by)
    if entry.batch.secret and not entry.batch.is_disclosed:
        post = actor.post_in(entry.batch.team_id, Role.INSPECTOR) or actor.post_in(entry.batch.team_id, Role.TEAM_LEAD)
        if post is None:
            raise ActionRefused(_("这个批次在反馈前保密，只有督查组成员可以登记。请联系督查组。"))
        return post
    for role in REGISTRARS:
        post = actor.post_over(entry.division.path, role)
        if post is not None:
            return post
    raise ActionRefused(_("您的岗位管不到“%(place)s”，请选择本辖区内的地点。") % {"place": entry.division})


def _problem_of(entry: Registration, case: Case, post: Post, by: User) -> Problem:
    problem = Problem(
        case=case,
        title=entry.title.strip(),
        description=entry.description.strip(),
        batch=entry.batch,
        source_serial=entry.source_serial.strip(),
        submission=entry.submission,
        category=entry.category,
        kind=entry.kind,
        major=entry.major,
        place_text=entry.place_text.strip(),
        found_on=entry.found_on or clock.today(),
        found_by=by,
        found_unit=entry.batch.team or (post.unit if post.role != Role.OFFICE else None),
        proposed_unit=entry.proposed_unit,
        disclosed_at=clock.now() if entry.batch.is_disclosed else None,
        review_policy=review_policy_in_force(entry.batch.review_policy.code),
        deadline_policy=deadline_policy_in_force(entry.batch.deadline_policy.code),
        moved_at=clock.now(),
    )
    problem.place(entry.division)
    problem.search_text = search_text_of(problem)
    return problem


CORRECTABLE = ("title", "description", "place_text", "source_serial", "category", "found_on", "kind")


def correct_problem(case_id: int, *, by: User, changes: dict[str, Any], reason: str) -> Problem:
    """更正：change what was registered; the old values stay readable."""
    post = _office_post(case_id, by)
    with record(case_id, "corrected", by=by, post=post) as s:
        problem = s.subject(Problem)
        detail = {}
        for name in CORRECTABLE:
            if name in changes and getattr(problem, name) != changes[name]:
                detail[name] = [_shown(getattr(problem, name)), _shown(changes[name])]
                setattr(problem, name, changes[name])
        division = changes.get("division")
        if division and division.pk != s.case.division_id:
            detail["division"] = [s.case.division.name, division.name]
            problem.place(division)
            Case.objects.filter(pk=s.case.pk).update(division=division)
        if not detail:
            raise ActionRefused(_("没有需要更正的内容，请修改后再保存。"))
        problem.search_text = search_text_of(problem)
        problem.save()
        s.note(fields=sorted(detail))
        s.write(Statement(problem=problem, kind="corrected", text=reason, detail=detail, by=by, at=clock.now()))
    return problem


def mark_major(case_id: int, *, by: User, major: bool) -> Problem:
    """标记重大：red or major problems are never decided in bulk."""
    post = _office_post(case_id, by)
    with record(case_id, "marked_major" if major else "unmarked_major", by=by, post=post) as s:
        problem = s.subject(Problem)
        if problem.major == major:
            raise ActionRefused(_("重大标记刚才已经更新过了，请刷新页面查看。"))
        problem.major = major
        problem.save(update_fields=["major"])
    return problem


def disclose_problem(case_id: int, *, by: User, post: Post | None) -> Problem:
    """反馈公开：open one problem of a secret batch and hand its item to the office."""
    with record(case_id, "disclosed", by=by, post=post) as s:
        problem = s.subject(Problem)
        problem.disclosed_at = clock.now()
        problem.save(update_fields=["disclosed_at"])
        turn = office_turn(problem)
        WorkItem.objects.filter(process__case=s.case, status__in=["NEW", "ASSIGNED"], role="team").update(
            unit_id=turn.unit_id, role=turn.role, owner=None, status="NEW", assigned=None
        )
    return problem


def _office_post(case_id: int, by: User) -> Post:
    case = Case.objects.select_related("division").get(pk=case_id)
    post = actor_of(by).post_over(case.division.path, Role.OFFICE)
    if post is None:
        raise PermissionDenied
    return post


def _shown(value: Any) -> str:
    return "" if value is None else str(value)
