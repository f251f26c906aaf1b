"""核查与三级审议：verify on the spot, agree or send back, record a decision taken on paper."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from organizations import clock
from organizations.models import Post, User
from organizations.roles import Role, Seat
from rectification.actions.closing import close_with, current_report
from rectification.actions.noticing import put_up
from rectification.actions.posts import office_post
from rectification.actions.wording import is_bare_consent, own_words
from rectification.models import Evidence, Problem, ReviewStep, Statement, Verification
from rectification.models.problem import Authenticity
from rectification.turns import next_stop, nobody_may_verify
from workflows.lifecycles.problem import LEVEL_OF_STATE, PASS_OF_STATE, ProblemState
from workflows.models import WorkItem
from workflows.queries import main_item, review_policy_in_force
from workflows.scope import actor_of
from workflows.steps import ActionRefused, Door, record, step

NOT_RECTIFIED = (Authenticity.NOT_DONE, Authenticity.PAPER, Authenticity.FALSE)


@dataclass(slots=True)
class SiteVisit:
    """现场核查记录：when, where, who, what was seen."""

    visited_on: date
    place: str
    people: str
    seen: str
    veracity: str = ""
    authenticity: str = ""


def verify_on_site(item_id: int, *, by: User, visit: SiteVisit, passed: bool) -> Problem:
    """核查：record the visit and hand on, or send back into a new round."""
    with step(item_id, "pass_verification" if passed else "fail_verification", by=by) as s:
        problem = s.subject(Problem)
        if visit.visited_on > clock.today():
            raise ActionRefused(_("核查日期不能晚于今天，请更正。"), field="visited_on")
        if passed and visit.authenticity in NOT_RECTIFIED:
            raise ActionRefused(
                _("整改真实性评为“%s”的不能核查通过：请点“不到位，退回重改”，评价填错了的请更正。")
                % Authenticity(visit.authenticity).label,
                field="authenticity",
            )
        report = current_report(problem)
        s.write(
            Verification(
                problem=problem,
                report=report,
                round=problem.round,
                passed=passed,
                visited_on=visit.visited_on,
                place=visit.place,
                people=visit.people,
                seen=visit.seen,
                veracity=visit.veracity,
                authenticity=visit.authenticity,
                by=by,
                post=s.post,
                at=clock.now(),
            )
        )
        problem.veracity = visit.veracity or problem.veracity
        problem.authenticity = visit.authenticity  # of this report, never of an earlier one
        if passed:
            _hand_on(s, problem, "verifying", "pass_verification")
        else:
            problem.review_policy = review_policy_in_force(problem.review_policy.code)
    return problem


def _hand_on(s: Door, problem: Problem, after: str, transition: str) -> None:
    barred = set(s.recused()) | ({s.by.pk} if s.by else set())
    stop = next_stop(problem, after=after, barred=barred)
    s.give(stop.turn)
    s.fire(transition, to=stop.state)


def pass_review(item_id: int, *, by: User, opinion: str) -> Problem:
    """同意：this level agrees; the last one closes the problem."""
    with step(item_id, _agreeing, by=by) as s:
        problem = s.subject(Problem)
        _write_step(s, problem, passed=True, opinion=opinion)
        _agree(s, problem)
    return problem


def _agree(s: Door, problem: Problem) -> None:
    level = LEVEL_OF_STATE[str(problem.state)]
    if level != "county":
        _hand_on(s, problem, level, PASS_OF_STATE[ProblemState(problem.state)])
        return
    if problem.review_policy.notice_days:
        put_up(s, problem, current_report(problem).text)
        s.fire("pass_county", to=ProblemState.PUBLIC_NOTICE)
        return
    close_with(problem)
    s.fire("pass_county", to=ProblemState.CLOSED)


def send_back(item_id: int, *, by: User, reason: str) -> Problem:
    """退回重改：with a reason in one's own words; the next round takes the policy now in force."""
    with step(item_id, "send_back", by=by) as s:
        problem = s.subject(Problem)
        _write_step(s, problem, passed=False, opinion=reason)
        problem.review_policy = review_policy_in_force(problem.review_policy.code)
    return problem


def _write_step(s: Door, problem: Problem, *, passed: bool, opinion: str, **paper: Any) -> ReviewStep:
    level, opinion = LEVEL_OF_STATE[str(problem.state)], opinion.strip()
    if not passed:
        own_words(opinion, otherwise=_("退回必须写明理由，让责任单位知道还差什么。"))
    if passed and level == "county" and problem.kind == "standing" and is_bare_consent(opinion):
        raise ActionRefused(_("长期坚持的问题销号必须写明理由，不能只写“同意”。请写清为什么可以销号。"))
    s.note(level=level, passed=passed, on_paper=bool(paper))
    return s.write(
        ReviewStep(
            problem=problem,
            report=current_report(problem),
            round=problem.round,
            level=level,
            passed=passed,
            opinion=opinion or _("同意"),
            by=s.by,
            post=s.post,
            at=clock.now(),
            **paper,
        )
    )


def _agreeing(problem: Problem) -> str:
    """The transition by which the level whose turn it is agrees."""
    state = ProblemState(problem.state)
    if state not in PASS_OF_STATE:
        raise ActionRefused(_("这个问题现在是“%s”，不在审议环节。请刷新页面。") % state.label)
    return PASS_OF_STATE[state]


@dataclass(slots=True)
class PaperDecision:
    """代录：who decided, when, under what number, with the scan."""

    passed: bool
    opinion: str
    decided_by: str
    decided_on: date
    document_number: str
    scan: Evidence | None


def record_paper_decision(item_id: int, *, by: User, decision: PaperDecision) -> Problem:
    """代录：the office records a decision taken elsewhere; the recorder is subject to recusal."""
    with step(item_id, _agreeing if decision.passed else "send_back", by=by, stand_in=Role.OFFICE) as s:
        problem = s.subject(Problem)
        if not problem.review_policy.allows_paper:
            raise ActionRefused(_("本批次的审议政策不允许代录书面决定，请由审定人在系统内办理。"))
        live = problem.evidence.filter(withdrawn_at__isnull=True)
        if decision.scan is None or not live.filter(pk=decision.scan.pk).exists():
            raise ActionRefused(_("代录书面决定必须附上决定文件的扫描件，请先上传。"))
        if decision.decided_on > clock.today():
            raise ActionRefused(_("决定日期不能晚于今天，请更正。"), field="decided_on")
        _write_step(
            s,
            problem,
            passed=decision.passed,
            opinion=decision.opinion,
            on_paper=True,
            decided_by=decision.decided_by,
            decided_on=decision.decided_on,
            document_number=decision.document_number,
            scan=decision.scan,
        )
        Evidence.objects.filter(pk=decision.scan.pk, locked_at__isnull=True).update(locked_at=clock.now())
        if decision.passed:
            _agree(s, problem)
        else:
            problem.review_policy = review_policy_in_force(problem.review_policy.code)
    return problem


def designate_reviewer(case_id: int, *, by: User, post: Post, reason: str) -> Problem:
    """指定审定人：where the last level has nobody who may decide, the office names a person."""
    with record(case_id, "designated", by=by, post=office_post(case_id, by)) as s:
        problem = s.subject(Problem)
        item = main_item(s.case.pk)
        if problem.state != ProblemState.COUNTY_REVIEW or item is None or item.role != Seat.OFFICE:
            raise ActionRefused(_("只有县级审定无人可办时才需要指定审定人。"))
        if post.user_id in s.recused():
            raise ActionRefused(_("%s已参与本轮办理，按回避规定不能审定，请另选他人。") % post.user)
        if post.unit_id in problem.responsible_unit_ids:
            raise ActionRefused(_("%s所在单位承担整改任务，按回避规定不能审定，请另选他人。") % post.user)
        _give_to(s, item, post, Seat.COUNTY, reason)
    return problem


def designate_verifier(case_id: int, *, by: User, post: Post, reason: str) -> Problem:
    """指定核查人：where the office that would verify has to rectify itself, it names a person of another unit."""
    with record(case_id, "verifier_designated", by=by, post=office_post(case_id, by)) as s:
        problem = s.subject(Problem)
        item = main_item(s.case.pk)
        waits = problem.state == ProblemState.VERIFYING and item is not None and item.role == Seat.OFFICE
        if item is None or not waits or not nobody_may_verify(problem, item.unit_id):
            raise ActionRefused(_("只有整改办承担整改任务、没有人可以核查时，才需要指定核查人。"))
        if {each.unit_id for each in actor_of(post.user).posts} & problem.responsible_unit_ids:
            raise ActionRefused(_("%s所在单位承担整改任务，按回避规定不能核查，请另选他人。") % post.user)
        _give_to(s, item, post, Seat.TEAM, reason)
    return problem


def _give_to(s: Door, item: WorkItem, post: Post, seat: str, reason: str) -> None:
    """Make the open item this person's, with the reason why."""
    item.addressee_id, item.unit_id, item.role = post.user_id, post.unit_id, seat
    item.owner, item.status = None, "NEW"
    item.save(update_fields=["addressee", "unit", "role", "owner", "status"])
    s.note(due=clock.local(item.due_at).date().isoformat() if item.due_at else None)
    s.note(designated=post.user_id, post=post.pk)
    row = Statement(problem=s.matter, kind=s.happening.name, text=reason, by=s.by, at=clock.now())
    s.write(row)
