"""The demo's processes: quick to come, back when they die, and gone with their supervisor, however it goes."""

import http.client
import http.cookiejar
import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, build_opener, urlopen

import pytest

from project.demo import broker, children, data
from tests.project.sites import FOREIGN, Site, descendants, free_port, gone_within

pytestmark = pytest.mark.pure

ROLES = ("web", "worker", "beat")
LABELS = tuple(
    f"{name}意外退出（代码 -9），1秒后重新启动。" for name in ("网站进程", "内置消息服务", "后台任务进程", "定时进程")
)


def family(folder: Path) -> dict[str, int]:
    """The demo's processes by what they are."""
    found = {}
    for pid in descendants(str(folder)):
        try:
            words = (Path("/proc") / str(pid) / "cmdline").read_bytes().decode().split("\0")
        except OSError:
            continue
        if "valkey-server" in words[0]:
            found["broker"] = pid
        elif "project.demo.serve" in words:
            found[words[words.index("project.demo.serve") + 1]] = pid
        else:
            found["supervisor"] = pid
    return found


def until(true: Callable[[], Any], seconds: float = 20.0) -> float:
    """Wait for something; how long it took."""
    began = time.monotonic()
    while not true():
        assert time.monotonic() - began < seconds, "it did not happen in time"
        time.sleep(0.05)
    return time.monotonic() - began


def readyz(port: int) -> dict[str, Any]:
    try:
        with urlopen(f"http://127.0.0.1:{port}/readyz", timeout=10) as answer:
            return json.load(answer)
    except HTTPError as refused:
        with refused:
            return json.load(refused)
    except (OSError, http.client.HTTPException):
        return {}


def ready(port: int) -> bool:
    """The processes do their work; whether people were told of everything is another file's question."""
    parts = readyz(port).get("parts", {})
    return all(parts.get(name, {"ok": False})["ok"] for name in ("database", "broker", "beat"))


@pytest.fixture
def site(built: Any, folder: Path, port: int) -> Iterator[Site]:
    running = Site(folder, port)
    running.wait_for("Ready: ")
    yield running
    if running.process.poll() is None:
        running.finish(signal.SIGTERM)
    assert gone_within(str(folder), 3)


def bare_start() -> float:
    """What importing the site alone takes: the limits grow with it on a machine busy with other tests."""
    began = time.monotonic()
    subprocess.run([sys.executable, "-c", "import project.asgi"], cwd=data.BASE_DIR, check=False)
    return time.monotonic() - began


def test_all_of_it_works_within_five_seconds_of_the_start(built: Any, folder: Path, port: int) -> None:
    limit = max(5.0, 6 * bare_start())
    site = Site(folder, port)
    try:
        answered = site.wait_for("Ready: ")
        until(lambda: ready(port), limit)
        assert time.monotonic() - site.began < limit
        assert answered < limit
        assert set(family(folder)) == {"supervisor", "broker", *ROLES}
    finally:
        site.finish(signal.SIGTERM)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGKILL])
def test_however_the_supervisor_ends_nothing_is_left(site: Site, folder: Path, port: int, number: int) -> None:
    until(lambda: ready(port))
    assert len(descendants(str(folder))) == 5

    code = site.finish(number)

    assert code == (0 if number != signal.SIGKILL else -signal.SIGKILL)
    assert gone_within(str(folder), 1 if number != signal.SIGKILL else 3)


def test_a_supervisor_killed_while_it_starts_leaves_nothing_either(built: Any, folder: Path, port: int) -> None:
    site = Site(folder, port)
    until(lambda: "worker" in family(folder))

    site.finish(signal.SIGKILL)

    assert gone_within(str(folder), 3)


def test_what_dies_comes_back_and_is_told_of_in_a_line(site: Site, folder: Path, port: int) -> None:
    until(lambda: ready(port))
    before = family(folder)

    for role in ("broker", *ROLES):
        os.kill(before[role], signal.SIGKILL)
    told = {site.wait_for_any(*LABELS) for _ in LABELS}

    assert told == set(LABELS)
    until(lambda: len(family(folder)) == 5)
    # The broker forgot everything, beat's last tick too: ready means that a new one came through.
    until(lambda: ready(port))
    after = family(folder)
    assert after["supervisor"] == before["supervisor"]
    assert not set(after.values()) - {after["supervisor"]} & set(before.values())


def test_work_goes_on_when_only_the_broker_was_away(site: Site, folder: Path, port: int) -> None:
    until(lambda: ready(port))
    before = family(folder)

    os.kill(before["broker"], signal.SIGKILL)
    until(lambda: not ready(port))

    until(lambda: ready(port), 40)
    assert {role: pid for role, pid in family(folder).items() if role != "broker"} == {
        role: pid for role, pid in before.items() if role != "broker"
    }


def test_the_pause_before_a_restart_grows_and_is_forgiven(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [1000.0]
    monkeypatch.setattr(children.time, "monotonic", lambda: now[0])
    monkeypatch.setattr(children, "say", lambda text: None)
    child = children.Child("试验进程", "nothing")

    def live_for(seconds: float) -> float:
        child.start()
        now[0] += seconds
        child.process.wait()  # type: ignore[union-attr]
        child.look_after()
        return child.pause

    assert [live_for(1) for _ in range(6)] == [1, 2, 4, 8, 10, 10]
    assert live_for(children.STEADY_SECONDS + 1) == 1


def test_moving_the_clock_moves_it_for_the_page_and_for_the_worker(site: Site, folder: Path, port: int) -> None:
    until(lambda: ready(port))
    browser = build_opener(HTTPCookieProcessor(jar := http.cookiejar.CookieJar()))
    browser.open(f"http://127.0.0.1:{port}/login/", timeout=10).close()
    token = next(cookie.value for cookie in jar if cookie.name == "csrftoken")
    form = urlencode({"by": "month", "back": "/login/", "csrfmiddlewaretoken": token})

    with browser.open(f"http://127.0.0.1:{port}/demo/clock/", form.encode(), timeout=10) as page:
        assert "演示时钟已快进一个月" in page.read().decode()

    ahead = int((folder / "clock").read_text()) // 86400
    assert 28 <= ahead <= 31
    with sqlite3.connect(f"file:{folder / 'bihuan.sqlite3'}?mode=ro", uri=True) as database:
        sealed = "SELECT count(*) FROM workflows_seal WHERE julianday(day) - julianday('now', '+8 hours') > 27"
        until(lambda: database.execute(sealed).fetchone()[0])
    database.close()


def test_a_redis_that_is_given_is_used_and_left_as_it_is(built: Any, folder: Path, port: int, tmp_path: Path) -> None:
    address = broker.new_address()
    (tmp_path / "run").mkdir()
    own = {"REDIS_URL": address, "BIHUAN_DATA": str(tmp_path)}
    server = subprocess.Popen(
        [sys.executable, "-m", "project.demo.serve", "broker", str(os.getpid())],
        cwd=data.BASE_DIR, env={**os.environ, **own},
    )  # fmt: skip
    site = None
    try:
        assert broker.answers(address)
        site = Site(folder, port, REDIS_URL=address)
        site.wait_for("Ready: ")
        until(lambda: ready(port))
        assert set(family(folder)) == {"supervisor", *ROLES}
        site.finish(signal.SIGTERM)
        assert server.poll() is None
    finally:
        server.terminate()
        server.wait(10)
        if site is not None and site.process.poll() is None:
            site.finish(signal.SIGKILL)


WITHOUT = "import sys; from project.demo import broker, run; broker.binary = lambda: None; sys.exit(run.main())"


def test_where_there_is_no_broker_for_the_machine_the_pages_run_and_one_line_says_so(
    built: Any, folder: Path, port: int
) -> None:
    site = Site(folder, port, start=("-c", WITHOUT))
    try:
        site.wait_for("本机没有可用的内置消息服务")
        assert set(family(folder)) == {"supervisor", "web"}
        assert readyz(port)["parts"]["broker"]["state"] == "absent"
    finally:
        site.finish(signal.SIGTERM)


def test_where_the_kernel_promises_nothing_somebody_watches_for_the_server(tmp_path: Path) -> None:
    """A parent that starts a watcher and is killed: the watcher ends what it watched."""
    mark = str(tmp_path)
    watcher = "import os, sys; from project.demo.broker import stay_beside as s; s(['sleep', '60'], int(sys.argv[1]))"
    parent = f"import subprocess, sys, os; subprocess.run([sys.executable, '-c', {watcher!r}, str(os.getpid())])"
    process = subprocess.Popen([sys.executable, "-c", parent], cwd=data.BASE_DIR, env={**os.environ, "MARK": mark})
    until(lambda: len(descendants(mark)) == 3)

    process.kill()
    process.wait(10)

    assert gone_within(mark, 3)


def test_nothing_of_the_brokers_secret_stands_in_the_list_of_processes(site: Site, folder: Path, port: int) -> None:
    until(lambda: ready(port))
    environment = (Path("/proc") / str(family(folder)["web"]) / "environ").read_bytes().split(b"\0")
    address = next(line for line in environment if line.startswith(b"REDIS_URL=")).decode()
    secret = address.split(":")[2].partition("@")[0]

    lists = [(Path("/proc") / str(each) / "cmdline").read_bytes() for each in family(folder).values()]

    assert len(secret) == 32
    assert not any(secret.encode() in words for words in lists)


def test_the_supervisor_gives_its_children_no_foreign_database() -> None:
    from project.demo import run

    assert set(run.FOREIGN) >= FOREIGN
    assert free_port() > 0
