"""Makes people workbooks for the tests."""

from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from typing import Any

from xlsxwriter import Workbook

from organizations.people_file import SHEETS

UNITS = [["县审计局", "审计局", "县直部门", "999921000000", "审计、县审计"]]
PEOPLE = [["shen.ji", "申计"], ["shen.yuan", "申元"]]
POSTS = [
    ["shen.ji", "县审计局", "999921000000", "单位负责人", "2026-01-05", "", ""],
    ["shen.yuan", "县审计局", 999921000000, "unit_clerk", "2026年1月5日", "", "shen.ji"],
]


def workbook(
    units: Sequence[Sequence[Any]] = UNITS,
    people: Sequence[Sequence[Any]] = PEOPLE,
    posts: Sequence[Sequence[Any]] = POSTS,
) -> BytesIO:
    """An xlsx with the three sheets."""
    stream = BytesIO()
    with Workbook(stream, {"in_memory": True, "strings_to_formulas": False}) as book:
        for (title, columns), rows in zip(SHEETS.items(), (units, people, posts), strict=True):
            sheet = book.add_worksheet(title)
            for line, row in enumerate([columns, *rows]):
                sheet.write_row(line, 0, row)
    stream.seek(0)
    stream.name = "people.xlsx"
    return stream


def saved(folder: Path, **rows: Any) -> Path:
    """The workbook in a file."""
    path = folder / "people.xlsx"
    path.write_bytes(workbook(**rows).getvalue())
    return path
