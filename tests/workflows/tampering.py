"""What somebody with full power over the database would do to it, and how the ledger answers."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, models

from rectification.models import Problem
from tests.conftest import reread
from tests.lifted import guards_lifted
from workflows.ledger import digest_of
from workflows.models import Case, Crossing, Deadline, Event, Outbox, Routing, WorkItem
from workflows.verification import frozen_models


@contextmanager
def tampering() -> Iterator[None]:
    """As somebody with full power over the database would: past the guards, in plain SQL."""
    connection.check_constraints()
    with guards_lifted(connection):
        yield
        connection.check_constraints()


def change(model: type[models.Model], pk: int, **values: Any) -> None:
    with tampering():
        model._base_manager.filter(pk=pk).update(**values)


def rewrite_chain(case: Case) -> None:
    """Recompute every hash and the head, as somebody who knows how the chain is made would."""
    previous = ""
    events = list(Event.objects.filter(case=case).order_by("number"))
    for event in events:
        event.previous_hash = previous
        event.hash = previous = digest_of(event, case.number)
        Event.objects.filter(pk=event.pk).update(previous_hash=event.previous_hash, hash=event.hash)
    Case.objects.filter(pk=case.pk).update(event_count=len(events), head_hash=previous)


def cut_tail(problem: Problem, *, and_rewrite_head: bool) -> None:
    """Remove the last event, which must be one that leaves no other trace."""
    case = reread(problem).case
    with tampering():
        Outbox.objects.filter(event__case=case, event__number=case.event_count).delete()
        Event.objects.filter(case=case, number=case.event_count).delete()
        if and_rewrite_head:
            rewrite_chain(case)


def erase(problem: Problem) -> None:
    """Remove a case and all that hangs on it."""
    with tampering():
        Crossing.objects.filter(deadline__case_id=problem.pk).delete()
        Deadline.objects.filter(case_id=problem.pk).delete()
        Outbox.objects.filter(event__case_id=problem.pk).delete()
        WorkItem.objects.filter(process__case_id=problem.pk).delete()
        for model in (Routing, Event, *reversed(frozen_models())):
            model._base_manager.filter(case_id=problem.pk).delete()
        Problem.objects.filter(pk=problem.pk)._raw_delete("default")
        Case.objects.filter(pk=problem.pk)._raw_delete("default")


def event_of(problem: Problem, number: int) -> Event:
    return Event.objects.get(case_id=problem.pk, number=number)


def fault() -> str:
    """The sentence of the command, which has failed."""
    with pytest.raises(CommandError) as found:
        call_command("verify_ledger")
    assert found.value.returncode == 1
    return str(found.value)


def names(sentence: str, problem: Problem, *what: Any) -> bool:
    return problem.case.number in sentence and all(str(each) in sentence for each in what)
