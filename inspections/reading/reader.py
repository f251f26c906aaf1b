"""The reader's front door: a file in, what it says out."""

import tempfile
from collections.abc import Collection, Mapping
from datetime import date
from pathlib import Path, PurePosixPath
from typing import IO

from django.utils.translation import gettext as _

from inspections.reading.errors import UnreadableFile
from inspections.reading.formats import grids_of
from inspections.reading.grid import Grid
from inspections.reading.headers import Meaning
from inspections.reading.limits import MAX_BYTES
from inspections.reading.regions import Choices
from inspections.reading.results import Reading
from inspections.reading.sheets import read_sheet
from workflows.secrecy import SECRECY_REFUSAL, has_secrecy_mark

Cell = tuple[str, int]  # a sheet's name with a row or column, counted from zero


def read_file(
    source: Path | str | bytes,
    name: str = "",
    reference_date: date | None = None,
    meanings: Mapping[Cell, str] | None = None,
    shown_columns: Collection[Cell] = (),
    shown_rows: Collection[Cell] = (),
) -> Reading:
    """Read a ledger; `meanings` names columns by hand, `shown_…` includes hidden ones. Raises UnreadableFile."""
    name = PurePosixPath(name or (str(source) if not isinstance(source, bytes) else "")).name
    if has_secrecy_mark(name):
        raise UnreadableFile(str(SECRECY_REFUSAL))
    with _opened(source) as handle:
        kind, grids = grids_of(handle, name)
    for grid in grids:
        _refuse_secrets(grid)
    sheets = tuple(
        read_sheet(grid, reference_date, _choices(grid.name, meanings or {}, shown_columns, shown_rows))
        for grid in grids
    )
    return Reading(name, kind, sheets)


def _opened(source: Path | str | bytes) -> IO[bytes]:
    """A real file at its start, which the judge of archives needs."""
    if isinstance(source, bytes):
        _refuse_size(len(source))
        spool = tempfile.TemporaryFile()  # noqa: SIM115 -- the caller's with closes it
        spool.write(source)
        spool.flush()
        spool.seek(0)
        return spool
    path = Path(source)
    if not path.is_file():
        raise UnreadableFile(_("找不到文件 %(path)s。请检查路径。") % {"path": path})
    _refuse_size(path.stat().st_size)
    try:
        return path.open("rb")
    except OSError as error:
        raise UnreadableFile(_("文件 %(path)s 打不开。请检查权限。") % {"path": path}) from error


def _refuse_size(size: int) -> None:
    if size > MAX_BYTES:
        limit = {"limit": MAX_BYTES // 1024 // 1024}
        raise UnreadableFile(_("文件超过 %(limit)d MB 的上限。请删除图片或拆成几个文件后再上传。") % limit)


def _refuse_secrets(grid: Grid) -> None:
    for row in grid.texts:
        if has_secrecy_mark("\n".join(row)):
            raise UnreadableFile(str(SECRECY_REFUSAL))


def _choices(sheet: str, meanings: Mapping[Cell, str], columns: Collection[Cell], rows: Collection[Cell]) -> Choices:
    return Choices(
        meanings={column: Meaning(meaning) for (name, column), meaning in meanings.items() if name == sheet},
        columns=frozenset(column for name, column in columns if name == sheet),
        rows=frozenset(row for name, row in rows if name == sheet),
    )
