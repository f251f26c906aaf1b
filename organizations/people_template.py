"""The empty workbook for units, people and posts, with the words that may be filled in."""

from io import BytesIO

from django.utils.translation import gettext as _
from xlsxwriter import Workbook

from organizations.people_file import SHEETS
from organizations.queries import labels

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FILLED_ROWS = 2000
LISTS = {"类别": "unit_kind", "角色": "role"}


def empty_workbook() -> bytes:
    """Three sheets with headings, text cells and lists to choose from, and one that explains."""
    stream = BytesIO()
    with Workbook(stream, {"in_memory": True}) as book:
        head = book.add_format({"bold": True, "bg_color": "#E8EFFB", "border": 1})
        text = book.add_format({"num_format": "@"})
        for title, columns in SHEETS.items():
            sheet = book.add_worksheet(title)
            sheet.set_column(0, len(columns) - 1, 20, text)
            sheet.freeze_panes(1, 0)
            for place, column in enumerate(columns):
                sheet.write(0, place, column, head)
                if column in LISTS:
                    source = list(labels(LISTS[column]).values())
                    rule = {"validate": "list", "source": source}
                    sheet.data_validation(1, place, FILLED_ROWS, place, rule)
        notes = book.add_worksheet(_("填写说明"))
        notes.set_column(0, 0, 100)
        for line, sentence in enumerate(_sentences()):
            notes.write(line, 0, sentence)
    return stream.getvalue()


def _sentences() -> list[str]:
    return [
        _("本系统为非涉密系统，请勿填写涉密内容。"),
        _("区划代码填12位统计用区划代码；别名有多个时用顿号分开。"),
        _("同一区划下同名的单位、相同登录名的人员会被更新，不会重复新增。"),
        _("日期写成 2026-06-30；在任的不填离任日期；“代理何人”填被代理人的登录名。"),
        _("同一个人不能同时任系统管理员、安全管理员、审计员中的两项。"),
    ]
