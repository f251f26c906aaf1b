"""Reads the workbook of units, people and posts: bytes in, rows of text out, never more than it may hold."""

import re
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from io import BytesIO
from typing import Any, BinaryIO
from zipfile import BadZipFile, ZipFile

from django.utils.translation import gettext as _
from python_calamine import CalamineWorkbook

from organizations.errors import Refused

MAX_BYTES = 10 * 1024 * 1024
MAX_UNPACKED_BYTES = 100 * 1024 * 1024
MAX_MEMBERS = 1_000
MAX_ROWS = 10_000
MAX_SHEET_ROW = 20_000
MAX_SHEET_COLUMN = "CZ"
CHUNK = 256 * 1024
OVERLAP = 4096

SHEETS: dict[str, tuple[str, ...]] = {
    "单位": ("单位名称", "简称", "类别", "区划代码", "别名"),
    "人员": ("登录名", "姓名"),
    "任职": ("登录名", "单位名称", "区划代码", "角色", "任职日期", "离任日期", "代理何人"),
}
_SHEET_MEMBER = re.compile(r"/?xl/(worksheets|charts|macro|dialog)\w*/[^/]+\.xml", re.IGNORECASE)
_CELL = re.compile(rb"<(?:\w{1,20}:)?(?:c|row)\b[^>]{0,2000}?\br\s{0,9}=\s{0,9}[\"']([A-Z]{0,3})(\d{1,7})")
_DAY = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?")


@dataclass(frozen=True)
class UnitRow:
    """One line of the sheet 单位."""

    line: int
    name: str
    short_name: str
    kind: str
    division_code: str
    aliases: list[str]


@dataclass(frozen=True)
class PersonRow:
    """One line of the sheet 人员."""

    line: int
    username: str
    name: str


@dataclass(frozen=True)
class PostRow:
    """One line of the sheet 任职; days are ISO text, or the text that could not be read as a day."""

    line: int
    username: str
    unit_name: str
    division_code: str
    role: str
    valid_from: str
    valid_to: str
    acting_for: str


@dataclass(frozen=True)
class PeopleRows:
    """Everything the workbook says, before anybody has judged it."""

    units: list[UnitRow] = field(default_factory=list)
    people: list[PersonRow] = field(default_factory=list)
    posts: list[PostRow] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.units) + len(self.people) + len(self.posts)

    def as_data(self) -> dict[str, Any]:
        """Plain lists, as a session keeps them."""
        return asdict(self)

    @classmethod
    def from_data(cls, data: dict[str, Any]) -> "PeopleRows":
        """The rows of as_data()."""
        return cls(
            units=[UnitRow(**row) for row in data["units"]],
            people=[PersonRow(**row) for row in data["people"]],
            posts=[PostRow(**row) for row in data["posts"]],
        )


def read_people(stream: BinaryIO) -> PeopleRows:
    """All rows of the workbook; raises Refused with a sentence for a file that cannot be used at all."""
    content = stream.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        raise Refused(_("文件超过 10 MB。请按单位拆成几个文件后分别导入。"))
    _judge_package(content)
    sheets = _sheets(content)
    if not sheets:
        raise Refused(_("文件里没有“单位”“人员”“任职”中的任何一张工作表。请使用本页的模板填写后再导入。"))
    rows = PeopleRows(
        units=[_unit(*each) for each in _lines(sheets, "单位")],
        people=[_person(*each) for each in _lines(sheets, "人员")],
        posts=[_post(*each) for each in _lines(sheets, "任职")],
    )
    if len(rows) > MAX_ROWS:
        raise Refused(_("文件共有 %d 行，超过 10,000 行。请拆成几个文件后分别导入。") % len(rows))
    if not len(rows):
        raise Refused(_("文件里的工作表都是空的。请填写后再导入。"))
    return rows


def _broken() -> Refused:
    return Refused(_("这个文件打不开，可能已损坏或设有密码。请用 WPS 或 Excel 另存为 xlsx 后再导入。"))


def _judge_package(content: bytes) -> None:
    """Refuse a bomb before the reader of workbooks, which trusts what it is told, opens it."""
    if content[:4] == b"\xd0\xcf\x11\xe0":
        raise Refused(_("这是旧版 xls 文件，或者文件设有密码。请取消密码并另存为 xlsx 后再导入。"))
    try:
        with ZipFile(BytesIO(content)) as archive:
            infos = archive.infolist()
            if len(infos) > MAX_MEMBERS or sum(info.file_size for info in infos) > MAX_UNPACKED_BYTES:
                raise Refused(_("文件解开后太大。请删除图片和多余的工作表后再导入。"))
            # Reading to the end also catches members that hold more than they declare.
            if archive.testzip() is not None:
                raise _broken()
            for info in infos:
                if _SHEET_MEMBER.fullmatch(info.filename):
                    _judge_extent(archive, info.filename)
    except (BadZipFile, RuntimeError, NotImplementedError, OSError, ValueError, EOFError) as error:
        raise _broken() from error


def _judge_extent(archive: ZipFile, name: str) -> None:
    """One cell in the far corner would make the reader lay out every cell before it."""
    tail = b""
    with archive.open(name) as member:
        while chunk := member.read(CHUNK):
            text = tail + chunk
            for letters, digits in _CELL.findall(text):
                column = letters.decode().rjust(3)
                if int(digits) > MAX_SHEET_ROW or column > MAX_SHEET_COLUMN.rjust(3):
                    raise Refused(_("工作表的范围太大。请删除表格右侧和下方多余的行列后再导入。"))
            tail = text[-OVERLAP:]


def _sheets(content: bytes) -> dict[str, list[list[Any]]]:
    try:
        book = CalamineWorkbook.from_filelike(BytesIO(content))
        names = {name.strip(): name for name in book.sheet_names}
        return {
            title: book.get_sheet_by_name(names[title]).to_python(skip_empty_area=False)
            for title in SHEETS
            if title in names
        }
    except BaseException as error:
        # The reader is written in Rust; its panics are not Exceptions.
        if isinstance(error, Exception) or type(error).__name__ == "PanicException":
            raise _broken() from error
        raise


def _lines(sheets: dict[str, list[list[Any]]], title: str) -> Iterator[tuple[int, Callable[[str], Any]]]:
    """Row number, and a function from a column's name to its cell, for every row that is not empty."""
    table = sheets.get(title) or []
    start = _heading(table, title) if table else 0
    heads = [_text(cell).split("(")[0].split("（")[0] for cell in table[start]] if table else []
    missing = [column for column in SHEETS[title] if column not in heads]
    if table and missing:
        raise Refused(
            _("工作表“%(sheet)s”缺少列：%(columns)s。请使用本页的模板填写。")
            % {"sheet": title, "columns": "、".join(missing)}
        )
    places = {column: heads.index(column) for column in SHEETS[title]} if table else {}
    for line, row in enumerate(table[start + 1 :], start=start + 2):
        if any(_text(cell) for cell in row):
            yield line, _cells(row, places)


def _heading(table: list[list[Any]], title: str) -> int:
    """The row that names the columns: the first, or the second under a caption."""
    first = SHEETS[title][0]
    for place, row in enumerate(table[:3]):
        if any(_text(cell) == first for cell in row):
            return place
    return 0


def _cells(row: list[Any], places: dict[str, int]) -> Callable[[str], Any]:
    def cell(column: str) -> Any:
        place = places[column]
        return row[place] if place < len(row) else ""

    return cell


def _text(value: Any) -> str:
    """A cell as a person reads it: codes that Excel took for numbers lose their “.0”."""
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value).strip()


def _day_text(value: Any) -> str:
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    text = _text(value)
    found = _DAY.fullmatch(text)
    try:
        return date(*map(int, found.groups())).isoformat() if found else text
    except ValueError:
        return text


def _unit(line: int, cell: Callable[[str], Any]) -> UnitRow:
    aliases = [part.strip() for part in re.split(r"[、，,;；\n]", _text(cell("别名")))]
    name, short_name, kind, code = (_text(cell(c)) for c in ("单位名称", "简称", "类别", "区划代码"))
    return UnitRow(line, name, short_name, kind, code, [alias for alias in aliases if alias])


def _person(line: int, cell: Callable[[str], Any]) -> PersonRow:
    return PersonRow(line, _text(cell("登录名")), _text(cell("姓名")))


def _post(line: int, cell: Callable[[str], Any]) -> PostRow:
    username, unit, code, role = (_text(cell(c)) for c in ("登录名", "单位名称", "区划代码", "角色"))
    days = (_day_text(cell("任职日期")), _day_text(cell("离任日期")))
    return PostRow(line, username, unit, code, role, *days, _text(cell("代理何人")))
