"""Writes made-up pages as xlsx, xls, ods, csv or docx, the same bytes each time."""

import csv
import zipfile
from collections.abc import Callable
from datetime import date, datetime
from functools import cache
from io import BytesIO, StringIO

import xlwt
from docx import Document
from odf import opendocument, style, table, text
from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from tests.inspections.grid import Block, Formula, Page, Rich, Value, is_filled

LONG_AGO = (2024, 1, 1, 0, 0, 0)


def steady(packed: bytes) -> bytes:
    """The same zip without the hour it was made."""
    out = BytesIO()
    with zipfile.ZipFile(BytesIO(packed)) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for member in source.infolist():
            info = zipfile.ZipInfo(member.filename, LONG_AGO)
            info.compress_type, info.external_attr = member.compress_type, member.external_attr
            target.writestr(info, source.read(member))
    return out.getvalue()


def as_xlsx(pages: list[Page]) -> bytes:
    """An xlsx with merged cells, formulas, rich text, hidden rows and hidden columns."""
    out = BytesIO()
    with Workbook(out, {"in_memory": True, "strings_to_formulas": False, "strings_to_numbers": False}) as book:
        book.set_properties({"created": datetime(*LONG_AGO)})
        looks = {"day": book.add_format({"num_format": "yyyy-mm-dd"}), "red": book.add_format({"font_color": "red"})}
        for page in pages:
            sheet, block = book.add_worksheet(page.name), page.flat()
            for top, left, bottom, right in block.merges:
                sheet.merge_range(top, left, bottom, right, "")
            for (row, column), value in block.cells.items():
                write_xlsx_cell(sheet, (row, column), value, looks)
            for row in block.hidden_rows:
                sheet.set_row(row, options={"hidden": True})
            for column in block.hidden_columns:
                sheet.set_column(column, column, None, None, {"hidden": True})
    return out.getvalue()


def write_xlsx_cell(sheet: Worksheet, place: tuple[int, int], value: Value, looks: dict[str, Format]) -> None:
    """One cell in the way of its kind."""
    if isinstance(value, date):
        sheet.write_datetime(*place, datetime(value.year, value.month, value.day), looks["day"])
    elif isinstance(value, Formula):
        sheet.write_formula(*place, f"=ROW()-{place[0] + 1 - value}", None, value)
    elif isinstance(value, Rich) and len(value) > 2:
        sheet.write_rich_string(*place, value[:2], looks["red"], value[2:])
    else:
        sheet.write(*place, value)


def as_xls(pages: list[Page]) -> bytes:
    """A workbook of Excel 97."""
    book = xlwt.Workbook(encoding="utf-8")
    dated = xlwt.easyxf(num_format_str="YYYY-MM-DD")
    for page in pages:
        sheet, block = book.add_sheet(page.name), page.flat()
        anchors = {(top, left): (bottom, right) for top, left, bottom, right in block.merges}
        for (row, column), value in block.cells.items():
            look = [dated] if isinstance(value, date) else []
            if (row, column) in anchors:
                bottom, right = anchors.pop((row, column))
                sheet.write_merge(row, bottom, column, right, value, *look)
            else:
                sheet.write(row, column, value, *look)
        for (row, column), (bottom, right) in anchors.items():
            sheet.merge(row, bottom, column, right)
        for row in block.hidden_rows:
            sheet.row(row).hidden = True
        for column in block.hidden_columns:
            sheet.col(column).hidden = True
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def ods_cell(block: Block, row: int, column: int, covered: set[tuple[int, int]]) -> table.TableCell:
    """One cell of OpenDocument; a covered one is empty and of its own kind."""
    if (row, column) in covered:
        return table.CoveredTableCell()
    value = block.cells.get((row, column))
    known: dict[str, object] = {}
    for top, left, bottom, right in block.merges:
        if (top, left) == (row, column):
            known = {"numberrowsspanned": bottom - top + 1, "numbercolumnsspanned": right - left + 1}
    if isinstance(value, date):
        known |= {"valuetype": "date", "datevalue": value.isoformat()}
    elif isinstance(value, int):
        known |= {"valuetype": "float", "value": value}
    elif is_filled(value):
        known |= {"valuetype": "string"}
    cell = table.TableCell(**known)
    for line in str(value).split("\n") if is_filled(value) else []:
        cell.addElement(text.P(text=line))
    return cell


@cache
def learn_namespaces() -> None:
    """Save one empty document: odfpy goes on to write every namespace it has ever met in the process."""
    opendocument.OpenDocumentSpreadsheet().save(BytesIO())


def as_ods(pages: list[Page]) -> bytes:
    """An OpenDocument sheet."""
    learn_namespaces()
    book = opendocument.OpenDocumentSpreadsheet()
    plain = style.Style(name="plain", family="table-column")
    book.automaticstyles.addElement(plain)
    for page in pages:
        block = page.flat()
        sheet = table.Table(name=page.name)
        for column in range(block.width):
            shown = "collapse" if column in block.hidden_columns else "visible"
            sheet.addElement(table.TableColumn(stylename=plain, visibility=shown))
        covered = {
            (row, column)
            for top, left, bottom, right in block.merges
            for row in range(top, bottom + 1)
            for column in range(left, right + 1)
            if (row, column) != (top, left)
        }
        for row in range(block.height):
            line = table.TableRow(visibility="collapse" if row in block.hidden_rows else "visible")
            for column in range(block.width):
                line.addElement(ods_cell(block, row, column, covered))
            sheet.addElement(line)
        book.spreadsheet.addElement(sheet)
    out = BytesIO()
    book.save(out)
    return steady(out.getvalue())


def as_csv(pages: list[Page], encoding: str) -> bytes:
    """The first page's cells, row by row."""
    block = pages[0].flat()
    out = StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    for row in range(block.height):
        writer.writerow([block.cells.get((row, column), "") for column in range(block.width)])
    return out.getvalue().encode(encoding)


def as_docx(pages: list[Page]) -> bytes:
    """Prose as paragraphs, everything else as tables."""
    document = Document()
    for page in pages:
        for block in page.blocks:
            if block.is_prose:
                for row in range(block.height):
                    said = [str(block.cells[place]) for place in sorted(block.cells) if place[0] == row]
                    document.add_paragraph("    ".join(said))
            else:
                add_word_table(document, block)
            document.add_paragraph("")
    out = BytesIO()
    document.save(out)
    return steady(out.getvalue())


def add_word_table(document: Document, block: Block) -> None:
    """One table with its merged cells."""
    made = document.add_table(rows=block.height, cols=block.width, style="Table Grid")
    # The grid is read out once: asking for a cell by its place walks the whole table each time.
    grid = [list(row.cells) for row in made.rows]
    for (row, column), value in block.cells.items():
        grid[row][column].text = str(value)
    for top, left, bottom, right in block.merges:
        grid[top][left].merge(grid[bottom][right])


def csv_in(encoding: str) -> Callable[[list[Page]], bytes]:
    """A writer of csv in one encoding."""
    return lambda pages: as_csv(pages, encoding)


WRITERS: dict[str, Callable[[list[Page]], bytes]] = {
    "xlsx": as_xlsx,
    "xls": as_xls,
    "ods": as_ods,
    "csv": csv_in("utf-8"),
    "csv-bom": csv_in("utf-8-sig"),
    "csv-gb18030": csv_in("gb18030"),
    "docx": as_docx,
}
