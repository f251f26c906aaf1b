"""The floor under a step: the rows the action wrote, written again for another case as bare SQL."""

from collections.abc import Callable
from typing import Any

from django.db import connection

from workflows.models import WorkItem

Row = dict[str, Any]

# Rows a step inserts beside its item, clock and event, where it does.
EXTRAS = ("rectification_report", "rectification_reviewstep")
CHANGED_OF_PROBLEM = ("state", "round", "moved_at")
CHANGED_OF_ITEM = ("assigned", "started", "finished", "data", "owner_id", "status")
LOCK = "SELECT event_count, head_hash FROM workflows_case WHERE id = %s FOR NO KEY UPDATE"
HEAD = "UPDATE workflows_case SET event_count = %s, head_hash = %s WHERE id = %s"
LOCK_EVIDENCE = "UPDATE rectification_evidence SET locked_at = now() WHERE id = ANY(%s) AND locked_at IS NULL"
FORGET_DRAFT = "DELETE FROM rectification_reportdraft WHERE problem_id = %s"


class Floor:
    """One kind of step as a hand-written transaction: lock, the same writes, commit."""

    def __init__(self, case_id: int, before: dict[str, int]) -> None:
        self.problem = _row("rectification_problem", "case_id", case_id)
        self.closed = _row("workflows_workitem", "id", _closed_item(case_id))
        self.opened = _newest("workflows_workitem", before)
        self.clock = _newest("workflows_deadline", before)
        self.event = _newest("workflows_event", before) or {}
        self.extras = [(table, row) for table in EXTRAS if (row := _newest(table, before))]
        self.reports = any(table == EXTRAS[0] for table, _row in self.extras)

    def run(self, item: WorkItem, evidence: list[int]) -> None:
        """Write the step's rows for the case of another item."""
        case_id = item.process.case_id
        with connection.cursor() as cursor:
            cursor.execute("BEGIN")
            cursor.execute(LOCK, [case_id])
            count, _head = cursor.fetchone()
            if self.reports:
                cursor.execute(LOCK_EVIDENCE, [evidence])
                cursor.execute(FORGET_DRAFT, [case_id])
            for table, row in self.extras:
                _insert(cursor, table, {**row, **_of_case(row, case_id, count)})
            _update(cursor, "rectification_problem", self.problem, CHANGED_OF_PROBLEM, ("case_id", case_id))
            _update(cursor, "workflows_workitem", self.closed, CHANGED_OF_ITEM, ("id", item.pk))
            self._open(cursor, case_id, item.process_id)
            _insert(cursor, "workflows_event", {**self.event, "case_id": case_id, "number": count + 1})
            cursor.execute(HEAD, [count + 1, self.event["hash"], case_id])
            cursor.execute("COMMIT")

    def _open(self, cursor: Any, case_id: int, process_id: int) -> None:
        if self.opened:
            pk = _insert(cursor, "workflows_workitem", {**self.opened, "process_id": process_id})
            if self.clock:
                _insert(cursor, "workflows_deadline", {**self.clock, "case_id": case_id, "item_id": pk})


def floor_of(take_one: Callable[[], int]) -> Floor:
    """Take the step once for real and keep the rows it wrote; `take_one` answers the case."""
    tables = ("workflows_workitem", "workflows_deadline", "workflows_event", *EXTRAS)
    before = {table: _last(table) for table in tables}
    case_id = take_one()
    return Floor(case_id, before)


def _last(table: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT coalesce(max(id), 0) FROM {table}")
        return cursor.fetchone()[0]


def _closed_item(case_id: int) -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT max(i.id) FROM workflows_workitem i JOIN workflows_routing r ON r.id = i.process_id "
            "WHERE r.case_id = %s AND r.kind = 'main' AND i.status = 'DONE' AND flow_task_type = 'HUMAN'",
            [case_id],
        )
        return cursor.fetchone()[0]


def _row(table: str, key: str, value: int) -> Row:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM {table} WHERE {key} = %s", [value])
        names = [column.name for column in cursor.description]
        return dict(zip(names, cursor.fetchone(), strict=True))


def _newest(table: str, before: dict[str, int]) -> Row | None:
    newest = _last(table)
    if newest <= before[table]:
        return None
    row = _row(table, "id", newest)
    del row["id"]
    return row


def _of_case(row: Row, case_id: int, count: int) -> Row:
    changes: Row = {"case_id": case_id, "problem_id": case_id}
    if "version" in row:
        changes["version"] = 100 + count
    return changes


def _insert(cursor: Any, table: str, row: Row) -> int:
    marks = ", ".join(["%s"] * len(row))
    names = ", ".join(f'"{name}"' for name in row)
    statement = f"INSERT INTO {table} ({names}) VALUES ({marks}) RETURNING id"
    cursor.execute(statement, list(row.values()))
    return cursor.fetchone()[0]


def _update(cursor: Any, table: str, row: Row, names: tuple[str, ...], where: tuple[str, int]) -> None:
    changes = ", ".join(f"{name} = %s" for name in names)
    statement = f"UPDATE {table} SET {changes} WHERE {where[0]} = %s"
    cursor.execute(statement, [*(row[name] for name in names), where[1]])
