"""Invented lists as workbooks, for tests of the import."""

from datetime import datetime
from io import BytesIO
from typing import Any

import xlsxwriter

HEAD = ["序号", "问题类别", "点位", "存在问题", "责任单位", "整改时限", "备注"]


def workbook(rows: list[list[Any]], head: list[str] | None = None, title: str = "农村供水专项督查问题清单") -> bytes:
    """A titled one-level list."""
    buffer = BytesIO()
    head = head or HEAD
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as book:
        book.set_properties({"created": datetime(2026, 1, 1)})  # the same rows, the same bytes
        sheet = book.add_worksheet("问题清单")
        sheet.merge_range(0, 0, 0, len(head) - 1, title)
        for column, text in enumerate(head):
            sheet.write_string(1, column, text)
        for line, row in enumerate(rows, start=2):
            for column, value in enumerate(row):
                sheet.write(line, column, value)
    return buffer.getvalue()


def usual(far: str) -> list[list[Any]]:
    """Four rows: a plain one, one with two points, a positive one, one of an unknown unit."""
    return [
        [1, "供水", "一村", "蓄水池围栏破损，无警示标志", "县水利局", far, ""],
        [2, "供水", "一村三组", "1.管网渗漏；2.入户水表井盖缺失", "县水利局、甲镇", far, ""],
        [3, "供水", "二村", "整体运行良好，未发现问题", "县水利局", "", ""],
        [4, "环境", "一村", "河道边堆放生活垃圾", "县河长办", "立行立改", ""],
    ]


def two_level(rows: list[list[Any]]) -> bytes:
    """A list with two levels of headers: 序号, 点位, 存在问题, 责任单位, 整改时限."""
    buffer = BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as book:
        book.set_properties({"created": datetime(2026, 1, 1)})
        sheet = book.add_worksheet("问题台账")
        middle = book.add_format({"align": "center", "valign": "vcenter", "border": 1})
        sheet.merge_range(0, 0, 0, 4, "人居环境专项督查问题台账", middle)
        sheet.merge_range(1, 0, 2, 0, "序号", middle)
        sheet.merge_range(1, 1, 1, 2, "问题情况", middle)
        sheet.merge_range(1, 3, 1, 4, "责任落实", middle)
        sheet.write_row(2, 1, ["点位", "存在问题", "责任单位", "整改时限"], middle)
        for line, row in enumerate(rows, start=3):
            sheet.write_row(line, 0, row)
    return buffer.getvalue()
