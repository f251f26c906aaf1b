"""The clocks walked at random through real doors: whatever happened, every date is where it belongs.

Steps, extensions, suspensions, objections, corrections of the calendar, new versions of a policy and time itself in
any order; after each the whole county is compared with a recomputation from nothing.
"""

from collections import Counter
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import transaction
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from organizations import clock
from organizations.models import User
from rectification.actions.assignment import Assignment, accept_assignment, assign_problem, reassign_problem
from rectification.actions.escalating import Decision, answer_escalation, drop_escalation, issue_escalation
from rectification.actions.extending import refuse_extension, take_back_extension
from rectification.actions.noticing import dismiss_objection, uphold_objection
from rectification.actions.office import reopen_problem, resume_problem, suspend_problem, withdraw_problem
from rectification.actions.planning import MeasureEntry, approve_plan, submit_plan
from rectification.actions.progress import report_progress
from rectification.actions.review import send_back
from rectification.models import Problem
from tests.conftest import Story, fresh, item_of, make_world, noon, notice_batch, reread, seen, walk_on
from workflows.actions.policies import new_version
from workflows.calendar import CHINA, DayKind, compute_due, end_of_day
from workflows.lifecycles.problem import CLOCK_STATES, FINAL_STATES
from workflows.models import OPEN, CalendarDay, Crossing, Deadline, DeadlinePolicy, Recomputation, WorkItem
from workflows.queries import calendar, forget_kept, side_items
from workflows.recomputing import calendar_changed, continue_recomputing, policy_changed
from workflows.scanning import scan_deadlines
from workflows.steps import ActionRefused
from workflows.verification import verify

BEGUN = datetime(2026, 8, 3, 9, tzinfo=CHINA)
TEXT = "按会议要求办理，理由见附件说明。"
WHICH, DAYS = st.integers(0, 2), st.integers(1, 30)
STANDS = {"closed", "merged", "withdrawn"}


class LifeOfClocks(RuleBasedStateMachine):
    """Three problems, one of them standing, one to be put up before it closes; one clock for all."""

    def __init__(self) -> None:
        super().__init__()
        self.block: Any = transaction.atomic()
        self.block._from_testcase = True  # so that the doors take it for the test's own
        self.block.__enter__()
        self.now = BEGUN

    def teardown(self) -> None:
        try:
            with clock.at(self.now):
                verify()
        finally:
            transaction.set_rollback(True)
            self.block.__exit__(None, None, None)
            forget_kept()

    @initialize()
    def begin(self) -> None:
        forget_kept()
        with clock.at(self.now):
            self.story = Story(make_world())
            batch = notice_batch(self.story.world, 5)
            self.problems = [
                self.story.rectifying(),
                self.story.rectifying(kind="standing", partners=("partner",)),
                self.story.rectifying(batch=batch, partners=("partner",)),
            ]
            plain = self.story.registered(title="按政策时限")
            proposed = Assignment(self.story.world.units["bureau"], "dated", self.limit_date())
            assign_problem(item_of(plain).pk, by=self.by("registrar"), assignment=proposed)
            self.problems.append(reread(plain))

    def limit_date(self) -> date:
        """The day the policy proposes, so that the clock follows from its limit."""
        limit = DeadlinePolicy.objects.get(code="standard", in_force=True).limit_of_case()
        assert limit is not None
        return compute_due(clock.today(), limit, calendar()).due_on

    def by(self, role: str) -> User:
        return fresh(self.story.world.people[role])

    def attempt(self, act: Any) -> None:
        """Do it if it can be done now; a refusal must leave no trace, which the invariants look for."""
        with clock.at(self.now):
            try:
                self._inside(act)
            except (ActionRefused, PermissionDenied):
                return

    def _inside(self, act: Any) -> None:
        block: Any = transaction.atomic()
        block._from_testcase = True
        with block:
            act()

    def problem(self, which: int) -> Problem:
        return reread(self.problems[which % len(self.problems)])

    # ------------------------------------------------------------------ the main line

    @rule(which=st.integers(0, 3))
    def go_on(self, which: int) -> None:
        """The next ordinary step."""
        problem = self.problem(which)
        steps = {
            "assigned": lambda: accept_assignment(item_of(problem).pk, by=self.by_unit(problem)),
            "planning": lambda: submit_plan(
                item_of(problem).pk,
                by=self.by_unit(problem),
                text="",
                measures=[MeasureEntry("更换管网", "张三", problem.due_on or clock.today())],
            ),
            "plan_review": lambda: approve_plan(item_of(problem).pk, by=self.by("registrar")),
            "rectifying": lambda: self.story.submit(problem, partners_note="已催办。"),
        }
        state = str(problem.state)
        if state in steps:
            self.attempt(steps[state])
        elif state not in {*STANDS, "registered", "suspended", "public_notice"}:
            self.attempt(lambda: walk_on(self.story, problem, until=self.after(problem)))

    def by_unit(self, problem: Problem) -> User:
        return self.by("head")

    def after(self, problem: Problem) -> str:
        order = ["verifying", "village_review", "township_review", "county_review"]
        place = order.index(str(problem.state)) + 1
        last = "public_notice" if problem.review_policy.notice_days else "closed"
        return order[place] if place < len(order) else last

    @rule(which=st.integers(0, 3))
    def send_it_back(self, which: int) -> None:
        problem = self.problem(which)
        if problem.state == "village_review":
            self.attempt(lambda: send_back(item_of(problem).pk, by=self.by("assessor"), reason=TEXT))

    @rule(which=st.integers(0, 3), percent=st.integers(0, 100))
    def report(self, which: int, percent: int) -> None:
        problem = self.problem(which)
        self.attempt(lambda: report_progress(problem.pk, by=self.by("clerk"), percent=percent, text="有进展。"))

    @rule(which=st.integers(0, 3), days=DAYS)
    def suspend_or_resume(self, which: int, days: int) -> None:
        problem, later = self.problem(which), clock.local(self.now).date() + timedelta(days=days)
        values: dict[str, Any] = {"by": self.by("registrar"), "seen": seen(problem), "reason": TEXT}
        if problem.state == "suspended":
            self.attempt(lambda: resume_problem(problem.pk, due_on=later, **values))
        else:
            self.attempt(lambda: suspend_problem(problem.pk, review_on=later, **values))

    @rule(which=st.integers(0, 3), days=DAYS, reopens=st.booleans())
    def move_from_beside(self, which: int, days: int, reopens: bool) -> None:
        problem, later = self.problem(which), clock.local(self.now).date() + timedelta(days=days)
        values: dict[str, Any] = {"by": self.by("registrar"), "seen": seen(problem)}
        if problem.state == "closed" and reopens:
            self.attempt(lambda: reopen_problem(problem.pk, relapse=TEXT, due_on=later, **values))
        elif problem.state == "rectifying" and days > 24:
            unit = "sector" if problem.lead_unit_id == self.story.world.units["bureau"].pk else "bureau"
            to = Assignment(self.story.world.units[unit], "dated", later)
            self.attempt(lambda: reassign_problem(problem.pk, assignment=to, reason=TEXT, **values))
        elif days == 1:
            self.attempt(lambda: withdraw_problem(problem.pk, reason=TEXT, **values))

    # ------------------------------------------------------------------ beside the main line

    @rule(which=st.integers(0, 3), days=DAYS)
    def ask(self, which: int, days: int) -> None:
        problem = self.problem(which)
        if problem.due_on:
            self.attempt(lambda: self.story.ask(problem, days))

    @rule(which=st.integers(0, 3), choice=st.sampled_from(["agree", "agree", "agree", "refuse", "back"]))
    def decide_extension(self, which: int, choice: str) -> None:
        problem = self.problem(which)
        extension = problem.extensions.filter(state__in=["office_review", "leader_review"]).first()
        item = side_items(problem.pk).filter(process__kind="extension").first()
        assert (extension is None) == (item is None)
        if extension is None or item is None:
            return
        above = extension.state == "leader_review"
        agree = self.story.grant if above else self.story.endorse
        decider = self.by("leader" if above else "registrar")
        choices = {
            "agree": lambda: agree(extension),
            "refuse": lambda: refuse_extension(item.pk, by=decider, reason=TEXT),
            "back": lambda: take_back_extension(item.pk, by=self.by("head")),
        }
        self.attempt(choices[choice])

    @rule(which=st.integers(0, 3))
    def object(self, which: int) -> None:
        problem = self.problem(which)
        if problem.state == "public_notice":
            self.attempt(lambda: self.story.objection(problem))

    @rule(which=st.integers(0, 3), days=DAYS, upheld=st.booleans())
    def settle_objection(self, which: int, days: int, upheld: bool) -> None:
        problem, later = self.problem(which), clock.local(self.now).date() + timedelta(days=days)
        item = side_items(problem.pk).filter(process__kind="objection").first()
        if item is None:
            return
        by = self.by("colleague")
        if upheld:
            self.attempt(lambda: uphold_objection(problem.pk, by=by, seen=seen(problem), reason=TEXT, due_on=later))
        else:
            self.attempt(lambda: dismiss_objection(item.pk, by=by, reason=TEXT))

    @rule(which=st.integers(0, 3), choice=st.sampled_from(["issue", "other", "drop"]))
    def decide_escalation(self, which: int, choice: str) -> None:
        problem = self.problem(which)
        item = side_items(problem.pk).filter(process__kind="escalation").order_by("pk").first()
        if item is None:
            return
        rung = problem.escalations.get(number=int(item.process.key))
        if rung.state == "issued":
            self.attempt(lambda: answer_escalation(item.pk, by=self.by("head"), text=TEXT))
        elif choice == "drop":
            self.attempt(lambda: drop_escalation(item.pk, by=self.by("registrar"), reason=TEXT))
        else:
            decision = Decision(rung.rung if choice == "issue" else "criticise", TEXT)
            self.attempt(lambda: issue_escalation(item.pk, by=self.by("registrar"), decision=decision))

    # ------------------------------------------------------------------ time, the calendar, policies

    @rule(days=st.sampled_from([1, 1, 2, 3, 5, 8, 20]), scans=st.integers(0, 2))
    def time_goes_on(self, days: int, scans: int) -> None:
        self.now = noon(clock.local(self.now).date() + timedelta(days=days))
        with clock.at(self.now):
            for _each in range(scans):
                self._inside(scan_deadlines)

    @rule(ahead=st.integers(-10, 60), rests=st.booleans())
    def the_calendar_is_corrected(self, ahead: int, rests: bool) -> None:
        day = clock.local(self.now).date() + timedelta(days=ahead)
        CalendarDay.objects.filter(day=day).update(kind=DayKind.HOLIDAY if rests else DayKind.MAKEUP)
        with clock.at(self.now):
            calendar_changed([day], "调整", None)
            self._inside(continue_recomputing)

    @rule(count=st.integers(5, 90), unit=st.sampled_from(["days", "working_days"]), step=st.integers(1, 9))
    def a_policy_has_a_new_version(self, count: int, unit: str, step: int) -> None:
        with clock.at(self.now):
            policy = DeadlinePolicy.objects.get(code="standard", in_force=True)
            steps = {**policy.step_limits, "assigned": {"count": step, "unit": "working_days"}}
            fields = {"case_limit": {"count": count, "unit": unit}, "step_limits": steps}
            made = new_version(policy, fields, self.by("sysadmin"))
            policy_changed(made, "新版本", None)
            self._inside(continue_recomputing)

    # ------------------------------------------------------------------ what must hold after each

    def items(self) -> list[WorkItem]:
        rows = WorkItem.objects.filter(status__in=OPEN, flow_task_type="HUMAN")
        return list(rows.select_related("process", "deadline"))

    @invariant()
    def an_open_item_has_one_clock_if_it_has_a_date_and_both_agree(self) -> None:
        clocks = {row.item_id: row for row in Deadline.objects.filter(item__isnull=False, item__status__in=OPEN)}
        for item in self.items():
            assert (item.due_at is not None) == (item.pk in clocks)
            if item.due_at is not None:
                assert clocks[item.pk].due_at == item.due_at == end_of_day(clocks[item.pk].due_on)

    @invariant()
    def a_date_that_follows_from_a_limit_comes_out_the_same_from_nothing(self) -> None:
        running = Deadline.objects.filter(limit__isnull=False, next_check_at__isnull=False, superseded_at=None)
        for row in running.select_related("item", "case__division"):
            if row.item is not None and row.item.status not in OPEN:
                continue
            made = compute_due(row.start_on, row.length, calendar(row.case.division))
            assert (row.due_on, row.due_at) == (made.due_on, end_of_day(made.due_on))
            assert row.computation["provisional"] == made.provisional

    @invariant()
    def a_case_has_one_live_clock_of_a_kind_and_the_problem_says_the_same(self) -> None:
        live = list(Deadline.objects.filter(item__isnull=True, superseded_at__isnull=True))
        assert set(Counter((row.case_id, row.kind) for row in live).values()) <= {1}
        dates = {row.case_id: (row.due_on, row.start_on) for row in live if row.kind == "case"}
        for problem in Problem.objects.all():
            assert (problem.due_on, problem.clock_from) == dates.get(problem.pk, (None, None))

    @invariant()
    def an_open_case_is_somebodys_or_the_clocks(self) -> None:
        owed = {item.process.case_id for item in self.items() if item.process.kind == "main"}
        notices = Deadline.objects.filter(kind="notice", superseded_at__isnull=True)
        ticking = set(notices.values_list("case_id", flat=True))
        for problem in Problem.objects.all():
            state = str(problem.state)
            assert (problem.pk in owed) == (state not in {*FINAL_STATES, *CLOCK_STATES})
            assert (problem.pk in ticking) == (state in CLOCK_STATES)

    @invariant()
    def what_is_over_or_stands_still_is_never_looked_at(self) -> None:
        for row in Deadline.objects.filter(next_check_at__isnull=False, item__isnull=True).select_related(
            "case__problem"
        ):
            assert row.superseded_at is None
            assert row.paused_at is None
            assert str(row.case.problem.state) not in FINAL_STATES
        stopped = Problem.objects.filter(state__in=["suspended", *CLOCK_STATES]).values_list("pk", flat=True)
        assert not Deadline.objects.filter(kind="case", case_id__in=stopped, next_check_at__isnull=False).exists()

    @invariant()
    def nothing_is_crossed_or_proposed_twice(self) -> None:
        rows = Crossing.objects.values_list("deadline__case_id", "deadline", "version", "round", "level")
        assert set(Counter(rows).values()) <= {1}
        for problem in Problem.objects.all():
            rungs = Counter(problem.escalations.values_list("round", "rung"))
            assert set(rungs.values()) <= {1}

    @invariant()
    def a_recomputation_that_was_begun_is_done(self) -> None:
        assert not Recomputation.objects.filter(done_at__isnull=True).exists()


@pytest.mark.django_db
class TestLifeOfClocks(LifeOfClocks.TestCase):  # type: ignore[name-defined,misc]
    """Run by pytest, with its database."""

    settings = settings(
        max_examples=8, stateful_step_count=25, phases=[Phase.generate], deadline=None, derandomize=True,
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
