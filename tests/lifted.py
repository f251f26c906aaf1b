"""Lifting the guards: for the flush of transactional tests and for the tampering tests; the product cannot."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db.backends.base.base import BaseDatabaseWrapper

from workflows.guards import GUARDED, install_guards


def remove_guards(connection: BaseDatabaseWrapper) -> None:
    """Lift the triggers."""
    with connection.cursor() as cursor:
        for table in GUARDED:
            if connection.vendor == "postgresql":
                cursor.execute(f"DROP TRIGGER IF EXISTS guard_rows ON {table}")
                cursor.execute(f"DROP TRIGGER IF EXISTS guard_truncate ON {table}")
            else:
                cursor.execute(f"DROP TRIGGER IF EXISTS guard_{table}_update")
                cursor.execute(f"DROP TRIGGER IF EXISTS guard_{table}_delete")


@contextmanager
def guards_lifted(connection: BaseDatabaseWrapper) -> Iterator[None]:
    """Lift the triggers for a block; they are back afterwards whatever happens."""
    remove_guards(connection)
    try:
        yield
    finally:
        install_guards(connection)
