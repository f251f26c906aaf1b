"""A database of its own for the measurements: made at the start, dropped at the end."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlsplit, urlunsplit

import psycopg

NAME = os.environ.get("BENCH_DATABASE", "bihuan_bench")
# Read once: while the measurements run, DATABASE_URL names the database of their own.
SERVER = os.environ.get("DATABASE_URL") or "postgres://root@127.0.0.1/test"


@contextmanager
def own_database() -> Iterator[None]:
    """Make an empty database with the project's tables and defaults; drop it whatever happens."""
    parts = urlsplit(SERVER)
    if parts.scheme not in {"postgres", "postgresql"}:
        sys.exit("The measurements need PostgreSQL: set DATABASE_URL to postgres://…")
    with TemporaryDirectory() as folder:
        os.environ["DATABASE_URL"] = urlunsplit(parts._replace(path=f"/{NAME}"))
        os.environ["BIHUAN_DATA"] = folder
        os.environ["BIHUAN_STATIC"] = str(Path(folder) / "static")
        os.environ.setdefault("BIHUAN_TESTING", "1")
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "project.settings")
        _run(f"DROP DATABASE IF EXISTS {NAME} WITH (FORCE)", f"CREATE DATABASE {NAME}")
        try:
            _fill()
            yield
        finally:
            _close()
            _run(f"DROP DATABASE IF EXISTS {NAME} WITH (FORCE)")


def _run(*statements: str) -> None:
    with psycopg.connect(SERVER, autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement)


def _fill() -> None:
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    call_command("load_defaults", stdout=StringIO())


def _close() -> None:
    from django.db import connection

    connection.close()
