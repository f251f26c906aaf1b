"""Steps from registration to an approved plan, and the ways out beside the main line."""

from datetime import date, timedelta

from organizations import clock
from project.demo import words
from project.demo.stage import Stage, item_of, seen
from project.demo.threads import Thread
from rectification.actions.assignment import (
    Assignment,
    accept_assignment,
    assign_problem,
    object_assignment,
    reassign_problem,
)
from rectification.actions.batches import feed_back_batch
from rectification.actions.clocks import propose_clock
from rectification.actions.office import merge_problem, withdraw_problem
from rectification.actions.planning import MeasureEntry, approve_plan, return_plan, submit_plan
from rectification.actions.registration import (
    Registration,
    correct_problem,
    mark_major,
    register_problem,
)
from rectification.models import Batch, Problem

PLACES = ("一组", "二组", "三组", "四组", "村部旁", "主路沿线", "学校北侧", "")


def register(stage: Stage, thread: Thread) -> None:
    """登记."""
    title = thread.text(thread.matter.title)
    entry = Registration(
        batch=thread.batch,
        division=thread.place,
        title=f"{title}（再次发现）" if thread.twin else title,
        description=thread.text(thread.matter.text),
        category=thread.category,
        kind=thread.kind,
        place_text=thread.rng.choice(PLACES) if thread.place.level == "village" else "",
        source_serial=stage.next_serial(thread),
        found_on=clock.today() - timedelta(days=thread.rng.randint(0, 3)),
        proposed_unit=thread.lead,
    )
    thread.problem_id = register_problem(entry, by=stage.people.finder(thread.batch, thread.rng)).pk


def before_picture(stage: Stage, thread: Thread) -> None:
    """The finder's picture of what is wrong."""
    finder = thread.problem().found_by
    if finder is not None:
        stage.photograph(thread, stage.people.user(finder.username), after=False)


def disclose(stage: Stage, thread: Thread) -> None:
    """反馈: the first problem's step feeds the whole batch back; for the others it has happened then."""
    if Batch.objects.get(pk=thread.batch.pk).fed_back_on is None:
        feed_back_batch(thread.batch.pk, by=stage.people.user("demo-teamlead"))


def correct(stage: Stage, thread: Thread) -> None:
    """更正."""
    by = stage.people.office(thread.rng)
    changes = {"place_text": "五组岔路口以东"}
    correct_problem(thread.problem_id, by=by, changes=changes, reason=words.REASONS["corrected"])


def major(stage: Stage, thread: Thread) -> None:
    """标记重大."""
    mark_major(thread.problem_id, by=stage.people.office(thread.rng), major=True)


def assign(stage: Stage, thread: Thread) -> None:
    """交办: to the wrong unit first where the story has an objection or a reassignment ahead."""
    by = stage.people.office(thread.rng)
    astray = thread.plot.has("objected", "reassigned", "reassigned_early") and not thread.was_astray
    assign_problem(item_of(thread).pk, by=by, assignment=_assignment(stage, thread, astray=astray))


def _assignment(stage: Stage, thread: Thread, *, astray: bool) -> Assignment:
    thread.was_astray = thread.was_astray or astray
    lead = thread.stranger if astray else thread.lead
    leader = {"addressed": "demo-leader", "acting": words.LEADER_ON_LEAVE[0]}
    leader["on_leave"] = words.LEADER_ON_LEAVE[0]
    named = next((login for twist, login in leader.items() if thread.plot.has(twist)), "")
    undated = thread.plot.has("standing", "no_due")
    return Assignment(
        lead_unit=lead,
        kind=thread.kind,
        due_on=None if undated else _due(thread),
        due_reason=words.REASONS["no_due"] if thread.plot.has("no_due") else "",
        partners=[thread.partner] if thread.partner and not astray else [],
        lead_leader=stage.people.user(named) if named else None,
        person_in_charge=stage.people.head(lead).name,
        review_cycle=6 if thread.plot.has("standing") else None,
    )


def _due(thread: Thread) -> date:
    if thread.wanted_due:
        return thread.wanted_due
    proposed = propose_clock(thread.problem())
    due_on = proposed.due_on if proposed else clock.today() + timedelta(days=60)
    if thread.kind == "immediate":
        due_on = clock.today() + timedelta(days=20)
    # Most problems that were closed were closed in time.
    if thread.plot.goal == "closed" and thread.rng.random() < 0.75:
        due_on = max(due_on, thread.ends_on + timedelta(days=thread.rng.randint(2, 20)))
    return due_on


def object_to(stage: Stage, thread: Thread) -> None:
    """异议."""
    reason = words.REASONS["object"].format(unit=thread.lead.label)
    object_assignment(item_of(thread).pk, by=stage.people.head(_lead(thread).lead_unit), reason=reason)


def reassign(stage: Stage, thread: Thread) -> None:
    """改派."""
    reassign_problem(
        thread.problem_id,
        by=stage.people.office(thread.rng),
        seen=seen(thread),
        assignment=_assignment(stage, thread, astray=False),
        reason=words.REASONS["reassign"].format(unit=thread.lead.label),
    )


def _lead(thread: Thread) -> Problem:
    return Problem.objects.select_related("lead_unit").get(pk=thread.problem_id)


def accept(stage: Stage, thread: Thread) -> None:
    """签收."""
    accept_assignment(item_of(thread).pk, by=stage.people.clerk(_lead(thread).lead_unit))


def plan(stage: Stage, thread: Thread) -> None:
    """报送方案: two measures within the time there is."""
    problem = _lead(thread)
    last = problem.due_on or clock.today() + timedelta(days=90)
    span = max((last - clock.today()).days, 0)
    owners = (stage.people.clerk(problem.lead_unit).name, stage.people.head(problem.lead_unit).name)
    measures = [
        MeasureEntry(thread.text(text), owner, last - timedelta(days=span // share))
        for text, owner, share in zip(thread.matter.measures, owners, (2, 6), strict=True)
    ]
    text = f"成立工作专班，{owners[1]}总负责，分两步推进，每周调度一次。"
    submit_plan(item_of(thread).pk, by=stage.people.head(problem.lead_unit), text=text, measures=measures)


def approve(stage: Stage, thread: Thread) -> None:
    """方案通过."""
    approve_plan(item_of(thread).pk, by=stage.people.office(thread.rng))


def hand_back_plan(stage: Stage, thread: Thread) -> None:
    """方案退回."""
    by = stage.people.office(thread.rng)
    return_plan(item_of(thread).pk, by=by, reason=words.REASONS["return_plan"])


def merge(stage: Stage, thread: Thread) -> None:
    """并案."""
    if thread.twin is None:
        raise LookupError(f"{thread.plot} has no twin")
    merge_problem(
        thread.problem_id,
        by=stage.people.office(thread.rng),
        seen=seen(thread),
        target=thread.twin.problem(),
        reason=words.REASONS["merge"],
    )


def withdraw(stage: Stage, thread: Thread) -> None:
    """撤销."""
    by = stage.people.office(thread.rng)
    withdraw_problem(thread.problem_id, by=by, seen=seen(thread), reason=words.REASONS["withdraw"])
