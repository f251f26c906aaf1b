"""The same list in every format, and files that cannot be read: always a sentence that says what to do."""

import io
import random
import zipfile
from datetime import date
from pathlib import Path

import pytest
import xlwt
from docx import Document
from odf.opendocument import OpenDocumentSpreadsheet
from odf.table import CoveredTableCell, Table, TableCell, TableColumn, TableRow
from odf.text import P

from inspections.reading import plain_text, xml_scan
from inspections.reading.errors import UnreadableFile
from inspections.reading.reader import read_file
from tests.inspections.workbook import Page, workbook

pytestmark = pytest.mark.pure

DAY = date(2026, 3, 2)
TITLE = "某县检查问题清单"
ROWS = [
    ["序号", "点位", "存在问题", "责任单位", "整改时限"],
    ["1", "北门", "墙皮脱落", "县住建局、县城管局", "三日内"],
    ["2", "", "门锁损坏", "县住建局", "2026.6.30"],
    ["3", "南门", "隐藏的一行", "县住建局", ""],
]


def as_xlsx() -> bytes:
    return workbook(
        Page([[TITLE], *[[cell or None for cell in row] for row in ROWS]], ["A1:E1", "B3:B4"], hidden_rows=[5])
    )


def as_xls() -> bytes:
    book = xlwt.Workbook()
    sheet = book.add_sheet("台账")
    sheet.write_merge(0, 0, 0, 4, TITLE)
    for number, row in enumerate(ROWS, start=1):
        for column, text in enumerate(row):
            if text:
                sheet.write(number, column, text)
    sheet.merge(2, 3, 1, 1)
    sheet.row(4).hidden = True
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def as_ods() -> bytes:
    document, table = OpenDocumentSpreadsheet(), Table(name="台账")
    table.addElement(TableColumn(numbercolumnsrepeated=5))
    for number, row in enumerate([[TITLE, "", "", "", ""], *ROWS]):
        line = TableRow(visibility="collapse") if number == 4 else TableRow()
        for column, text in enumerate(row):
            line.addElement(_ods_cell(number, column, text))
        table.addElement(line)
    document.spreadsheet.addElement(table)
    stream = io.BytesIO()
    document.save(stream)
    return stream.getvalue()


def _ods_cell(number: int, column: int, text: str) -> TableCell:
    if (number, column) == (3, 1) or (number == 0 and column):
        return CoveredTableCell()
    spans = {(0, 0): {"numbercolumnsspanned": 5}, (2, 1): {"numberrowsspanned": 2, "numbercolumnsspanned": 1}}
    cell = TableCell(valuetype="string", **spans.get((number, column), {})) if text else TableCell()
    if text:
        cell.addElement(P(text=text))
    return cell


def as_docx() -> bytes:
    document = Document()
    document.add_paragraph(TITLE)
    table = document.add_table(rows=3, cols=5)
    for number, row in enumerate(ROWS[:3]):
        for column, text in enumerate(row):
            table.cell(number, column).text = text
    table.cell(1, 1).merge(table.cell(2, 1))
    stream = io.BytesIO()
    document.save(stream)
    return stream.getvalue()


def as_csv(encoding: str) -> bytes:
    lines = [f"{TITLE},,,,", *[",".join(row) for row in ROWS[:3]]]
    return "\r\n".join(lines).encode(encoding)


FORMATS = {
    "xlsx": as_xlsx,
    "xls": as_xls,
    "ods": as_ods,
    "docx": as_docx,
    "csv": lambda: as_csv("utf-8"),
    "csv with a byte order mark": lambda: as_csv("utf-8-sig"),
    "csv from a Chinese Windows": lambda: as_csv("gb18030"),
    "csv in UTF-16": lambda: as_csv("utf-16"),
}


@pytest.mark.parametrize("form", FORMATS)
def test_the_same_list_reads_the_same_in_every_format(form: str) -> None:
    reading = read_file(FORMATS[form](), f"清单.{form[:4].strip()}", DAY)

    assert reading.kind == form.split(maxsplit=1)[0]
    assert reading.sheets[0].title == TITLE
    assert [(row.serial, row.location, row.problem, row.units, row.deadline.end) for row in reading.rows] == [
        ("1", "北门", "墙皮脱落", ("县住建局", "县城管局"), "2026-03-05"),
        ("2", "北门", "门锁损坏", ("县住建局",), "2026-06-30"),
    ]


def test_the_content_decides_and_not_the_name(tmp_path: Path) -> None:
    renamed = tmp_path / "其实是表格.csv"
    renamed.write_bytes(as_xlsx())

    assert read_file(renamed).kind == "xlsx"


def zipped(**members: bytes) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name.replace("__", "/"), content)
    return stream.getvalue()


def bomb() -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(as_xlsx())) as old, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as new:
        for member in old.namelist():
            new.writestr(member, old.read(member))
        new.writestr("xl/media/image1.xml", b"0" * 80_000_000)
    return stream.getvalue()


def stray(cell: str) -> bytes:
    """A workbook with one value far from all others."""
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(as_xlsx())) as old, zipfile.ZipFile(stream, "w") as new:
        for member in old.namelist():
            content = old.read(member)
            if member.endswith("sheet1.xml"):
                row = cell.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
                more = f'<row r="{row}"><c r="{cell}"><v>1</v></c></row></sheetData>'.encode()
                content = content.replace(b"</sheetData>", more)
            new.writestr(member, content)
    return stream.getvalue()


BAD = {
    "empty": (lambda: b"", "文件是空的"),
    "noise": (lambda: random.Random(7).randbytes(4000), "无法识别"),
    "cut off": (lambda: as_xlsx()[:3000], "已损坏"),
    "an old workbook cut off": (lambda: as_xls()[:2500], "已损坏"),
    "a picture": (lambda: b"\x89PNG\r\n\x1a\n" + bytes(50), "图片"),
    "a pdf": (lambda: b"%PDF-1.7 ...", "PDF"),
    "a web page saved as xls": (lambda: b"<html><table><tr><td>1</td></tr></table></html>", "网页"),
    "an archive": (lambda: zipped(a=b"1"), "压缩包"),
    "macros": (lambda: zipped(**{"[Content_Types].xml": b"<a/>", "xl__vbaProject.bin": b"1"}), "宏"),
    "a bomb": (bomb, "异常庞大"),
    "a value in the last row of all": (lambda: stray("A1048576"), "20000 行"),
    "a value in the last column of all": (lambda: stray("XFD9"), "200 列"),
    "too many rows of text": (lambda: b"a,b\n" * 20_001, "20000 行"),
    "too many columns of text": (lambda: b"a," * 400, "200 列"),
    "an encrypted workbook": (lambda: ole("EncryptedPackage"), "密码"),
    "a Word file of old": (lambda: ole("WordDocument"), "docx"),
    "something of the OLE family": (lambda: ole("Contents"), "WPS 中另存为 xlsx"),
}


def ole(entry: str) -> bytes:
    """The smallest OLE file with one stream of the name."""
    header = bytearray(512)
    header[:8] = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
    header[24:34] = b"\x3e\x00\x03\x00\xfe\xff\x09\x00\x06\x00"
    header[44:52] = (1).to_bytes(4, "little") + (1).to_bytes(4, "little")
    header[60:76] = b"\xfe\xff\xff\xff" + bytes(4) + b"\xfe\xff\xff\xff" + bytes(4)
    header[76:512] = bytes(4) + b"\xff" * 432
    fat = b"\xfd\xff\xff\xff\xfe\xff\xff\xff" + b"\xff" * 504
    name = entry.encode("utf-16-le")
    directory = name.ljust(64, b"\0") + (len(name) + 2).to_bytes(2, "little") + bytes(62)
    return bytes(header) + fat + directory.ljust(512, b"\0")


@pytest.mark.parametrize("case", BAD)
def test_what_cannot_be_read_is_refused_with_a_sentence(case: str) -> None:
    make, words = BAD[case]

    with pytest.raises(UnreadableFile, match=words) as refusal:
        list(read_file(make(), "台账.xlsx").rows)

    assert str(refusal.value).endswith("。")


@pytest.mark.parametrize("name", ["台账.et", "清单.WPS"])
def test_the_formats_of_wps_are_sent_back_to_wps(name: str) -> None:
    with pytest.raises(UnreadableFile, match="请在 WPS 中另存为 xlsx"):
        read_file(as_xls(), name)


def test_a_file_beyond_the_limit_is_not_even_opened(tmp_path: Path) -> None:
    huge = tmp_path / "a.csv"
    with huge.open("wb") as stream:
        stream.truncate(20 * 1024 * 1024 + 1)

    with pytest.raises(UnreadableFile, match="20 MB"):
        read_file(huge)


def test_classified_papers_never_come_in() -> None:
    for data, name in (
        (as_csv("utf-8") + "4,东门,机密★1年,某局,\n".encode(), "a.csv"),
        (as_csv("utf-8"), "绝密★长期.csv"),
    ):
        with pytest.raises(UnreadableFile, match="非涉密系统"):
            read_file(data, name)


def test_the_limits_stand_in_their_sentences() -> None:
    assert "20000" in xml_scan.too_many_rows()
    assert "1000000" in xml_scan.too_many_cells()
    with pytest.raises(UnreadableFile, match="单元格"):
        plain_text.read_csv((b"a," * 150 + b"\n") * 7000)
