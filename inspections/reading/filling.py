"""Blanks that stand for the value above them, where a list was written or saved without merged cells."""

from collections.abc import Iterator, Sequence

from inspections.reading.grid import Grid
from inspections.reading.headers import Meaning
from inspections.reading.results import Column

_ALWAYS = frozenset({Meaning.CATEGORY})
_WITHOUT_MERGES = frozenset({Meaning.CATEGORY, Meaning.LOCATION, Meaning.UNITS, Meaning.LEAD, Meaning.MEASURES})


def blanks_to_fill(
    grid: Grid, columns: Sequence[Column], rows: Sequence[int], bands: set[int]
) -> dict[int, dict[int, str]]:
    """For each column the rows whose blank means the value above; `rows` are the lines of data in order."""
    meanings = _ALWAYS if grid.knows_merges else _WITHOUT_MERGES
    found = {}
    for column in columns:
        if column.meaning in meanings and not _is_merged(grid, column.index, rows):
            blanks = dict(_blanks(grid, column.index, rows, bands))
            if blanks:
                found[column.index] = blanks
    return found


def _is_merged(grid: Grid, column: int, rows: Sequence[int]) -> bool:
    return any((span := grid.spans.get((row, column))) and span.height > 1 for row in rows)


def _blanks(grid: Grid, column: int, rows: Sequence[int], bands: set[int]) -> Iterator[tuple[int, str]]:
    """Nothing where the column is plainly filled row by row: it begins blank, or says the same twice running."""
    above, pending = "", []
    previous = None
    for row in rows:
        if previous is not None and any(previous < band < row for band in bands):
            above = ""
        text = grid.texts[row][column]
        if not text and not above:
            return
        if text and text == above and previous is not None and grid.texts[previous][column]:
            return
        if not text:
            pending.append((row, above))
        above, previous = text or above, row
    yield from pending
