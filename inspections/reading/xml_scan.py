"""What calamine does not tell: hidden rows and columns, formulas without a result, and how large a sheet is."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import IO, Any
from xml.parsers import expat
from zipfile import ZipFile

from django.utils.translation import gettext as _

from inspections.reading.errors import UnreadableFile
from inspections.reading.grid import Span
from inspections.reading.limits import MAX_CELLS, MAX_COLUMNS, MAX_ROWS

_CHUNK = 256 * 1024
_REFERENCE = re.compile(r"([A-Z]{1,3})(\d{1,7})")
_TRUE = frozenset({"1", "true", "on"})


@dataclass
class Layout:
    """What a sheet's XML says about its shape; rows and columns count from zero."""

    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)
    unvalued: set[tuple[int, int]] = field(default_factory=set)
    merges: list[Span] = field(default_factory=list)
    last_row: int = -1
    last_column: int = -1

    def take(self, row: int, column: int) -> None:
        """Note a cell that holds something; refuses the sheet once it is too large."""
        if row > self.last_row:
            self.last_row = row
            if row >= MAX_ROWS:
                raise UnreadableFile(too_many_rows())
        if column > self.last_column:
            self.last_column = column
            if column >= MAX_COLUMNS:
                raise UnreadableFile(too_many_columns())


def too_many_rows() -> str:
    """The sentence that names the limit of rows."""
    return _("表格超过 %(limit)d 行的上限。请拆成几个文件，或删除末尾没有内容的行后再上传。") % {"limit": MAX_ROWS}


def too_many_columns() -> str:
    """The sentence that names the limit of columns."""
    return _("表格超过 %(limit)d 列的上限。请删除没有用的列后再上传。") % {"limit": MAX_COLUMNS}


def too_many_cells() -> str:
    """The sentence that names the limit of cells."""
    return _("整个文件超过 %(limit)d 个单元格的上限。请拆成几个文件后再上传。") % {"limit": MAX_CELLS}


def parse(stream: IO[bytes], start: Any, end: Any = None, parser: Any = None) -> None:
    """Feed the stream to expat; a document type, which no office program writes, is refused."""
    parser = parser or expat.ParserCreate()
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.StartDoctypeDeclHandler = _refuse_doctype
    while chunk := stream.read(_CHUNK):
        parser.Parse(chunk, False)
    parser.Parse(b"", True)


def _refuse_doctype(*_declaration: object) -> None:
    raise UnreadableFile(_("文件内部结构不正常，不能接收。请用办公软件另存为新的 xlsx 文件后再上传。"))


class _SheetScan:
    """Walks one xl/worksheets/*.xml."""

    def __init__(self) -> None:
        self.layout = Layout()
        self._row = self._column = -1
        self._formula = self._valued = self._worded = False
        self.parser = expat.ParserCreate()

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """Note rows, columns, cells and what is in them."""
        if ":" in name:
            name = name.rpartition(":")[2]
        if name == "c":
            self._open_cell(attributes)
        elif name in {"v", "is"}:
            # A script that writes formulas leaves their value element empty.
            self._valued = not self._formula or self._worded
            if self._formula:
                self.parser.CharacterDataHandler = self._note_value
        elif name == "f":
            self._formula = True
        elif name == "row":
            self._open_row(attributes)
        elif name == "col" and attributes.get("hidden", "").lower() in _TRUE:
            last = min(int(attributes["max"]), MAX_COLUMNS)
            self.layout.hidden_columns.update(range(int(attributes["min"]) - 1, last))

    def _open_row(self, attributes: dict[str, str]) -> None:
        self._row = int(attributes["r"]) - 1 if "r" in attributes else self._row + 1
        self._column = -1
        if attributes.get("hidden", "").lower() in _TRUE and self._row < MAX_ROWS:
            self.layout.hidden_rows.add(self._row)

    def _open_cell(self, attributes: dict[str, str]) -> None:
        self._formula = self._valued = False
        self._worded = attributes.get("t") == "str"  # an empty text is a result
        reference = _REFERENCE.fullmatch(attributes.get("r", ""))
        self._column = _column_number(reference[1]) if reference else self._column + 1

    def _note_value(self, _text: str) -> None:
        self._valued = True

    def end(self, name: str) -> None:
        """Judge the cell that closes."""
        if name != "c" and name.rpartition(":")[2] != "c":
            return
        if self._formula:
            self.parser.CharacterDataHandler = None
        if self._valued or self._formula:
            self.layout.take(self._row, self._column)
        if self._formula and not self._valued:
            self.layout.unvalued.add((self._row, self._column))


def _column_number(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number - 1


def xlsx_layouts(archive: ZipFile) -> dict[str, Layout]:
    """Sheet names with their layouts; sheets that are no worksheets (charts) are left out."""
    targets: dict[str, str] = {}
    names: list[tuple[str, str]] = []
    with archive.open("xl/_rels/workbook.xml.rels") as stream:
        parse(stream, lambda _name, found: targets.update({found.get("Id", ""): found.get("Target", "")}))

    def note(name: str, found: dict[str, str]) -> None:
        if name.rpartition(":")[2] == "sheet":
            ids = [value for key, value in found.items() if key.rpartition(":")[2] == "id" and ":" in key]
            names.append((found.get("name", ""), ids[0] if ids else ""))

    with archive.open("xl/workbook.xml") as stream:
        parse(stream, note)
    members = {member.lower(): member for member in archive.namelist()}
    return dict(_scanned(archive, names, targets, members))


def _scanned(
    archive: ZipFile, names: list[tuple[str, str]], targets: dict[str, str], members: dict[str, str]
) -> Iterator[tuple[str, Layout]]:
    cells = 0
    for name, identifier in names:
        target = targets.get(identifier, "")
        path = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
        member = members.get(path.lower())
        if member is None or "worksheets" not in path:
            continue
        scan = _SheetScan()
        with archive.open(member) as stream:
            parse(stream, scan.start, scan.end, scan.parser)
        cells += (scan.layout.last_row + 1) * (scan.layout.last_column + 1)
        if cells > MAX_CELLS:
            raise UnreadableFile(too_many_cells())
        yield name, scan.layout
