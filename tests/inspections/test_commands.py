"""The two commands: what they print, when they refuse, and that a dry run needs no database."""

import json
import os
import subprocess
import sys
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from tests.inspections.workbook import Page, workbook

ROOT = Path(__file__).resolve().parents[2]
SHARED = ROOT.parent / "shared"
REQUIRED = os.environ.get("BIHUAN_REQUIRE_ALL") == "1" and SHARED.is_dir()


@pytest.fixture
def ledger(tmp_path: Path) -> Path:
    path = tmp_path / "清单.xlsx"
    path.write_bytes(workbook(Page([["序号", "问题", "责任单位", "时限"], [1, "路灯不亮", "县供电公司", "6月底前"]])))
    return path


def output(*arguments: str) -> str:
    stream = StringIO()
    call_command(*arguments, stdout=stream)
    return stream.getvalue()


def test_a_phrase_is_printed_as_json() -> None:
    printed = json.loads(output("parse_deadline", "6月底前", "--reference-date", "2026-03-02"))

    assert printed == {
        "kind": "deadline", "start": None, "end": "2026-06-30", "time": None, "period": None, "classes": [],
        "reading": "最迟2026年6月30日。",
    }  # fmt: skip


def test_a_day_that_is_none_is_refused() -> None:
    with pytest.raises(CommandError, match="2026-06-30 的样子"):
        output("parse_deadline", "6月底前", "--reference-date", "2026-13-02")


def test_a_dry_run_prints_the_rows(ledger: Path) -> None:
    printed = json.loads(
        output("import_findings", str(ledger), "--dry-run", "--json", "--reference-date", "2026-03-02")
    )

    assert printed["file"] == "清单.xlsx"
    assert printed["sheets"][0]["rows"][0]["deadline"]["end"] == "2026-06-30"


def test_without_json_it_speaks_to_people(ledger: Path) -> None:
    printed = output("import_findings", str(ledger), "--dry-run")

    assert "1 个问题" in printed
    assert "路灯不亮｜责任单位：县供电公司" in printed
    assert "没有写入" in printed


def test_without_a_batch_only_a_dry_run_is_allowed(ledger: Path) -> None:
    with pytest.raises(CommandError, match="--batch"):
        output("import_findings", str(ledger))


def test_a_file_without_a_list_says_what_was_looked_for(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("会议议程,时间\n开场,9点\n", encoding="utf-8")

    with pytest.raises(CommandError, match="没有找到问题清单"):
        output("import_findings", str(path), "--dry-run", "--json")


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    """The command in a process of its own, with a database that cannot be reached."""
    environment = {**os.environ, "BIHUAN_TESTING": "1", "DATABASE_URL": "postgres://nobody@127.0.0.1:9/none"}
    return subprocess.run(
        [sys.executable, "manage.py", "import_findings", *arguments],
        cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip


def test_a_dry_run_needs_no_database_and_a_refusal_is_one_sentence(ledger: Path, tmp_path: Path) -> None:
    read, refused = run(str(ledger), "--dry-run", "--json"), run(str(tmp_path / "无.xlsx"), "--dry-run")

    assert (read.returncode, read.stderr) == (0, "")
    assert json.loads(read.stdout)["sheets"][0]["rows"]
    assert refused.returncode == 1
    assert "找不到文件" in refused.stderr
    assert "Traceback" not in refused.stderr


@pytest.mark.ledgers
@pytest.mark.pure
@pytest.mark.skipif(
    not SHARED.is_dir() and not REQUIRED, reason=f"the real ledgers are not here: {SHARED} does not exist"
)
def test_the_real_ledgers_meet_every_bar() -> None:
    measured = subprocess.run(
        [sys.executable, str(SHARED / "tools" / "compare_ledgers.py"), "--python", sys.executable],
        cwd=ROOT, env={**os.environ, "BIHUAN_TESTING": "1"}, capture_output=True, text=True, timeout=900, check=False,
    )  # fmt: skip

    assert measured.returncode == 0, measured.stdout[-2000:]
