"""Two people at the same door in the same moment: one wins, the other reads a sentence.

Each race is run a second time with the lock taken out of the door, and must then go wrong: a test that
cannot fail proves nothing.
"""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.core.exceptions import ObjectDoesNotExist, PermissionDenied
from django.db import DatabaseError, IntegrityError, connection, transaction

from organizations import clock
from organizations.models import Post
from rectification.actions.assignment import Assignment, accept_assignment, assign_problem, reassign_problem
from rectification.actions.items import claim_item
from rectification.actions.office import reopen_problem, suspend_problem, withdraw_problem
from rectification.actions.progress import report_cooperation
from rectification.actions.reporting import ReportEntry, recall_report, submit_rectification
from rectification.actions.review import SiteVisit, designate_reviewer, pass_review, send_back, verify_on_site
from rectification.models import Problem
from tests.conftest import Story, add_person, fresh, give_evidence, item_of, reread, seen
from workflows import steps
from workflows.models import OPEN, Case, WorkItem
from workflows.queries import side_items
from workflows.steps import ActionRefused
from workflows.verification import verify

pytestmark = pytest.mark.postgres

TRIES = 4
Act = Callable[[], Any]
Race = Callable[[Story], tuple[Problem, Act, Act]]


@dataclass
class Outcome:
    """What became of the two."""

    won: int = 0
    refused: list[str] = field(default_factory=list)
    crashed: list[BaseException] = field(default_factory=list)


def run(*acts: Act) -> Outcome:
    """Both at once, each on a connection of its own."""
    outcome, start = Outcome(), threading.Barrier(len(acts))

    def go(act: Act) -> None:
        try:
            start.wait(5)
            act()
            outcome.won += 1
        except ActionRefused as refusal:
            outcome.refused.append(str(refusal))
        except (DatabaseError, PermissionDenied, ObjectDoesNotExist) as error:
            outcome.crashed.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=go, args=[act]) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcome


def hand_to(story: Story, unit: str) -> Assignment:
    return Assignment(story.world.units[unit], "dated", clock.today() + timedelta(days=30))


def assigning(story: Story) -> tuple[Problem, Act, Act]:
    problem, w = story.registered(), story.world
    act = partial(assign_problem, item_of(problem).pk)
    return (
        problem,
        partial(act, by=fresh(w.registrar), assignment=hand_to(story, "bureau")),
        partial(act, by=fresh(w.colleague), assignment=hand_to(story, "partner")),
    )


def signing(story: Story) -> tuple[Problem, Act, Act]:
    problem, w = story.assigned(), story.world
    act = partial(accept_assignment, item_of(problem).pk)
    return problem, partial(act, by=fresh(w.clerk)), partial(act, by=fresh(w.head))


def report_of(story: Story, problem: Problem) -> ReportEntry:
    chosen = [give_evidence(problem, story.world.clerk).pk]
    return ReportEntry(text="已整改。", rectified_on=clock.today(), evidence_ids=chosen)


def submitting(story: Story) -> tuple[Problem, Act, Act]:
    problem, w = story.rectifying(), story.world
    act = partial(submit_rectification, item_of(problem).pk, entry=report_of(story, problem))
    return problem, partial(act, by=fresh(w.head)), partial(act, by=fresh(w.head2))


def verifying(story: Story) -> tuple[Problem, Act, Act]:
    problem, w = story.verifying(), story.world
    visit = SiteVisit(clock.today(), "一村", "李组长", "已更换。")
    act = partial(verify_on_site, item_of(problem).pk, visit=visit)
    return problem, partial(act, by=fresh(w.lead), passed=True), partial(act, by=fresh(w.inspector2), passed=False)


def reviewing(story: Story, state: str, first: str, second: str) -> tuple[Problem, Act, Act]:
    problem: Problem = getattr(story, state)()
    people, item = story.world.people, item_of(problem)
    agree = partial(pass_review, item.pk, by=fresh(people[first]), opinion="同意")
    return problem, agree, partial(pass_review, item.pk, by=fresh(people[second]), opinion="同意")


def agreeing_and_sending_back(story: Story) -> tuple[Problem, Act, Act]:
    problem, w = story.township_review(), story.world
    item = item_of(problem)
    return (
        problem,
        partial(pass_review, item.pk, by=fresh(w.reviewer), opinion="同意"),
        partial(send_back, item.pk, by=fresh(w.reviewer2), reason="还差一处。"),
    )


def reopening(story: Story) -> tuple[Problem, Act, Act]:
    problem, w = story.closed(), story.world
    due = clock.today() + timedelta(days=20)
    act = partial(reopen_problem, problem.pk, seen=seen(problem), relapse="又漏水了。", due_on=due)
    return problem, partial(act, by=fresh(w.registrar)), partial(act, by=fresh(w.colleague))


def reassigning_and_submitting(story: Story) -> tuple[Problem, Act, Act]:
    problem, w = story.rectifying(), story.world
    entry = report_of(story, problem)
    reassign = partial(
        reassign_problem, problem.pk, seen=seen(problem), assignment=hand_to(story, "partner"), reason="职责调整"
    )
    submit = partial(submit_rectification, item_of(problem).pk, by=fresh(w.head), entry=entry)
    return problem, partial(reassign, by=fresh(w.registrar)), submit


def suspending_and_withdrawing(story: Story) -> tuple[Problem, Act, Act]:
    problem, w = story.rectifying(), story.world
    later, now = clock.today() + timedelta(days=30), seen(problem)
    suspend = partial(suspend_problem, problem.pk, seen=now, reason="等资金", review_on=later)
    withdraw = partial(withdraw_problem, problem.pk, seen=now, reason="重复登记")
    return problem, partial(suspend, by=fresh(w.registrar)), partial(withdraw, by=fresh(w.colleague))


def recalling_and_claiming(story: Story) -> tuple[Problem, Act, Act]:
    problem, w = story.verifying(), story.world
    recall = partial(recall_report, problem.pk, by=fresh(w.head), seen=seen(problem))
    return problem, recall, partial(claim_item, item_of(problem).pk, by=fresh(w.lead))


def claiming(story: Story) -> tuple[Problem, Act, Act]:
    problem, w = story.assigned(), story.world
    act = partial(claim_item, item_of(problem).pk)
    return problem, partial(act, by=fresh(w.clerk)), partial(act, by=fresh(w.head))


def designating(story: Story) -> tuple[Problem, Act, Act]:
    w = story.world
    Post.objects.filter(unit=w.units["leaders"], role="county_leader").update(valid_to=clock.today() - timedelta(1))
    problem = story.county_review()
    posts = Post.objects.filter(unit=w.units["leaders"], role="observer").order_by("pk")
    act = partial(designate_reviewer, problem.pk, reason="县领导均回避")
    return (
        problem,
        partial(act, by=fresh(w.registrar), post=posts[0]),
        partial(act, by=fresh(w.colleague), post=posts[1]),
    )


def reporting_as_partner(story: Story) -> tuple[Problem, Act, Act]:
    problem, w = story.rectifying(partners=("partner",)), story.world
    act = partial(report_cooperation, side_items(problem.pk).get().pk, text="资金已拨付。")
    return problem, partial(act, by=fresh(w.partner)), partial(act, by=fresh(w.partner2))


RACES: dict[str, Race] = {
    "assign": assigning,
    "accept": signing,
    "submit": submitting,
    "verify": verifying,
    "village": partial(reviewing, state="village_review", first="assessor", second="assessor2"),
    "township": partial(reviewing, state="township_review", first="reviewer", second="reviewer2"),
    "county": partial(reviewing, state="county_review", first="leader", second="leader2"),
    "agree or send back": agreeing_and_sending_back,
    "reopen": reopening,
    "reassign or submit": reassigning_and_submitting,
    "suspend or withdraw": suspending_and_withdrawing,
    "recall or claim": recalling_and_claiming,
    "claim": claiming,
    "designate": designating,
    "partner's report": reporting_as_partner,
}
SECONDS = {
    "head2": ("bureau", "unit_head"),
    "inspector2": ("team", "inspector"),
    "assessor2": ("village", "village_assessor"),
    "reviewer2": ("township", "township_reviewer"),
    "leader2": ("leaders", "county_leader"),
    "observer2": ("leaders", "observer"),
    "partner2": ("partner", "unit_head"),
}


@pytest.fixture
def crowd(lasting: None, story: Story) -> Story:
    """The cast, with a second person in every seat."""
    for key, (unit, role) in SECONDS.items():
        add_person(story.world, key, unit, role)
    return story


def open_main_items(problem: Problem) -> int:
    return WorkItem.objects.filter(
        process__case_id=problem.pk, process__kind="main", status__in=OPEN, flow_task_type="HUMAN"
    ).count()


@pytest.mark.parametrize("name", RACES)
def test_of_two_at_one_door_exactly_one_wins(crowd: Story, name: str) -> None:
    for _each in range(TRIES):
        problem, first, second = RACES[name](crowd)
        before = seen(problem)

        outcome = run(first, second)

        assert (outcome.won, outcome.crashed) == (1, [])
        assert len(outcome.refused) == 1
        assert outcome.refused[0].endswith("。")
        after = reread(problem)
        assert after.case.event_count == before + 1
        assert open_main_items(problem) == (0 if after.is_final else 1)
    verify()


@pytest.mark.parametrize("name", RACES)
def test_the_same_race_goes_wrong_without_the_lock(crowd: Story, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for _each in range(TRIES):
        _problem, first, second = RACES[name](crowd)
        with monkeypatch.context() as patch:
            patch.setattr(steps, "_locked", not_locked(threading.Barrier(2)))
            outcome = run(first, second)
        if outcome.won == 2 or any(isinstance(error, IntegrityError) for error in outcome.crashed):
            return

    pytest.fail("without its lock the door let nobody crash and nobody win twice")


def not_locked(meeting: threading.Barrier) -> Callable[[Any], Any]:
    """The door without its lock: both read before either commits."""

    @contextmanager
    def locked(case_ids: Any) -> Iterator[Case]:
        with transaction.atomic(durable=True):
            case = Case.objects.get(pk=case_ids.get())
            with suppress(threading.BrokenBarrierError):
                meeting.wait(5)
            yield case
            time.sleep(0.1)

    return locked
