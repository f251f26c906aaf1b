"""The shape of an OpenDocument sheet, read from content.xml: merged ranges, hidden parts, size."""

from typing import Any
from zipfile import ZipFile

from inspections.reading.errors import UnreadableFile
from inspections.reading.grid import Span
from inspections.reading.limits import MAX_CELLS, MAX_COLUMNS, MAX_ROWS
from inspections.reading.xml_scan import Layout, parse, too_many_cells

_GONE = frozenset({"collapse", "filter"})


class _ContentScan:
    """Walks content.xml; one layout per table:table."""

    def __init__(self) -> None:
        self.layouts: dict[str, Layout] = {}
        self._layout = Layout()
        self._row = self._column = self._header_column = 0
        self._row_repeated = self._cell_repeated = 1
        self._filled = False
        self._formula = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """Note tables, columns, rows and cells."""
        opened: dict[str, Any] = {
            "table:table": self._open_table,
            "table:table-column": self._open_column,
            "table:table-row": self._open_row,
            "table:table-cell": self._open_cell,
            "table:covered-table-cell": self._open_cell,
        }
        if name in opened:
            opened[name](attributes)
        elif name.startswith("text:"):
            self._filled = True

    def end(self, name: str) -> None:
        """Count on."""
        if name in {"table:table-cell", "table:covered-table-cell"}:
            self._close_cell()
        elif name == "table:table-row":
            self._row += self._row_repeated

    def _open_table(self, attributes: dict[str, str]) -> None:
        self._layout = self.layouts.setdefault(attributes.get("table:name", ""), Layout())
        self._row = self._header_column = 0

    def _open_column(self, attributes: dict[str, str]) -> None:
        repeated = int(attributes.get("table:number-columns-repeated", "1"))
        if attributes.get("table:visibility") in _GONE:
            last = min(self._header_column + repeated, MAX_COLUMNS)
            self._layout.hidden_columns.update(range(self._header_column, last))
        self._header_column += repeated

    def _open_row(self, attributes: dict[str, str]) -> None:
        self._row_repeated = int(attributes.get("table:number-rows-repeated", "1"))
        self._column = 0
        if attributes.get("table:visibility") in _GONE:
            last = min(self._row + self._row_repeated, MAX_ROWS)
            self._layout.hidden_rows.update(range(self._row, last))

    def _open_cell(self, attributes: dict[str, str]) -> None:
        self._cell_repeated = int(attributes.get("table:number-columns-repeated", "1"))
        self._filled = "office:value-type" in attributes or "calcext:value-type" in attributes
        self._formula = "table:formula" in attributes
        height = int(attributes.get("table:number-rows-spanned", "1"))
        width = int(attributes.get("table:number-columns-spanned", "1"))
        if (height > 1 or width > 1) and self._row < MAX_ROWS and self._column < MAX_COLUMNS:
            span = Span(self._row, self._column, self._row + height - 1, self._column + width - 1)
            self._layout.merges.append(span)

    def _close_cell(self) -> None:
        if self._filled or self._formula:
            self._layout.take(self._row + self._row_repeated - 1, self._column + self._cell_repeated - 1)
        if self._formula and not self._filled:
            self._layout.unvalued.add((self._row, self._column))
        self._column += self._cell_repeated
        self._filled = self._formula = False


def ods_layouts(archive: ZipFile) -> dict[str, Layout]:
    """Sheet names with their layouts; refuses what is too large before anything is unrolled."""
    scan = _ContentScan()
    with archive.open("content.xml") as stream:
        parse(stream, scan.start, scan.end)
    if sum((layout.last_row + 1) * (layout.last_column + 1) for layout in scan.layouts.values()) > MAX_CELLS:
        raise UnreadableFile(too_many_cells())
    return scan.layouts
