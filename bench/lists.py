"""A received list of ten thousand rows: preview, commit, memory; and the dry run of a small one.

The preview runs in a process of its own (`bench/preview.py`), so that its memory is
what is measured. Floors: the cells alone read by the same library; the rows of the commit copied by the
database from one table into another.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from random import Random
from typing import Any

import xlsxwriter
from django.db import connection

from bench.province import COUNTY, TOWNS, VILLAGES
from bench.table import Line, milliseconds
from bench.wording import texts

PREVIEW_BAR, COMMIT_BAR, MEMORY_BAR, DRY_RUN_BAR = 20_000, 10_000, 400, 2_000
HEAD = (
    "序号",
    "问题类别",
    "点位",
    "存在问题",
    "责任单位",
    "整改措施",
    "整改时限",
    "整改情况",
    "备注",
    "联系人",
    "检查日期",
    "附件",
)
COPIED = {
    "workflows_case": "id", "rectification_problem": "case_id", "workflows_routing": "case_id",
    "workflows_event": "case_id", "workflows_deadline": "case_id",
}  # fmt: skip


def lines(rows: int) -> list[Line]:
    """Preview, memory, commit and dry run."""
    from inspections.actions.committing import commit_import
    from organizations.models import User

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "list.xlsx"
        write_list(path, rows)
        told = _child(str(path), _batch(), _office())
        cells = milliseconds(lambda: _cells_alone(path))
        by = User.objects.get(pk=_office())
        last = _last_case()
        commit = milliseconds(lambda: commit_import(told["import"], by=by))
        copied = milliseconds(lambda: _copy(last))
        small = Path(folder) / "small.xlsx"
        write_list(small, 100)
        dry = min(milliseconds(lambda: _dry_run(small)) for _round in range(3))
        bare = min(milliseconds(_django_alone) for _round in range(3))
    preview = told["seconds"] * 1000
    return [
        Line("preview with matching and twins", preview, PREVIEW_BAR, "ms", preview, cells, preview / cells),
        Line("preview: memory of its process", told["megabytes"], MEMORY_BAR, "MB"),
        Line("commit", commit, COMMIT_BAR, "ms", commit, copied, commit / copied),
        Line("dry run of 100 rows on the command line", dry, DRY_RUN_BAR, "ms", dry, bare, dry / bare),
    ]


def write_list(path: Path, rows: int) -> None:
    """A list of the large county, twelve columns wide, in the wording of its problems."""
    dice = Random(11)
    wording = list(texts())
    with xlsxwriter.Workbook(str(path), {"constant_memory": True}) as book:
        sheet = book.add_worksheet("清单")
        sheet.write_row(0, 0, ["专项检查问题清单"])
        sheet.write_row(1, 0, HEAD)
        for number in range(1, rows + 1):
            town = dice.randrange(TOWNS)
            village = town * VILLAGES + dice.randrange(VILLAGES)
            _n, title, description, _pieces = wording[dice.randrange(len(wording))]
            cells = [
                str(number), f"第{dice.randrange(9)}类", f"第{town}镇第{village}村", f"{title}，{description}",
                f"第{dice.randrange(20)}局、第{town}镇人民政府", "立即组织整改，明确专人负责，限期完成。",
                dice.choice(["2099年6月底前", "立行立改", "长期坚持", "30日内"]), "", "", "", "2026-11-02", "",
            ]  # fmt: skip
            for column, text in enumerate(cells):
                sheet.write_string(number + 1, column, text)


def _batch() -> int:
    from rectification.models import Batch

    made, _new = Batch.objects.get_or_create(
        code="LIST",
        defaults={
            **Batch.objects.filter(pk=1).values("source_id", "review_policy_id", "deadline_policy_id", "created_at")[0],
            "name": "清单",
            "division_id": COUNTY,
            "id": 100_000,
        },
    )
    return made.pk


def _office() -> int:
    from organizations.models import Post

    return Post.objects.filter(role="office", unit__division_id=COUNTY).values_list("user_id", flat=True)[0]


def _last_case() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT max(id) FROM workflows_case")
        return int(cursor.fetchone()[0])


def _child(*arguments: Any) -> dict[str, Any]:
    command = [sys.executable, "-m", "bench.preview", *map(str, arguments)]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()[-1])  # noqa: S603


def _cells_alone(path: Path) -> None:
    from python_calamine import CalamineWorkbook

    CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0).to_python(skip_empty_area=False)


def _copy(last: int) -> None:
    with connection.cursor() as cursor:
        for table, key in COPIED.items():
            cursor.execute(f"CREATE TABLE copy_{table} (LIKE {table} INCLUDING ALL)")
            columns = [column.name for column in connection.introspection.get_table_description(cursor, table)]
            kept = ", ".join(f'"{name}"' for name in columns if name != "search_vector")
            cursor.execute(f"INSERT INTO copy_{table} ({kept}) SELECT {kept} FROM {table} WHERE {key} > %s", [last])
            cursor.execute(f"DROP TABLE copy_{table}")


def _dry_run(path: Path) -> None:
    command = [sys.executable, "manage.py", "import_findings", str(path), "--dry-run", "--json"]
    subprocess.run(command, check=True, capture_output=True)  # noqa: S603


def _django_alone() -> None:
    command = [sys.executable, "manage.py", "parse_deadline", "6月底前", "--reference-date", "2026-03-01"]
    subprocess.run(command, check=True, capture_output=True)  # noqa: S603
