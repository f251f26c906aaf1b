"""A back-up is worth what its restore has shown: both scripts of deploy/, on whichever database the tests run."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from django.db import connection

from project.settings import BASE_DIR
from rectification.models.evidence import private_store
from tests.conftest import Story, fresh, give_evidence

NEEDED = ("rsync", "sha256sum", "bash")


def require(*programs: str) -> None:
    missing = [name for name in programs if shutil.which(name) is None]
    if missing and os.environ.get("BIHUAN_REQUIRE_ALL") == "1":
        pytest.fail(f"not installed: {missing}")
    if missing:
        pytest.skip(f"not installed: {missing}")


class Place:
    """A database and a folder, as the scripts and manage.py are told of them."""

    def __init__(self, url: str, folder: Path) -> None:
        self.folder = folder
        self.environment = {
            **{name: value for name, value in os.environ.items() if name != "REDIS_URL"},
            "DATABASE_URL": url, "BIHUAN_DATA": str(folder), "PYTHON": sys.executable, "BIHUAN_TESTING": "1",
        }  # fmt: skip

    def run(self, *command: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            command, cwd=BASE_DIR, env=self.environment, capture_output=True, text=True, check=False, timeout=120
        )

    def verify(self) -> "subprocess.CompletedProcess[str]":
        return self.run(sys.executable, "manage.py", "verify_ledger", "--files")


def postgres_url(name: str) -> str:
    where = connection.settings_dict
    password = f":{quote(where['PASSWORD'])}" if where["PASSWORD"] else ""
    return f"postgres://{where['USER']}{password}@{where['HOST']}:{where['PORT'] or 5432}/{name}"


@pytest.fixture
def places(lasting: None, story: Story, tmp_path: Path) -> Iterator[tuple[Place, Place]]:
    """An installation with a problem and a photograph in it, and an empty one."""
    require(*NEEDED)
    problem = story.rectifying()
    give_evidence(problem, fresh(story.world.clerk))
    story.submit(problem)
    old = tmp_path / "old"
    shutil.copytree(vars(private_store())["location"], old / "evidence")
    (tmp_path / "new").mkdir()
    if connection.vendor != "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("VACUUM INTO %s", [str(old / "bihuan.sqlite3")])
        yield Place(f"sqlite:///{old / 'bihuan.sqlite3'}", old), new_sqlite(tmp_path / "new")
        return
    require("pg_dump", "pg_restore")
    name = f"{connection.settings_dict['NAME']}_restored"
    with connection.cursor() as cursor:
        cursor.execute(f'DROP DATABASE IF EXISTS "{name}"')
        cursor.execute(f'CREATE DATABASE "{name}" TEMPLATE template0')
    yield Place(postgres_url(connection.settings_dict["NAME"]), old), Place(postgres_url(name), tmp_path / "new")
    with connection.cursor() as cursor:
        cursor.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def new_sqlite(folder: Path) -> Place:
    return Place(f"sqlite:///{folder / 'bihuan.sqlite3'}", folder)


def saved(old: Place, folder: Path) -> Path:
    made = old.run("deploy/backup.sh", str(folder))
    assert made.returncode == 0, made.stderr
    return Path(made.stdout.splitlines()[-1])


def test_a_back_up_restored_elsewhere_is_the_same_ledger_bit_for_bit(places: Any, tmp_path: Path) -> None:
    old, new = places

    back_up = saved(old, tmp_path / "backups")
    restored = new.run("deploy/restore.sh", str(back_up))

    assert restored.returncode == 0, restored.stdout + restored.stderr
    assert "台账完好：1 个问题" in restored.stdout
    assert "1 次封存" in restored.stdout
    assert new.verify().stdout == old.verify().stdout
    assert oct((back_up / "seals.jsonl").stat().st_mode & 0o777) == "0o600"


def test_a_back_up_that_was_changed_is_refused_before_anything_is_written(places: Any, tmp_path: Path) -> None:
    old, new = places
    back_up = saved(old, tmp_path / "backups")
    seals = back_up / "seals.jsonl"
    seals.write_text(seals.read_text().replace("1", "2", 1))

    refused = new.run("deploy/restore.sh", str(back_up))

    assert refused.returncode != 0
    assert "seals.jsonl" in refused.stdout + refused.stderr
    assert list(new.folder.iterdir()) == []


def test_a_restore_never_goes_over_something_that_is_there(places: Any, tmp_path: Path) -> None:
    old, new = places
    back_up = saved(old, tmp_path / "backups")
    (new.folder / "evidence").mkdir()

    refused = new.run("deploy/restore.sh", str(back_up))

    assert refused.returncode != 0
    assert "not empty" in refused.stderr


def test_an_original_that_was_lost_is_found_by_the_restores_own_proof(places: Any, tmp_path: Path) -> None:
    old, new = places
    back_up = saved(old, tmp_path / "backups")
    shutil.rmtree(tmp_path / "backups" / "files" / "evidence")

    found = new.run("deploy/restore.sh", str(back_up))

    assert found.returncode != 0
    assert "台账完好" not in found.stdout
