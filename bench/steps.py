"""One step of a case, at service level, beside the same writes as bare SQL over the same connection."""

import statistics
from collections.abc import Callable
from dataclasses import dataclass

from django.db import connection
from django.test.utils import CaptureQueriesContext

from bench.floors import Floor, floor_of
from bench.table import Line, milliseconds
from organizations import clock
from organizations.models import Post, Unit, User
from rectification.actions.assignment import accept_assignment
from rectification.actions.reporting import ReportEntry, submit_rectification
from rectification.actions.review import pass_review
from rectification.models import Evidence, Problem
from tests.conftest import (
    CAST,
    Story,
    World,
    add_person,
    fresh,
    give_evidence,
    item_of,
    make_world,
    reread,
)
from workflows.models import WorkItem

RATIO_BAR = 10
STATEMENT_BAR = 20
WARM = 3

AGEING = (
    "INSERT INTO workflows_event (case_id, number, name, actor_id, post_id, unit_id, from_state, to_state, "
    "round, work_item, data, at, algorithm, previous_hash, hash) SELECT case_id, e.number + event_count * past, "
    "name, actor_id, post_id, unit_id, from_state, to_state, past, work_item, data, at, algorithm, "
    "previous_hash, hash FROM workflows_event e JOIN workflows_case c ON c.id = case_id, "
    "generate_series(1, 9) past WHERE case_id = %(case)s",
    "INSERT INTO rectification_report (case_id, problem_id, round, version, text, rectified_on, outcomes, "
    "evidence_list, partners_note, by_id, at) SELECT %(case)s, %(case)s, past, past, '已整改。', now(), '{}', "
    "'[]', '', (SELECT min(id) FROM organizations_user), now() FROM generate_series(1, 9) past",
    "UPDATE workflows_case SET event_count = event_count * 10 WHERE id = %(case)s",
    "UPDATE rectification_problem SET round = 10 WHERE case_id = %(case)s",
)


@dataclass(frozen=True)
class Measured:
    """One kind of step: how a problem is brought before it, who takes it, and the step itself."""

    name: str
    who: str
    prepare: Callable[[Story, bool], Problem]
    take: Callable[[int, User, list[int]], Problem]


def lines(small: bool) -> list[Line]:
    """Accept, submit and one review: light cases, then ones with ten times of everything."""
    story = Story(make_world())
    count = 15 if small else 30
    found = [line for step in STEPS for line in _measure(story, step, False, count)]
    _grow_posts(story.world)
    return found + [line for step in STEPS for line in _measure(story, step, True, count // 2)]


def _measure(story: Story, step: Measured, heavy: bool, count: int) -> list[Line]:
    floor = floor_of(lambda: _take(step, _ready(story, step, heavy)))
    pairs = [(_ready(story, step, heavy), _ready(story, step, heavy)) for _each in range(count + WARM)]
    times = [_times(step, floor, *pair) for pair in pairs][WARM:]
    own, bare = (statistics.median(side) for side in zip(*times, strict=True))
    what = f"{step.name}, 10x evidence, rounds, events, posts" if heavy else step.name
    statements = _statements(step, _ready(story, step, heavy))
    return [
        Line(what, own / bare, RATIO_BAR, "times", own, bare, own / bare),
        Line(f"{what}: statements", statements, STATEMENT_BAR, "statements"),
    ]


@dataclass(slots=True)
class Ready:
    """A problem that stands right before the step."""

    item: WorkItem
    evidence: list[int]
    by: User


def _ready(story: Story, step: Measured, heavy: bool) -> Ready:
    problem = step.prepare(story, heavy)
    evidence = list(Evidence.objects.filter(problem=problem, locked_at=None).values_list("pk", flat=True))
    return Ready(item_of(problem), evidence, fresh(getattr(story.world, step.who)))


def _take(step: Measured, ready: Ready) -> int:
    return step.take(ready.item.pk, ready.by, ready.evidence).pk


def _times(step: Measured, floor: Floor, one: Ready, other: Ready) -> tuple[float, float]:
    own = milliseconds(lambda: _take(step, one))
    bare = milliseconds(lambda: floor.run(other.item, other.evidence))
    return own, bare


def _statements(step: Measured, ready: Ready) -> int:
    with CaptureQueriesContext(connection) as captured:
        _take(step, ready)
    return len(captured)


def _accept(item_id: int, by: User, evidence: list[int]) -> Problem:
    return accept_assignment(item_id, by=by)


def _submit(item_id: int, by: User, evidence: list[int]) -> Problem:
    entry = ReportEntry(text="已整改。", rectified_on=clock.today(), evidence_ids=evidence)
    return submit_rectification(item_id, by=by, entry=entry)


def _pass(item_id: int, by: User, evidence: list[int]) -> Problem:
    return pass_review(item_id, by=by, opinion="同意")


def _to_accept(story: Story, heavy: bool) -> Problem:
    problem = story.assigned()
    return _aged(problem) if heavy else problem


def _to_submit(story: Story, heavy: bool) -> Problem:
    problem = story.rectifying()
    problem = _aged(problem) if heavy else problem
    _copy_evidence(give_evidence(problem, story.world.clerk), 29 if heavy else 2)
    return problem


def _to_pass(story: Story, heavy: bool) -> Problem:
    problem = _to_submit(story, heavy)
    story.submit(problem)
    story.verify(problem)
    pass_review(item_of(problem).pk, by=story.world.assessor, opinion="同意")
    return problem


def _aged(problem: Problem) -> Problem:
    """The problem in its tenth round: ten times its events, and a report of each round before."""
    for statement in AGEING:
        with connection.cursor() as cursor:
            cursor.execute(statement, {"case": problem.pk})
    return reread(problem)


def _copy_evidence(row: Evidence, count: int) -> None:
    copies = []
    for _copy in range(count):
        copy = Evidence.objects.get(pk=row.pk)
        copy.pk = None
        copies.append(copy)
    Evidence.objects.bulk_create(copies)


def _grow_posts(world: World) -> None:
    """Nine more people in every seat, and nine more posts for each who acts."""
    for key, (unit, role) in CAST.items():
        for number in range(9):
            add_person(world, f"{key}-{number}", unit, role)
    for number in range(9):
        unit = Unit.objects.create(name=f"另一单位{number}", division=world.other_town, kind="department")
        for key in {step.who for step in STEPS}:
            Post.objects.create(user=world.people[key], unit=unit, role=CAST[key][1])
    world.people = {key: fresh(user) for key, user in world.people.items()}


STEPS = (
    Measured("签收 accept", "clerk", _to_accept, _accept),
    Measured("申请销号 submit", "head", _to_submit, _submit),
    Measured("乡镇审核同意 pass", "reviewer", _to_pass, _pass),
)
