"""Workbooks for the reader's tests: rows of values, with merged ranges and hidden parts named as in Excel."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any

from xlsxwriter import Workbook


@dataclass(frozen=True)
class Page:
    """One sheet; rows start at A1 and None leaves a cell empty."""

    rows: Sequence[Sequence[Any]]
    merges: Sequence[str] = ()  # A1:B2
    hidden_columns: Sequence[str] = ()  # D:D
    hidden_rows: Sequence[int] = ()  # as Excel numbers them
    name: str = "台账"
    hidden: bool = False
    formulas: dict[str, str] = field(default_factory=dict)


def workbook(*pages: Page) -> bytes:
    """The pages as an xlsx."""
    stream = BytesIO()
    book = Workbook(stream, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    day = book.add_format({"num_format": "yyyy-mm-dd"})
    for page in pages:
        sheet = book.add_worksheet(page.name)
        _write(sheet, page, day)
        _shape(sheet, page)
    book.close()
    return stream.getvalue()


def _write(sheet: Any, page: Page, day: Any) -> None:
    for number, row in enumerate(page.rows):
        for column, value in enumerate(row):
            if hasattr(value, "year"):
                sheet.write_datetime(number, column, value, day)
            elif value is not None:
                sheet.write(number, column, value)
    for cell, formula in page.formulas.items():
        sheet.write_formula(cell, formula, None, "")


def _shape(sheet: Any, page: Page) -> None:
    for merged in page.merges:
        sheet.merge_range(merged, _value_at(page, merged))
    for letters in page.hidden_columns:
        sheet.set_column(letters, None, None, {"hidden": True})
    for number in page.hidden_rows:
        sheet.set_row(number - 1, None, None, {"hidden": True})
    if page.hidden:
        sheet.hide()


def _value_at(page: Page, merged: str) -> Any:
    """What stands at the range's first cell, which merging would blank."""
    first = merged.partition(":")[0]
    column = 0
    for letter in first.rstrip("0123456789"):
        column = column * 26 + ord(letter) - 64
    row = page.rows[int(first.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")) - 1]
    return row[column - 1] if column - 1 < len(row) and row[column - 1] is not None else ""
