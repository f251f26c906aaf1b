"""Triggers that refuse to change or delete what has happened. One of three database-specific places."""

from typing import Any

from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper

GUARDED = ("workflows_event", "workflows_seal", "workflows_sealentry", "organizations_accessentry")

_PG_FUNCTION = """
CREATE OR REPLACE FUNCTION bihuan_refuse() RETURNS trigger AS $$
BEGIN RAISE EXCEPTION 'rows of % are never changed or deleted', TG_TABLE_NAME; END;
$$ LANGUAGE plpgsql
"""


def install_guards(connection: BaseDatabaseWrapper) -> None:
    """Make the triggers that are missing; safe to run at any time."""
    tables = set(connection.introspection.table_names())
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(_PG_FUNCTION)
        for table in GUARDED:
            if table in tables:
                for statement in _statements(connection.vendor, table):
                    cursor.execute(statement)


def _statements(vendor: str, table: str) -> list[str]:
    if vendor == "postgresql":
        return [
            f"CREATE OR REPLACE TRIGGER guard_rows BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION bihuan_refuse()",
            f"CREATE OR REPLACE TRIGGER guard_truncate BEFORE TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION bihuan_refuse()",
        ]
    return [
        f"CREATE TRIGGER IF NOT EXISTS guard_{table}_{verb.lower()} BEFORE {verb} ON {table} "
        f"BEGIN SELECT RAISE(ABORT, 'rows of {table} are never changed or deleted'); END"
        for verb in ("UPDATE", "DELETE")
    ]


def missing_guards(connection: BaseDatabaseWrapper) -> list[str]:
    """Tables whose triggers are not all there."""
    if connection.vendor == "postgresql":
        query = "SELECT c.relname, count(*) FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid \
            WHERE t.tgname IN ('guard_rows', 'guard_truncate') GROUP BY c.relname"
    else:
        query = "SELECT tbl_name, count(*) FROM sqlite_master WHERE type = 'trigger' \
            AND name LIKE 'guard_%' GROUP BY tbl_name"
    with connection.cursor() as cursor:
        cursor.execute(query)
        found = dict(cursor.fetchall())
    return [table for table in GUARDED if found.get(table, 0) < 2]


def install_after_migrate(using: str = "default", **kwargs: Any) -> None:
    """After every migrate: SQLite drops a table's triggers whenever Django remakes it."""
    install_guards(connections[using])
