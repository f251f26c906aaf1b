"""Loading a million rows quickly: no triggers, no indexes until the rows are there."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

QUICK = (
    "SET session_replication_role = replica",
    "SET synchronous_commit = off",
    "SET maintenance_work_mem = '1GB'",
    "SET max_parallel_maintenance_workers = 2",
)
INDEXES = """
    SELECT i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid) FROM pg_index i
    WHERE i.indrelid = %s::regclass AND NOT i.indisprimary
    AND NOT EXISTS (SELECT 1 FROM pg_constraint c WHERE c.conindid = i.indexrelid)
"""


def run(statement: str, **values: object) -> None:
    """One statement."""
    with connection.cursor() as cursor:
        cursor.execute(statement, values or None)


def read(statement: str, *values: object) -> list[tuple]:
    """The rows of one statement."""
    with connection.cursor() as cursor:
        cursor.execute(statement, values or None)
        return cursor.fetchall()


@contextmanager
def bulk(*tables: str) -> Iterator[None]:
    """Take the tables' indexes away, let rows in, build the indexes again, and count the tables."""
    for setting in QUICK:
        run(setting)
    indexes = [row for table in tables for row in read(INDEXES, table)]
    for name, _made in indexes:
        run(f"DROP INDEX {name}")
    yield
    for _name, made in indexes:
        run(made)
    connection.close()
    for table in tables:
        run(f"VACUUM ANALYZE {table}")


def copy(table: str, columns: tuple[str, ...], rows: Iterator[tuple]) -> None:
    """Rows from Python into a table, as COPY."""
    with connection.cursor() as cursor, cursor.copy(f"COPY {table} ({', '.join(columns)}) FROM STDIN") as sink:
        for row in rows:
            sink.write_row(row)
