"""What must be so when all is quiet again: everything happened, nothing twice."""

from collections import Counter
from io import StringIO
from itertools import pairwise

from django.core.management import call_command
from django.db.models import Count, Q

from notifications.models import IN_APP, UNSENT, Carried, Delivery, DeliveryState, Notice
from organizations import clock
from rectification.models import Escalation, Problem
from tests.kill.driver import BY_STEP, ENDS, end_of, title
from tests.kill.receivers import Receivers
from workflows.clocks import facts_of
from workflows.colours import Level, level_on
from workflows.models import Crossing, Deadline, Event, Outbox, WorkItem
from workflows.queries import calendar, rungs, warning_levels
from workflows.registry import event_type, subject_type
from workflows.scanning import AHEAD
from workflows.telling import people_told

LONGEST_ATTEMPT = 15.0  # seconds; a channel gives up before


def waits() -> dict[str, int]:
    """What is to be done yet."""
    now = clock.now()
    rows = {
        "outbox": Outbox.objects.all(),
        # A row that was claimed by somebody who was killed comes up within the hour; nothing else does by day.
        "clocks": Deadline.objects.filter(next_check_at__lte=now + AHEAD),
        "messages": Delivery.objects.filter(state__in=UNSENT),
        "to pass on": Notice.objects.filter(pass_on_at__lte=now),
    }
    return {name: count for name, found in rows.items() if (count := found.count())}


def under_way() -> set[tuple[int, int]]:
    """Messages somebody is sending, or was when it was killed."""
    rows = Delivery.objects.filter(state=DeliveryState.SENDING)
    return set(rows.values_list("pk", "attempts"))


def reckon(count: int, post: Receivers, interrupted: list[float]) -> dict[str, int]:
    """Every check; answers how much there was."""
    _people_did_their_work(count)
    _each_event_is_told_once()
    _each_clock_has_crossed_what_it_should()
    _each_matter_is_somebodys()
    doubled = _each_message_went_out(post, interrupted)
    said = StringIO()
    call_command("verify_ledger", stdout=said)
    assert "台账完好" in said.getvalue()
    return {
        "events": Event.objects.count(),
        "notices": Notice.objects.count(),
        "sent": Delivery.objects.exclude(channel=IN_APP).count(),
        "sent twice": doubled,
        "crossings": Crossing.objects.count(),
    }


def _people_did_their_work(count: int) -> None:
    """Every problem once and where it belongs, by the steps that lead there, each once."""
    found = dict(Problem.objects.filter(title__startswith="第").values_list("title", "state"))
    assert found == {title(number): end_of(number) for number in range(count)}
    assert Problem.objects.filter(title__startswith="第").count() == count
    steps = Counter(Event.objects.filter(actor__isnull=False, name__in=BY_STEP).values_list("name", flat=True))
    far = {state: ENDS.index("rectifying" if state == "plan_review" else state) for state in BY_STEP.values()}
    ends = [ENDS.index(end_of(number)) for number in range(count)]
    assert steps == {name: sum(end >= far[state] for end in ends) for name, state in BY_STEP.items()}


def _each_event_is_told_once() -> None:
    """Each notice once per event and person; whom it was passed on to is not among those told of it anyhow."""
    told: dict[int, set[int]] = {}
    for event_id, person_id in Notice.objects.filter(passed_on=0).values_list("event_id", "person_id"):
        assert person_id not in told.setdefault(event_id, set())
        told[event_id].add(person_id)
    for event in Event.objects.select_related("case__division").iterator(2000):
        wanted = {each.user_id for each in people_told(event)} if event_type(event.name).tells else set()
        passed = set(Notice.objects.filter(event=event, passed_on__gt=0).values_list("person_id", flat=True))
        assert told.get(event.pk, set()) == wanted, f"{event.name} {event.pk}"
        assert not passed & wanted
    inside = Notice.objects.annotate(n=Count("carried", filter=Q(carried__delivery__channel=IN_APP)))
    assert not inside.exclude(n=1).exists()


def _each_clock_has_crossed_what_it_should() -> None:
    """Levels and rungs that the day asks for are there, each once, and each was told of in one event."""
    warned: Counter[tuple[int, int, str]] = Counter()
    for data in Event.objects.filter(name="warned").values_list("data", flat=True):
        warned.update((data["deadline"], data["version"], level) for level in [data["level"], *data["passed"]])
    of_cases = Crossing.objects.filter(deadline__kind="case")
    crossed = Counter(of_cases.values_list("deadline", "version", "level"))
    assert warned == crossed
    assert all(times == 1 for times in crossed.values())
    clocks = Deadline.objects.filter(kind="case", superseded_at=None, paused_at=None, item=None)
    for deadline in clocks.select_related("case__division"):
        assert _levels_of(deadline) == {level for key, _version, level in crossed if key == deadline.pk}
        _rungs_are_proposed(deadline)
    _late_steps_are_told_of_once()


def _levels_of(deadline: Deadline) -> set[str]:
    problem = Problem.objects.select_related("batch").get(pk=deadline.case_id)
    levels: tuple[Level, ...] = tuple(warning_levels(subject_type("problem").warnings_of(problem)))
    reached = level_on(clock.today(), levels, facts_of(problem, deadline), calendar(deadline.case.division))
    return {level.code for level in levels if reached and level.order <= reached.order}


def _rungs_are_proposed(deadline: Deadline) -> None:
    days = calendar(deadline.case.division)
    problem = Problem.objects.select_related("batch").get(pk=deadline.case_id)
    crossed = dict(Crossing.objects.filter(deadline=deadline).values_list("level", "crossed_on"))
    due = [
        rung["code"] for rung in rungs(problem.batch.ladder_code)
        if rung["after"] in crossed
        and days.add_working_days(crossed[rung["after"]], int(rung["working_days"])) <= clock.today()
    ]  # fmt: skip
    # Nobody decides here, and there is one thing to decide at a time.
    assert list(Escalation.objects.filter(problem=problem).values_list("rung", flat=True)) == due[:1]


def _late_steps_are_told_of_once() -> None:
    late = Deadline.objects.filter(kind="step", due_at__lte=clock.now(), superseded_at=None, paused_at=None)
    # What follows the case clock is told of by that.
    open_ = late.filter(item__status__in=["NEW", "ASSIGNED"], follows_case=False).values_list("pk", "version")
    told = Counter((data["deadline"], data["version"]) for data in
                   Event.objects.filter(name="step_overdue").values_list("data", flat=True))  # fmt: skip
    assert all(times == 1 for times in told.values())
    assert {key for key in open_ if key not in told} == set()


def _each_matter_is_somebodys() -> None:
    """None of these matters is with the clock, so each has one open main item, and no kind of duty is open twice."""
    open_items = WorkItem.objects.filter(status__in=["NEW", "ASSIGNED"])
    main = Counter(open_items.filter(process__kind="main").values_list("process__case_id", flat=True))
    assert main == Counter(Problem.objects.values_list("pk", flat=True))
    sides = Counter(open_items.values_list("process__case_id", "process__kind", "process__key"))
    assert all(times == 1 for times in sides.values())


def _each_message_went_out(post: Receivers, interrupted: list[float]) -> int:
    """Everything arrived; twice only where the answer, or its sender, was lost in between. How many came twice."""
    got = post.letters.receipts | post.calls.receipts
    sent = Delivery.objects.exclude(channel=IN_APP)
    assert {str(key) for key in sent.values_list("key", flat=True)} == set(got)
    assert set(sent.values_list("state", flat=True)) == {"sent"}
    for delivery, receipts in got.items():
        for first, second in pairwise(receipts):
            cut = any(first.at - 0.5 <= moment <= min(second.at, first.at + LONGEST_ATTEMPT) for moment in interrupted)
            assert first.lost or cut, f"{delivery} was sent twice and no answer was lost"
    carried = Counter(Carried.objects.exclude(delivery__channel=IN_APP).values_list("delivery__channel", "notice"))
    by_letter = [times for (channel, _notice), times in carried.items() if channel == "email"]
    assert all(times == 1 for times in by_letter)
    return sum(len(receipts) > 1 for receipts in got.values())
