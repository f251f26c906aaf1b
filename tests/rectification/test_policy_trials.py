"""What a version would do today: counted over the whole ledger, told apart from what a secret hides, in few queries."""

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext

from organizations import clock
from rectification.actions.escalating import drop_escalation
from rectification.actions.policies import put_in_force
from rectification.colours import facts_of, level_of
from rectification.models import Problem
from rectification.trying import rungs_left_hanging, try_dates, try_levels, try_rungs
from tests.conftest import Story, World, fresh, make_batch, reach, reread, side_item
from workflows.colours import read_levels
from workflows.models import Case, DeadlinePolicy, EscalationPolicy, WarningPolicy
from workflows.queries import forget_kept, policies_in_force, warning_levels
from workflows.scanning import scan_deadlines

CODE = "blue_yellow_red"


def level(code: str, colour: str, **when: int) -> dict[str, Any]:
    conditions = [{"kind": kind, "count": count} for kind, count in when.items()]
    return {"code": code, "name": code, "colour": colour, "urgent": "", "when": conditions}


SOON = read_levels([level("blue", "blue", left=7), level("yellow", "amber", left=400), level("red", "red", overdue=0)])


def late(story: Story, **fields: Any) -> Problem:
    with clock.at(clock.now() - timedelta(days=60)):
        return story.rectifying(**fields)


def test_the_ledger_is_counted_by_level_now_and_then(story: Story) -> None:
    red, free = late(story), story.assigned()
    story.closed()
    story.registered()  # no date yet, so no colour

    trial = try_levels(CODE, SOON)

    assert (trial.looked, trial.everywhere) == (2, False)
    assert [(each and each.code, n) for each, n in trial.now] == [("red", 1), (None, 1)]
    assert [(each and each.code, n) for each, n in trial.then] == [("red", 1), ("yellow", 1)]
    assert (trial.count, [row.number for row in trial.rows]) == (1, [free.case.number])
    assert red.case.number not in [row.number for row in trial.rows]


def test_the_version_in_force_changes_no_colour(story: Story) -> None:
    late(story)
    story.assigned()

    assert try_levels(CODE, warning_levels(CODE)).count == 0


def test_a_trial_counts_what_the_lists_show(story: Story) -> None:
    problems = [late(story), story.assigned(), story.registered(), reach(story, "suspended"), story.closed()]

    trial = try_levels(CODE, SOON)

    shown = Counter(level_of(reread(problem)) for problem in problems if facts_of(reread(problem)))
    assert dict(trial.now) == dict(shown)


def test_a_suspended_problem_has_no_colour_to_change(story: Story) -> None:
    reach(story, "suspended")

    assert try_levels(CODE, SOON).looked == 0


def test_a_policy_without_a_batch_is_tried_on_the_whole_ledger(story: Story) -> None:
    story.assigned()

    trial = try_levels("brand_new", SOON)

    assert (trial.everywhere, trial.looked, trial.count) == (True, 1, 1)


def test_batches_under_another_code_are_not_asked(story: Story) -> None:
    story.assigned(batch=make_batch(story.world, "B2", warning_code="red_orange_yellow"))
    story.assigned()

    assert try_levels(CODE, SOON).looked == 1


def test_secret_problems_are_counted_and_not_named(story: Story) -> None:
    problem = story.assigned(title="保密的事")
    Problem.objects.filter(pk=problem.pk).update(disclosed_at=None)

    trial = try_levels(CODE, SOON)

    assert (trial.count, trial.hidden, trial.rows) == (1, 1, [])


def copies(problem: Problem, count: int) -> None:
    """Many problems like one, without their histories: a trial reads no more of them."""
    cases = Case.objects.bulk_create(
        Case(number=f"T{n:06d}", kind="problem", division=problem.case.division, created_at=clock.now())
        for n in range(count)
    )
    fields = {f.attname: getattr(problem, f.attname) for f in Problem._meta.concrete_fields if f.attname != "case_id"}
    fields |= {"source_serial": "", "submission": None}
    Problem.objects.bulk_create(Problem(case_id=case.pk, **fields) for case in cases)


def cost(try_it: Any) -> int:
    forget_kept()
    with CaptureQueriesContext(connection) as captured:
        try_it()
    return len(captured)


def test_a_trial_of_levels_costs_no_more_statements_when_problems_are_many(story: Story) -> None:
    few = cost(lambda: try_levels(CODE, SOON)) if story.assigned() else 0

    copies(story.assigned(), 300)
    trial = try_levels(CODE, SOON)

    assert cost(lambda: try_levels(CODE, SOON)) == few <= 7
    assert (trial.count, len(trial.rows)) == (302, 200)


def test_a_trial_of_rungs_costs_no_more_statements_when_problems_are_many(story: Story) -> None:
    ladder = policies_in_force("escalation")[0].rungs
    late(story)
    scan_deadlines()
    few = cost(lambda: try_rungs("standard", ladder))

    for _number in range(4):
        late(story)
    scan_deadlines()

    assert cost(lambda: try_rungs("standard", ladder)) == few <= 7


def test_a_trial_of_dates_names_the_step_and_both_dates(story: Story) -> None:
    problem = story.registered()
    draft = DeadlinePolicy(code="standard", step_limits={"registered": {"count": 30, "unit": "days"}})

    trial = try_dates(draft)

    assert [(row.number, row.step) for row in trial.rows] == [(problem.case.number, "待交办")]
    assert trial.rows[0].new == clock.today() + timedelta(days=30)


def test_a_limit_written_otherwise_that_comes_out_on_the_same_day_moves_nothing(story: Story) -> None:
    problem = story.registered()
    days = (problem.case.deadlines.get().due_on - clock.today()).days
    draft = DeadlinePolicy(code="standard", step_limits={"registered": {"count": days, "unit": "days"}})

    assert try_dates(draft).count == 0


def rung(code: str, working_days: int = 0, after: str = "red") -> dict[str, Any]:
    return {
        "code": code, "name": code, "after": after, "working_days": working_days, "to": "负责人", "paper": False,
        "answer_days": 0,
    }  # fmt: skip


def test_rungs_that_would_be_proposed_today_are_named_and_those_taken_are_not(story: Story) -> None:
    with clock.at(clock.now() - timedelta(days=60)):
        problem = story.rectifying()
    scan_deadlines()  # red since today: the first rung of the shipped ladder is proposed at once
    taken = list(problem.escalations.values_list("rung", flat=True))

    trial = try_rungs("standard", [rung("urge"), rung("call"), rung("much_later", 90), rung("other", after="blue")])

    assert taken == ["urge"]
    assert [(row.number, row.rung) for row in trial.rows] == [
        (problem.case.number, "call"),
        (problem.case.number, "other"),
    ]
    assert dict(trial.then) == {"urge": 0, "call": 1, "much_later": 0, "other": 1}
    assert sum(n for _name, n in trial.now) == 0


def test_a_trial_of_rungs_agrees_with_what_is_then_proposed(story: Story) -> None:
    problem = late(story)
    scan_deadlines()
    proposal = side_item(problem.pk, "escalation")
    drop_escalation(proposal.pk, by=fresh(story.world.registrar), reason="已当面提醒，暂不采取。")
    policy = EscalationPolicy.objects.get(code="standard", in_force=True)
    ladder = [*policy.rungs, rung("call"), rung("later", 30)]
    foreseen = {row.rung for row in try_rungs("standard", ladder).rows}

    put_in_force(policy, {"rungs": ladder}, by=fresh(story.world.sysadmin))
    before = set(problem.escalations.values_list("rung", flat=True))
    scan_deadlines()

    assert set(problem.escalations.values_list("rung", flat=True)) - before == foreseen == {"call"}


def test_a_rung_that_waits_for_a_level_nobody_has_any_more_is_told_of(world: World) -> None:
    policy, others = WarningPolicy.objects.get(code=CODE, in_force=True), policies_in_force("warning")
    ladder = EscalationPolicy(name="阶梯", rungs=[rung("urge", after="blue"), rung("talk", after="red")])

    left = rungs_left_hanging(read_levels([level("yellow", "amber", left=3)]), policy, [ladder], others)

    assert left == ["阶梯·urge"]  # another policy in force still has a red level


@pytest.mark.parametrize("person", ["registrar", "leader", "secadmin", "auditor", "clerk"])
def test_nobody_but_the_system_administrator_puts_a_policy_in_force(world: World, person: str) -> None:
    policy = WarningPolicy.objects.get(code=CODE, in_force=True)

    with pytest.raises(PermissionDenied):
        put_in_force(policy, {"name": "改名"}, by=fresh(world.people[person]))

    assert WarningPolicy.objects.filter(code=CODE).count() == 1
