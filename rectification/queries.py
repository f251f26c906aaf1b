"""Reads of the pages: ledger, problem page, workbench, batches."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core import signing
from django.db.models import BooleanField, Count, ExpressionWrapper, F, Q, QuerySet
from django.utils.translation import gettext as _

from organizations import clock
from rectification.colours import at_level
from rectification.models import Batch, Problem, Source
from rectification.models.problem import area, late_condition
from rectification.search import condition, expected_hits, matching
from workflows.lifecycles.problem import FINAL_STATES, ProblemState
from workflows.models import Event, WorkItem
from workflows.queries import level_names, main_item
from workflows.scope import actor_of

PAGE = 30
EXACT = 10_000
NEAR = 20_000  # rows of a person's sight that are counted by walking them rather than by the search index
EXPORT_MOST = 20_000
BULK_MOST = 200  # problems in one bulk step
SHOWN = ("case", "case__division", "case__division__parent", "lead_unit", "proposed_unit", "batch", "category")


def objection_of(item_id: int, user: Any) -> Event | None:
    """The objection this person's unit has made on an item: with it the problem left the unit's sight."""
    item = WorkItem.objects.select_related("process").filter(pk=item_id).first()
    if item is None or item.is_open or actor_of(user).post_for(item) is None:
        return None
    made = Event.objects.filter(case_id=item.process.case_id, name="object_assignment", work_item=item_id)
    return made.select_related("actor").first()


def narrowed(rows: QuerySet[Problem], wanted: dict[str, Any]) -> QuerySet[Problem]:
    """Problems under the ledger's filters, whatever is searched among them."""
    simple = {
        "state__in": wanted.get("state"),
        "lead_unit": wanted.get("unit"),
        "batch": wanted.get("batch"),
        "category": wanted.get("category"),
        "kind": wanted.get("kind"),
    }
    rows = rows.filter(**{key: value for key, value in simple.items() if value})
    if wanted.get("place"):
        rows = rows.filter(area(wanted["place"]))
    source: Source | None = wanted.get("source")
    if source:
        rows = rows.filter(batch__source=source)
    if wanted.get("level"):
        rows = rows.filter(at_level(wanted["level"]))
    if wanted.get("late") == "yes":
        rows = rows.late()  # type: ignore[attr-defined]
    elif wanted.get("late") == "no":
        rows = rows.exclude(late_condition())
    return rows


def levels_offered(user: Any) -> dict[str, str]:
    """The warning levels that the batches a person sees run under, by code."""
    codes = Batch.objects.visible_to(user).order_by().values_list("warning_code", flat=True).distinct()
    return level_names(set(codes))


@dataclass(slots=True)
class LedgerPage:
    """One page of the ledger: rows, keys of the neighbours, and the total as it is shown."""

    rows: list[Problem]
    previous_key: str
    next_key: str
    total_text: str


def ledger_page(
    rows: QuerySet[Problem],
    *,
    typed: str = "",
    after: str = "",
    before: str = "",
    size: int = PAGE,
    oldest_first: bool = False,
) -> LedgerPage:
    """A page of what matches `typed`, by key, not by offset: rows that arrive meanwhile shift and cost nothing."""
    within, rows = rows, matching(rows, typed)
    back = bool(before)
    key = read_key(before or after)
    upwards = back != oldest_first
    ordered = rows.order_by("case_id" if upwards else "-case_id")
    if key is not None:
        ordered = ordered.filter(case_id__gt=key) if upwards else ordered.filter(case_id__lt=key)
    found = list(ordered.select_related(*SHOWN)[: size + 1])
    more = len(found) > size
    found = found[:size]
    if back:
        found.reverse()
    has_next, has_previous = (True, more) if back else (more, key is not None)
    return LedgerPage(
        rows=found,
        previous_key=write_key(found[0].pk) if found and has_previous else "",
        next_key=write_key(found[-1].pk) if found and has_next else "",
        total_text=f"{len(found):,}" if key is None and not more else total_text(within, typed),
    )


def total_text(within: QuerySet[Problem], typed: str = "") -> str:
    """How many match `typed`: exact to 10,000, then “1万以上”."""
    count = _count_near(within, typed) if typed else None
    if count is None:
        # In the page's order, so by the page's index.
        count = matching(within, typed).order_by("-case_id").values("pk")[: EXACT + 1].count()
    return _("1万以上") if count > EXACT else f"{count:,}"


def _count_near(within: QuerySet[Problem], typed: str) -> int | None:
    """The count where a person sees few rows: the search index would gather the hits of the whole province first.

    None where there are more than `NEAR`, and where the hits of the whole province are the fewer ones. The bound is
    a fence that keeps the database from gathering them after all.
    """
    rows = within.order_by("-case_id")
    near = rows.values("pk")[: NEAR + 1].count()
    hits = expected_hits(typed)
    if near > NEAR or (hits is not None and hits < near):
        return None
    hit = ExpressionWrapper(condition(typed), output_field=BooleanField())
    walked = rows.annotate(hit=hit).values("pk", "hit")[:NEAR]
    return walked.aggregate(count=Count("pk", filter=Q(hit=True)))["count"]


def write_key(pk: int) -> str:
    """A key of a row for an address."""
    return str(pk)


def read_key(text: str) -> int | None:
    """The row of a key; an altered key counts as none."""
    return int(text) if text.isdecimal() and len(text) < 19 else None


def state_counts(rows: QuerySet[Problem]) -> dict[str, int]:
    """How many problems stand in each state."""
    return dict(rows.order_by().values_list("state").annotate(n=Count("pk")))


def batches(user: Any) -> list[Any]:
    """Batches with how many problems each has, how many are closed and how many are late."""
    final_but_closed = [ProblemState.MERGED, ProblemState.WITHDRAWN]
    rows = (
        Batch.objects.visible_to(user)
        .select_related("source", "division", "team")
        .annotate(
            total=Count("problems", filter=~Q(problems__state__in=final_but_closed)),
            closed=Count("problems", filter=Q(problems__state=ProblemState.CLOSED)),
            waiting=Count("problems", filter=Q(problems__state=ProblemState.REGISTERED)),
            late=Count("problems", filter=late_condition("problems__")),
        )
        .order_by("-id")
    )
    return list(rows[:200])


def likely_twins(problem: Problem, user: Any, limit: int = 3) -> list[Problem]:
    """Problems of the same place whose wording shares most pieces: “this looks like problem 118”."""
    pieces = set(problem.search_text.split())
    rows = (
        Problem.objects.visible_to(user)
        .filter(case__division_id=problem.case.division_id)
        .exclude(pk=problem.pk)
        .select_related("case")
        .order_by("-case_id")[:50]
    )
    scored = [(len(pieces & set(row.search_text.split())) / max(len(pieces), 1), row) for row in rows]
    return [row for score, row in sorted(scored, key=lambda pair: -pair[0])[:limit] if score >= 0.4]


def own_overview(user: Any) -> dict[str, int]:
    """The figures on top of the workbench: open, late, due within a week, closed."""
    today = clock.today()
    week = date.fromordinal(today.toordinal() + 7)
    return (
        Problem.objects.visible_to(user)
        .order_by()
        .aggregate(
            open=Count("pk", filter=~Q(state__in=FINAL_STATES)),
            late=Count("pk", filter=late_condition()),
            soon=Count("pk", filter=~Q(state__in=FINAL_STATES) & Q(due_on__gte=today, due_on__lte=week)),
            closed=Count("pk", filter=Q(state=ProblemState.CLOSED)),
        )
    )


def town_bars(user: Any) -> list[dict[str, Any]]:
    """Closed, open and late problems by town, for the chart on the workbench."""
    rows = (
        Problem.objects.visible_to(user)
        .filter(town__isnull=False)
        .exclude(state__in=[ProblemState.MERGED, ProblemState.WITHDRAWN])
        .order_by()
        .values("town_id", name=F("town__name"), code=F("town__code"))
        .annotate(
            closed=Count("pk", filter=Q(state=ProblemState.CLOSED)),
            late=Count("pk", filter=late_condition()),
            all=Count("pk"),
        )
        .order_by("code")[:20]
    )
    found = []
    for row in rows:
        running = row["all"] - row["closed"] - row["late"]
        found.append({**row, "running": running, "late_x": row["closed"] + running})
    return found


def sign_shown(shown: list[tuple[int, str, str]]) -> str:
    """The problems of a bulk step with the kind and the day that stood beside each, from page to answer."""
    return signing.dumps(shown, salt="bulk", compress=True)


def unsign_shown(text: str) -> dict[int, tuple[str, str]]:
    """Kind and day by problem; signing.BadSignature when they were altered."""
    return {pk: (kind, day) for pk, kind, day in signing.loads(text, salt="bulk", max_age=24 * 3600)}


def open_titles(case_ids: list[int]) -> dict[int, str]:
    """Titles of the problems among these that are no secret."""
    rows = Problem.objects.filter(pk__in=case_ids, disclosed_at__isnull=False)
    return dict(rows.order_by().values_list("pk", "title"))


def next_waiting(problem: Problem, user: Any) -> WorkItem | None:
    """The step of the next problem to assign: of the same batch first, in its order."""
    waiting = Problem.objects.visible_to(user).filter(state=ProblemState.REGISTERED).exclude(pk=problem.pk)
    of_batch = waiting.filter(batch=problem.batch_id).order_by("case_id")
    for rows in (of_batch.filter(case_id__gt=problem.pk), of_batch, waiting.order_by("case_id")):
        found = rows.values_list("pk", flat=True).first()
        if found:
            return main_item(found)
    return None
