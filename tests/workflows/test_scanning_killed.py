"""The scan: killed in the middle, run twice at once, or under a clock that went back, it tells of everything once."""

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from notifications.actions import telling
from notifications.models import Notice
from organizations import clock
from rectification.actions import escalating
from rectification.models import Problem
from tests.conftest import Story, World
from tests.notifications.conftest import moment, tell_all
from tests.notifications.test_races import slowly, together
from workflows import scanning
from workflows.models import Crossing, Deadline, Event, Outbox
from workflows.scanning import scan_deadlines

TUESDAY = moment("2026-11-24 10:00")
LATE = TUESDAY + timedelta(days=62)  # the case, due after forty days, is late by three weeks


class Killed(BaseException):
    """As if the process had been ended: nothing catches it."""


@pytest.fixture
def problem(story: Story) -> Problem:
    with clock.at(TUESDAY):
        return story.rectifying()


def names(problem: Problem) -> Counter[str]:
    """What time alone has done to it."""
    rows = Event.objects.filter(case_id=problem.pk, actor__isnull=True)
    return Counter(rows.values_list("name", flat=True))


def scan(when: datetime) -> int:
    with clock.at(when):
        return scan_deadlines()


def due(when: datetime) -> int:
    return Deadline.objects.filter(next_check_at__lte=when).count()


@pytest.fixture
def undisturbed(story: Story, problem: Problem) -> Counter[str]:
    """What happens to a problem of the same dates when nobody is killed."""
    with clock.at(TUESDAY):
        other = story.rectifying(title="另一处")
    keys = Deadline.objects.filter(case_id=other.pk, next_check_at__isnull=False)
    with clock.at(LATE):
        for key in list(keys.values_list("pk", flat=True)):
            scanning._check([key], Deadline.objects.values_list("kind", flat=True).get(pk=key))
    return names(other)


def kills_at(number: int, act: Callable[..., Any]) -> Callable[..., Any]:
    """The same function, whose caller is killed on so many a call, before it does anything."""
    calls: Iterator[int] = iter(range(10_000))

    def act_or_die(*args: Any, **named: Any) -> Any:
        if next(calls) == number:
            raise Killed
        return act(*args, **named)

    return act_or_die


@pytest.mark.parametrize("number", range(2))
def test_a_worker_killed_between_the_level_and_the_ladder_is_made_good(
    number: int, problem: Problem, undisturbed: Counter[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(escalating, "_propose_next", kills_at(number, escalating._propose_next))
        with pytest.raises(Killed):
            scan(LATE)

    scan(LATE + scanning.AHEAD)

    assert undisturbed["warned"] == 1
    assert undisturbed["escalation_proposed"] == 1
    assert names(problem) == undisturbed
    assert due(LATE + timedelta(days=1)) == 0


def test_a_row_whose_worker_was_killed_before_it_began_is_taken_up_in_a_while(
    problem: Problem, undisturbed: Counter[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(scanning, "_check", kills_at(0, scanning._check))
        with pytest.raises(Killed):
            scan(LATE)

    assert scan(LATE + scanning.AHEAD - timedelta(seconds=1)) == 0
    scan(LATE + scanning.AHEAD)

    assert names(problem) == undisturbed


def test_a_clock_that_always_fails_is_in_nobodys_way(
    story: Story, problem: Problem, monkeypatch: pytest.MonkeyPatch
) -> None:
    with clock.at(TUESDAY):
        other = story.rectifying(title="另一处")
    look = scanning.look_at

    def fail(door: Any, deadline: Deadline, known: Any) -> Any:
        if door.case.pk == problem.pk:
            raise ZeroDivisionError
        return look(door, deadline, known)

    monkeypatch.setattr(scanning, "look_at", fail)
    scan(LATE)

    assert names(problem)["warned"] == 0
    assert names(other)["warned"] == 1
    monkeypatch.undo()
    scan(LATE + scanning.AHEAD)
    assert names(problem) == names(other)


def test_a_scan_ends_before_its_task_is_ended_and_claims_nothing_it_has_no_time_for(
    problem: Problem, settings: Any
) -> None:
    waiting = due(LATE)

    with clock.at(LATE):
        assert scan_deadlines(seconds=0) == 0

    assert due(LATE) == waiting > 0
    assert 2 * scanning.LONGEST <= settings.CELERY_TASK_SOFT_TIME_LIMIT


def test_a_clock_that_goes_back_makes_nothing_happen_twice_and_nothing_is_lost(
    problem: Problem, undisturbed: Counter[str], world: World
) -> None:
    scan(LATE)
    once = names(problem)

    for day in (-40, -1, 0, 1):
        scan(LATE + timedelta(days=day))

    assert once == names(problem) == undisturbed
    later = LATE + timedelta(days=60)
    scan(later)
    assert names(problem)["escalation_proposed"] == 1
    with clock.at(TUESDAY):
        tell_all()
    with clock.at(later):
        tell_all()
        tell_all()
    assert not Outbox.objects.exists()
    told = Counter(Notice.objects.filter(event__case=problem.pk).values_list("event", "person"))
    assert set(told.values()) == {1}
    wanted = sum(len(telling.people_told(event)) for event in tellable(problem))
    assert sum(told.values()) == wanted > 0


def tellable(problem: Problem) -> list[Event]:
    rows = Event.objects.filter(case_id=problem.pk).select_related("case__division")
    return [event for event in rows if telling.people_told(event)]


@pytest.mark.postgres
def test_scanners_at_once_look_at_each_clock_once(story: Story, lasting: None, monkeypatch: pytest.MonkeyPatch) -> None:
    with clock.at(TUESDAY):
        problems = [story.rectifying(title=f"第{number}处") for number in range(12)]
    looked: list[int] = []
    check = scanning._check
    monkeypatch.setattr(scanning, "CLAIM", 3)
    monkeypatch.setattr(scanning, "_check", lambda keys, kind: (looked.extend(keys), check(keys, kind)))
    monkeypatch.setattr(scanning, "look_at", slowly(scanning.look_at))

    wrong = together(*[scan_deadlines] * 3, when=LATE)

    assert wrong == []
    assert len(looked) == len(set(looked))
    assert {names(problem)["warned"] for problem in problems} == {1}
    crossed = Counter(Crossing.objects.values_list("deadline", "version", "round", "level"))
    assert set(crossed.values()) == {1}
    assert len(crossed) == 3 * len(problems)
