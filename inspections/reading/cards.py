"""Key-value forms (督办单, 挂牌督办, 公示表): labels with their values, above a table or instead of one."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from inspections.reading.grid import Grid
from inspections.reading.headers import Meaning, is_header_word, meanings_of
from inspections.reading.labels import inline_pairs, is_label

_LONGEST_LABEL = 16
_NO_LABEL = re.compile(r"[。；;，,！!？?]|^\d|\d{4}年|^[/／\-—]+$")
_TITLES = re.compile(r"(?:清单|台账|表|单|通报|报告)$")
_FEWEST = 2  # labels that make a form


@dataclass(frozen=True, slots=True)
class Pair:
    """A label with its value, and the rows they stand in, counted from zero."""

    row: int
    last_row: int
    label: str
    value: str
    column: int

    @property
    def meaning(self) -> Meaning:
        """What the label means, OTHER where it has no field."""
        found = meanings_of(self.label)
        return found[0][0] if found and found[0][1] >= 0.5 else Meaning.OTHER


def find_pairs(grid: Grid, rows: Sequence[int], columns: Sequence[int]) -> list[Pair]:
    """The pairs of the rows that look like a form; nothing where there are fewer than two."""
    found = [pair for row in rows for pair in _pairs_in(grid, row, columns)]
    found = sorted([*found, *_below(grid, rows, columns)], key=lambda pair: pair.row)
    return found if len(found) >= _FEWEST and any(is_label(pair.label) for pair in found) else []


def _pairs_in(grid: Grid, row: int, columns: Sequence[int]) -> Iterator[Pair]:
    """Label and value by turns; a label over several rows in front of others is their heading."""
    pieces = list(grid.pieces(row, columns))
    if len(pieces) > 8:
        return
    if len(pieces) % 2 == 0 and all(_may_label(text, sure=True) for _column, _width, text in pieces[::2]):
        for own, value in zip(pieces[::2], pieces[1::2], strict=True):
            yield _pair(grid, row, own, value)
        return
    place = 0
    while place + 1 < len(pieces):
        _column, _width, text = pieces[place]
        following = pieces[place + 1]
        if not _may_label(text, sure=len(pieces) != 2):
            return  # a row of values is no form
        if is_header_word(following[2]) and _may_label(following[2], sure=True) and place + 2 < len(pieces):
            place += 1  # a heading, or a label whose value is blank
            continue
        yield _pair(grid, row, pieces[place], following)
        place += 2


def _pair(grid: Grid, row: int, own: tuple[int, int, str], value: tuple[int, int, str]) -> Pair:
    span = grid.spans.get((row, value[0]))
    return Pair(row, span.bottom if span else row, own[2].rstrip(":："), value[2], own[0])


def is_form_row(grid: Grid, row: int, columns: Sequence[int]) -> bool:
    """Whether the row holds labels and values by turns, its labels known."""
    texts = [text for _column, _width, text in grid.pieces(row, columns)]
    known = [_may_label(text, sure=True) for text in texts]
    return len(texts) % 2 == 0 and bool(texts) and all(known[::2]) and not all(known)


def _below(grid: Grid, rows: Sequence[int], columns: Sequence[int]) -> Iterator[Pair]:
    """A label alone on its line with its value alone on the next."""
    for row, following in pairwise(rows):
        own, value = list(grid.pieces(row, columns)), list(grid.pieces(following, columns))
        if len(own) != 1 or len(value) != 1 or not meanings_of(own[0][2]) or _TITLES.search(own[0][2]):
            continue
        if _may_label(own[0][2], sure=True) and not is_label(value[0][2]) and not next(inline_pairs(value[0][2]), None):
            yield Pair(row, following, own[0][2].rstrip(":："), value[0][2], own[0][0])


def _may_label(text: str, *, sure: bool) -> bool:
    words = text.replace("\n", "").replace(" ", "").rstrip(":：")
    if not 2 <= len(words) <= _LONGEST_LABEL or _NO_LABEL.search(words) or ":" in words or "：" in words:
        return False
    return is_label(words) or not sure


def split_cards(pairs: Sequence[Pair]) -> list[list[Pair]]:
    """One list of pairs for each card: a new one begins where the first label comes again."""
    cards: list[list[Pair]] = []
    for pair in pairs:
        if not cards or any(pair.label == other.label for other in cards[-1]):
            cards.append([])
        cards[-1].append(pair)
    return cards


def problem_pair(pairs: Sequence[Pair]) -> Pair | None:
    """The pair that says what is wrong: of several labels the plainest."""
    weights = [(dict(meanings_of(pair.label)).get(Meaning.PROBLEM, 0), -place) for place, pair in enumerate(pairs)]
    best = max(weights, default=(0, 0))
    return pairs[-best[1]] if best[0] >= 0.5 else None
