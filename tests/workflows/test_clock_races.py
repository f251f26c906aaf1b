"""Two scanners at once, a scanner and a person, papers numbered in the same moment: real threads on real row locks."""

from collections.abc import Callable
from datetime import datetime, timedelta
from threading import Barrier, Thread
from typing import Any

import pytest
from django.db import connection

from organizations import clock
from rectification.actions.assignment import accept_assignment
from rectification.actions.escalating import Decision, check_cases_and_ladders, issue_escalation
from rectification.models import Escalation, Problem
from tests.conftest import Story, fresh, item_of, noon, notice_batch, reread, seen, side_item
from workflows.models import CalendarDay, Crossing, Deadline, Event, Recomputation
from workflows.queries import calendar
from workflows.recomputing import calendar_changed, continue_recomputing
from workflows.scanning import scan_deadlines
from workflows.steps import ActionRefused
from workflows.verification import verify

pytestmark = pytest.mark.postgres


def at_once(instant: datetime, *acts: Callable[[], Any]) -> list[Any]:
    """Each on a thread and a connection of its own, at the same instant of the county's clock."""
    results: list[Any] = []
    start = Barrier(len(acts))

    def go(act: Callable[[], Any]) -> None:
        try:
            with clock.at(instant):
                start.wait(5)
                results.append(act())
        except ActionRefused as refusal:
            results.append(refusal)
        except Exception as error:
            results.append(error)
        finally:
            connection.close()

    threads = [Thread(target=go, args=[act]) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def late(problem: Problem) -> datetime:
    assert problem.due_on is not None
    return noon(problem.due_on + timedelta(days=1))


def test_two_scanners_tell_everything_once(lasting: None, story: Story) -> None:
    problems = [story.rectifying() for _each in range(12)]
    before = Event.objects.count()

    found = at_once(late(problems[-1]), scan_deadlines, scan_deadlines, scan_deadlines)

    assert sum(found) >= 12  # nobody stumbled
    for problem in problems:
        names = list(Event.objects.filter(case_id=problem.pk).values_list("name", flat=True))
        assert (names.count("warned"), names.count("escalation_proposed")) == (1, 1)
    assert Crossing.objects.count() == 12 * 3
    assert Event.objects.count() > before
    with clock.at(late(problems[-1])):
        assert scan_deadlines() == 0
    verify()


def test_a_scanner_that_looks_twice_at_one_clock_tells_it_once(lasting: None, story: Story) -> None:
    problem = story.rectifying()
    key = Deadline.objects.get(case_id=problem.pk, kind="case").pk
    found = at_once(late(problem), *[lambda: check_cases_and_ladders([key])] * 3)

    assert found == [None, None, None]
    assert Event.objects.filter(case_id=problem.pk, name="warned").count() == 1
    assert Escalation.objects.filter(problem=problem).count() == 1
    verify()


def test_the_end_of_a_notice_and_an_objection_do_not_both_happen(lasting: None, story: Story) -> None:
    batch = notice_batch(story.world)
    for _try in range(3):
        problem = story.public_notice(batch=batch)
        running = Deadline.objects.get(case_id=problem.pk, kind="notice", superseded_at=None)
        end = noon(running.due_on + timedelta(days=1))

        at_once(end, scan_deadlines, lambda problem=problem: story.objection(problem))

        state = reread(problem).state
        names = set(Event.objects.filter(case_id=problem.pk).values_list("name", flat=True))
        assert ("end_notice" in names, "notice_objection" in names) in {(True, False), (False, True)}
        assert state == ("closed" if "end_notice" in names else "public_notice")
    verify()


def test_papers_issued_in_the_same_moment_have_different_numbers(lasting: None, story: Story) -> None:
    problems = [story.rectifying() for _each in range(4)]
    instant = late(problems[-1])
    with clock.at(instant):
        scan_deadlines()
    items = [side_item(problem.pk, "escalation") for problem in problems]
    by = fresh(story.world.registrar)

    def issue(pk: int) -> Callable[[], Any]:
        return lambda: issue_escalation(pk, by=fresh(by), decision=Decision("criticise", "请限期整改并说明原因。"))

    made = at_once(instant, *[issue(item.pk) for item in items])

    assert sorted(row.paper_number for row in made) == [f"督办〔{instant.year}〕{n}号" for n in range(1, 5)]
    verify()


def test_two_workers_recompute_every_date_once(lasting: None, story: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("workflows.recomputing.BATCH", 2)
    problems = [story.assigned() for _each in range(7)]
    day = calendar().add_working_days(clock.today(), 1)
    CalendarDay.objects.filter(day=day).update(kind="holiday")
    calendar_changed([day], "临时放假", None)

    found = at_once(clock.now(), continue_recomputing, continue_recomputing)

    assert all(isinstance(each, int) for each in found)
    for problem in problems:
        moved = Event.objects.filter(case_id=problem.pk, name="deadline_moved")
        waiting = Deadline.objects.get(case_id=problem.pk, item__status="NEW", limit__isnull=False)
        assert waiting.version == 2
        assert moved.count() == 1
    work = Recomputation.objects.get()
    assert (work.done_at is not None, work.moved) == (True, 7)
    verify()


def test_a_person_and_a_recomputation_at_one_case_leave_it_whole(lasting: None, story: Story) -> None:
    problems = [story.assigned() for _each in range(6)]
    day = calendar().add_working_days(clock.today(), 1)
    CalendarDay.objects.filter(day=day).update(kind="holiday")
    calendar_changed([day], "临时放假", None)
    by = story.world.clerk

    def accept_all() -> int:
        for problem in problems:
            accept_assignment(item_of(problem).pk, by=fresh(by))
        return len(problems)

    found = at_once(clock.now(), continue_recomputing, accept_all)

    assert 6 in found
    for problem in problems:
        row = Deadline.objects.get(case_id=problem.pk, item__status="NEW", item__process__kind="main")
        assert row.due_at == row.item.due_at
        assert seen(problem) == Event.objects.filter(case_id=problem.pk).count()
    verify()
