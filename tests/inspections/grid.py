"""Pieces of a made-up sheet: blocks of cells with the truth about their rows, stacked on a page."""

from collections.abc import Iterable
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import date
from typing import Any


class Formula(int):
    """A whole number that a formula gave."""


class Rich(str):
    """A text of which a part stands out in another colour."""


Value = str | int | date
Span = tuple[int, int, int, int]


def is_filled(value: Any) -> bool:
    """Whether a cell says something."""
    return value is not None and value != ""


@dataclass
class Block:
    """Cells counted from the block's own corner; `rows` is the truth, its `row` counted likewise from 0."""

    width: int
    height: int = 0
    is_prose: bool = False
    cells: dict[tuple[int, int], Value] = field(default_factory=dict)
    merges: list[Span] = field(default_factory=list)
    rows: list[dict[str, Any]] = field(default_factory=list)
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)

    def add_row(self, values: Iterable[Value | None]) -> int:
        """Write one row below the last; its number."""
        for column, value in enumerate(values):
            if is_filled(value):
                self.cells[self.height, column] = value  # type: ignore[assignment]
        self.height += 1
        return self.height - 1

    def add_band(self, text: str, merged: bool = True) -> int:
        """Write one text over the whole width."""
        line = self.add_row([text])
        if merged and self.width > 1:
            self.merge(line, 0, line, self.width - 1)
        return line

    def merge(self, top: int, left: int, bottom: int, right: int) -> None:
        """Join cells; the upper left one speaks."""
        if (top, left) != (bottom, right):
            self.merges.append((top, left, bottom, right))

    def append(self, other: "Block", gap: int = 0, right: int = 0) -> None:
        """Put another block below, moved to the right by some columns."""
        down = self.height + gap
        self.cells |= {(row + down, column + right): value for (row, column), value in other.cells.items()}
        self.merges += [(t + down, a + right, b + down, z + right) for t, a, b, z in other.merges]
        self.hidden_rows |= {row + down for row in other.hidden_rows}
        self.hidden_columns |= {column + right for column in other.hidden_columns}
        for row in other.rows:
            moved = deepcopy(row)
            moved["row"] += down
            self.rows.append(moved)
        self.height = down + other.height
        self.width = max(self.width, other.width + right)


@dataclass
class Page:
    """A sheet: its blocks in order, and where the first stands."""

    name: str
    blocks: list[Block] = field(default_factory=list)
    gaps: list[int] = field(default_factory=list)
    right: int = 0

    def put(self, block: Block, gap: int = 0) -> None:
        """Add a block so many blank rows below the last."""
        self.blocks.append(block)
        self.gaps.append(gap)

    def flat(self) -> Block:
        """All blocks as one, in the sheet's own numbering from 0."""
        whole = Block(width=1)
        for block, gap in zip(self.blocks, self.gaps, strict=True):
            whole.append(block, gap, self.right)
        return whole

    def truth(self) -> dict[str, Any]:
        """The sheet as the command line would print it, rows counted from 1 as in Excel."""
        rows = self.flat().rows
        return {"sheet": self.name, "rows": [{**row, "row": row["row"] + 1} for row in rows]}
