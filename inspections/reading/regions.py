"""Cuts a sheet into the tables that hold problems, each with its columns, title and the band above it."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from inspections.reading.cards import is_form_row
from inspections.reading.columns import Assigned, Head, assign, candidates
from inspections.reading.facts import is_table_title
from inspections.reading.grid import Grid
from inspections.reading.headers import Meaning, Sureness
from inspections.reading.labels import says_label
from inspections.reading.lines import names_category
from inspections.reading.results import Column, Table
from inspections.reading.tables import Header, find_headers

_EXPLAINS = re.compile(r"说明|字典|目录|示例|样表|样例|须知|参数|下拉|选项|指引|统计|汇总表")
_ATTACHED = re.compile(r"附[件表录]")
_LOOKS_UP = 6  # rows above a header that may title it
_FEWEST_COLUMNS, _FEWEST_ROWS = 3, 2  # of a list without a known header
_LONGEST_NAME = 12  # characters of a header nobody foresaw
_SECOND = 0.7  # weight from which another column is a rival for the problem


@dataclass(frozen=True)
class Choices:
    """What a person decided about one sheet: meanings by column, hidden columns and rows to include."""

    meanings: Mapping[int, Meaning] = field(default_factory=dict)
    columns: frozenset[int] = frozenset()
    rows: frozenset[int] = frozenset()


@dataclass
class Region:
    """One table with its rows, before they are read."""

    header: Header | None
    rows: list[int]
    columns: tuple[Column, ...] = ()
    title: str = ""
    band: str = ""
    titles: set[int] = field(default_factory=set)  # rows inside that title the part below them
    repeats: list[int] = field(default_factory=list)  # rows where the header stands again

    def column(self, meaning: Meaning) -> int | None:
        """The first column of the meaning."""
        return next((column.index for column in self.columns if column.meaning == meaning), None)

    @property
    def top(self) -> int:
        """The first row, header included."""
        return min(self.taken(), default=0)

    def taken(self) -> set[int]:
        """Every row of the table, headers included."""
        heads = range(self.header.top, self.header.bottom + 1) if self.header else ()
        return {*heads, *self.repeats, *self.rows}

    def as_table(self) -> Table:
        """Where the table stands, for the preview."""
        taken = self.taken()
        heads = tuple(range(self.header.top + 1, self.header.bottom + 2)) if self.header else ()
        return Table(
            first_row=min(taken, default=0) + 1,
            last_row=max(taken, default=0) + 1,
            header_rows=(*heads, *(row + 1 for row in self.repeats)),
            columns=self.columns,
            title=self.title,
        )


def explains(name: str) -> bool:
    """Whether a sheet's name says that it explains or counts rather than lists."""
    return bool(_EXPLAINS.search(name))


def find_regions(grid: Grid, rows: Sequence[int], columns: Sequence[int], choices: Choices) -> list[Region]:
    """The tables that hold problems; where there is none, those whose problem column a person may still name."""
    headers = find_headers(grid, rows, columns)
    regions: list[Region] = []
    for header in headers:
        end = min((other.top for other in headers if other.top > header.bottom), default=grid.height)
        body = [row for row in rows if header.bottom < row < end]
        repeated = _repeated(header, regions)
        if repeated:
            repeated.titles.update(_titles_above(grid, repeated.rows, columns))
            repeated.repeats += range(header.top, header.bottom + 1)
            repeated.rows += body
            continue
        regions.append(Region(header, body))
    if not headers and Meaning.PROBLEM in choices.meanings.values():
        return [_headless(grid, rows, columns, choices)]
    _give_back(grid, regions, columns)
    for region in regions:
        region.columns = _columns(grid, region, choices)
        _look_above(grid, region, rows, columns)
    return [region for region in regions if region.column(Meaning.PROBLEM) is not None] or regions


def guess_regions(grid: Grid, rows: Sequence[int], columns: Sequence[int], choices: Choices) -> list[Region]:
    """A list under a header in words nobody foresaw, or under none: taken if its content speaks for itself."""
    if explains(grid.name):
        return []
    wide = [row for row in rows if sum(1 for _piece in grid.pieces(row, columns)) >= _FEWEST_COLUMNS]
    if len(wide) <= _FEWEST_ROWS or wide[-1] - wide[0] >= 2 * len(wide):
        return []
    names = not any(
        text.isdigit() or len(text) > _LONGEST_NAME for _column, _width, text in grid.pieces(wide[0], columns)
    )
    heads = tuple(Head(column, "", grid.texts[wide[0]][column] if names else "") for column in columns)
    header = Header(wide[0], wide[0], heads) if names else None
    region = Region(header, [row for row in rows if row >= wide[0] + names])
    values = {column: [grid.texts[row][column] for row in region.rows] for column in columns}
    assigned = assign([Head(column, "", "") for column in columns], values, choices.meanings)
    meanings = {found.meaning for found in assigned.values()}
    if not (Meaning.PROBLEM in meanings and meanings & {Meaning.UNITS, Meaning.DEADLINE}):
        return []
    region.columns = tuple(
        Column(head.index, head.leaf, assigned[head.index].meaning, Sureness.GUESS, head.index in grid.hidden_columns)
        for head in heads
        if any(values[head.index])
    )
    return [region]


def _repeated(header: Header, regions: Sequence[Region]) -> Region | None:
    """The table whose header comes again over the same columns, if it does."""
    for region in reversed(regions):
        if region.header and region.header.words == header.words:
            same = [head.index for head in region.header.heads] == [head.index for head in header.heads]
            return region if same else None
    return None


def _titles_above(grid: Grid, rows: Sequence[int], columns: Sequence[int]) -> set[int]:
    """The lines at the end of a part that title the next one, and so end the band before it."""
    found = set()
    for row in reversed(rows[-_LOOKS_UP:]):
        texts = [text for _column, _width, text in grid.pieces(row, columns)]
        if len(texts) > 1:
            break
        if texts and is_table_title(texts[0]) and not names_category(texts[0]):
            found.add(row)
    return found


def _give_back(grid: Grid, regions: Sequence[Region], columns: Sequence[int]) -> None:
    """Lines between two different tables that title or date the second are not the first one's."""
    for region, following in pairwise(regions):
        if not following.header or not region.rows or region.rows[-1] > following.header.top:
            continue
        while region.rows and _introduces(grid, region.rows[-1], columns):
            region.rows.pop()


def _introduces(grid: Grid, row: int, columns: Sequence[int]) -> bool:
    texts = [text for _column, _width, text in grid.pieces(row, columns)]
    return len(texts) <= 1 or is_form_row(grid, row, columns) or says_label(texts[0])


def _look_above(grid: Grid, region: Region, rows: Sequence[int], columns: Sequence[int]) -> None:
    """Take the table's title, and a band that stands directly above the header."""
    if region.header is None:
        return
    top = region.header.top
    for row in [row for row in reversed(rows) if top - _LOOKS_UP <= row < top]:
        texts = [text for _column, _width, text in grid.pieces(row, columns)]
        if len(texts) > 1:
            return
        parted = bool(region.repeats) and bool(texts) and _parts(texts[0])
        if texts and (names_category(texts[0]) or parted) and not region.band:
            region.band = texts[0]
        elif texts and is_table_title(texts[0]):
            region.title = texts[0]
            return


def _parts(text: str) -> bool:
    """Whether a line above a header that comes again below names this part of the list."""
    return len(text) <= 20 and not is_table_title(text) and not says_label(text) and not _ATTACHED.match(text)


def _headless(grid: Grid, rows: Sequence[int], columns: Sequence[int], choices: Choices) -> Region:
    """A table without a header, whose columns a person has named."""
    region = Region(None, [row for row in rows if sum(bool(grid.texts[row][column]) for column in columns) > 1])
    region.columns = tuple(
        Column(index, "", choices.meanings.get(index, Meaning.OTHER), Sureness.GIVEN, index in grid.hidden_columns)
        for index in columns
    )
    return region


def _columns(grid: Grid, region: Region, choices: Choices) -> tuple[Column, ...]:
    heads = _with_left_neighbour(grid, list(region.header.heads) if region.header else [], region.rows)
    values = {head.index: [_own_text(grid, row, head.index) for row in region.rows] for head in heads}
    heads = [head for head in heads if head.leaf or any(values[head.index])]
    given = {index: meaning for index, meaning in choices.meanings.items() if index in values}
    assigned = assign(heads, values, given, cautious=explains(grid.name))
    _settle_rivals(grid, heads, assigned, region.rows)
    return tuple(
        Column(
            head.index,
            head.text,
            assigned[head.index].meaning,
            assigned[head.index].sureness,
            head.index in grid.hidden_columns,
        )
        for head in heads
    )


def _own_text(grid: Grid, row: int, column: int) -> str:
    """What shows in the column: a value merged downwards counts for each of its rows, one from the left for none."""
    span = grid.spans.get((row, column))
    return grid.texts[row][column] if span is None or span.left != column else grid.texts[span.top][column]


def _with_left_neighbour(grid: Grid, heads: list[Head], rows: Sequence[int]) -> list[Head]:
    """Serials often stand left of the header without a word above them."""
    left = heads[0].index - 1 if heads else -1
    if left < 0 or left in grid.hidden_columns:
        return heads
    filled = sum(bool(grid.texts[row][left]) for row in rows)
    return [Head(left, "", ""), *heads] if filled >= max(2, 0.5 * len(rows)) else heads


def _settle_rivals(grid: Grid, heads: Sequence[Head], assigned: dict[int, Assigned], rows: Sequence[int]) -> None:
    """Of two columns that both say “problem”, the one merged over several rows, or the terser one, is the category."""
    chosen = next((head for head in heads if assigned[head.index].meaning == Meaning.PROBLEM), None)
    if chosen is None or assigned[chosen.index].sureness != Sureness.SYNONYM:
        return
    rivals = [
        head
        for head in heads
        if head is not chosen
        and assigned[head.index].meaning == Meaning.OTHER
        and candidates(head).get(Meaning.PROBLEM, 0) >= _SECOND
        and any(grid.texts[row][head.index] for row in rows)
    ]
    if not rivals:
        return
    rival = rivals[0]
    short, long = sorted((chosen, rival), key=lambda head: _weight_of_text(grid, head.index, rows))
    has_category = any(other.meaning == Meaning.CATEGORY for other in assigned.values())
    assigned[long.index] = Assigned(Meaning.PROBLEM, Sureness.SYNONYM, 1.0)
    assigned[short.index] = Assigned(Meaning.OTHER if has_category else Meaning.CATEGORY, Sureness.GUESS, 0.5)


def _weight_of_text(grid: Grid, column: int, rows: Sequence[int]) -> tuple[int, float]:
    """How much a column tells: first how many rows say something of their own, then how long."""
    texts = [text for text in (grid.texts[row][column] for row in rows) if text]
    average = sum(map(len, texts)) / len(texts) if texts else 0
    merged = any((span := grid.spans.get((row, column))) and span.height > 1 for row in rows)
    return (0 if merged else 1), average
