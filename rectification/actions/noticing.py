"""公示：put up when the last level has agreed; objections stop its clock; its end closes the problem by the clock."""

from datetime import date, timedelta

from django.db.models import Max
from django.utils.translation import gettext as _

from organizations import clock
from organizations.models import Unit, User
from organizations.roles import Seat
from rectification.actions.clocks import not_before_today, set_case_clock
from rectification.actions.closing import close_with
from rectification.actions.posts import office_post
from rectification.actions.wording import own_words
from rectification.masking import mask, private_kinds
from rectification.models import NoticeObjection, Problem, PublicNotice, Statement
from rectification.turns import office_turn, side_turn
from workflows.calendar import Limit, LimitUnit, compute_due
from workflows.clocks import NewClock, live_clock, start_clock, stop_clock
from workflows.lifecycles.problem import ProblemState
from workflows.models import ClockKind
from workflows.queries import calendar, review_policy_in_force
from workflows.scanning import looking_at, set_next
from workflows.steps import ActionRefused, Door, close_side_items, office_step, open_routing, record, side_step
from workflows.turning import in_short


def put_up(s: Door, problem: Problem, result: str) -> None:
    """Begin the notice of this round inside the step that agreed; private facts are taken out of its text."""
    days = problem.review_policy.notice_days
    made = compute_due(clock.today(), Limit(days, LimitUnit.DAYS), calendar(problem.case.division))
    rule = _("公示%d日（自然日）") % days
    stop_clock(s.case.pk)
    close_side_items(s, only_if_final=False, kind="extension")  # accepted: there is no date left to move
    start_clock(s, ClockKind.NOTICE, NewClock.computed(made, rule, None, "notice"))
    office = office_turn(problem)
    receiver = Unit.objects.filter(pk=office.unit_id or 0).first()
    matter = "。".join(part for part in (problem.title, problem.description) if part)
    s.write(
        PublicNotice(
            problem=problem,
            round=problem.round,
            version=1,
            matter=mask(matter),
            result=mask(result),
            contact=contact_of(receiver) if receiver else "",
            starts_on=clock.today(),
            ends_on=made.due_on,
            by=s.by,
            at=clock.now(),
        )
    )
    s.note(notice_until=made.due_on.isoformat())


def contact_of(unit: Unit) -> str:
    """“县整改办（电话0000-000000，政务中心302室）”: to whom people turn, and how."""
    return f"{unit.name}（{unit.contact}）" if unit.contact else unit.name


def _must_be_up(problem: Problem) -> PublicNotice:
    notice = problem.notices.filter(round=problem.round).last()
    if problem.state != ProblemState.PUBLIC_NOTICE or notice is None:
        raise ActionRefused(_("这个问题现在不在公示期，请刷新页面。"))
    return notice


def revise_notice(case_id: int, *, by: User, matter: str, result: str, contact: str) -> PublicNotice:
    """修改公示内容：a new version; a text with private facts is refused with their names."""
    with record(case_id, "notice_revised", by=by, post=office_post(case_id, by)) as s:
        problem = s.subject(Problem)
        notice = _must_be_up(problem)
        found = private_kinds("\n".join((matter, result)))
        if found:
            raise ActionRefused(_("公示内容里有%s，不能公示，请删去或改写。") % "、".join(found))
        return s.write(
            PublicNotice(
                problem=problem,
                round=problem.round,
                version=notice.version + 1,
                matter=matter.strip(),
                result=result.strip(),
                contact=contact.strip(),
                starts_on=notice.starts_on,
                ends_on=notice.ends_on,
                by=by,
                at=clock.now(),
            )
        )


def record_objection(case_id: int, *, by: User, text: str, source: str, received_on: date) -> NoticeObjection:
    """记录公示异议：the clock stops until the office has looked into it."""
    with record(case_id, "notice_objection", by=by, post=office_post(case_id, by)) as s:
        problem = s.subject(Problem)
        notice = _must_be_up(problem)
        if not text.strip():
            raise ActionRefused(_("请写明异议内容。"), field="text")
        if not notice.starts_on <= received_on <= clock.today():
            raise ActionRefused(_("收到日期应在公示开始之后、今天以前，请更正。"), field="received_on")
        number = (problem.notice_objections.aggregate(last=Max("number"))["last"] or 0) + 1
        s.write(
            NoticeObjection(
                problem=problem,
                number=number,
                round=problem.round,
                text=text.strip(),
                source=source.strip(),
                received_on=received_on,
                days_left=_days_left(problem),
                by=by,
                at=clock.now(),
            )
        )
        stop_clock(s.case.pk, ClockKind.NOTICE)
        turn = side_turn(problem, "objection", None, Seat.OFFICE)
        open_routing(s, "objection", str(number), turn)
        s.note(number=number, turn=in_short(turn))
    return problem.notice_objections.get(number=number)


def _days_left(problem: Problem) -> int:
    waiting = problem.notice_objections.filter(round=problem.round, upheld__isnull=True).first()
    if waiting:
        return int(waiting.days_left)  # the clock stands still already
    running = live_clock(problem.pk, ClockKind.NOTICE)
    return max((running.due_on - clock.today()).days, 0) if running else 0


def dismiss_objection(item_id: int, *, by: User, reason: str) -> Problem:
    """异议不成立：the notice goes on for the days that were left when the last objection has been dealt with."""
    with side_step(item_id, "notice_objection_dismissed", by=by) as s:
        problem = s.subject(Problem)
        _must_be_up(problem)
        own_words(reason, otherwise=_("请写明核实情况和异议不成立的理由。"))
        number = _settle(s, problem, upheld=False)
        s.write(Statement(problem=problem, kind="notice_objection_dismissed", text=reason, by=by, at=clock.now()))
        s.note(number=number)
        waiting = problem.notice_objections.filter(round=problem.round, upheld__isnull=True)
        if not waiting.exists():
            left = problem.notice_objections.get(number=number).days_left
            due_on = clock.today() + timedelta(days=left)
            rule = _("公示异议核实后继续公示，剩余%d日") % left
            start_clock(s, ClockKind.NOTICE, NewClock(due_on, rule))
            s.note(notice_until=due_on.isoformat())
    return problem


def _settle(s: Door, problem: Problem, *, upheld: bool) -> int:
    routing = s.item.process  # type: ignore[union-attr]
    if routing.kind != "objection":
        raise ActionRefused(_("这一步不是公示异议，请刷新页面。"))
    number = int(routing.key)
    problem.notice_objections.filter(number=number).update(upheld=upheld)
    return number


def uphold_objection(case_id: int, *, by: User, seen: int, reason: str, due_on: date) -> Problem:
    """异议成立：back into rectifying, a new round with a new date."""
    with office_step(case_id, "uphold_objection", seen=seen, by=by) as s:
        problem = s.subject(Problem)
        waiting = problem.notice_objections.filter(round=problem.round, upheld__isnull=True)
        numbers = list(waiting.values_list("number", flat=True))
        if not numbers:
            raise ActionRefused(_("没有正在核实的公示异议。请先记录收到的异议。"))
        not_before_today(due_on)
        own_words(reason, otherwise=_("请写明核实情况，让责任单位知道还差什么。"))
        waiting.update(upheld=True)
        for number in numbers:
            close_side_items(s, only_if_final=False, key=str(number), kind="objection")
        start_clock(s, ClockKind.NOTICE, None)
        set_case_clock(s, problem, due_on, _("公示异议成立后重新确定"), previous=str(problem.due_on or ""))
        problem.review_policy = review_policy_in_force(problem.review_policy.code)
        s.write(Statement(problem=problem, kind="uphold_objection", text=reason, by=by, at=clock.now()))
        s.note(numbers=numbers, due=due_on.isoformat())
    return problem


def check_notice(key: int) -> None:
    """The period has run without an objection: the clock closes the problem."""
    with looking_at(key) as (door, deadline):
        if deadline is None:
            return
        if deadline.due_at > clock.now() or door.matter.state != ProblemState.PUBLIC_NOTICE:
            set_next(key, deadline.due_at if deadline.due_at > clock.now() else None)
            return
        case_id, seen = door.case.pk, door.case.event_count
    # A step of its own: whoever got in between has changed what is to be done, and the scan comes back.
    with office_step(case_id, "end_notice", seen=seen, by=None) as s:
        problem = s.subject(Problem)
        close_with(problem)
        start_clock(s, ClockKind.NOTICE, None)
