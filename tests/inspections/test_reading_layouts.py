"""Ledgers in the layouts that offices send: every field as a clerk would read it."""

from datetime import date
from typing import Any

import pytest

from inspections.reading.headers import Meaning
from inspections.reading.reader import read_file
from inspections.reading.results import Row
from tests.inspections.received import LAYOUTS, Layout
from tests.inspections.workbook import Page, workbook

pytestmark = pytest.mark.pure

DAY = date(2026, 3, 2)


def said(row: Row, field: str) -> Any:
    """What the row says under the layout's name for a field."""
    if field in {"kind", "end", "time", "classes"}:
        value = getattr(row.deadline, field)
    elif field == "all_units":
        value = {*row.units, row.lead_unit} - {""}
    else:
        value = getattr(row, field)
    return list(value) if isinstance(value, tuple) else value


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.name)
def test_a_layout_is_read_field_by_field(layout: Layout) -> None:
    reading = read_file(workbook(*layout.pages), "台账.xlsx", DAY)

    rows = list(reading.rows)
    assert [row.problem for row in rows] == [row["problem"] for row in layout.rows]
    assert [{name: said(row, name) for name in want} for row, want in zip(rows, layout.rows, strict=True)] == list(
        layout.rows
    )
    assert {name: getattr(reading.sheets[0], name) for name in layout.facts} == layout.facts


LIST = Page(
    [
        ["序号", "地方", "毛病", "责任单位", "内部意见"],
        [1, "桥头", "护栏松动", "县交通局", "先不公开"],
        [2, "码头", "缺救生圈", "县水利局", "先不公开"],
        [3, "渡口", "超载", "县交通局", "先不公开"],
    ],
    hidden_columns=["E:E"],
    hidden_rows=[4],
)


def test_a_header_nobody_knows_is_guessed_and_says_so() -> None:
    table = read_file(workbook(LIST)).sheets[0].tables[0]

    found = {column.header: (column.meaning, column.sureness) for column in table.columns}

    assert found["毛病"] == ("problem", "guess")
    assert found["责任单位"] == ("units", "synonym")


def test_a_column_named_by_hand_is_read_anew() -> None:
    named = read_file(workbook(LIST), meanings={("台账", 1): "location", ("台账", 0): "ignore"})

    assert [(row.location, row.serial, row.problem) for row in named.rows] == [
        ("桥头", "", "护栏松动"),
        ("码头", "", "缺救生圈"),
    ]
    assert named.sheets[0].tables[0].columns[1].sureness == "given"


def test_what_is_hidden_comes_in_when_it_is_ticked() -> None:
    ticked = read_file(
        workbook(LIST), meanings={("台账", 4): "remark"}, shown_columns={("台账", 4)}, shown_rows={("台账", 3)}
    )

    rows = list(ticked.rows)
    assert [row.problem for row in rows] == ["护栏松动", "缺救生圈", "超载"]
    assert ("备注", "先不公开") in rows[0].others


def test_a_list_without_a_header_is_read_once_its_columns_are_named() -> None:
    bare = Page([["甲村", "沟渠淤塞"], ["乙村", "护坡开裂"]])

    unread, read = (
        read_file(workbook(bare), meanings=meanings)
        for meanings in (None, {("台账", 1): "problem", ("台账", 0): "location"})
    )

    assert not list(unread.rows)
    assert "没有找到问题清单" in unread.sheets[0].note
    assert [(row.location, row.problem) for row in read.rows] == [("甲村", "沟渠淤塞"), ("乙村", "护坡开裂")]


def test_a_table_whose_problem_column_is_not_found_is_shown_for_a_person_to_name_it() -> None:
    page = Page([["序号", "地点", "责任单位", "备注"], [1, "甲村", "某局", "沟渠淤塞，至今没有清理"]])

    unread, read = read_file(workbook(page)), read_file(workbook(page), meanings={("台账", 3): "problem"})

    assert not unread.sheets[0].rows
    assert [column.header for column in unread.sheets[0].tables[0].columns] == ["序号", "地点", "责任单位", "备注"]
    assert [row.problem for row in read.rows] == ["沟渠淤塞，至今没有清理"]


def test_the_preview_can_be_stored_and_shows_the_sheet_as_it_looks() -> None:
    draft = read_file(workbook(Page([["清单"], ["序号", "问题"], [1, "灯坏"]], merges=["A1:B1"])), "a.xlsx").as_draft()

    sheet = draft["sheets"][0]
    assert sheet["picture"] == {
        "rows": [["清单", ""], ["序号", "问题"], ["1", "灯坏"]],
        "merges": [[0, 0, 0, 1]],
        "hidden_rows": [],
        "hidden_columns": [],
    }
    assert sheet["tables"][0]["header_rows"] == [2]
    assert sheet["tables"][0]["columns"][1] == {
        "index": 1,
        "header": "问题",
        "meaning": str(Meaning.PROBLEM),
        "sureness": "synonym",
        "hidden": False,
    }
    assert (sheet["rows"][0]["row"], sheet["rows"][0]["last_row"]) == (3, 3)


def test_the_json_has_the_keys_that_were_promised_and_no_others() -> None:
    row = read_file(workbook(LIST)).as_json()["sheets"][0]["rows"][0]

    assert list(row) == [
        "row", "serial", "category", "location", "problem", "points", "units", "lead_unit", "measures",
        "deadline_text", "deadline", "status_text", "positive", "warnings", "errors",
    ]  # fmt: skip
    assert list(row["deadline"]) == ["kind", "start", "end", "time", "period", "classes", "reading"]


def test_one_bad_row_does_not_stop_the_others() -> None:
    page = Page([["序号", "地点", "问题", "责任单位"], [1, "甲", None, "某局"], [2, "乙", "路坏", "某局"]])

    bad, good = read_file(workbook(page)).rows

    assert bad.errors == ("这一行没有写明问题，请补充或跳过。",)
    assert not good.errors


def test_text_that_looks_like_a_formula_stays_text() -> None:
    texts = ["=1+2", "+86 的电话打不通", "-2层积水", "@所有人未落实"]
    page = Page([["序号", "问题", "责任单位"], *[[number, text, "某局"] for number, text in enumerate(texts)]])

    assert [row.problem for row in read_file(workbook(page)).rows] == texts


def test_a_formula_without_a_result_is_named() -> None:
    page = Page([["序号", "问题", "整改措施"], [1, "路坏", None]], formulas={"C2": "=A1"})

    (row,) = read_file(workbook(page)).rows

    assert any("C2 是公式" in warning for warning in row.warnings)


def test_control_characters_are_taken_out_with_a_warning() -> None:
    data = "序号,问题,责任单位\n1,路\x07坏,某局\n".encode()

    (row,) = read_file(data, "a.csv").rows

    assert row.problem == "路坏"
    assert any("控制字符" in warning for warning in row.warnings)


def test_a_cell_filled_to_the_brim_may_have_lost_its_end() -> None:
    page = Page([["序号", "问题", "责任单位"], [1, "长" * 32767, "某局"]])

    (row,) = read_file(workbook(page)).rows

    assert len(row.problem) == 32767
    assert any("32767" in warning for warning in row.warnings)


def test_a_day_outside_the_years_we_know_is_flagged() -> None:
    page = Page([["序号", "问题", "整改时限"], [1, "路坏", date(1905, 3, 14)], [2, "灯坏", "2101年6月底前"]])

    assert [row.deadline.kind for row in read_file(workbook(page)).rows] == ["unsure", "unsure"]
