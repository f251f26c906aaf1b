"""进展、配合单位落实情况：what is not a step."""

from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _

from organizations import clock
from organizations.models import Post, User
from organizations.roles import Role
from rectification.actions.repeats import SentTwice
from rectification.models import Cooperation, Problem, ProgressEntry
from workflows.clocks import look_again
from workflows.lifecycles.problem import ProblemState
from workflows.models import Event
from workflows.scope import actor_of
from workflows.steps import ActionRefused, close_side_items, record, side_step

WORKING = {ProblemState.RECTIFYING, ProblemState.PLANNING, ProblemState.PLAN_REVIEW, ProblemState.SUSPENDED}


def unit_post(problem: Problem, by: User) -> Post | None:
    """The post by which a person works on a problem: of the lead unit, else of a cooperating one."""
    return next(iter(unit_posts(problem, by)), None)


def unit_posts(problem: Problem, by: User) -> list[Post]:
    """Every post by which a person works on a problem, one for each unit, the lead unit's first."""
    actor = actor_of(by)
    units = [problem.lead_unit_id, *sorted(problem.responsible_unit_ids - {problem.lead_unit_id})]
    found = [actor.post_in(unit_id, Role.UNIT_CLERK) or actor.post_in(unit_id, Role.UNIT_HEAD) for unit_id in units]
    return [post for post in found if post is not None]


def report_progress(
    case_id: int,
    *,
    by: User,
    percent: int | None = None,
    text: str = "",
    unchanged: bool = False,
    submission: UUID | None = None,
) -> Problem:
    """报送进展：a number and a text; “无变化” keeps the number. Percent is 0 to 100 and never closes anything.

    `submission` is the form it was typed into: the same form sent twice makes one entry.
    """
    post = unit_post(Problem.objects.select_related("case__division").get(pk=case_id), by)
    if post is None:
        raise PermissionDenied
    with record(case_id, "progress", by=by, post=post) as s:
        problem = s.subject(Problem)
        if submission and Event.objects.filter(case=s.case, name="progress", data__form=str(submission)).exists():
            raise SentTwice(_("这条进展已经报送过，没有重复记录。"), s.case.number)
        if problem.state not in WORKING:
            raise ActionRefused(_("只有在整改期间才能报送进展，这个问题现在是“%s”。") % problem.get_state_display())
        if not unchanged and not text.strip():
            raise ActionRefused(_("请写明进展情况；没有变化的，请点“无变化”。"))
        value = problem.progress if unchanged or percent is None else percent
        s.write(
            ProgressEntry(
                problem=problem,
                unit_id=post.unit_id,
                by=by,
                at=clock.now(),
                percent=value,
                text=text.strip(),
                unchanged=unchanged,
            )
        )
        problem.progress, problem.progress_at = value, clock.now()
        problem.save(update_fields=["progress", "progress_at"])
        look_again(s.case.pk)
        if post.unit_id == problem.lead_unit_id:
            close_side_items(s, only_if_final=False, kind="progress")
        s.note(percent=value, unchanged=unchanged, **({"form": str(submission)} if submission else {}))
    return problem


def report_cooperation(item_id: int, *, by: User, text: str) -> Problem:
    """配合单位报送落实情况：its side duty is done."""
    with side_step(item_id, "cooperation_reported", by=by) as s:
        problem = s.subject(Problem)
        if not text.strip():
            raise ActionRefused(_("请写明本单位配合措施的落实情况。"))
        unit_id = s.unit_id
        s.write(
            ProgressEntry(
                problem=problem,
                unit_id=unit_id,
                by=by,
                at=clock.now(),
                percent=problem.progress,
                text=text.strip(),
            )
        )
        Cooperation.objects.filter(problem=problem, unit_id=unit_id, ended_at__isnull=True).update(
            reported_at=clock.now()
        )
    return problem
