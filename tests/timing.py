"""Problems brought to where dates matter: an extension asked for, a notice up, a rung proposed, a cycle run."""

from datetime import timedelta
from typing import Any

from organizations import clock
from rectification.actions.extending import ask_extension
from rectification.actions.noticing import record_objection
from rectification.models import Problem
from tests.conftest import Story, make_batch, reread
from workflows.models import ReviewPolicy, WorkItem
from workflows.scanning import scan_deadlines


def noticed(story: Story, days: int = 5) -> Problem:
    """A problem whose closing has been put up for some days."""
    ReviewPolicy.objects.get_or_create(code="noticed", defaults={"name": "公示后销号", "notice_days": days})
    batch = make_batch(story.world, f"N{ReviewPolicy.objects.count()}{Problem.objects.count()}", "noticed")
    return story.closed(batch=batch)


def objected(story: Story) -> Problem:
    """A notice with an objection to it."""
    problem = noticed(story)
    values = {"text": "管网仍有漏水。", "source": "来电", "received_on": clock.today()}
    record_objection(problem.pk, by=story.world.registrar, **values)
    return reread(problem)


def asked(story: Story, days: int = 20, **fields: Any) -> Problem:
    """A problem for which more time has been asked."""
    problem = story.rectifying(**fields)
    assert problem.due_on is not None
    until = problem.due_on + timedelta(days=days)
    ask_extension(problem.pk, by=story.world.head, grounds="雨季无法施工，需顺延。", until=until)
    return reread(problem)


def proposed(story: Story) -> Problem:
    """A late problem, with the first rung of the ladder before the office."""
    problem = story.rectifying()
    with clock.at(clock.now() + timedelta(days=60)):
        scan_deadlines()
    return reread(problem)


def cycled(story: Story) -> Problem:
    """A standing problem whose cycle has run."""
    problem = story.rectifying(kind="standing")
    with clock.at(clock.now() + timedelta(days=200)):
        scan_deadlines()
    return reread(problem)


def side_item(problem: Problem, kind: str) -> WorkItem:
    """The open duty of a kind."""
    return WorkItem.objects.get(process__case_id=problem.pk, process__kind=kind, status__in=["NEW", "ASSIGNED"])
