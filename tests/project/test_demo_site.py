"""The demo's supervisor: what it starts, keeps, refuses, and leaves behind (nothing)."""

import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from project.demo import data, run, words
from tests.project.sites import Site, free_port, gone_within

pytestmark = pytest.mark.pure


def test_the_first_start_builds_answers_and_names_the_log_ins(built: Any, folder: Path) -> None:
    assert f"Ready: http://127.0.0.1:{built.port}/" in built.lines
    assert built.status == 200
    for login, _name, _unit, role in words.DEMO_PEOPLE:
        assert any(login in line and words.PASSWORD in line and words.ROLE_LABELS[role] in line for line in built.lines)
    assert (folder / data.MARKER).exists()


def test_ctrl_c_leaves_nothing_behind(built: Any) -> None:
    assert built.code == 0
    assert gone_within(str(built.folder), 1)


def test_the_second_start_is_quick_and_keeps_the_data(built: Any, folder: Path, port: int) -> None:
    before = (folder / "bihuan.sqlite3").stat().st_ino
    reference = time.monotonic()
    subprocess.run([sys.executable, "-c", "import project.asgi"], cwd=data.BASE_DIR, check=False)
    reference = time.monotonic() - reference
    site = Site(folder, port)
    try:
        # On a machine busy with other tests the limit grows with what a bare import takes.
        assert site.wait_for("Ready: ") < max(5.0, 4 * reference)
        assert (folder / "bihuan.sqlite3").stat().st_ino == before
        assert not any("首次运行" in line for line in site.lines)
    finally:
        site.finish(signal.SIGTERM)
    assert gone_within(str(folder), 1)


def test_a_taken_port_is_a_sentence(built: Any, folder: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        site = Site(folder, other.getsockname()[1])
        site.wait_for("端口")

        assert site.ended() == 1
        assert "换一个端口" in site.lines[-1]


def test_a_running_demo_is_not_reset_under_its_feet(built: Any, folder: Path, port: int) -> None:
    site = Site(folder, port)
    site.wait_for("Ready: ")
    try:
        second = Site(folder, free_port(), "--reset")
        second.wait_for("另一个演示")
        assert second.ended() == 1
        assert (folder / data.MARKER).exists()
    finally:
        site.finish(signal.SIGTERM)


def test_it_answers_on_loopback_only(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(signal, "signal", lambda *args: None)

    assert run.main(["--host", "0.0.0.0"]) == 1

    assert "不能绑定 0.0.0.0" in capsys.readouterr().out


@pytest.fixture
def calls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The data's folder with building and migrating noted instead of done."""
    made: list[str] = []
    monkeypatch.setenv("BIHUAN_DATA", str(tmp_path / "demo"))

    def build() -> None:
        data._clear()
        made.append("build")
        data._mark()

    def noted(name: str) -> Callable[[], None]:
        return lambda: made.append(name)

    monkeypatch.setattr(data, "_build", build)
    monkeypatch.setattr(data, "_migrate", noted("migrate"))
    return made


def test_a_half_built_folder_is_built_again_and_a_whole_one_kept(calls: list[str], tmp_path: Path) -> None:
    data.make_ready(reset=False)
    data.make_ready(reset=False)
    (tmp_path / "demo" / data.MARKER).unlink()
    (tmp_path / "demo" / "bihuan.sqlite3").write_bytes(b"half")

    data.make_ready(reset=False)

    assert calls == ["build", "build"]
    assert not (tmp_path / "demo" / "bihuan.sqlite3").exists()


def test_new_migrations_are_applied_and_rewritten_ones_build_anew(
    calls: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = {"migrations": {"a/0001.py": "1"}, "packages": "p"}
    monkeypatch.setattr(data, "_wanted", lambda: {**wanted, "migrations": dict(wanted["migrations"])})
    data.make_ready(reset=False)

    wanted["migrations"] = {"a/0001.py": "1", "a/0002.py": "1"}
    data.make_ready(reset=False)
    wanted["migrations"] = {"a/0001.py": "2", "a/0002.py": "1"}
    data.make_ready(reset=False)

    assert calls == ["build", "migrate", "build"]


def test_a_folder_of_somebody_elses_is_never_deleted(calls: list[str], tmp_path: Path) -> None:
    (tmp_path / "demo").mkdir()
    (tmp_path / "demo" / "ledger.xlsx").write_bytes(b"precious")

    with pytest.raises(data.DemoStopped, match="不会删除"):
        data.make_ready(reset=True)

    assert (tmp_path / "demo" / "ledger.xlsx").read_bytes() == b"precious"
