"""The generator itself: the same by seed, rich in layouts, and true to the cells it writes."""

from collections import Counter
from datetime import date
from io import BytesIO

import chinese_calendar
import pytest
from docx import Document
from python_calamine import CalamineWorkbook

from tests.inspections import due
from tests.inspections.compare import differences, plain, rows_of
from tests.inspections.damage import DAMAGES, damaged
from tests.inspections.generator import FORMATS, Ledger, make_ledger

pytestmark = pytest.mark.pure

SEEDS = 300
# How often at least each habit of senders comes up in three hundred ledgers.
EXPECTED = {
    "bands": 50, "blank cells": 100, "blank row between": 15, "blank tail": 25, "card": 15, "date cells": 25,
    "deadline asof": 3, "deadline class": 25, "deadline deadline": 80, "deadline duration": 3, "deadline none": 5,
    "deadline range": 10, "deadline recurring": 10, "deadline unsure": 5, "explanatory sheet": 15,
    "form above table": 25, "form and column": 5, "hidden columns": 12, "hidden rows": 10, "lead column": 50,
    "lead labelled": 15, "lead marked": 15, "merged category": 40, "merged deadline": 25, "merged location": 25,
    "merged measures": 15, "merged units": 25, "missing serials": 20, "no serial column": 20, "not at A1": 100,
    "notes below": 120, "numbered blank tail": 20, "odd header": 5, "one-level header": 100, "points": 60,
    "points circle": 10, "points comma": 10, "points dot": 20, "points inline": 10, "points paren": 10,
    "positive": 25, "repeated header": 18, "repeated serials": 20, "restarting serials": 35, "serial chinese": 15,
    "serial formula": 15, "several sheets": 40, "several units": 100, "stated day": 80,
    "stated day differs from the given one": 30, "statistics sheet": 8, "total row": 12, "two tables": 20,
    "two-level header": 40, "units by ','": 15, "units by ';'": 15, "units by '\\n'": 15, "units by '、'": 30,
    "units by '，'": 15, "units by '；'": 12,
}  # fmt: skip


@pytest.fixture(scope="module")
def ledgers() -> list[Ledger]:
    return [make_ledger(seed) for seed in range(SEEDS)]


def text_of(ledger: Ledger) -> str:
    """Everything the cells of the file say, without white space, by a reader that is not the product's."""
    if ledger.format == "docx":
        cells = [cell.text for table in Document(BytesIO(ledger.bytes)).tables for cell in table._cells]
    elif ledger.format.startswith("csv"):
        return plain(ledger.bytes.decode("gb18030" if ledger.format == "csv-gb18030" else "utf-8-sig").replace('"', ""))
    else:
        book = CalamineWorkbook.from_filelike(BytesIO(ledger.bytes))
        pages = [book.get_sheet_by_name(name).to_python() for name in book.sheet_names]
        cells = [str(cell) for page in pages for row in page for cell in row]
    return plain("\n".join(cells))


def test_a_seed_gives_the_same_file_and_the_same_truth() -> None:
    for seed in range(0, 120, 3):
        first, second = make_ledger(seed), make_ledger(seed)
        assert (first.name, first.bytes, first.sheets) == (second.name, second.bytes, second.sheets), seed
    assert len({make_ledger(seed).bytes for seed in range(50)}) == 50


def test_every_habit_of_senders_comes_up(ledgers: list[Ledger]) -> None:
    seen = Counter(feature for ledger in ledgers for feature in ledger.features)

    missing = {name: seen[name] for name, count in EXPECTED.items() if seen[name] < count}
    assert not missing, missing
    assert all(seen[f"format {name}"] >= 5 for name in FORMATS), seen
    assert sum(len(ledger.rows) for ledger in ledgers) > 2500


def test_what_the_truth_says_stands_in_the_cells(ledgers: list[Ledger]) -> None:
    for ledger in ledgers:
        said = text_of(ledger)
        for row in ledger.rows:
            words = [row[key] for key in ("category", "location", "problem", "measures", "status_text", "lead_unit")]
            absent = [word for word in [*words, *row["units"], *row["points"]] if plain(word) not in said]
            assert not absent, (ledger.seed, row["row"], absent)


def test_rows_stand_where_the_truth_says(ledgers: list[Ledger]) -> None:
    for ledger in ledgers:
        for page, sheet in zip(ledger.pages, ledger.sheets, strict=True):
            cells = page.flat().cells
            for row in sheet["rows"]:
                line = [value for (place, _), value in cells.items() if place == row["row"] - 1]
                assert row["problem"] in line, (ledger.seed, row["row"])
                assert row["problem"], ledger.seed


def test_merged_ranges_never_cover_what_is_written(ledgers: list[Ledger]) -> None:
    for ledger in ledgers:
        for page in ledger.pages:
            flat, covered = page.flat(), Counter()
            for top, left, bottom, right in flat.merges:
                inside = [(row, column) for row in range(top, bottom + 1) for column in range(left, right + 1)]
                covered.update(inside)
                assert not [place for place in inside[1:] if place in flat.cells], ledger.seed
                assert inside[0] in flat.cells, ledger.seed
            assert not [place for place, count in covered.items() if count > 1], ledger.seed


def test_hidden_rows_are_not_part_of_the_truth(ledgers: list[Ledger]) -> None:
    for ledger in ledgers:
        for page, sheet in zip(ledger.pages, ledger.sheets, strict=True):
            hidden = {row + 1 for row in page.flat().hidden_rows}
            assert not hidden & {row["row"] for row in sheet["rows"]}, ledger.seed


def test_the_truth_agrees_with_itself_and_a_slip_is_named(ledgers: list[Ledger]) -> None:
    ledger = next(made for made in ledgers if made.format == "xlsx" and len(made.rows) > 4)
    right = rows_of({"sheets": ledger.sheets})
    wrong = [dict(row) for row in right]
    wrong[1]["deadline"] = {"kind": "deadline", "end": "1999-01-01"}
    wrong[2]["units"] = ["县某局"]
    del wrong[3]

    found = differences(ledger, wrong)

    assert not differences(ledger, right)
    assert [line.split()[1].strip(":") for line in found] == ["deadline", "units", "missing"]


def test_working_days_are_counted_from_the_next_day_on() -> None:
    assert due.after_workdays(date(2022, 8, 31), 3) == date(2022, 9, 5)
    assert due.after_workdays(date(2021, 12, 1), 20) == date(2021, 12, 29)
    assert chinese_calendar.is_workday(date(2024, 9, 14)), "a Saturday made up for a holiday"


def test_damage_is_the_same_by_seed_and_takes_every_kind() -> None:
    cheap = [seed for seed in range(len(DAMAGES)) if DAMAGES[seed].__name__ != "bomb"]

    assert all(damaged(seed) == damaged(seed) for seed in cheap)
    assert len({damage.__name__ for damage in DAMAGES}) == len(DAMAGES) > 25
