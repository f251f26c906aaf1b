"""Comma-separated text as a grid, in UTF-8, UTF-16 or GB18030."""

import csv
import re
from itertools import islice

from django.utils.translation import gettext as _

from inspections.reading.errors import UnreadableFile
from inspections.reading.grid import Grid, Value
from inspections.reading.limits import MAX_CELLS, MAX_COLUMNS, MAX_ROWS
from inspections.reading.xml_scan import too_many_cells, too_many_columns, too_many_rows

_MARKUP = re.compile(r"<(?:!doctype|html|head|body|table|script|svg|\?xml|workbook)\b", re.IGNORECASE)
_CONTROLS = re.compile(r"[\x00-\x08\x0e-\x1f]")
_PEEK = 20  # lines
_LONGEST_FIELD = 1024 * 1024


def read_csv(data: bytes) -> list[Grid]:
    """One grid; refuses what is not text, web pages under another name, and what is too large."""
    text = _decoded(data)
    if _MARKUP.search(text[:2048]):
        raise UnreadableFile(_("这是网页或 XML 文件，不是表格文件。请用 WPS 或 Excel 打开后另存为 xlsx 再上传。"))
    if len(_CONTROLS.findall(text[:65536])) > max(16, 0.02 * len(text[:65536])):
        raise UnreadableFile(_not_known())
    csv.field_size_limit(_LONGEST_FIELD)
    lines = text.splitlines(keepends=True)
    if lines and re.fullmatch(r"sep=.\s*", lines[0]):
        del lines[0]
    rows: list[list[Value]] = []
    cells = 0
    try:
        for row in csv.reader(lines, delimiter=_delimiter(lines)):
            cells += len(row)
            _refuse_large(len(rows), len(row), cells)
            rows.append(list(row))
    except csv.Error as error:
        raise UnreadableFile(_("文本表格的引号或分隔符有错误，无法读取。请另存为 xlsx 后再上传。")) from error
    while rows and not any(str(field).strip() for field in rows[-1]):
        rows.pop()
    return [Grid("CSV", rows, knows_merges=False)]


def _refuse_large(rows: int, columns: int, cells: int) -> None:
    if rows >= MAX_ROWS:
        raise UnreadableFile(too_many_rows())
    if columns > MAX_COLUMNS:
        raise UnreadableFile(too_many_columns())
    if cells > MAX_CELLS:
        raise UnreadableFile(too_many_cells())


def _decoded(data: bytes) -> str:
    encodings = ["utf-8-sig", "gb18030"]
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings = ["utf-16"]
    elif b"\0" in data:
        raise UnreadableFile(_not_known())
    for encoding in encodings:
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise UnreadableFile(_not_known())


def _delimiter(lines: list[str]) -> str:
    """The sign that cuts most lines into most fields."""
    head = list(islice((line for line in lines if line.strip()), _PEEK))

    def fields(sign: str) -> int:
        try:
            return sum(sum(bool(field.strip()) for field in row) - 1 for row in csv.reader(head, delimiter=sign))
        except csv.Error:
            return 0

    return max(",;\t|", key=fields)


def _not_known() -> str:
    return _("无法识别这个文件的类型。请上传 xlsx、xls、ods、docx 或 csv 格式的台账。")
