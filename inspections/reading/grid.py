"""A sheet as a grid: values as they were stored, their clean text, merged ranges and what is hidden."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import cached_property

from django.utils.translation import gettext as _

Value = str | int | float | bool | date | datetime | time | timedelta | None

_JUNK = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060\ufeff\ufffe\uffff]")
# Excel writes a control character it cannot store as _x000D_; a carriage return is the usual one.
_ESCAPED = re.compile(r"_x00(?:0D|[01][0-9A-F])_", re.IGNORECASE)
_BREAKS = re.compile(r"[ \t\u00a0\u3000]*(?:\r\n|\r|\n|\u2028|\u2029)[ \t\u00a0]*")
_BLANKS = re.compile(r"[\t\u00a0]")


@dataclass(frozen=True, slots=True)
class Span:
    """A merged range, all four edges included, counted from zero."""

    top: int
    left: int
    bottom: int
    right: int

    @property
    def width(self) -> int:
        """Columns covered."""
        return self.right - self.left + 1

    @property
    def height(self) -> int:
        """Rows covered."""
        return self.bottom - self.top + 1


@dataclass
class Grid:
    """One sheet; rows are equally long and columns count from zero."""

    name: str
    rows: list[list[Value]]
    merges: list[Span] = field(default_factory=list)
    hidden_rows: frozenset[int] = frozenset()
    hidden_columns: frozenset[int] = frozenset()
    unvalued: frozenset[tuple[int, int]] = frozenset()  # formulas whose result was never stored
    visible: bool = True
    knows_merges: bool = True  # csv has lost them, so blanks below a value may stand for it

    def __post_init__(self) -> None:
        width = max((len(row) for row in self.rows), default=0)
        for row in self.rows:
            row.extend([None] * (width - len(row)))
        self.merges = list(_clipped(self.merges, len(self.rows), width))

    @property
    def height(self) -> int:
        """Number of rows."""
        return len(self.rows)

    @property
    def width(self) -> int:
        """Number of columns."""
        return len(self.rows[0]) if self.rows else 0

    @cached_property
    def texts(self) -> list[list[str]]:
        """The text of every cell, without control characters and outer blanks."""
        return [[text_of(value) for value in row] for row in self.rows]

    @cached_property
    def scrubbed(self) -> frozenset[tuple[int, int]]:
        """The cells that held control characters."""
        return frozenset(
            (r, c)
            for r, row in enumerate(self.rows)
            for c, value in enumerate(row)
            if isinstance(value, str) and not value.isprintable() and (_JUNK.search(value) or _ESCAPED.search(value))
        )

    @cached_property
    def spans(self) -> dict[tuple[int, int], Span]:
        """Every covered cell with the merged range that covers it."""
        return {
            (r, c): span
            for span in self.merges
            for r in range(span.top, span.bottom + 1)
            for c in range(span.left, span.right + 1)
        }

    def shown(self, row: int, column: int) -> str:
        """The text a reader sees at the cell: that of the merged range where one covers it."""
        span = self.spans.get((row, column))
        return self.texts[span.top][span.left] if span else self.texts[row][column]

    def pieces(self, row: int, columns: Iterable[int]) -> Iterator[tuple[int, int, str]]:
        """The non-blank cells that begin in the row: first column, columns covered, text."""
        for column in columns:
            text = self.texts[row][column]
            if text:
                span = self.spans.get((row, column))
                yield column, span.width if span and span.top == row else 1, text

    def is_blank(self, row: int) -> bool:
        """Whether no cell of the row holds text of its own."""
        return not any(self.texts[row])


def text_of(value: Value) -> str:
    """The value as a person would read it; a date as 2026年6月30日, whole numbers without a point."""
    if isinstance(value, str):
        return value.strip() if value.isprintable() else _scrub(value)
    if value is None:
        return ""
    if isinstance(value, bool):
        return _("是") if value else _("否")
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else repr(value)
    if isinstance(value, datetime | date):
        return _date_text(value)
    return str(value)


def _date_text(value: date) -> str:
    day = f"{value.year}年{value.month}月{value.day}日"
    if isinstance(value, datetime) and (value.hour or value.minute):
        return f"{day} {value.hour:02d}:{value.minute:02d}"
    return day


def _scrub(text: str) -> str:
    text = _ESCAPED.sub("", text)
    return _JUNK.sub("", _BLANKS.sub(" ", _BREAKS.sub("\n", text))).strip()


def _clipped(merges: Iterable[Span], height: int, width: int) -> Iterator[Span]:
    """The ranges inside the grid; a file whose ranges overlap without end is cut short."""
    budget = 2 * height * width
    for span in merges:
        inside = Span(span.top, span.left, min(span.bottom, height - 1), min(span.right, width - 1))
        if inside.height < 1 or inside.width < 1 or (inside.height == 1 and inside.width == 1):
            continue
        budget -= inside.height * inside.width
        if budget < 0:
            return
        yield inside
