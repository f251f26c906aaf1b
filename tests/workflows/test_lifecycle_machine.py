"""The life cycle walked at random, in memory: nothing is skipped, nothing final moves, rounds only grow."""

from types import SimpleNamespace
from typing import Any
from unittest import mock

import pytest
from django_fsm import (
    InvalidResultState,
    TransitionNotAllowed,
    can_proceed,
    get_available_FIELD_transitions,
    has_transition_perm,
)
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from organizations.models import Division
from organizations.roles import Seat
from rectification import turns
from rectification.models import Problem
from workflows.lifecycles.problem import (
    FINAL_STATES,
    LEVEL_OF_STATE,
    PASS_OF_STATE,
    STATE_OF_LEVEL,
    ProblemState,
    edges,
)
from workflows.models import Case, ReviewPolicy
from workflows.registry import Turn

LEVELS = ["village", "township", "sector", "county"]
PEOPLE = st.integers(1, 5)
SWITCHES = st.fixed_dictionaries({name: st.booleans() for name in ("village", "township", "sector", "verifies")})
HOLDERS = st.fixed_dictionaries({level: st.sets(PEOPLE, max_size=2) for level in LEVELS})
MOSTLY, SELDOM = st.integers(0, 7).map(lambda n: n != 5), st.integers(0, 7).map(lambda n: n == 5)
TRANSITIONS = sorted({arrow["name"] for arrow in edges(Problem)})
NEW_ROUND = {"send_back", "fail_verification", "reopen"}
ALLOWED = {(arrow["name"], arrow["source"], arrow["target"]) for arrow in edges(Problem)}
LEAD_UNIT = 77


class LifeOfAProblem(RuleBasedStateMachine):
    """One problem, five people who may hold any level, policies that change between rounds."""

    problem: Problem

    @initialize(policy=SWITCHES, holders=HOLDERS, own=st.sampled_from([*LEVELS, ""]), rank=st.integers(0, 2))
    def begin(self, policy: dict[str, bool], holders: dict[str, set[int]], own: str, rank: int) -> None:
        self.problem = Problem(
            case=Case(number="X", division=Division(path="/1/2/3/")),
            review_policy=ReviewPolicy(**policy),
            lead_unit_id=LEAD_UNIT,
            county_id=1,
            town_id=2 if rank > 0 else None,
            village_id=3 if rank > 1 else None,
        )
        self.policy, self.holders, self.own = policy, holders, own
        self.acted: set[int] = {1}
        self.judged: list[str] = []
        self.designated = False
        self.patches = [
            mock.patch.object(turns, "_approvers", lambda problem, levels: self.posts(levels)),
            mock.patch.object(turns, "office_turn", side_effect=lambda problem: Turn(9, Seat.OFFICE)),
            mock.patch.object(turns, "verification_turn", side_effect=lambda problem: Turn(8, Seat.TEAM)),
            mock.patch.object(turns, "with_limit", lambda problem, state, turn: turn),
            mock.patch.object(turns, "label_of", lambda kind, code: code),
        ]
        for patch in self.patches:
            patch.start()

    def teardown(self) -> None:
        for patch in getattr(self, "patches", []):
            patch.stop()

    def posts(self, levels: list[str]) -> dict[str, list[Any]]:
        return {
            level: [
                SimpleNamespace(user_id=person, unit_id=LEAD_UNIT if level == self.own else 100, acting_for_id=None)
                for person in sorted(self.holders[level])
            ]
            for level in levels
        }

    # ------------------------------------------------------------------ what must hold at every move

    def fire(self, name: str, **kwargs: Any) -> None:
        before, round_before = str(self.problem.state), self.problem.round
        getattr(self.problem, name)(**kwargs)
        after = str(self.problem.state)
        assert (name, before, after) in ALLOWED
        assert self.problem.round == round_before + (name in NEW_ROUND)
        if before == "closed":
            assert (name, after) == ("reopen", "assigned")

    def kept_levels(self) -> list[str]:
        rank = {"village": self.problem.village_id, "township": self.problem.town_id}
        policy = self.problem.review_policy
        return [
            level
            for level in LEVELS
            if rank.get(level, 1) is not None and (level == "county" or getattr(policy, level))
        ]

    def is_excused(self, level: str, barred: set[int]) -> bool:
        return level != "county" and (level == self.own or not self.holders[level] - barred)

    def hand_on(self, name: str, after: str, by: int) -> None:
        """Ask the real rule where the report goes next, and compare it with a plain one."""
        self.acted.add(by)
        stop = turns.next_stop(self.problem, after=after, barred=set(self.acted))
        kept = self.kept_levels()
        if not after and self.problem.review_policy.verifies:
            assert stop.state == "verifying"
        else:
            rest = kept[kept.index(after) + 1 :] if after in kept else kept
            wanted = next(level for level in rest if not self.is_excused(level, self.acted))
            passed_over = rest[: rest.index(wanted)]
            assert stop.state == STATE_OF_LEVEL[wanted]
            assert len(stop.notes) >= len(passed_over)
        self.designated = stop.turn.role == Seat.OFFICE
        self.fire(name, to=stop.state)

    def new_round(self, policy: dict[str, bool]) -> None:
        self.problem.review_policy = ReviewPolicy(**policy)
        self.judged, self.acted = [], {1}

    def in_state(self, *states: str) -> bool:
        return str(self.problem.state) in states

    # ------------------------------------------------------------------ moves of the unit and the office

    @precondition(lambda self: self.in_state("registered"))
    @rule()
    def assign(self) -> None:
        self.fire("assign")

    @precondition(lambda self: self.in_state("assigned"))
    @rule(to=st.sampled_from(["planning", "rectifying"]), objects=SELDOM)
    def answer(self, to: str, objects: bool) -> None:
        if objects:
            self.fire("object_assignment")
        else:
            self.fire("accept", to=to)

    @precondition(lambda self: self.in_state("planning"))
    @rule()
    def submit_plan(self) -> None:
        self.fire("submit_plan")

    @precondition(lambda self: self.in_state("plan_review"))
    @rule(agrees=MOSTLY)
    def judge_plan(self, agrees: bool) -> None:
        self.fire("approve_plan" if agrees else "return_plan")

    @precondition(lambda self: self.in_state("rectifying"))
    @rule(by=PEOPLE)
    def submit(self, by: int) -> None:
        self.judged = []
        self.hand_on("submit", "", by)

    @precondition(lambda self: self.in_state("verifying", *LEVEL_OF_STATE) and not self.judged)
    @rule(really=SELDOM)
    def recall(self, really: bool) -> None:
        if really:
            self.fire("recall")

    @precondition(lambda self: self.in_state("verifying"))
    @rule(by=PEOPLE, agrees=MOSTLY, policy=SWITCHES)
    def verify(self, by: int, agrees: bool, policy: dict[str, bool]) -> None:
        if agrees:
            self.judged.append("verifying")
            self.hand_on("pass_verification", "verifying", by)
        else:
            self.fire("fail_verification")
            self.new_round(policy)

    @precondition(lambda self: self.in_state(*LEVEL_OF_STATE))
    @rule(by=PEOPLE, agrees=MOSTLY, policy=SWITCHES)
    def review(self, by: int, agrees: bool, policy: dict[str, bool]) -> None:
        level = LEVEL_OF_STATE[str(self.problem.state)]
        name = PASS_OF_STATE[ProblemState(self.problem.state)] if agrees else "send_back"
        actor = self.reviewer(by)
        may = has_transition_perm(getattr(self.problem, name), actor)
        assert may == (by not in self.acted)
        if not may:
            return
        if not agrees:
            self.fire("send_back")
            self.new_round(policy)
            return
        self.judged.append(level)
        if level == "county":
            self.close(by)
        else:
            self.hand_on(name, level, by)

    def reviewer(self, person: int) -> Any:
        """Somebody in front of the level's item; recusal is what the engine would have found."""
        item = SimpleNamespace(role=LEVEL_OF_STATE[str(self.problem.state)])
        recusal = "回避" if person in self.acted else ""
        return SimpleNamespace(item=item, recusal=recusal, post_for=lambda item: object())

    def close(self, by: int) -> None:
        self.acted.add(by)
        self.fire("pass_county", to="closed")
        missing = [level for level in self.kept_levels() if level not in self.judged]
        assert all(self.is_excused(level, self.acted) for level in missing), missing
        assert self.judged[-1] == "county"
        assert self.problem.review_policy.verifies == ("verifying" in self.judged)

    @precondition(lambda self: self.in_state("rectifying", "suspended"))
    @rule(really=SELDOM)
    def suspend_or_resume(self, really: bool) -> None:
        if self.in_state("suspended"):
            self.fire("resume")
        elif really:
            self.fire("suspend")

    @precondition(lambda self: can_proceed(self.problem.reassign))
    @rule(unit=st.sampled_from([LEAD_UNIT, 78]), really=SELDOM)
    def reassign(self, unit: int, really: bool) -> None:
        if not really:
            return
        self.problem.lead_unit_id = unit
        self.own = "" if unit != LEAD_UNIT else self.own
        self.fire("reassign")

    @precondition(lambda self: self.in_state("closed"))
    @rule(policy=SWITCHES)
    def reopen(self, policy: dict[str, bool]) -> None:
        self.fire("reopen")
        self.new_round(policy)

    @precondition(lambda self: can_proceed(self.problem.withdraw))
    @rule(really=SELDOM, at_all=SELDOM, merges=st.booleans())
    def end_early(self, really: bool, at_all: bool, merges: bool) -> None:
        if really and at_all:
            self.fire("merge" if merges and can_proceed(self.problem.merge) else "withdraw")

    # ------------------------------------------------------------------ moves nobody may make

    @rule(name=st.sampled_from(TRANSITIONS), to=st.sampled_from(ProblemState.values))
    def nothing_else_is_possible(self, name: str, to: str) -> None:
        method, before = getattr(self.problem, name), (str(self.problem.state), self.problem.round)
        asks = (name, before[0], to) not in ALLOWED and name in ASKING
        if can_proceed(method) and not asks:
            return
        with pytest.raises((TransitionNotAllowed, InvalidResultState)):
            method(to=to) if name in ASKING else method()
        assert (str(self.problem.state), self.problem.round) == before

    @invariant()
    def nobody_writes_the_state(self) -> None:
        with pytest.raises(AttributeError):
            self.problem.state = "closed"

    @invariant()
    def final_states_have_no_way_out_but_reopening(self) -> None:
        if str(self.problem.state) in FINAL_STATES:
            field = Problem._meta.get_field("state")
            ways = {arrow.name for arrow in get_available_FIELD_transitions(self.problem, field)}
            assert ways == ({"reopen"} if self.in_state("closed") else set())


ASKING = {
    arrow.name
    for arrow in Problem._meta.get_field("state").get_all_transitions(Problem)
    if hasattr(arrow.target, "allowed_states")
}

TestLifeOfAProblem = LifeOfAProblem.TestCase
TestLifeOfAProblem.settings = settings(
    max_examples=150, stateful_step_count=80, deadline=None, suppress_health_check=list(HealthCheck)
)
