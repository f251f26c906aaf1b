"""A Word document as one grid: its paragraphs as full-width rows, its tables with their merged cells."""

from collections.abc import Iterator
from typing import IO, Any

from django.utils.translation import gettext as _

from inspections.reading.errors import UnreadableFile
from inspections.reading.grid import Grid, Span, Value
from inspections.reading.limits import MAX_COLUMNS, MAX_ROWS
from inspections.reading.xml_scan import too_many_columns, too_many_rows

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


class _Page:
    """The grid while it grows."""

    def __init__(self) -> None:
        self.rows: list[list[Value]] = []
        self._spans: dict[tuple[int, int], Span] = {}
        self.paragraphs: list[int] = []

    def add_paragraph(self, text: str) -> None:
        if text.strip():
            self.paragraphs.append(len(self.rows))
            self.add_row([text])

    def add_row(self, values: list[Value]) -> None:
        if len(self.rows) >= MAX_ROWS:
            raise UnreadableFile(too_many_rows())
        if len(values) > MAX_COLUMNS:
            raise UnreadableFile(too_many_columns())
        self.rows.append(values)

    def add_table(self, table: Any) -> None:
        """Append the table's rows; cells merged downwards become one range."""
        down: dict[int, tuple[int, int]] = {}  # first column of a cell that goes on, with its first row and width
        for row in table.iter(f"{_W}tr"):
            if next(row.iterancestors(f"{_W}tbl")) is not table:
                continue  # a table inside a cell reads as that cell's text
            number = len(self.rows)
            values: list[Value] = []
            for begin, width, goes_on, text in _cells(row):
                values += [None] * (begin - len(values))
                values += [None if goes_on else text, *[None] * (width - 1)]
                if goes_on and begin in down:
                    top, across = down[begin]
                    self._spans[top, begin] = Span(top, begin, number, begin + across - 1)
                else:
                    down[begin] = (number, width)
                    if width > 1:
                        self._spans[number, begin] = Span(number, begin, number, begin + width - 1)
            self.add_row(values)
        self.add_row([None])

    @property
    def merges(self) -> list[Span]:
        """The merged cells, and each paragraph across the page."""
        width = max((len(row) for row in self.rows), default=1)
        return [*self._spans.values(), *(Span(row, 0, row, width - 1) for row in self.paragraphs)]


def _cells(row: Any) -> Iterator[tuple[int, int, bool, str]]:
    """First column, width, whether it goes on from above, and text of each cell of the row."""
    column = 0
    before = row.find(f"{_W}trPr/{_W}gridBefore")
    if before is not None:
        column = int(before.get(f"{_W}val", "0"))
    for cell in row.iter(f"{_W}tc"):
        if next(cell.iterancestors(f"{_W}tr")) is not row:
            continue
        span = cell.find(f"{_W}tcPr/{_W}gridSpan")
        width = min(int(span.get(f"{_W}val", "1")), MAX_COLUMNS) if span is not None else 1
        merge = cell.find(f"{_W}tcPr/{_W}vMerge")
        goes_on = merge is not None and merge.get(f"{_W}val", "continue") == "continue"
        yield column, width, goes_on, "\n".join(filter(None, map(_text, cell.iter(f"{_W}p"))))
        column += width


def _text(paragraph: Any) -> str:
    """The paragraph's text as it prints; deleted text is not in w:t."""
    parts = []
    for node in paragraph.iter(f"{_W}t", f"{_W}tab", f"{_W}br"):
        parts.append(node.text or "" if node.tag == f"{_W}t" else ("\n" if node.tag == f"{_W}br" else " "))
    return "".join(parts).strip()


def read_docx(stream: IO[bytes]) -> list[Grid]:
    """One grid for the whole document; refuses one that python-docx cannot open."""
    from docx import Document

    page = _Page()
    body = Document(stream).element.body
    for block in body.iterchildren(f"{_W}p", f"{_W}tbl", f"{_W}sdt"):
        if block.tag == f"{_W}p":
            page.add_paragraph(_text(block))
        elif block.tag == f"{_W}tbl":
            page.add_table(block)
        else:
            for table in block.iter(f"{_W}tbl"):
                page.add_table(table)
    return [Grid(_("文档"), page.rows, page.merges)]
