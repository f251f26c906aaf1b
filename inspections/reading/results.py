"""What the reader found, as plain frozen records that become JSON."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from inspections.reading.due import DeadlineReading
from inspections.reading.headers import Meaning, Sureness


@dataclass(frozen=True, slots=True)
class Row:
    """One problem, or one positive record, as the sheet says it; rows count from 1 as in Excel."""

    row: int
    last_row: int
    serial: str
    category: str
    location: str
    problem: str
    points: tuple[str, ...]
    units: tuple[str, ...]
    lead_unit: str
    measures: str
    deadline_text: str
    deadline: DeadlineReading
    status_text: str
    positive: bool
    warnings: tuple[str, ...] = ()
    errors: tuple[str, ...] = ()
    others: tuple[tuple[str, str], ...] = ()  # header and text of columns that have no field

    def as_json(self) -> dict[str, Any]:
        """The row as the command line prints it."""
        return {
            "row": self.row,
            "serial": self.serial,
            "category": self.category,
            "location": self.location,
            "problem": self.problem,
            "points": list(self.points),
            "units": list(self.units),
            "lead_unit": self.lead_unit,
            "measures": self.measures,
            "deadline_text": self.deadline_text,
            "deadline": self.deadline.as_json(),
            "status_text": self.status_text,
            "positive": self.positive,
            "warnings": list(self.warnings),
            "errors": list(self.errors),
        }

    def as_draft(self) -> dict[str, Any]:
        """The row for the preview: with its source rows and the columns that have no field."""
        return {**self.as_json(), "last_row": self.last_row, "others": [list(pair) for pair in self.others]}


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table, counted from zero, with what it was taken for."""

    index: int
    header: str
    meaning: Meaning
    sureness: Sureness
    hidden: bool = False

    def as_draft(self) -> dict[str, Any]:
        """The column for the preview."""
        return {
            "index": self.index,
            "header": self.header,
            "meaning": str(self.meaning),
            "sureness": str(self.sureness),
            "hidden": self.hidden,
        }


@dataclass(frozen=True, slots=True)
class Table:
    """Where a table stands in its sheet; rows count from 1, the last one included."""

    first_row: int
    last_row: int
    header_rows: tuple[int, ...]
    columns: tuple[Column, ...]
    title: str = ""

    def as_draft(self) -> dict[str, Any]:
        """The table for the preview."""
        return {
            "first_row": self.first_row,
            "last_row": self.last_row,
            "header_rows": list(self.header_rows),
            "columns": [column.as_draft() for column in self.columns],
            "title": self.title,
        }


@dataclass(frozen=True, slots=True)
class Picture:
    """The sheet as it looks: texts, merged ranges and what is hidden; counted from zero."""

    rows: tuple[tuple[str, ...], ...] = ()
    merges: tuple[tuple[int, int, int, int], ...] = ()
    hidden_rows: tuple[int, ...] = ()
    hidden_columns: tuple[int, ...] = ()

    def as_draft(self) -> dict[str, Any]:
        """The picture for the preview."""
        return {
            "rows": [list(row) for row in self.rows],
            "merges": [list(span) for span in self.merges],
            "hidden_rows": list(self.hidden_rows),
            "hidden_columns": list(self.hidden_columns),
        }


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet: what it says about itself, its tables and its rows."""

    name: str
    rows: tuple[Row, ...] = ()
    tables: tuple[Table, ...] = ()
    title: str = ""
    issuer: str = ""
    document_date: date | None = None
    facts: tuple[tuple[str, str], ...] = ()  # labels and values of the form above or instead of a table
    note: str = ""  # why nothing was read
    warnings: tuple[str, ...] = ()
    picture: Picture = field(default_factory=Picture, repr=False)

    def as_json(self) -> dict[str, Any]:
        """The sheet as the command line prints it."""
        return {"sheet": self.name, "rows": [row.as_json() for row in self.rows]}

    def as_draft(self) -> dict[str, Any]:
        """The sheet for the preview, serialisable as it is."""
        return {
            "sheet": self.name,
            "rows": [row.as_draft() for row in self.rows],
            "tables": [table.as_draft() for table in self.tables],
            "title": self.title,
            "issuer": self.issuer,
            "document_date": self.document_date.isoformat() if self.document_date else None,
            "facts": [list(pair) for pair in self.facts],
            "note": self.note,
            "warnings": list(self.warnings),
            "picture": self.picture.as_draft(),
        }


@dataclass(frozen=True, slots=True)
class Reading:
    """One file as it was understood."""

    file: str
    kind: str  # xlsx, xls, ods, csv or docx
    sheets: tuple[Sheet, ...]

    @property
    def rows(self) -> Iterator[Row]:
        """The rows of all sheets in order."""
        return (row for sheet in self.sheets for row in sheet.rows)

    def as_json(self) -> dict[str, Any]:
        """The whole as the command line prints it."""
        return {"file": self.file, "sheets": [sheet.as_json() for sheet in self.sheets]}

    def as_draft(self) -> dict[str, Any]:
        """The whole for the preview, serialisable as it is."""
        return {"file": self.file, "kind": self.kind, "sheets": [sheet.as_draft() for sheet in self.sheets]}
