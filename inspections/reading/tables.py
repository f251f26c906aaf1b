"""Finds the tables of a sheet: where their headers stand, how many rows high, and which columns they span."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from inspections.reading.columns import Head
from inspections.reading.grid import Grid
from inspections.reading.headers import LONGEST_HEADER, Meaning, is_header_word, meanings_of, plain

TALLEST = 4  # rows of a header
# A cell without any of these heads no column; asking costs a hundredth of the whole table of synonyms.
_HINT = re.compile(
    r"序|号|类|指标|点|地|位|置|址|场|对象|问题|隐患|不足|短板|描述|表现|情况|内容"
    r"|单位|部门|主体|责任|措施|举措|办法|方案|要求|意见|建议|"
    r"时|期|限|进|展|度|结果|状态|成效|备注|说明|销|评|村|镇|乡|街|区|县|项|领域|方面"
    r"|牵头|配合|属地|事由|发现|任务|来源|照片|金额|数量|人|附|注|NO|No|no|ID|#"
)
_SPACE = re.compile(r"\s+")
# A number that is neither a date's nor an ordinal's belongs to data: 图南路3号, 12户.
_DIGITS = re.compile(r"\d(?![\d年月日)）.、．])")


@dataclass(frozen=True, slots=True)
class Header:
    """The header of a table: its rows and columns, all counted from zero and included."""

    top: int
    bottom: int
    heads: tuple[Head, ...]

    @property
    def words(self) -> tuple[str, ...]:
        """The bare words of all columns, by which a repeated header is known."""
        return tuple(plain(head.leaf) for head in self.heads)


def find_headers(grid: Grid, rows: Sequence[int], columns: Sequence[int]) -> list[Header]:
    """The headers from top to bottom; tables side by side have headers of their own."""
    found: list[Header] = []
    visible = set(rows)
    last = -1
    for row in rows:
        if row <= last or not _heads_columns(grid, row, columns):
            continue
        top = _top(grid, row, columns, last)
        last = _bottom(grid, row, columns, visible)
        heads = tuple(_heads(grid, top, last, columns))
        found += [Header(top, last, part) for part in _side_by_side(heads)]
    return found or list(_lonely(grid, rows, columns))


def _lonely(grid: Grid, rows: Sequence[int], columns: Sequence[int]) -> Iterator[Header]:
    """A list of one column: the word for problem, and nothing but texts below it."""
    for place, row in enumerate(rows):
        pieces = list(grid.pieces(row, columns))
        if len(pieces) != 1 or pieces[0][1] > 1 or dict(meanings_of(pieces[0][2])).get(Meaning.PROBLEM, 0) < 0.95:
            continue
        column = pieces[0][0]
        below = [[where for where, _width, _text in grid.pieces(other, columns)] for other in rows[place + 1 :]]
        if any(is_header_word(grid.texts[other][column]) for other in rows[place + 1 :]):
            return  # labels and values by turns
        if sum(where == [column] for where in below) >= 2 and all(where in ([], [column]) for where in below):
            yield Header(row, row, (Head(column, "", pieces[0][2]),))
        return


def _heads_columns(grid: Grid, row: int, columns: Sequence[int]) -> bool:
    """Whether the row's cells are mostly header words, of two meanings at least, and no form's labels."""
    pieces = list(grid.pieces(row, columns))
    hopeful = [_may_head(text) for _column, _width, text in pieces]
    if sum(hopeful) < max(2, 0.5 * len(pieces)):
        return False
    known = [hope and is_header_word(text) for hope, (_column, _width, text) in zip(hopeful, pieces, strict=True)]
    if sum(known) < max(2, 0.5 * len(known)) or _alternates(grid, row, pieces, known):
        return False
    meanings = {
        meanings_of(text)[0][0] for (_column, _width, text), is_known in zip(pieces, known, strict=True) if is_known
    }
    return len(meanings) >= 2


def _may_head(text: str) -> bool:
    if len(text) > 2 * LONGEST_HEADER:
        return False
    words = _SPACE.sub("", text)
    return bool(_HINT.search(words)) and not _DIGITS.search(words)


def _alternates(grid: Grid, row: int, pieces: list[tuple[int, int, str]], known: list[bool]) -> bool:
    """Label, value, label, value: a row of a form; also where the values are still blank."""
    if len(known) % 2 == 0 and not any(known[1::2]) and all(known[::2]):
        return not _is_followed(grid, row, pieces)
    ends = [column for column, _width, _text in pieces[1:]] + [grid.width]
    blanks = [end - column - width for (column, width, _text), end in zip(pieces, ends, strict=True)]
    below = row + 1 < grid.height and any(not grid.texts[row + 1][column] for column, _width, _text in pieces)
    return all(blanks) and all(blank <= 3 for blank in blanks) and not below


def _is_followed(grid: Grid, row: int, pieces: list[tuple[int, int, str]]) -> bool:
    """Whether the next row fills the same columns and begins with no label: then the words above head columns."""
    if row + 1 >= grid.height:
        return False
    below = [grid.texts[row + 1][column] for column, _width, _text in pieces]
    return sum(map(bool, below)) >= len(pieces) - 1 and not is_header_word(below[0])


def _top(grid: Grid, row: int, columns: Sequence[int], floor: int) -> int:
    """The row where cells merged down into the header begin."""
    tops = [grid.spans[row, column].top for column in columns if (row, column) in grid.spans]
    return max([floor + 1, *[min([row, *[top for top in tops if row - top < TALLEST]])]])


def _bottom(grid: Grid, row: int, columns: Sequence[int], visible: set[int]) -> int:
    """The header's last row: where its merged cells end, and rows of words below its groups."""
    spans = [grid.spans.get((row, column)) for column, _width, _text in grid.pieces(row, columns)]
    bottom = max([row, *[span.bottom for span in spans if span and span.bottom - row < TALLEST]])
    while bottom - row < TALLEST - 1 and bottom + 1 in visible and _goes_on(grid, row, bottom + 1, columns):
        bottom += 1
    if bottom + 1 in visible and _numbers_columns(grid, bottom + 1, columns):
        bottom += 1
    return bottom


def _goes_on(grid: Grid, row: int, below: int, columns: Sequence[int]) -> bool:
    """Whether the row below names columns too: header words under a wide or a missing cell, none under the rest."""
    above = list(grid.pieces(row, columns))
    pieces = list(grid.pieces(below, columns))
    if not pieces or sum(is_header_word(text) for _column, _width, text in pieces) < 0.6 * len(pieces):
        return False
    if {text for _column, _width, text in pieces} & {text for _column, _width, text in above if len(above) > 2}:
        return False  # the header again, not its second level
    if any((span := grid.spans.get((below - 1, column))) and span.height > 1 for column, _width, _text in pieces):
        return False  # below a cell that already reaches down to the header's end
    serials = [column for column, _width, text in above if meanings_of(text)[:1] == ((Meaning.SERIAL, 1.0),)]
    return not any(grid.texts[below][column] for column in serials) and len(pieces) < len(columns)


def _numbers_columns(grid: Grid, row: int, columns: Sequence[int]) -> bool:
    """A row 1 2 3 4 … that only counts the columns."""
    texts = [text for _column, _width, text in grid.pieces(row, columns)]
    return len(texts) >= 4 and texts == [str(number) for number in range(1, len(texts) + 1)]


def _heads(grid: Grid, top: int, bottom: int, columns: Sequence[int]) -> Iterator[Head]:
    """One head for each column from the first to the last that any level names."""
    named = [column for column in columns if any(grid.shown(row, column) for row in range(top, bottom + 1))]
    if not named:
        return
    groups = [_spread(grid, row, columns, bottom) for row in range(top, bottom)]
    for column in columns:
        if not named[0] <= column <= named[-1]:
            continue
        levels = [group.get(column, "") for group in groups] + [grid.shown(bottom, column)]
        words = [word for place, word in enumerate(levels) if word and word not in levels[:place]]
        yield Head(column, " ".join(words[:-1]), words[-1] if words else "")


def _spread(grid: Grid, row: int, columns: Sequence[int], bottom: int) -> dict[int, str]:
    """The words of an upper level; without merged cells a group reaches over the blanks to its right."""
    words: dict[int, str] = {}
    group = ""
    for column in columns:
        text = grid.shown(row, column)
        if text:
            group = text if grid.texts[bottom][column] and (bottom, column) not in grid.spans else ""
        elif group and grid.texts[bottom][column] and (row, column) not in grid.spans:
            text = group
        words[column] = text
    return words


def _side_by_side(heads: tuple[Head, ...]) -> Iterator[tuple[Head, ...]]:
    """The header cut where its first word comes again and both parts speak of problems."""
    words = [plain(head.leaf) for head in heads]
    cuts = [place for place, word in enumerate(words) if place and word and word == words[0]]
    parts = [heads[begin:end] for begin, end in zip([0, *cuts], [*cuts, len(heads)], strict=True)]
    if len(parts) > 1 and all(_speaks_of_problems(part) for part in parts):
        yield from (_trimmed(part) for part in parts)
    else:
        yield heads


def _speaks_of_problems(heads: Sequence[Head]) -> bool:
    return any(Meaning.PROBLEM in dict(meanings_of(head.leaf)) for head in heads)


def _trimmed(heads: tuple[Head, ...]) -> tuple[Head, ...]:
    while heads and not heads[-1].leaf:
        heads = heads[:-1]
    return heads
