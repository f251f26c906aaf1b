"""Reads of the import pages and of the panel on a problem's page."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, Q
from django.utils.translation import gettext_lazy
from rapidfuzz import fuzz

from inspections.judging import Standing
from inspections.models import Finding, ImportRow, ImportState, ListImport, NameKind
from inspections.names import SURE
from organizations.models import Division, Unit, User
from organizations.roles import Role
from rectification.models import Problem
from rectification.panels import Panel
from rectification.queries import BULK_MOST
from workflows.lifecycles.problem import ProblemState
from workflows.scope import actor_of

PAGE = 30
NAMES_SHOWN = 60
AKIN = 85  # percent of equal letters from which a spelling is offered to be remembered

FILTERS: dict[str, Q] = {
    "all": Q(),
    "error": Q(level="error", skipped=False),
    "doubt": Q(level="doubt", skipped=False),
    "twins": ~Q(twins=[]) & Q(skipped=False),
    "added": Q(standing=Standing.ADDED),
    "changed": Q(standing=Standing.CHANGED),
    "same": Q(standing=Standing.SAME),
    "positive": Q(positive=True),
    "skipped": Q(skipped=True),
    "nolead": Q(lead=None, positive=False, skipped=False) & ~Q(level="error") & ~Q(standing=Standing.SAME),
}


def counts_of(made: ListImport) -> dict[str, int]:
    """How many rows of a draft fall under each filter, and how many problems a commit would open."""
    # Under names of their own: a later rule may speak of a column that an earlier count is called after.
    rules = {f"n_{name}": Count("pk", filter=rule) for name, rule in FILTERS.items() if name != "all"}
    counted = {name[2:]: n for name, n in made.rows.aggregate(**rules).items()}
    rows = made.rows.only("list_import", "read", "fixes", "apart", "skipped", "level", "standing", "positive", "twins")
    opens = repeats = left_out = 0
    for row in rows.iterator(chunk_size=500):
        opens += row.opens
        repeats += row.repeats and not row.skipped
        left_out += row.left_as_repeat and not row.skipped
    return {"all": made.rows.count(), **counted, "opens": opens, "repeats": repeats, "left_out": left_out}


def imported_elsewhere(made: ListImport, user: User) -> ListImport | None:
    """The import of the very same file into another batch, where this person may see it."""
    same = ListImport.objects.visible_to(user).filter(sha256=made.sha256, state=ImportState.COMMITTED)
    return same.exclude(batch=made.batch_id).select_related("batch").first()


def rows_page(made: ListImport, name: str, offset: int) -> tuple[list[ImportRow], bool]:
    """One page of rows under a filter, and whether there are more."""
    rows = made.rows.filter(FILTERS.get(name, Q())).select_related("place__parent", "lead__division__parent", "earlier")
    found = list(rows[offset : offset + PAGE + 1])
    return found[:PAGE], len(found) > PAGE


@dataclass(slots=True)
class Doubt:
    """A name that rows say and nobody is sure of, with how many rows say it and what it was taken for."""

    kind: str
    text: str
    count: int
    guess: Any = None
    akin: bool = False  # near enough in spelling to be remembered


def doubtful_names(made: ListImport) -> list[Doubt]:
    """Names somebody should look at, the most frequent first."""
    places: Counter[str] = Counter()
    units: Counter[str] = Counter()
    guesses: dict[tuple[str, str], int | None] = {}
    rows = made.rows.filter(skipped=False, positive=False).exclude(standing=Standing.SAME)
    for row in rows.only("list_import", "read", "fixes", "names", "place_id", "place_sureness").iterator(
        chunk_size=500
    ):
        location = str(row.value("location") or "")
        if location and row.place_sureness < SURE:
            places[location] += 1
            guesses[NameKind.PLACE, location] = row.place_id
        for text, key, sureness in row.names:
            if sureness < SURE:
                units[text] += 1
                guesses[NameKind.UNIT, text] = key
    found = [Doubt(NameKind.UNIT, text, count) for text, count in units.most_common(NAMES_SHOWN)]
    found += [Doubt(NameKind.PLACE, text, count) for text, count in places.most_common(NAMES_SHOWN)]
    _put_guesses(found, guesses)
    return found


def _put_guesses(found: list[Doubt], guesses: dict[tuple[str, str], int | None]) -> None:
    keys = {kind: {guesses[kind, doubt.text] for doubt in found if doubt.kind == kind} for kind in NameKind.values}
    units = Unit.objects.select_related("division__parent").in_bulk(keys[NameKind.UNIT] - {None})
    places = Division.objects.select_related("parent").in_bulk(keys[NameKind.PLACE] - {None})
    for doubt in found:
        known: dict[int, Any] = units if doubt.kind == NameKind.UNIT else places
        doubt.guess = known.get(guesses[doubt.kind, doubt.text] or 0)
        doubt.akin = bool(doubt.guess) and _likeness(doubt.text, doubt.guess) >= AKIN


def _likeness(text: str, guess: Any) -> float:
    names = [guess.name, getattr(guess, "short_name", ""), *getattr(guess, "aliases", [])]
    return max(fuzz.ratio(text, name) for name in names)


@dataclass(slots=True)
class PictureRow:
    """One line of the sheet as it looks; `cells` are texts with their spans."""

    number: int
    cells: list[dict[str, Any]] = field(default_factory=list)
    hidden: bool = False
    heading: bool = False


def picture_rows(picture: dict[str, Any], headings: set[int], first: int, last: int) -> list[PictureRow]:
    """Lines `first` to `last` (counted from 1) of a sheet, merged cells as one; a span cut off begins anew."""
    spans = {(top, left): (bottom, right) for top, left, bottom, right in picture.get("merges", [])}
    hidden_rows, hidden_columns = set(picture.get("hidden_rows", [])), set(picture.get("hidden_columns", []))
    covered: set[tuple[int, int]] = set()
    found = []
    rows = picture.get("rows", [])
    begun = _begun_above(spans, rows, first - 1)
    for index in range(first - 1, min(last, len(rows))):
        line = PictureRow(index + 1, hidden=index in hidden_rows, heading=index + 1 in headings)
        for column, text in enumerate(rows[index]):
            if (index, column) in covered:
                continue
            bottom, right = spans.get((index, column), (index, column))
            bottom = min(bottom, last - 1)
            covered |= {(r, c) for r in range(index, bottom + 1) for c in range(column, right + 1)}
            line.cells.append(
                {
                    "text": begun.get((index, column), text),
                    "down": bottom - index + 1,
                    "across": right - column + 1,
                    "hidden": column in hidden_columns,
                }
            )
        found.append(line)
    return found


def _begun_above(spans: dict[Any, Any], rows: list[list[str]], first: int) -> dict[tuple[int, int], str]:
    """A merged cell that began above the first line goes on there, with its text."""
    found = {}
    for (top, left), (bottom, right) in list(spans.items()):
        if top < first <= bottom:
            spans[first, left] = (bottom, right)
            found[first, left] = rows[top][left]
    return found


def waiting_ids(made: ListImport, user: User) -> list[int]:
    """Problems of an import that an office may assign now, as many as one bulk step takes."""
    if not actor_of(user).holds(Role.OFFICE):
        return []
    rows = Problem.objects.visible_to(user).filter(findings__list_import=made, state=ProblemState.REGISTERED)
    return list(rows.order_by("case_id").values_list("pk", flat=True).distinct()[:BULK_MOST])


def panel_of_findings(problem: Problem, user: User) -> Panel | None:
    """What the sources wrote about a problem, word for word."""
    rows = list(
        Finding.objects.filter(problems=problem).select_related("batch", "list_import").order_by("-current", "-id")[:20]
    )
    return Panel("inspections/_findings_panel.html", {"findings": rows}) if rows else None


def source_category(problem: Problem) -> tuple[Any, str] | None:
    """What the list called the category, where the dictionary has none of that name."""
    if problem.category_id:
        return None
    rows = Finding.objects.filter(problems=problem, current=True).exclude(category="")
    text = rows.values_list("category", flat=True).order_by("-id").first()
    return (gettext_lazy("来文类别"), text) if text else None
