"""The table of what was measured, and how a median is taken."""

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from unicodedata import east_asian_width

HEADS = ("what", "p50 ms", "floor ms", "ratio", "bar", "ok/over")
WIDTHS = (62, 9, 9, 7, 13, 7)


@dataclass(slots=True)
class Line:
    """One thing measured, beside its floor and its bar; `value` is what the bar is held against."""

    what: str
    value: float
    bar: float
    unit: str = "ms"
    p50: float | None = None
    floor: float | None = None
    ratio: float | None = None

    @property
    def holds(self) -> bool:
        """Whether the value stays within the bar."""
        return self.value <= self.bar

    def cells(self) -> list[str]:
        """The line as the table shows it."""
        shown = [_number(self.p50), _number(self.floor), _number(self.ratio)]
        if self.unit == "statements":
            shown = [f"{self.value:.0f} st", "", ""]
        if self.unit == "MB":
            shown = [f"{self.value:.0f} MB", "", ""]
        unit = {"ms": " ms", "times": "×", "statements": " st", "MB": " MB"}[self.unit]
        return [self.what, *shown, f"<= {self.bar:g}{unit}", "ok" if self.holds else "over"]


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.2f}"


def _wide(text: str) -> int:
    return sum(2 if east_asian_width(letter) in "WF" else 1 for letter in text)


def print_part(title: str, lines: list[Line]) -> list[Line]:
    """A title, the heads of the columns and the rows; the lines are handed back."""
    print(f"\n{title}")
    _print_cells(list(HEADS))
    print("-" * (sum(WIDTHS) + 2 * len(WIDTHS) - 2))
    for line in lines:
        _print_cells(line.cells())
    return lines


def _print_cells(cells: list[str]) -> None:
    padded = [cell + " " * max(0, width - _wide(cell)) for cell, width in zip(cells, WIDTHS, strict=True)]
    print("  ".join(padded).rstrip(), flush=True)


def milliseconds(call: Callable[[], Any]) -> float:
    """How long one call takes."""
    begun = time.perf_counter()
    call()
    return (time.perf_counter() - begun) * 1000


def medians(call: Callable[[], Any], floor: Callable[[], Any], rounds: int) -> tuple[float, float]:
    """Medians of a call and of its floor, taken in turns so that noise meets both alike."""
    for _warm in range(3):
        call()
        floor()
    pairs = [(milliseconds(call), milliseconds(floor)) for _round in range(rounds)]
    return statistics.median(pair[0] for pair in pairs), statistics.median(pair[1] for pair in pairs)
