"""Says where what a reader understood departs from the truth beside a made-up ledger."""

import re
from collections.abc import Callable, Mapping, Sequence
from difflib import SequenceMatcher
from typing import Any

from tests.inspections.generator import Ledger

Row = Mapping[str, Any]
NUMBERING = re.compile(r"^(?:\d+[.、．]|[（(]\d+[)）]|[①-⑨])")
DAY = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:00:00(?::00)?)?")
# A deadline's start and period are part of the answer only where the phrase speaks of them.
PARTS = {
    "deadline": ("end", "time"),
    "range": ("start", "end"),
    "recurring": ("end", "period"),
    "class": ("classes",),
    "duration": ("period",),
    "asof": ("end",),
}


def plain(value: Any) -> str:
    """Text without white space; nothing and an empty text are the same."""
    return re.sub(r"\s+", "", str(value if value is not None else ""))


def day_or_text(value: Any) -> str:
    """A date cell has no text of its own: whichever way the date is written counts."""
    text = plain(value)
    found = DAY.fullmatch(text)
    return "{}-{:02}-{:02}".format(*map(int, found.groups())) if found else text


def points_of(value: Any) -> list[str]:
    """The parts without their numbers and the marks between them; one part alone is none."""
    parts = [NUMBERING.sub("", plain(part)).rstrip("；;。") for part in value or []]
    return parts if len(parts) > 1 else []


def others(row: Row) -> list[str]:
    """The units beside the lead unit, in order."""
    lead = plain(row.get("lead_unit"))
    return [name for name in map(plain, row.get("units") or []) if name != lead]


def reading(row: Row) -> tuple[Any, ...]:
    """What a deadline comes to."""
    given = row.get("deadline") or {"kind": "none"}
    kind = given["kind"]
    parts = [given.get(part) or None for part in PARTS.get(kind, ())]
    return kind, *(sorted(part) if isinstance(part, list) else part for part in parts)


FIELDS: dict[str, Callable[[Row], Any]] = {
    "serial": lambda row: plain(row.get("serial")),
    "category": lambda row: plain(row.get("category")),
    "location": lambda row: plain(row.get("location")),
    "problem": lambda row: plain(row.get("problem")),
    "points": lambda row: points_of(row.get("points")),
    "units": others,
    "lead_unit": lambda row: plain(row.get("lead_unit")),
    "measures": lambda row: plain(row.get("measures")),
    "deadline_text": lambda row: day_or_text(row.get("deadline_text")),
    "deadline": reading,
    "status_text": lambda row: plain(row.get("status_text")),
    "positive": lambda row: bool(row.get("positive")),
}


def rows_of(found: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The rows of a whole result, each with the name of its sheet."""
    return [{**row, "sheet": sheet["sheet"]} for sheet in found["sheets"] for row in sheet["rows"]]


def differences(ledger: Ledger, rows: Sequence[Row]) -> list[str]:
    """Every field that departs from the truth, with sheet, row, what was wanted and what was got.

    Rows are laid side by side by the text of the problem, so that one missing row is one complaint.
    """
    wanted = rows_of({"sheets": ledger.sheets})
    texts = [[plain(row.get("problem")) for row in side] for side in (wanted, rows)]
    found: list[str] = []
    for how, a, z, b, y in SequenceMatcher(None, *texts, autojunk=False).get_opcodes():
        pairs = list(zip(wanted[a:z], rows[b:y], strict=False))
        for want, got in pairs:
            found += row_differences(ledger, want, got)
        if how != "equal":
            found += [f"{where(row)} missing: {row['problem']!r}" for row in wanted[a + len(pairs) : z]]
            found += [f"{where(row)} extra: {row.get('problem')!r}" for row in rows[b + len(pairs) : y]]
    return found


def where(row: Row) -> str:
    """The place to look."""
    return f"{row.get('sheet', '')}!{row.get('row')}"


def row_differences(ledger: Ledger, want: Row, got: Row) -> list[str]:
    """The fields of one row; its place counts where the file has sheets and rows of its own and is no card."""
    found = []
    for name, form in FIELDS.items():
        if form(want) != form(got):
            found.append(f"{where(want)} {name}: want {form(want)!r}, got {form(got)!r}")
    if (
        ledger.format in {"xlsx", "xls", "ods"}
        and "card" not in ledger.features
        and "sheet" in got
        and where(want) != where(got)
    ):
        found.append(f"{where(want)} place: got {where(got)}")
    if ledger.format.startswith("csv") and want["row"] != got.get("row"):
        found.append(f"{where(want)} place: got row {got.get('row')}")
    return found
