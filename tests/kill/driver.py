"""People at work: so many problems, each brought as far as its number says. Killed, it goes on where it was."""

import sys
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from organizations import clock
from organizations.models import Division, Unit, User
from rectification.actions.assignment import Assignment, accept_assignment, assign_problem
from rectification.actions.planning import MeasureEntry, approve_plan, submit_plan
from rectification.actions.registration import Registration, register_problem
from rectification.models import Batch, Category, Problem
from workflows import ledger
from workflows.queries import main_item
from workflows.steps import ActionRefused

BUREAUS = 6
# How far a problem is brought, by its number.
ENDS = ("registered", "assigned", "planning", "rectifying")
BY_STEP = {"assign": "assigned", "accept": "planning", "submit_plan": "plan_review", "approve_plan": "rectifying"}
ATTEMPTS = 5


def title(number: int) -> str:
    """By which a problem is known again."""
    return f"第{number:06d}处管网漏损"


def end_of(number: int) -> str:
    """The state in which a problem is left."""
    return ENDS[number % len(ENDS)]


def person(name: str) -> User:
    """Read anew, as each request does."""
    return User.objects.get(username=name)


def drive(count: int) -> int:
    """Bring all of them where they belong; each time it publishes, say how long that took."""
    ledger.call_each = _timed(ledger.call_each)
    for number in range(count):
        problem = Problem.objects.filter(title=title(number)).first() or _register(number)
        while problem.state != end_of(number):
            _try(STEPS[problem.state], problem, number)
            problem = Problem.objects.get(pk=problem.pk)
    return 0


def _timed(publish: Callable[[list[Callable[[int], None]], int], None]) -> Any:
    def publish_and_say(called: list[Callable[[int], None]], key: int) -> None:
        begun = time.monotonic()
        publish(called, key)
        sys.stdout.write(f"published {time.monotonic() - begun:.3f}\n")

    return publish_and_say


def _try(act: Callable[[int, int], object], problem: Problem, number: int) -> None:
    """Do it; a case that the clock is at for too long is tried again, as people do."""
    for attempt in range(ATTEMPTS):
        item = main_item(problem.pk)
        assert item is not None
        try:
            act(item.pk, number % BUREAUS)
            return
        except ActionRefused:
            if attempt == ATTEMPTS - 1:
                raise


def _register(number: int) -> Problem:
    entry = Registration(
        batch=Batch.objects.get(code="B1"),
        division=Division.objects.get(code="999921100201"),
        title=title(number),
        category=Category.objects.get(name="饮水安全"),
    )
    return register_problem(entry, by=person("inspector"))


def _assign(item_id: int, bureau: int) -> None:
    due_on = clock.today() + timedelta(days=12 + bureau * 5)
    unit = Unit.objects.get(name=f"第{bureau}局")
    assign_problem(item_id, by=person("registrar"), assignment=Assignment(lead_unit=unit, kind="dated", due_on=due_on))


def _accept(item_id: int, bureau: int) -> None:
    accept_assignment(item_id, by=person(f"clerk{bureau}"))


def _plan(item_id: int, bureau: int) -> None:
    measures = [MeasureEntry("更换管网", "张三", clock.today() + timedelta(days=10))]
    submit_plan(item_id, by=person(f"head{bureau}"), text="", measures=measures)


def _approve(item_id: int, bureau: int) -> None:
    approve_plan(item_id, by=person("registrar"))


STEPS = {"registered": _assign, "assigned": _accept, "planning": _plan, "plan_review": _approve}
