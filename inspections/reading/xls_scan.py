"""The shape of an old xls workbook, read from its records: hidden rows and columns, size, password."""

import struct
from collections.abc import Iterator

from django.utils.translation import gettext as _

from inspections.reading.errors import UnreadableFile
from inspections.reading.limits import MAX_BYTES, MAX_CELLS
from inspections.reading.xml_scan import Layout, too_many_cells

_FREE, _END = 0xFFFFFFFF, 0xFFFFFFFE
_ENTRY = 128
_FILEPASS, _BOUNDSHEET, _ROW, _COLINFO, _MULRK = 0x2F, 0x85, 0x0208, 0x7D, 0xBD
_CELLS = frozenset({0x0006, 0x0203, 0x0204, 0x0205, 0x027E, 0x00FD, 0x00D6})
_ROW_HIDDEN = 0x20


class Compound:
    """An OLE file: the names of its streams and their bytes; raises struct.error or IndexError when broken."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._size = 1 << struct.unpack_from("<H", data, 30)[0]
        if self._size not in {512, 4096}:
            raise ValueError(self._size)
        self._fat = self._allocation()
        directory = b"".join(self._chain(struct.unpack_from("<I", data, 48)[0]))
        self._entries = dict(self._named(directory))

    @property
    def names(self) -> frozenset[str]:
        """The names of all streams and storages."""
        return frozenset(self._entries)

    def stream(self, name: str) -> bytes:
        """The bytes of a stream kept in ordinary sectors; small ones are nobody's workbook."""
        first, size = self._entries[name]
        return b"".join(self._chain(first))[:size]

    def _sector(self, number: int) -> bytes:
        start = (number + 1) * self._size
        if start >= len(self._data):
            raise IndexError(number)
        return self._data[start : start + self._size]

    def _allocation(self) -> list[int]:
        sectors = [number for number in struct.unpack_from("<109I", self._data, 76) if number < _END]
        following, count = struct.unpack_from("<II", self._data, 68)
        for _turn in range(min(count, MAX_BYTES // self._size)):
            if following >= _END:
                break
            numbers = struct.unpack(f"<{self._size // 4}I", self._sector(following))
            sectors += [number for number in numbers[:-1] if number < _END]
            following = numbers[-1]
        fat: list[int] = []
        for number in sectors[: MAX_BYTES // self._size + 1]:
            fat.extend(struct.unpack(f"<{self._size // 4}I", self._sector(number)))
        return fat

    def _chain(self, number: int) -> Iterator[bytes]:
        for _turn in range(len(self._fat) + 1):
            if number >= _END:
                return
            yield self._sector(number)
            number = self._fat[number]
        raise ValueError("a chain of sectors runs in a circle")

    @staticmethod
    def _named(directory: bytes) -> Iterator[tuple[str, tuple[int, int]]]:
        for start in range(0, len(directory) - _ENTRY + 1, _ENTRY):
            length = struct.unpack_from("<H", directory, start + 64)[0]
            if 2 <= length <= 64:
                name = directory[start : start + length - 2].decode("utf-16-le", "replace")
                yield name, struct.unpack_from("<II", directory, start + 116)


def xls_layouts(data: bytes) -> list[Layout]:
    """The layouts of the sheets in the order the workbook lists them."""
    compound = Compound(data)
    book = compound.stream("Workbook" if "Workbook" in compound.names else "Book")
    offsets = []
    for kind, body in _records(book, 0):
        if kind == _FILEPASS:
            raise UnreadableFile(_("文件设有密码，无法读取。请取消密码后再上传。"))
        if kind == _BOUNDSHEET:
            offsets.append(struct.unpack_from("<I", body)[0])
    layouts = [_scan(book, offset) for offset in offsets]
    if sum((layout.last_row + 1) * (layout.last_column + 1) for layout in layouts) > MAX_CELLS:
        raise UnreadableFile(too_many_cells())
    return layouts


def _records(book: bytes, position: int) -> Iterator[tuple[int, bytes]]:
    """The records from the position to the end of that part; charts inside a sheet are parts of their own."""
    depth = 0
    while position + 4 <= len(book):
        kind, length = struct.unpack_from("<HH", book, position)
        body = book[position + 4 : position + 4 + length]
        position += 4 + length
        if kind in {0x0809, 0x0409, 0x0209, 0x0009}:
            depth += 1
        elif kind == 0x000A:
            depth -= 1
            if depth <= 0:
                return
        elif depth == 1:
            yield kind, body


def _scan(book: bytes, offset: int) -> Layout:
    layout = Layout()
    for kind, body in _records(book, offset):
        if kind in _CELLS and len(body) >= 4:
            layout.take(*struct.unpack_from("<HH", body))
        elif kind == _MULRK and len(body) >= 6:
            layout.take(struct.unpack_from("<H", body)[0], struct.unpack_from("<H", body, len(body) - 2)[0])
        elif kind == _ROW and len(body) >= 14:
            if struct.unpack_from("<H", body, 12)[0] & _ROW_HIDDEN:
                layout.hidden_rows.add(struct.unpack_from("<H", body)[0])
        elif kind == _COLINFO and len(body) >= 10:
            first, last, _width, _format, options = struct.unpack_from("<5H", body)
            if options & 1:
                layout.hidden_columns.update(range(first, min(last, 255) + 1))
    return layout
