"""延期：the unit asks before the date has passed, the office puts it before the leader, the leader decides."""

from datetime import date, timedelta

from django.core.exceptions import PermissionDenied
from django.db.models import Max
from django.utils.translation import gettext as _

from organizations import clock
from organizations.models import User
from organizations.roles import Role, Seat
from rectification.actions.clocks import put_case_clock
from rectification.actions.wording import own_words
from rectification.models import Evidence, Extension, ExtensionStep, Problem
from rectification.turns import leader_turn, side_turn
from workflows.clocks import NewClock, live_clock
from workflows.lifecycles.extension import OPEN_EXTENSION, ExtensionState
from workflows.lifecycles.problem import ProblemState
from workflows.scope import actor_of
from workflows.steps import ActionRefused, Door, beside, open_routing, record
from workflows.turning import in_short

MAY_ASK = (ProblemState.PLANNING, ProblemState.PLAN_REVIEW, ProblemState.RECTIFYING)


def why_not_extend(problem: Problem) -> str:
    """Why no extension can be asked for now, as a sentence; empty where it can."""
    policy = problem.deadline_policy
    if problem.state not in MAY_ASK or problem.due_on is None:
        return _("只有正在整改、定有整改时限的问题才能申请延期。")
    if problem.extensions.filter(state__in=OPEN_EXTENSION).exists():
        return _("已有一份延期申请正在审批，请等待结果。")
    if problem.extensions.filter(state=ExtensionState.GRANTED, round=problem.round).count() >= policy.extensions_most:
        return _("按“%(policy)s”最多延期%(n)d次，已经用完。") % {"policy": policy, "n": policy.extensions_most}
    if problem.due_on < clock.today() and not policy.extends_late:
        return _("延期应当在整改时限届满前申请，这个问题的时限已过。确有原因的请联系整改办。")
    return ""


def ask_extension(
    case_id: int, *, by: User, grounds: str, until: date, evidence: list[Evidence] | None = None
) -> Extension:
    """申请延期：with grounds, a new date and what proves them."""
    problem = Problem.objects.select_related("case__division").get(pk=case_id)
    post = actor_of(by).post_in(problem.lead_unit_id, Role.UNIT_HEAD)
    if post is None and problem.clerk_may_send_in:
        post = actor_of(by).post_in(problem.lead_unit_id, Role.UNIT_CLERK)
    if post is None:
        raise PermissionDenied
    with record(case_id, "extension_ask", by=by, post=post) as s:
        problem = s.subject(Problem)
        if problem.lead_unit_id != post.unit_id:
            raise PermissionDenied  # given to another unit between the page and the lock
        former = _check_asked(problem, until)
        own_words(grounds, otherwise=_("请写明为什么不能按期完成、还要做什么。"))
        number = (problem.extensions.aggregate(last=Max("number"))["last"] or 0) + 1
        attached = evidence or []
        made = s.write(
            Extension(
                problem=problem,
                number=number,
                round=problem.round,
                grounds=grounds.strip(),
                former_due_on=former,
                asked_until=until,
                evidence_list=[{"pk": row.pk, "sha256": row.sha256} for row in attached],
                by=by,
                unit_id=post.unit_id,
                at=clock.now(),
            )
        )
        Evidence.objects.filter(pk__in=[row.pk for row in attached], locked_at__isnull=True).update(
            locked_at=clock.now()
        )
        s.note(number=number, until=until.isoformat())
        turn = side_turn(problem, "extension_office", None, Seat.OFFICE)
        open_routing(s, "extension", str(number), turn, state=str(made.state))
        s.note(turn=in_short(turn))
    return made


def _check_asked(problem: Problem, until: date) -> date:
    if sentence := why_not_extend(problem):
        raise ActionRefused(sentence)
    return _check_until(problem, until)


def _check_until(problem: Problem, until: date | None) -> date:
    """The date that stands now, after the new one has been found good."""
    if until is None or problem.due_on is None:
        raise ActionRefused(_("请填写延至哪一天。"), field="until")
    if until <= max(problem.due_on, clock.today()):
        raise ActionRefused(_("延期后的日期必须晚于原整改时限和今天，请重新选择。"), field="until")
    most = problem.deadline_policy.extension_days_most
    last = problem.due_on + timedelta(days=most)
    if until > last:
        raise ActionRefused(
            _("每次最多延期%(days)d天，最晚到%(last)s，请重新选择。") % {"days": most, "last": clock.spelled(last)},
            field="until",
        )
    return problem.due_on


def endorse_extension(item_id: int, *, by: User, opinion: str, until: date) -> Extension:
    """报县领导：the office agrees and says until when."""
    with beside(item_id, "endorse", by=by) as s:
        problem = s.subject(Problem)
        _check_until(problem, until)
        _say(s, agreed=True, opinion=opinion, until=until, level="office")
        s.give(leader_turn(problem, "extension_leader", barred={s.side.by_id, by.pk}))
    return s.side


def grant_extension(item_id: int, *, by: User, opinion: str, until: date) -> Extension:
    """同意延期：the due date moves; the old one stays visible."""
    with beside(item_id, "grant", by=by) as s:
        problem = s.subject(Problem)
        _check_until(problem, until)
        _say(s, agreed=True, opinion=opinion, until=until, level="leader")
        s.side.granted_until = until
        before = live_clock(s.case.pk)
        rule = _("延期（第%d次）") % s.side.number
        new = NewClock(until, rule, start_on=before.start_on if before else None)
        new.computation = {"previous": str(problem.due_on), "extension": s.side.pk}
        put_case_clock(s, problem, new)
        problem.save(update_fields=["due_on", "clock_from"])
        s.note(due=until.isoformat(), former=s.side.former_due_on.isoformat(), partly=s.side.is_partly_granted)
    return s.side


def refuse_extension(item_id: int, *, by: User, reason: str) -> Extension:
    """不同意延期：the office or the leader refuses with a reason; the date stays."""
    with beside(item_id, "refuse", by=by) as s:
        own_words(reason, otherwise=_("不同意延期必须写明理由。"))
        level = "office" if s.side.state == ExtensionState.OFFICE_REVIEW else "leader"
        _say(s, agreed=False, opinion=reason, until=None, level=level)
    return s.side


def _say(s: Door, *, agreed: bool, opinion: str, until: date | None, level: str) -> None:
    if s.side.steps.filter(by=s.by).exists():
        raise ActionRefused(_("您已审核过这份延期申请，按回避规定不能再审批，请由他人办理。"))
    s.write(
        ExtensionStep(
            extension=s.side,
            level=level,
            agreed=agreed,
            until=until,
            opinion=opinion.strip() or _("同意"),
            by=s.by,
            post=s.post,
            at=clock.now(),
        )
    )
    s.note(number=s.side.number)


def take_back_extension(item_id: int, *, by: User) -> Extension:
    """撤回延期申请：the unit can keep the date after all."""
    with beside(item_id, "take_back", by=by) as s:
        s.note(number=s.side.number)
    return s.side
