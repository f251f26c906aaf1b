"""Building the division tree: paths and pinyin initials, in bounded memory."""

import csv
from collections.abc import Iterable, Iterator
from pathlib import Path

from django.core.management.base import CommandError
from django.db import transaction

from organizations.models import Division, Level
from organizations.spelling import initials_of

BATCH = 1000
LEVELS = {str(level) for level in Level}


def read_rows(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    """Line number and row of a CSV with columns code, name, level, parent_code."""
    with path.open(encoding="utf-8-sig", newline="") as lines:
        reader = csv.DictReader(lines)
        missing = {"code", "name", "level", "parent_code"} - set(reader.fieldnames or [])
        if missing:
            raise CommandError(f"文件缺少列：{'、'.join(sorted(missing))}。需要 code、name、level、parent_code 四列。")
        yield from enumerate(reader, start=2)


def load_rows(rows: Iterable[tuple[int, dict[str, str]]]) -> int:
    """Write divisions level by level; parents must stand before their children. Returns the row count.

    Rows are written in batches of 1,000 and only the divisions above village level are kept in
    memory, so 600,000 villages need no more than a county.
    """
    known: dict[str, tuple[int, str]] = dict(_stored_parents())
    pending: list[tuple[int, dict[str, str]]] = []
    count = 0
    for line, row in rows:
        if row["parent_code"] and row["parent_code"] not in known:
            _flush(pending, known)
        pending.append((line, row))
        count += 1
        if len(pending) >= BATCH:
            _flush(pending, known)
    _flush(pending, known)
    return count


def _stored_parents() -> Iterator[tuple[str, tuple[int, str]]]:
    stored = Division.objects.exclude(level=Level.VILLAGE).values_list("code", "pk", "path")
    for code, pk, path in stored.iterator(chunk_size=BATCH):
        yield code, (pk, path)


@transaction.atomic
def _flush(pending: list[tuple[int, dict[str, str]]], known: dict[str, tuple[int, str]]) -> None:
    if not pending:
        return
    rows = [_division(line, row, known) for line, row in pending]
    Division.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["code"],
        update_fields=["name", "level", "parent", "initials"],
    )
    stored = dict(Division.objects.filter(code__in=[row.code for row in rows]).values_list("code", "pk"))
    for row in rows:
        row.pk = stored[row.code]
        above = known[row.parent_code][1] if row.parent_code else "/"  # type: ignore[attr-defined]
        row.path = f"{above}{row.pk}/"
        if row.level != Level.VILLAGE:
            known[row.code] = (row.pk, row.path)
    Division.objects.bulk_update(rows, ["path"])
    pending.clear()


def _division(line: int, row: dict[str, str], known: dict[str, tuple[int, str]]) -> Division:
    code, name, level, parent_code = (row[key].strip() for key in ("code", "name", "level", "parent_code"))
    if len(code) != 12 or not code.isdigit():
        raise CommandError(f"第{line}行：区划代码“{code}”不是12位数字，请更正后重新导入。")
    if level not in LEVELS:
        raise CommandError(f"第{line}行：级别“{level}”不认识，应为 province、city、county、town 或 village。")
    if parent_code and parent_code not in known:
        raise CommandError(f"第{line}行：上级代码“{parent_code}”不存在，请把上级区划排在前面。")
    division = Division(code=code, name=name, level=level, initials=initials_of(name), path="")
    division.parent_id = known[parent_code][0] if parent_code else None
    division.parent_code = parent_code  # type: ignore[attr-defined]
    return division
