"""The demo's supervisor: what it starts, keeps, refuses, and leaves behind (nothing)."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any
from urllib.request import urlopen

import pytest

from project.demo import data, run, words

pytestmark = pytest.mark.pure

LONG = 300.0  # seconds: the first start builds the county, perhaps on a busy machine


class Site:
    """A supervisor in a process of its own."""

    def __init__(self, folder: Path, port: int, *more: str) -> None:
        environment = {**os.environ, "BIHUAN_DATA": str(folder)}
        command = [sys.executable, "-m", "project.demo.run", "--port", str(port), *more]
        self.began = time.monotonic()
        self.process = subprocess.Popen(
            command, env=environment, cwd=data.BASE_DIR, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        self.lines: list[str] = []

    def wait_for(self, beginning: str) -> float:
        """Read until a line begins so; the seconds since the start."""
        output: IO[str] = self.process.stdout  # type: ignore[assignment]
        while line := output.readline():
            self.lines.append(line.rstrip())
            if line.startswith(beginning):
                return time.monotonic() - self.began
        raise AssertionError("\n".join(self.lines))

    def finish(self, number: int) -> int:
        self.process.send_signal(number)
        return self.ended()

    def ended(self) -> int:
        """Wait for the end; the exit code."""
        code = self.process.wait(20)
        self.process.stdout.close()  # type: ignore[union-attr]
        return code


def descendants(mark: str) -> list[int]:
    """Processes whose environment names a folder, read from /proc."""
    found = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit() or int(entry.name) == os.getpid():
            continue
        try:
            # A zombie has no environment any more.
            if mark.encode() in (entry / "environ").read_bytes():
                found.append(int(entry.name))
        except OSError:
            continue
    return found


def gone_within(mark: str, seconds: float) -> bool:
    until = time.monotonic() + seconds
    while descendants(mark):
        if time.monotonic() > until:
            return False
        time.sleep(0.05)
    return True


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("site") / "demo"


@pytest.fixture(scope="module")
def port() -> int:
    return free_port()


@pytest.fixture(scope="module")
def built(folder: Path, port: int) -> Iterator[Site]:
    """A first start, which builds everything, ended by Ctrl-C."""
    site = Site(folder, port)
    site.wait_for("Ready: ")
    site.wait_for("  demo-auditor")
    with urlopen(f"http://127.0.0.1:{port}/login/", timeout=20) as page:
        site.status = page.status  # type: ignore[attr-defined]
    site.code = site.finish(signal.SIGINT)  # type: ignore[attr-defined]
    return site


def test_the_first_start_builds_answers_and_names_the_log_ins(built: Any, folder: Path, port: int) -> None:
    assert f"Ready: http://127.0.0.1:{port}/" in built.lines
    assert built.status == 200
    for login, _name, _unit, role in words.DEMO_PEOPLE:
        assert any(login in line and words.PASSWORD in line and words.ROLE_LABELS[role] in line for line in built.lines)
    assert (folder / data.MARKER).exists()


def test_ctrl_c_leaves_nothing_behind(built: Any, folder: Path) -> None:
    assert built.code == 0
    assert gone_within(str(folder), 1)


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


def test_a_killed_supervisor_takes_the_site_with_it(built: Any, folder: Path, port: int) -> None:
    site = Site(folder, port)
    site.wait_for("Ready: ")
    assert len(descendants(str(folder))) == 2

    site.finish(signal.SIGKILL)

    assert gone_within(str(folder), 3)


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
