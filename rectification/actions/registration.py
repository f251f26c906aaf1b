"""Registering a problem, correcting what was typed, opening a secret batch."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from django.db import IntegrityError, models, transaction
from django.utils.translation import gettext as _

from organizations import clock
from organizations.models import Division, Post, Unit, User
from organizations.roles import Role
from rectification.actions.posts import office_post
from rectification.actions.repeats import SentTwice
from rectification.models import Batch, Category, Problem, Statement
from rectification.search import search_text_of
from rectification.turns import office_turn
from workflows.many import like
from workflows.models import Case, DeadlinePolicy, NumberSequence, ReviewPolicy, WorkItem
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
    # Proposals that come with a received list; the office confirms or changes them when it assigns.
    proposed_partners: list[int] = field(default_factory=list)
    due_on: date | None = None


def register_problem(entry: Registration, *, by: User) -> Problem:
    """登记：put one problem into the ledger; it waits to be assigned."""
    post = registrar_post(entry.batch, entry.division, by)
    _refuse_repeats(entry)  # before a number is drawn, so that the usual refusals leave no gap
    case = Case(number=next_number(entry.division), kind="problem", division=entry.division)
    problem = problem_of(entry, case, Registrar.of(entry.batch, by, post))
    try:
        with register(case, problem, "registered", by=by, post=post) as s:
            problem.case = case
            problem.save(force_insert=True)
            s.note(batch=entry.batch.pk, kind=entry.kind)
    except IntegrityError as error:
        _refuse_repeats(entry, cause=error)  # two at once: the database has let one in
        raise
    return problem


def _refuse_repeats(entry: Registration, cause: IntegrityError | None = None) -> None:
    """The same form sent twice, and a serial that stands in the batch already."""
    if entry.submission:
        made = Case.objects.filter(problem__submission=entry.submission).values_list("number", flat=True).first()
        if made:
            raise SentTwice(_("这份登记已经提交过，编号是%s，没有重复登记。") % made, made) from cause
    serial = entry.source_serial.strip()
    same = Case.objects.filter(problem__batch=entry.batch, problem__source_serial=serial)
    number = same.values_list("number", flat=True).first() if serial else None
    if number:
        raise ActionRefused(
            _("这个批次里已经有序号“%(serial)s”的问题，编号是%(number)s，请核对序号，或直接打开原来的问题。")
            % {"serial": serial, "number": number},
            field="source_serial",
        ) from cause


def next_number(division: Division) -> str:
    """The next number of the division's county in this year: initials, year, five digits."""
    return next_numbers(division, 1)[0]


def next_numbers(division: Division, count: int) -> list[str]:
    """The next numbers of the division's county in this year, in one go."""
    if not count:
        return []
    ids = division.ancestor_ids()
    county = Division.objects.filter(pk__in=ids, level="county").first() or division
    prefix = f"{county.initials.upper() or 'DC'}{clock.today().year}-"
    NumberSequence.objects.get_or_create(prefix=prefix)
    # A short transaction of its own: a number lost to a failed registration is only a gap, and nobody
    # waits for somebody else's registration.
    with transaction.atomic():
        NumberSequence.objects.filter(prefix=prefix).update(last=models.F("last") + count)
        last = NumberSequence.objects.get(prefix=prefix).last
    return [f"{prefix}{number:05d}" for number in range(last - count + 1, last + 1)]


def registrar_post(batch: Batch, division: Division, by: User) -> Post:
    """The post by which a person registers into a batch at a place; ActionRefused where there is none."""
    actor = actor_of(by)
    if batch.secret and not batch.is_disclosed:
        post = actor.post_in(batch.team_id, Role.INSPECTOR) or actor.post_in(batch.team_id, Role.TEAM_LEAD)
        if post is None:
            raise ActionRefused(_("这个批次在反馈前保密，只有督查组成员可以登记。请联系督查组。"))
        return post
    for role in REGISTRARS:
        post = actor.post_over(division.path, role)
        if post is not None:
            return post
    raise ActionRefused(_("您的岗位管不到“%(place)s”，请选择本辖区内的地点。") % {"place": division})


@dataclass(slots=True)
class Registrar:
    """By whom, with which post and under which policies: the same for every problem of one list."""

    by: User | None
    post: Post | None
    review_policy: ReviewPolicy
    deadline_policy: DeadlinePolicy
    known: dict[int, Division] = field(default_factory=dict)
    _blank: Problem | None = None

    @classmethod
    def of(cls, batch: Batch, by: User | None, post: Post | None) -> "Registrar":
        """With the policies of the batch that are in force now."""
        return cls(
            by,
            post,
            review_policy_in_force(batch.review_policy.code),
            deadline_policy_in_force(batch.deadline_policy.code),
        )

    def blank(self, batch: Batch) -> Problem:
        """What every problem of the list has in common; made once."""
        if self._blank is None:
            own = self.post.unit if self.post and self.post.role != Role.OFFICE else None
            self._blank = Problem(
                batch=batch,
                found_by=self.by,
                found_unit=batch.team or own,
                disclosed_at=clock.now() if batch.is_disclosed else None,
                review_policy=self.review_policy,
                deadline_policy=self.deadline_policy,
                moved_at=clock.now(),
            )
        return self._blank


def problem_of(entry: Registration, case: Case, registrar: Registrar) -> Problem:
    """The problem an entry describes, not yet stored."""
    problem: Problem = like(
        registrar.blank(entry.batch),
        title=entry.title.strip(),
        description=entry.description.strip(),
        source_serial=entry.source_serial.strip(),
        submission=entry.submission,
        category_id=entry.category.pk if entry.category else None,
        kind=entry.kind,
        major=entry.major,
        place_text=entry.place_text.strip(),
        found_on=entry.found_on or clock.today(),
        proposed_unit_id=entry.proposed_unit.pk if entry.proposed_unit else None,
        proposed_partners=entry.proposed_partners,
        due_on=entry.due_on,
    )
    problem.case = case
    problem.place(entry.division, registrar.known)
    problem.search_text = search_text_of(problem)
    return problem


CORRECTABLE = ("title", "description", "place_text", "source_serial", "category", "found_on", "kind")


def correct_problem(case_id: int, *, by: User, changes: dict[str, Any], reason: str) -> Problem:
    """更正：change what was registered; the old values stay readable."""
    post = office_post(case_id, by)
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
    post = office_post(case_id, by)
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


def _shown(value: Any) -> str:
    return "" if value is None else str(value)
