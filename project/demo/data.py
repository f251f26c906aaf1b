"""The demo's folder: whether it is whole, building it, and removing it. Imports Django only to build."""

import fcntl
import hashlib
import json
import os
import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO
from pathlib import Path
from typing import Any

BASE_DIR = Path(__file__).resolve().parent.parent.parent
APPS = ("organizations", "workflows", "rectification", "inspections", "notifications")
STAMP = ".bihuan-demo"  # only a folder that bears it is ever deleted
MARKER = "complete.json"
WAIT_SECONDS = 180.0


class DemoStopped(Exception):  # noqa: N818 -- a sentence for the person at the terminal
    """The demo cannot go on; the message says why and what to do."""


def say(text: str) -> None:
    """One line to the terminal, at once."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def folder() -> Path:
    """Where the demo keeps its database and files."""
    return Path(os.environ["BIHUAN_DATA"]).resolve()


def make_ready(*, reset: bool) -> None:
    """Build what is missing, apply new migrations, or do nothing: whatever the marker says."""
    if reset or _outdated():
        with _alone(patient=not reset):
            if reset or _must_rebuild():
                _build()
            elif _outdated():
                _migrate()
                _mark()


@contextmanager
def in_use() -> Iterator[None]:
    """While the site is up, nobody deletes or rebuilds the folder."""
    with _lock_file() as descriptor:
        fcntl.flock(descriptor, fcntl.LOCK_SH)
        yield


@contextmanager
def _lock_file() -> Iterator[int]:
    path = folder().with_name(f"{folder().name}.lock")
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


@contextmanager
def _alone(*, patient: bool) -> Iterator[None]:
    with _lock_file() as descriptor:
        until = time.monotonic() + (WAIT_SECONDS if patient else 0)
        if patient and not _try_lock(descriptor):
            say("数据需要更新，正在等另一个使用它的演示结束……")
        while not _try_lock(descriptor):
            if time.monotonic() >= until:
                raise DemoStopped("另一个演示正在使用这份数据，请先停止它（在它的终端按 Ctrl-C）再试。")
            time.sleep(0.2)
        yield


def _try_lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:16]


def _wanted() -> dict[str, Any]:
    files = sorted(path for app in APPS for path in (BASE_DIR / app / "migrations").glob("[0-9]*.py"))
    return {
        "migrations": {str(path.relative_to(BASE_DIR)): _digest(path) for path in files},
        "packages": _digest(BASE_DIR / "requirements.lock"),
    }


def _recorded() -> dict[str, Any]:
    try:
        found: dict[str, Any] = json.loads((folder() / MARKER).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found


def _outdated() -> bool:
    return _recorded() != _wanted()


def _must_rebuild() -> bool:
    """Never finished, or built with a migration that has been rewritten since."""
    before, now = _recorded().get("migrations"), _wanted()["migrations"]
    return not before or any(now.get(name) != digest for name, digest in before.items())


def _mark() -> None:
    """Write the marker beside its place and move it there, so that it is whole or absent."""
    draft = folder() / f"{MARKER}.new"
    with draft.open("w", encoding="utf-8") as lines:
        json.dump(_wanted(), lines)
        lines.flush()
        os.fsync(lines.fileno())
    draft.replace(folder() / MARKER)


def _clear() -> None:
    place = folder()
    if place.exists() and any(place.iterdir()):
        if not (place / STAMP).exists():
            raise DemoStopped(f"{place} 不是演示数据目录，不会删除。请另设 BIHUAN_DATA，或自行清理后再试。")
        # The marker goes first: a deletion that is cut short leaves nothing that looks whole.
        (place / MARKER).unlink(missing_ok=True)
        for entry in place.iterdir():
            if entry.name != STAMP:
                shutil.rmtree(entry) if entry.is_dir() else entry.unlink()
    place.mkdir(parents=True, exist_ok=True)
    (place / STAMP).touch()


def _build() -> None:
    began = time.monotonic()
    _clear()
    say(f"首次运行，正在 {folder()} 准备演示数据……")
    _migrate()
    _stage("数据库已建好", began)
    # Only now: these need Django to be set up.
    from django.core.management import call_command
    from django.db import connection

    from project.demo.county import build_county
    from project.demo.story import tell_story

    call_command("load_defaults", verbosity=0, stdout=StringIO())
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA synchronous=OFF")  # a half-built database is built again anyway
    county = build_county()
    _stage(f"{county.division.name}已建好：{len(county.units)}个单位、{len(county.users)}人", began)
    count = tell_story(county, lambda text: _stage(text, began))
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA synchronous=FULL")
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    _mark()
    _stage(f"演示数据已齐：{count}个问题", began)


def _stage(text: str, began: float) -> None:
    say(f"  {text}（{time.monotonic() - began:.1f}秒）")


def _migrate() -> None:
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)
