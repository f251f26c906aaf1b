"""Whose turn a state is: offices and approvers found in the division tree, levels skipped with a sentence."""

from dataclasses import dataclass, field

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from organizations import clock
from organizations.models import Post
from organizations.queries import label_of
from organizations.roles import Role, Seat
from rectification.models import Problem
from workflows.calendar import Limit, compute_due
from workflows.door import ActionRefused
from workflows.lifecycles.problem import LEVEL_OF_STATE, STATE_OF_LEVEL, ProblemState
from workflows.models.policies import step_name
from workflows.queries import calendar
from workflows.registry import Turn

LEVEL_ROLE = {
    "village": Role.VILLAGE_ASSESSOR,
    "township": Role.TOWNSHIP_REVIEWER,
    "sector": Role.SECTOR_REVIEWER,
    "county": Role.COUNTY_LEADER,
}
LEVEL_SEAT = {
    "village": Seat.VILLAGE,
    "township": Seat.TOWNSHIP,
    "sector": Seat.SECTOR,
    "county": Seat.COUNTY,
}
UNIT_STATES = {ProblemState.ASSIGNED, ProblemState.PLANNING, ProblemState.RECTIFYING}


@dataclass(slots=True)
class Stop:
    """Where a report goes next: the state and the turn, with sentences for what was skipped."""

    state: str
    turn: Turn
    notes: list[str] = field(default_factory=list)


def whose_turn(problem: Problem, state: str) -> Turn:
    """The turn of a state that needs no approver: the lead unit, the office or the team."""
    if state in UNIT_STATES:
        turn = Turn(problem.lead_unit_id, Seat.UNIT)
    elif state == ProblemState.REGISTERED and problem.disclosed_at is None:
        turn = Turn(problem.batch.team_id, Seat.TEAM)
    elif state in LEVEL_OF_STATE:
        turn = office_turn(problem)
    else:
        turn = office_turn(problem)
    return with_limit(problem, state, turn)


def with_limit(problem: Problem, state: str, turn: Turn) -> Turn:
    """Give a turn its date: the step's own limit, else the case clock; a suspension its review date."""
    if state == ProblemState.SUSPENDED:
        turn.due_on, turn.rule = problem.review_on, _("挂账复核日期")
        return turn
    if step_limit(problem, state, turn) is None:
        turn.due_on, turn.rule, turn.follows_case = problem.due_on, _("随整改期限"), True
    return turn


def step_limit(problem: Problem, step: str, turn: Turn) -> Limit | None:
    """Give a turn the date that its step's own limit makes; None where the policy knows no such limit."""
    policy = problem.deadline_policy
    limit = policy.limit_for(step)
    if limit is None:
        return None
    computation = compute_due(clock.today(), limit, calendar(problem.case.division))
    turn.due_on, turn.computation, turn.policy_id, turn.step = computation.due_on, computation, policy.pk, step
    turn.rule = _("%(policy)s：%(step)s %(limit)s") % {"policy": policy, "step": step_name(step), "limit": limit}
    return limit


def side_turn(problem: Problem, step: str, unit_id: int | None, seat: str) -> Turn:
    """The turn of a duty beside the main line, with its own limit; without a unit it is the office's."""
    turn = Turn(unit_id, seat) if unit_id else office_turn(problem)
    step_limit(problem, step, turn)
    return turn


def leader_turn(problem: Problem, step: str, barred: set[int]) -> Turn:
    """The turn of the county leader: the one named for the problem first. Raises ActionRefused where there is none."""
    posts = _approvers(problem, ["county"]).get("county", [])
    turn, _reason = _turn_of_level(problem, "county", posts, barred)
    if turn is None:
        raise ActionRefused(_("没有可以审批的县领导在岗，请先联系安全管理员登记任职。"))
    step_limit(problem, step, turn)
    return turn


def office_turn(problem: Problem) -> Turn:
    """The office that owns the batch, else the nearest one above the problem's place."""
    path_ids = problem.case.division.ancestor_ids()
    posts = Post.objects.standing(clock.today()).filter(role=Role.OFFICE, unit__division_id__in=path_ids)
    found = {post.unit.division_id: post.unit_id for post in posts}
    if problem.batch.division_id in found:
        return Turn(found[problem.batch.division_id], Seat.OFFICE)
    nearest = next((pk for pk in reversed(path_ids) if pk in found), None)
    return Turn(found.get(nearest) if nearest else None, Seat.OFFICE)


def verification_turn(problem: Problem) -> Turn:
    """The team that found it, unless it has to rectify or has nobody; then the office."""
    team = problem.found_unit_id
    if team and team not in problem.responsible_unit_ids:
        members = Post.objects.standing(clock.today()).filter(unit_id=team, role__in=[Role.INSPECTOR, Role.TEAM_LEAD])
        if members.exists():
            return Turn(team, Seat.TEAM)
    turn = office_turn(problem)
    if nobody_may_verify(problem, turn.unit_id):
        turn.notes = ["nobody_verifies"]
    return turn


def nobody_may_verify(problem: Problem, office_id: int | None) -> bool:
    """Whether the office to verify has to rectify itself, so that it must designate somebody (回避)."""
    return office_id in problem.responsible_unit_ids


def next_stop(problem: Problem, *, after: str, barred: set[int]) -> Stop:
    """The next station of a report: verification first, then each level that policy and place keep.

    `after` is "" for a fresh report, "verifying", or the level that has just agreed; `barred` are the
    people who may not judge this round.
    """
    if not after and problem.review_policy.verifies:
        return Stop(ProblemState.VERIFYING, with_limit(problem, ProblemState.VERIFYING, verification_turn(problem)))
    levels = levels_of(problem)
    if after in levels:
        levels = levels[levels.index(after) + 1 :]
    elif after in LEVEL_ROLE:
        levels = [level for level in levels if list(LEVEL_ROLE).index(level) > list(LEVEL_ROLE).index(after)]
    posts = _approvers(problem, levels)
    notes: list[str] = []
    for level in levels:
        turn, reason = _turn_of_level(problem, level, posts.get(level, []), barred)
        if reason and level != "county":
            notes.append(reason)
        if turn:
            state = STATE_OF_LEVEL[level]
            turn.notes = notes
            return Stop(state, with_limit(problem, state, turn), notes)
    notes.append("nobody:county")
    turn = office_turn(problem)
    turn.notes = notes
    return Stop(ProblemState.COUNTY_REVIEW, with_limit(problem, ProblemState.COUNTY_REVIEW, turn), notes)


def levels_of(problem: Problem) -> list[str]:
    """The levels that review this problem under its running policy; those below its own place fall away."""
    levels = problem.review_policy.levels()
    if problem.village_id is None:
        levels = [level for level in levels if level != "village"]
    if problem.town_id is None:
        levels = [level for level in levels if level != "township"]
    return levels


def _approvers(problem: Problem, levels: list[str]) -> dict[str, list[Post]]:
    places = {"village": problem.village_id, "township": problem.town_id, "county": problem.county_id}
    sector_unit = problem.category.sector_unit_id if problem.category else None
    posts = Post.objects.standing(clock.today()).filter(
        role__in=[LEVEL_ROLE[level] for level in levels],
        unit__division_id__in=problem.case.division.ancestor_ids(),
    )
    found: dict[str, list[Post]] = {}
    for post in sorted(posts, key=lambda each: (each.acting_for_id is not None, each.pk)):
        level = next(key for key, role in LEVEL_ROLE.items() if role == post.role)
        fits = post.unit_id == sector_unit if level == "sector" else post.unit.division_id == places[level]
        if fits:
            found.setdefault(level, []).append(post)
    return found


def _turn_of_level(problem: Problem, level: str, posts: list[Post], barred: set[int]) -> tuple[Turn | None, str]:
    if not posts:
        return None, f"no_holder:{level}"
    others = [post for post in posts if post.unit_id != problem.lead_unit_id]
    if not others:
        return None, f"own_unit:{level}"
    eligible = [post for post in others if post.user_id not in barred]
    if not eligible:
        return None, f"all_barred:{level}"
    leader = problem.lead_leader_id if level == "county" and problem.lead_leader_id not in barred else None
    named = next((post for post in eligible if leader and leader in (post.user_id, post.acting_for_id)), None)
    if named:
        return Turn(named.unit_id, LEVEL_SEAT[level], addressee_id=leader), ""
    return Turn(eligible[0].unit_id, LEVEL_SEAT[level]), ""


NOTES = {
    "no_holder": gettext_lazy("%(level)s没有在岗人员，由上一级审定。"),
    "own_unit": gettext_lazy("%(level)s所在单位即责任单位，回避，由上一级审定。"),
    "all_barred": gettext_lazy("%(role)s均已参与本轮办理，回避，由上一级审定。"),
    "nobody": gettext_lazy("%(level)s没有可以办理的人员，请整改办指定审定人。"),
    "nobody_verifies": gettext_lazy("整改办承担整改任务，回避核查，请整改办指定核查人。"),
}


def note_text(note: str) -> str:
    """The sentence of a note that an event carries as a code, such as “no_holder:village”."""
    code, _colon, level = note.partition(":")
    if not level:
        return str(NOTES[code])
    words = {"level": ProblemState(STATE_OF_LEVEL[level]).label, "role": label_of("role", LEVEL_ROLE[level])}
    return str(NOTES[code]) % words


def seats(problem: Problem, audience: str) -> list[tuple[int, str]]:
    """Who stands behind a word of an event's list of audiences, as pairs of unit and seat."""
    lead = [(problem.lead_unit_id, str(Seat.UNIT))] if problem.lead_unit_id else []
    if audience in {"lead", "heads"}:
        return lead
    if audience == "partners":
        own = {unit_id for unit_id, _seat in lead}
        return [(unit_id, str(Seat.UNIT)) for unit_id in sorted(problem.responsible_unit_ids - own)]
    if audience == "office":
        turn = office_turn(problem)
        return [(turn.unit_id, str(turn.role))] if turn.unit_id else []
    raise ValueError(f"nobody stands behind the audience {audience}")
