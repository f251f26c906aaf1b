"""Opening and moving many cases at once leaves what the doors leave, or nothing at all."""

from typing import Any

import pytest
from django.core.management import call_command
from django.db import IntegrityError, transaction

from rectification.actions.registration import Registrar, Registration, next_numbers, problem_of, registrar_post
from rectification.models import Problem
from rectification.turns import whose_turn
from tests.conftest import Story, event_names, fresh, item_of, reread
from workflows.lifecycles.problem import ProblemState
from workflows.many import Newcomer, Opening, office_steps, record_many, register_many
from workflows.models import Case, Deadline, Event, Routing, WorkItem
from workflows.steps import ActionRefused

OWN = {"id", "number", "created_at", "head_hash", "created", "started", "finished", "case_id", "process_id", "item_id",
       "at", "hash", "previous_hash", "moved_at", "disclosed_at", "search_text"}  # fmt: skip


def newcomers(story: Story, count: int) -> list[Newcomer]:
    world = story.world
    by = fresh(world.inspector)
    registrar = Registrar.of(world.batch, by, registrar_post(world.batch, world.village, by))
    found = []
    for number in next_numbers(world.village, count):
        entry = Registration(world.batch, world.village, "供水管网漏水")
        case = Case(number=number, kind="problem", division=world.village)
        problem = problem_of(entry, case, registrar)
        turn = whose_turn(problem, ProblemState.REGISTERED)
        found.append(Newcomer(case, problem, turn, {"batch": world.batch.pk, "kind": "dated"}))
    return found


def open_many(story: Story, rows: list[Newcomer]) -> int:
    by = fresh(story.world.inspector)
    post = registrar_post(story.world.batch, story.world.village, by)
    return register_many(rows, Opening("registered", by, post))


def rows_of(case_id: int) -> list[dict[str, Any]]:
    """Every row of a case but what is its own: ids, numbers, instants, hashes."""
    queries = [
        Case.objects.filter(pk=case_id),
        Problem.objects.filter(pk=case_id),
        Routing.objects.filter(case_id=case_id),
        WorkItem.objects.filter(process__case_id=case_id).order_by("flow_task_type"),
        Deadline.objects.filter(case_id=case_id),
        Event.objects.filter(case_id=case_id),
    ]
    rows = [row for query in queries for row in query.values()]
    return [{name: str(value) for name, value in row.items() if name not in OWN} for row in rows]


def test_a_case_opened_among_many_is_like_one_opened_at_the_door(story: Story) -> None:
    alone = story.registered(title="供水管网漏水", category=None)
    (new,) = newcomers(story, 1)
    new.matter.found_on = alone.found_on

    assert open_many(story, [new]) == 1

    assert rows_of(new.case.pk) == rows_of(alone.pk)


def test_many_cases_are_whole_to_the_verification_and_can_be_worked_on(story: Story) -> None:
    rows = newcomers(story, 7)
    by = fresh(story.world.inspector)
    post = registrar_post(story.world.batch, story.world.village, by)
    assert register_many(iter(rows), Opening("registered", by, post)) == 7

    call_command("verify_ledger")
    assert item_of(reread(rows[3].matter)).role == "office"


def test_either_all_cases_are_opened_or_none(story: Story) -> None:
    rows = newcomers(story, 3)
    rows[2].case.number = rows[0].case.number

    with pytest.raises(IntegrityError, match=r"(?i)unique"):
        open_many(story, rows)

    assert Case.objects.count() == Problem.objects.count() == Event.objects.count() == 0


def test_noting_something_on_many_cases_writes_one_event_each(story: Story) -> None:
    one, two = story.registered(), story.assigned()
    with transaction.atomic():
        for door in record_many([two.pk, one.pk], "list_noted", by=fresh(story.world.registrar), post=None):
            door.note(seen=True)

    assert event_names(one)[-1] == event_names(two)[-1] == "list_noted"
    assert (reread(one).state, reread(two).state) == ("registered", "assigned")
    call_command("verify_ledger")


def test_moving_many_cases_is_all_or_nothing(story: Story) -> None:
    one, two = story.registered(), story.closed()
    by = fresh(story.world.registrar)
    with pytest.raises(ActionRefused), transaction.atomic():
        for _door in office_steps([one.pk, two.pk], "withdraw", by=by, post=by_office(story)):
            pass

    assert (reread(one).state, reread(two).state) == ("registered", "closed")


def by_office(story: Story) -> Any:
    from workflows.scope import actor_of

    return actor_of(fresh(story.world.registrar)).posts[0]


def test_several_cases_move_inside_one_transaction_only(story: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    problem = story.registered()

    class Bare:
        in_atomic_block = False

    monkeypatch.setattr("workflows.many.connection", Bare)
    with pytest.raises(RuntimeError, match="one transaction"):
        next(record_many([problem.pk], "list_noted", by=None, post=None))
