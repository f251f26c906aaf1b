"""Making running dates again after the calendar or a policy has changed: in batches, each under the locks of its cases.

A change writes one `Recomputation` in a few parts; working through them is the task's business, and a part whose
worker was killed goes on from its cursor. What moves gets an event, and its owner is told once, by the sweep of the
outbox: thousands of events at once are nothing to hurry with. Only dates that follow from a limit are made again.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import pairwise
from types import SimpleNamespace
from typing import Any

from django.db import transaction
from django.db.models import F, Max, Q, QuerySet

from organizations import clock
from organizations.models import Division, User
from workflows.calendar import Calendar, Computation, Limit, LimitUnit, compute_due, end_of_day
from workflows.ledger import Happening, build_event
from workflows.many import change_many, put_in_outbox, store_events, without_collecting
from workflows.models import (
    OPEN,
    Case,
    ClockKind,
    Deadline,
    DeadlinePolicy,
    Event,
    Recomputation,
    RecomputationPart,
    WorkItem,
)
from workflows.queries import calendar, forget_kept
from workflows.registry import subject_type, subject_types

BATCH = 32  # clocks a transaction: nobody waits a tenth of a second for a case, on a busy machine either
PARTS = 4  # how many processes of a worker may be at it
FOR_EVER = 2**62
CALENDAR, POLICY = "calendar", "policy"
LISTED_MOST = 50  # moving dates a preview names one by one
COUNTED_MOST = 10_000  # clocks a preview of a calendar compares: somebody waits for the page


@dataclass(slots=True)
class Made:
    """A clock whose date, limit or certainty comes out otherwise than it stands."""

    deadline: Deadline
    computation: Computation
    limit: Limit

    @property
    def clock(self) -> str:
        """Which clock it is, as people call it: the case's own, or a step of a unit."""
        item = self.deadline.item
        if item is None:
            return str(ClockKind(self.deadline.kind).label)
        title = str(item.flow_task.task_title) if item.flow_task else self.deadline.step
        return f"{title}（{item.unit.label}）" if item.unit else title

    @property
    def moves(self) -> bool:
        """Whether the date itself is another one."""
        return self.computation.due_on != self.deadline.due_on


def of_rules() -> QuerySet[Deadline]:
    """Clocks that follow from a limit and have not ended; the scan ends those of closed items when their day comes."""
    return Deadline.objects.filter(limit__isnull=False, superseded_at__isnull=True, next_check_at__isnull=False)


def running(rows: QuerySet[Deadline] | None = None) -> QuerySet[Deadline]:
    """Those of them that run: the clocks of closed items and past cases are over."""
    rows = of_rules() if rows is None else rows
    return rows.filter(Q(item__isnull=True) | Q(item__status__in=OPEN))


def touched(work: Recomputation) -> QuerySet[Deadline]:
    """The clocks a change may move, found in the order of their keys without a look at anything else."""
    rows = of_rules()
    if work.reason == POLICY:
        return rows.filter(policy__code=work.policy.code) if work.policy else rows.none()
    counted = Q(limit__unit=LimitUnit.WORKING_DAYS) | Q(limit__roll_forward=True)
    rows = rows.filter(counted)
    if work.first_day and work.last_day:
        # A limit that ended before the first changed day, or began after the last, counted none of them. The
        # date under the new calendar may lie later than the old one, never before the first day that changed.
        rows = rows.filter(start_on__lte=work.last_day, due_on__gte=work.first_day)
    return rows


@transaction.atomic
def begin(work: Recomputation) -> Recomputation:
    """Write down a change that running dates have to follow, in parts that can be worked on side by side."""
    work.begun_at = clock.now()
    work.save(force_insert=True)
    last = Deadline.objects.aggregate(last=Max("pk"))["last"] or 0
    # The last part has no end: a clock that is being started just now may still be counted by the old days.
    ends = [*(last * number // PARTS for number in range(PARTS)), FOR_EVER]
    work.parts.bulk_create(
        RecomputationPart(recomputation=work, cursor=first, last=end) for first, end in pairwise(ends)
    )
    forget_kept()
    return work


def continue_recomputing(batches: int = 1_000) -> int:
    """Go on with what was begun; answers how many clocks were looked at. Two at once do no batch twice."""
    forget_kept()
    looked = 0
    for _number in range(batches):
        count = _work_on_free_part()
        if count is None:
            break
        looked += count
    return looked


def _work_on_free_part() -> int | None:
    """One batch of the oldest change that is not done; None where nothing is left, or others are at all of it."""
    with without_collecting(), transaction.atomic(durable=True):
        work = Recomputation.objects.select_related("policy").filter(done_at__isnull=True).order_by("id").first()
        free = work.parts.select_for_update(skip_locked=True).filter(done=False) if work else None
        part = free.first() if free is not None else None
        if work is None or part is None:
            return None
        rows = touched(work).filter(pk__gt=part.cursor, pk__lte=part.last).order_by("pk")
        found = dict(rows.values_list("pk", "case_id")[:BATCH])
        checked, moved = _make_again(list(found), set(found.values()), work) if found else (0, 0)
        part.cursor = max(found, default=part.cursor)
        part.done = len(found) < BATCH
        part.save()
        mine = Recomputation.objects.filter(pk=work.pk)
        mine.update(checked=F("checked") + checked, moved=F("moved") + moved)
        # Whoever is the last to have written the line above sees the parts of the others.
        if part.done and not work.parts.filter(done=False).exists():
            mine.update(done_at=clock.now())
    return len(found)


def _make_again(keys: list[int], case_ids: set[int], work: Recomputation) -> tuple[int, int]:
    """Lock the cases of these clocks in the order of their keys, and move what comes out otherwise.

    Answers how many of them run and how many have moved.
    """
    cases = {
        case.pk: case
        for case in Case.objects.select_related("division")
        .select_for_update(of=("self",), no_key=True)
        .filter(pk__in=case_ids)
        .order_by("pk")
    }
    rows = list(running().filter(pk__in=keys).select_related("item").order_by("case_id", "pk"))
    return len(rows), move_all([made for made in compare(rows, cases, work.policy) if made], cases, work)


def compare(
    rows: Iterable[Deadline],
    cases: dict[int, Case],
    policy: DeadlinePolicy | None,
    calendar_of: Callable[[Division], Calendar] = calendar,
) -> Iterable[Made | None]:
    """Each clock with the date that comes out now, or None where it stays."""
    made: dict[tuple[date, Limit, int], Computation] = {}  # many clocks begin on one day under one rule
    for row in rows:
        limit = limit_now(row, policy)
        if limit is None or row.start_on is None:
            yield None
            continue
        days = calendar_of(cases[row.case_id].division)
        key = (row.start_on, limit, id(days))
        computation = made.get(key) or made.setdefault(key, compute_due(row.start_on, limit, days))
        # A date that stays may still have become certain, or the other way round.
        certain = computation.provisional == bool(row.computation.get("provisional"))
        same = computation.due_on == row.due_on and limit == row.length and certain
        yield None if same else Made(row, computation, limit)


def limit_now(row: Deadline, policy: DeadlinePolicy | None) -> Limit | None:
    """The limit of a clock under the policy that is to hold, or its own."""
    if policy is None:
        return row.length
    return policy.limit_of_case() if row.step == "case" else policy.limit_for(row.step)


def move_all(moved: list[Made], cases: dict[int, Case], work: Recomputation) -> int:
    """Store new dates, one event each, and what hangs on them; answers how many moved."""
    subjects = _subjects(cases.values())
    events, items, now = [], [], clock.now()  # of an item, its key and its date
    new_cases: dict[int, date] = {}
    explained: dict[int, dict[str, Any]] = {}
    for made in moved:
        row, case, due_on = made.deadline, cases[made.deadline.case_id], made.computation.due_on
        former, key = row.due_on, id(made.computation)
        _set(row, made, work, now, explained.get(key) or explained.setdefault(key, made.computation.explained()))
        if row.item_id is not None:
            items.append(SimpleNamespace(id=row.item_id, due_at=row.due_at))
        elif row.kind == ClockKind.CASE and former != due_on:
            new_cases[case.pk] = due_on
        if former != due_on:
            events.append(_event(case, subjects[case.pk], row, former, work))
    columns = ["due_on", "due_at", "limit", "policy", "computation", "rule", "version", "next_check_at"]
    change_many(Deadline, [made.deadline for made in moved], columns)
    items += _follow(new_cases, subjects)
    change_many(WorkItem, items, ["due_at"])
    store_events(events)
    # Several clocks of one case may have one owner, who hears of it once.
    put_in_outbox({_who_hears(event): event for event in reversed(events)}.values())
    return len(events)


def _who_hears(event: Event) -> tuple[Any, ...]:
    turn = event.data.get("turn") or {}
    return event.case_id, turn.get("unit"), turn.get("role"), turn.get("person")


def _set(row: Deadline, made: Made, work: Recomputation, now: datetime, explained: dict[str, Any]) -> None:
    computation, moves = made.computation, made.moves
    former = row.computation.get("moved", [])
    if moves:
        former = [*former, {"from": row.due_on.isoformat(), "why": work.text}]
    row.computation = {**explained, "moved": former}
    row.version += moves
    row.due_on, row.due_at = computation.due_on, end_of_day(computation.due_on)
    row.limit = made.limit.as_json()
    if work.policy is not None:
        row.policy, row.rule = work.policy, f"{work.policy}：{made.limit}"
    if moves:
        row.next_check_at = now if row.kind == ClockKind.CASE else row.due_at


def _follow(new_cases: dict[int, date], subjects: dict[int, Any]) -> list[SimpleNamespace]:
    """Move the copies of the case clock: the matter's own, and the clocks of items without a limit of their own.

    Answers these items with their new dates, which the caller stores with its own.
    """
    for pk, due_on in new_cases.items():
        subjects[pk].due_on = due_on
    for kind in subject_types():
        changed = [subjects[pk] for pk in new_cases if isinstance(subjects[pk], kind.model)]
        change_many(kind.model, changed, ["due_on"])
    following = Deadline.objects.filter(case_id__in=new_cases, follows_case=True, item__status__in=OPEN)
    rows, items = [], []
    for pk, case_id, item_id, version in following.values_list("pk", "case_id", "item_id", "version"):
        due_at = end_of_day(new_cases[case_id])
        rows.append(
            SimpleNamespace(id=pk, due_on=new_cases[case_id], due_at=due_at, next_check_at=due_at, version=version + 1)
        )
        items.append(SimpleNamespace(id=item_id, due_at=due_at))
    change_many(Deadline, rows, ["due_on", "due_at", "next_check_at", "version"])
    return items


def _subjects(cases: Iterable[Case]) -> dict[int, Any]:
    """The matters themselves, without what an action would ask of them."""
    by_kind: dict[str, list[int]] = {}
    for case in cases:
        by_kind.setdefault(case.kind, []).append(case.pk)
    found: dict[int, Any] = {}
    for kind, ids in by_kind.items():
        found.update(subject_type(kind).model._default_manager.in_bulk(ids))
    return found


def _event(case: Case, subject: Any, row: Deadline, former: date, work: Recomputation) -> Event:
    item, turn = row.item, _owner(case, subject, row)
    state = str(subject.state)
    data = {
        "deadline": row.pk,
        "version": row.version,
        "from": former.isoformat(),
        "due": row.due_on.isoformat(),
        "recomputation": work.pk,
        **({"turn": turn} if turn else {}),
    }
    happening = Happening(
        name="deadline_moved", from_state=state, to_state=state, round=subject.round,
        actor_id=work.begun_by_id, work_item=item.pk if item else None, data=data,
    )  # fmt: skip
    return build_event(case, happening)


def _owner(case: Case, subject: Any, row: Deadline) -> dict[str, Any] | None:
    """Who is to know of the date: whoever owes the step, or for the case itself the unit that leads it."""
    item, due = row.item, row.due_on.isoformat()
    if item is None:
        lead = next(iter(subject_type(case.kind).seats(subject, "lead")), None)
        return {"unit": lead[0], "role": lead[1], "due": due} if lead else None
    turn = {"unit": item.unit_id, "role": item.role, "due": due}
    return {**turn, "person": item.addressee_id} if item.addressee_id else turn


def preview(policy: DeadlinePolicy, most: int = 200) -> tuple[list[Made], int]:
    """What a version of a policy would do to running dates: the first ones, and how many in all. Nothing is stored."""
    rows = running().filter(policy__code=policy.code).select_related("item", "case__division").order_by("pk")
    found, count = [], 0
    for row in rows.iterator(chunk_size=1_000):
        made = next(iter(compare([row], {row.case_id: row.case}, policy)))
        if made and made.computation.due_on != row.due_on:
            count += 1
            found += [made] if count <= most else []
    return found, count


@dataclass(slots=True)
class Moves:
    """Running dates a change of the calendar would move: how many, the first of them, whether all were compared."""

    count: int = 0
    first: list[Made] = field(default_factory=list)
    complete: bool = True
    titles: dict[int, str] = field(default_factory=dict)  # by case; of what is a secret there is none

    @property
    def named(self) -> list[tuple[Made, str]]:
        """The first of them with the titles of their matters, without those that are secret."""
        titled = ((made, self.titles.get(made.deadline.case_id, "")) for made in self.first)
        return [(made, title) for made, title in titled if title]


def count_moves(work: Recomputation, calendar_of: Callable[[Division], Calendar]) -> Moves:
    """What a change of the calendar would move; nothing is stored."""
    rows = running(touched(work)).select_related("item__unit", "case__division").order_by("pk")
    found = Moves()
    for number, row in enumerate(rows[: COUNTED_MOST + 1].iterator(chunk_size=1_000)):
        if number == COUNTED_MOST:
            found.complete = False
            break
        made = next(iter(compare([row], {row.case_id: row.case}, None, calendar_of)))
        if made and made.moves:
            found.count += 1
            found.first += [made] if found.count <= LISTED_MOST else []
    ids = sorted({made.deadline.case_id for made in found.first})
    for kind in subject_types():
        found.titles |= kind.open_titles(ids)
    return found


def calendar_change(days: Iterable[date], text: str, by: User | None) -> Recomputation:
    """What a change of some days asks for, not yet written down."""
    changed = sorted(days)
    return Recomputation(
        reason=CALENDAR, text=text[:200], begun_by=by,
        first_day=changed[0] if changed else None, last_day=changed[-1] if changed else None,
    )  # fmt: skip


def calendar_changed(days: Iterable[date], text: str, by: User | None) -> Recomputation:
    """Write down that some days count otherwise from now on."""
    return begin(calendar_change(days, text, by))


def policy_changed(policy: DeadlinePolicy, text: str, by: User | None) -> Recomputation:
    """Write down that running dates are to follow a new version of their policy."""
    return begin(Recomputation(reason=POLICY, text=text[:200], policy=policy, begun_by=by))
