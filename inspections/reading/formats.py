"""Judges a file by its content, not its name, and turns it into grids."""

import logging
import re
from io import BytesIO
from pathlib import PurePosixPath
from typing import IO, Any
from zipfile import ZipFile

import python_calamine
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from inspections.reading.errors import UnreadableFile
from inspections.reading.grid import Grid, Span
from inspections.reading.limits import MAX_SHEETS
from inspections.reading.ods_scan import ods_layouts
from inspections.reading.plain_text import read_csv
from inspections.reading.xls_scan import Compound, xls_layouts
from inspections.reading.xml_scan import Layout, xlsx_layouts
from rectification.archives import FileRefused, judge_archive, kind_by_members

logger = logging.getLogger(__name__)

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ZIP = (b"PK\x03\x04", b"PK\x05\x06")
_WPS = re.compile(r"\.(?:et|ett|wps|wpt|dps)", re.IGNORECASE)
_KNOWN = (
    (b"%PDF-", gettext_lazy("这是 PDF 文件，读不出表格。请上传原来的 xlsx 或 docx 文件。")),
    (b"\x89PNG", gettext_lazy("这是图片，读不出表格。请上传原来的 xlsx 或 docx 文件。")),
    (b"\xff\xd8\xff", gettext_lazy("这是图片，读不出表格。请上传原来的 xlsx 或 docx 文件。")),
    (b"Rar!", gettext_lazy("这是压缩包。请解压后上传其中的表格文件。")),
    (b"7z\xbc\xaf", gettext_lazy("这是压缩包。请解压后上传其中的表格文件。")),
    (b"\x1f\x8b", gettext_lazy("这是压缩包。请解压后上传其中的表格文件。")),
    (b"{\\rtf", gettext_lazy("这是 RTF 文档。请另存为 docx 后再上传。")),
    (b"MZ", gettext_lazy("这是可执行程序，不能接收。")),
)


def grids_of(handle: IO[bytes], name: str) -> tuple[str, list[Grid]]:
    """The kind (xlsx, xls, ods, docx or csv) and the sheets; needs a real file at its start."""
    if _WPS.fullmatch(PurePosixPath(name).suffix):
        raise UnreadableFile(_("这是 WPS 专用格式（et 或 wps）。请在 WPS 中另存为 xlsx 后再上传。"))
    head = handle.read(16)
    handle.seek(0)
    if not head:
        raise UnreadableFile(_("文件是空的。请检查原文件能否打开，然后重新选择。"))
    for magic, sentence in _KNOWN:
        if head.startswith(magic):
            raise UnreadableFile(str(sentence))
    if head.startswith(_ZIP):
        return _from_archive(handle)
    if head.startswith(_OLE):
        return "xls", _guarded(_from_xls, handle)
    return "csv", read_csv(handle.read())


def _from_archive(handle: IO[bytes]) -> tuple[str, list[Grid]]:
    try:
        kind = judge_archive(handle, _kind_of)  # type: ignore[arg-type]
    except FileRefused as refusal:
        raise UnreadableFile(str(refusal)) from refusal
    handle.seek(0)
    return kind, _guarded(_READERS[kind], handle)


def _kind_of(members: set[str]) -> str:
    if "content.xml" in members and "mimetype" in members and "word/document.xml" not in members:
        return "ods"
    return kind_by_members(members)


def _guarded(reader: Any, handle: IO[bytes]) -> list[Grid]:
    """Broken files make the libraries fail in a dozen ways, a panic of calamine among them."""
    try:
        grids: list[Grid] = reader(handle)
    except (UnreadableFile, KeyboardInterrupt, SystemExit):
        raise
    except python_calamine.PasswordError as error:
        raise UnreadableFile(_("文件设有密码，无法读取。请取消密码后再上传。")) from error
    except BaseException as error:
        logger.info("ledger cannot be read", exc_info=True)
        raise UnreadableFile(
            _("文件已损坏或不完整，无法读取。请在电脑上确认能正常打开，另存为新的 xlsx 后再上传。")
        ) from error
    return grids


def _from_xlsx(handle: IO[bytes]) -> list[Grid]:
    with ZipFile(handle) as archive:
        layouts = xlsx_layouts(archive)
    return _sheets(handle, layouts)


def _from_ods(handle: IO[bytes]) -> list[Grid]:
    with ZipFile(handle) as archive:
        if b"spreadsheet" not in archive.read("mimetype"):
            raise UnreadableFile(_("这是 OpenDocument 文字文档。请另存为 docx 后再上传。"))
        layouts = ods_layouts(archive)
    return _sheets(handle, layouts)


def _from_xls(handle: IO[bytes]) -> list[Grid]:
    data = handle.read()
    names = Compound(data).names
    for entry, sentence in (
        ("EncryptedPackage", _("文件设有密码，无法读取。请取消密码后再上传。")),
        ("WordDocument", _("这是旧版文档格式（doc 或 wps）。请另存为 docx 后再上传。")),
        ("PowerPoint Document", _("这是演示文稿，读不出表格。请上传 xlsx 或 docx 文件。")),
    ):
        if entry in names:
            raise UnreadableFile(sentence)
    if not {"Workbook", "Book"} & names:
        raise UnreadableFile(_("这是旧版办公文件，读不出表格。请在 WPS 中另存为 xlsx 后再上传。"))
    layouts = xls_layouts(data)
    with python_calamine.CalamineWorkbook.from_filelike(BytesIO(data)) as book:
        names_in_order = [sheet.name for sheet in book.sheets_metadata]
        return _grids(book, dict(zip(names_in_order, layouts, strict=False)))


def _from_docx(handle: IO[bytes]) -> list[Grid]:
    # python-docx takes a tenth of a second to import, which other files need not wait for.
    from inspections.reading.word_tables import read_docx

    return read_docx(handle)


def _sheets(handle: IO[bytes], layouts: dict[str, Layout]) -> list[Grid]:
    handle.seek(0)
    with python_calamine.CalamineWorkbook.from_filelike(handle) as book:
        return _grids(book, layouts)


def _grids(book: python_calamine.CalamineWorkbook, layouts: dict[str, Layout]) -> list[Grid]:
    sheets = [sheet for sheet in book.sheets_metadata if sheet.name in layouts]
    if len(sheets) > MAX_SHEETS:
        raise UnreadableFile(_("工作簿超过 %(limit)d 张工作表的上限。请拆成几个文件后再上传。") % {"limit": MAX_SHEETS})
    return [_grid(book, sheet, layouts[sheet.name]) for sheet in sheets]


def _grid(book: python_calamine.CalamineWorkbook, sheet: Any, layout: Layout) -> Grid:
    data = book.get_sheet_by_name(sheet.name)
    merges = [Span(*start, *end) for start, end in data.merged_cell_ranges or ()] or layout.merges
    rows: list[Any] = data.to_python(skip_empty_area=False)
    _mark_unvalued(rows, layout)
    return Grid(
        name=sheet.name,
        rows=rows,
        merges=merges,
        hidden_rows=frozenset(layout.hidden_rows),
        hidden_columns=frozenset(layout.hidden_columns),
        unvalued=frozenset(layout.unvalued),
        visible=sheet.visible == python_calamine.SheetVisibleEnum.Visible,
    )


def _mark_unvalued(rows: list[list[Any]], layout: Layout) -> None:
    """Make room for cells that calamine leaves out because nothing is stored in them."""
    for row, _column in layout.unvalued:
        while len(rows) <= row:
            rows.append([])


_READERS = {"xlsx": _from_xlsx, "ods": _from_ods, "docx": _from_docx}
