"""Starting, moving, stopping and looking at clocks. Only doors and the scan call it, under the case lock."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any

from organizations import clock
from workflows.calendar import CHINA, Computation, Limit, end_of_day
from workflows.colours import Facts, Level, level_on, next_change
from workflows.door import Door
from workflows.models.clocks import ClockKind, Crossing, Deadline
from workflows.models.routing import OPEN, WorkItem
from workflows.queries import calendar, warning_levels
from workflows.registry import subject_type

# When a clock that runs is looked at if time alone has nothing more to bring: it still follows its calendar and
# policy. Only a clock that has ended or stands still has no day at all.
NOTHING_TO_COME = datetime(9000, 1, 1, tzinfo=CHINA)


@dataclass(slots=True)
class NewClock:
    """A date and how it was made. With a limit it can be made again; without one it is fixed."""

    due_on: date
    rule: str
    start_on: date | None = None
    limit: Limit | None = None
    policy_id: int | None = None
    step: str = ""
    computation: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def computed(cls, made: Computation, rule: str, policy_id: int | None, step: str) -> "NewClock":
        """A date that follows from a limit."""
        return cls(made.due_on, rule, made.start, made.limit, policy_id, step, made.explained())


def start_clock(door: Door, kind: str, new: NewClock | None) -> Deadline | None:
    """Set or replace a clock of the case; the old row stays, marked as superseded. Without a new one it only ends."""
    live = Deadline.objects.filter(case=door.case, kind=kind, item__isnull=True, superseded_at__isnull=True)
    live.update(superseded_at=clock.now(), next_check_at=None)
    if new is None:
        return None
    made = Deadline(
        case=door.case,
        kind=kind,
        rule=new.rule,
        computation={
            "rule": new.rule,
            "due_on": new.due_on.isoformat(),
            "event": door.case.event_count + 1,  # with which this action will end: who set the date, and why
            **new.computation,
        },
        start_on=new.start_on or clock.today(),
        limit=new.limit.as_json() if new.limit else None,
        policy_id=new.policy_id,
        step=new.step,
        due_on=new.due_on,
        due_at=end_of_day(new.due_on),
        next_check_at=clock.now() if kind == ClockKind.CASE else end_of_day(new.due_on),
    )
    made.save(force_insert=True)
    if kind == ClockKind.CASE:
        follow_case(door.case.pk, new.due_on)
    return made


def follow_case(case_id: int, due_on: date) -> None:
    """Move the open items that have no limit of their own along with the case clock."""
    due_at = end_of_day(due_on)
    rows = list(Deadline.objects.filter(case_id=case_id, follows_case=True, item__status__in=OPEN))
    items = []
    for row in rows:
        row.version += row.due_on != due_on
        row.due_on, row.due_at, row.next_check_at = due_on, due_at, due_at
        items.append(row.item_id)
    Deadline.objects.bulk_update(rows, ["due_on", "due_at", "next_check_at", "version"])
    WorkItem.objects.filter(pk__in=items).update(due_at=due_at)


def stop_clock(case_id: int, kind: str = ClockKind.CASE) -> None:
    """Stop a clock, and what follows the case clock, where it stands: nobody is warned until another is started."""
    if kind == ClockKind.CASE:
        following = Deadline.objects.filter(case_id=case_id, follows_case=True, item__status__in=OPEN)
        following.update(next_check_at=None)
    live = Deadline.objects.filter(case_id=case_id, kind=kind, item__isnull=True, superseded_at__isnull=True)
    live.update(paused_at=clock.now(), next_check_at=None)


def end_clocks(case_id: int) -> None:
    """The matter is over: its clocks keep their dates and are never looked at or made again."""
    running = Deadline.objects.filter(case_id=case_id, item__isnull=True, superseded_at__isnull=True)
    running.update(next_check_at=None)


def look_again(case_id: int) -> None:
    """Have the scan look at the case clock at once: what its level depends on has changed."""
    live = Deadline.objects.filter(
        case_id=case_id, kind=ClockKind.CASE, item__isnull=True, superseded_at__isnull=True,
        paused_at__isnull=True, next_check_at__isnull=False,
    )  # fmt: skip
    live.update(next_check_at=clock.now())


def live_clock(case_id: int, kind: str = ClockKind.CASE) -> Deadline | None:
    """The clock of a kind that runs, or stands still, for a case."""
    rows = Deadline.objects.filter(case_id=case_id, kind=kind, item__isnull=True, superseded_at__isnull=True)
    return rows.first()


def start_of_day(day: date) -> datetime:
    """Midnight in China, when a date turns."""
    return datetime.combine(day, time.min, tzinfo=CHINA)


def facts_of(subject: Any, deadline: Deadline) -> Facts:
    """What the levels of a case clock depend on."""
    return Facts(deadline.due_on, deadline.start_on, subject.progress, subject.sent_back)


@dataclass(slots=True)
class Looked:
    """What a look at a case clock found: the level it has newly reached, if any, and when to look again."""

    level: Level | None
    passed: list[str]
    next_on: date | None
    crossed: dict[str, date]  # every level reached in this round, and when
    new: list[Crossing]  # to be stored by whoever looked


def look_at(door: Door, deadline: Deadline, known: dict[str, date]) -> Looked:
    """The levels a case clock has reached beside those known; the gravest is the one to tell of."""
    subject = door.matter
    levels = warning_levels(subject_type(door.case.kind).warnings_of(subject))
    days = calendar(door.case.division)
    facts = facts_of(subject, deadline)
    today = clock.today()
    reached = level_on(today, levels, facts, days)
    new = [level for level in levels if reached and level.order <= reached.order and level.code not in known]
    told = reached if reached in new else None
    passed = [level.code for level in new if level is not told]
    crossed = {**known, **{level.code: today for level in new}}
    rows = [crossing(door, deadline, level.code) for level in new]
    return Looked(told, passed, next_change(today, levels, facts, days), crossed, rows)


def crossing(door: Door, deadline: Deadline, level: str) -> Crossing:
    """That a clock reaches a level today, in this round and under this version of its date; not yet stored."""
    return Crossing(
        deadline=deadline, version=deadline.version, round=door.matter.round, level=level,
        crossed_on=clock.today(), at=clock.now(),
    )  # fmt: skip


def crossed_by_many(looked: Sequence[tuple[Door, Deadline]]) -> dict[int, dict[str, date]]:
    """Of each clock, the levels its date has reached in the round its matter is in, each with the day."""
    now = {deadline.pk: (deadline.version, door.matter.round) for door, deadline in looked}
    found: dict[int, dict[str, date]] = {}
    rows = Crossing.objects.filter(deadline__in=now)
    for key, version, in_round, level, day in rows.values_list("deadline", "version", "round", "level", "crossed_on"):
        if now[key] == (version, in_round):
            found.setdefault(key, {})[level] = day
    return found


def crossed_by(door: Door, deadline: Deadline) -> dict[str, date]:
    """The levels a date has reached in this round, each with the day."""
    return crossed_by_many([(door, deadline)]).get(deadline.pk, {})
