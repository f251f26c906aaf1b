"""The scan and the recomputation at a province's size, beside the same reads and writes as bare SQL."""

import json
import statistics
import subprocess
import sys
from datetime import date, timedelta
from typing import Any

from django.db import connection

from bench.loading import bulk, read, run
from bench.table import Line, medians, milliseconds
from organizations import clock
from workflows.calendar import DayKind, Limit, LimitUnit, compute_due, end_of_day
from workflows.models import CalendarDay, DeadlinePolicy
from workflows.queries import calendar, forget_kept
from workflows.recomputing import calendar_changed
from workflows.scanning import scan_deadlines

DUE = 1_000
LIMIT = Limit(40, LimitUnit.WORKING_DAYS)
STARTS = 30  # different days on which the clocks were started
PER_BATCH = 100
SCAN_BAR, IDLE_BAR, GROWTH_BAR = 10_000.0, 50.0, 1.5
RECOMPUTING_BAR, LOCK_BAR = 60_000.0, 100.0

STARTED = "CREATE UNLOGGED TABLE started (place int PRIMARY KEY, start_on date, due_on date, due_at timestamptz)"
# A clock for each open problem, and one that follows it for its open item: two open deadlines a problem.
CLOCKS = """
    INSERT INTO workflows_deadline (case_id, kind, item_id, rule, computation, policy_id, step, start_on, "limit",
        follows_case, due_on, due_at, version, next_check_at)
    SELECT i.id, CASE own WHEN true THEN 'case' ELSE 'step' END, CASE own WHEN false THEN i.id END, '', '{}',
        %(policy)s, CASE own WHEN true THEN 'case' ELSE '' END, CASE own WHEN true THEN s.start_on END,
        CASE own WHEN true THEN %(limit)s::jsonb END, NOT own, s.due_on, s.due_at, 1, now() + interval '5 days'
    FROM workflows_workitem i JOIN started s ON s.place = i.id %% %(starts)s, (VALUES (true), (false)) v(own)
    WHERE i.status = 'NEW'
"""
COPIES = (
    "UPDATE rectification_problem p SET due_on = s.due_on FROM started s WHERE s.place = p.case_id %% %(starts)s",
    "UPDATE workflows_workitem i SET due_at = s.due_at FROM started s WHERE s.place = i.id %% %(starts)s",
)
# Every so many-th case clock is brought to the last day before its yellow level and asked for now.
MAKE_DUE = """
    UPDATE workflows_deadline d SET next_check_at = now() - interval '1 minute', due_on = %(due)s, due_at = %(at)s
    WHERE id IN (SELECT id FROM workflows_deadline WHERE item_id IS NULL AND case_id %% %(each)s = %(rest)s
        ORDER BY id LIMIT %(most)s)
"""
LOOK = "SELECT id FROM workflows_deadline WHERE next_check_at <= now() ORDER BY next_check_at LIMIT 200"


def build(clocks: int) -> None:
    """A province whose problems are all open, with two clocks each."""
    from bench import province

    province.build(clocks // 2, one_in=1)
    limit = '{"count": 40, "unit": "working_days", "roll_forward": false, "counts_first": false}'
    values = {"starts": STARTS, "limit": limit, "policy": DeadlinePolicy.objects.get(code="standard").pk}
    forget_kept()
    run(STARTED)
    for place in range(STARTS):
        start_on = clock.today() - timedelta(days=place)
        due_on = compute_due(start_on, LIMIT, calendar()).due_on
        row = {"place": place, "start": start_on, "due": due_on, "at": end_of_day(due_on)}
        run("INSERT INTO started VALUES (%(place)s, %(start)s, %(due)s, %(at)s)", **row)
    with bulk("workflows_deadline"):
        run(CLOCKS, **values)
    for statement in COPIES:
        run(statement, starts=STARTS)
    for table in ("workflows_deadline", "workflows_workitem", "rectification_problem"):
        run(f"VACUUM ANALYZE {table}")


def measure_scan(clocks: int, rest: int) -> tuple[float, float]:
    """How long a scan takes that finds a thousand clocks due, and the same writes as bare SQL."""
    _make_due(clocks, rest)
    keys = [key for (key,) in read("SELECT id FROM workflows_deadline WHERE next_check_at <= now()")]
    assert len(keys) == DUE, len(keys)
    told = _count("workflows_event", "name = 'warned'")
    own = milliseconds(scan_deadlines)
    assert _count("workflows_event", "name = 'warned'") == told + DUE
    _make_due(clocks, rest + 1)
    return own, milliseconds(lambda: _bare_scan(clocks))


def _make_due(clocks: int, rest: int) -> None:
    due_on = calendar().add_working_days(clock.today(), 3)
    values = {"due": due_on, "at": end_of_day(due_on), "each": clocks // 2 // DUE, "rest": rest, "most": DUE}
    run(MAKE_DUE, **values)
    run("ANALYZE workflows_deadline")


def _count(table: str, where: str) -> int:
    return read(f"SELECT count(*) FROM {table} WHERE {where}")[0][0]


WRITES = (
    "INSERT INTO workflows_crossing (deadline_id, version, round, level, crossed_on, at) "
    "SELECT %(key)s, 2, 1, l, current_date, now() FROM unnest(ARRAY['blue', 'yellow']) l",
    "UPDATE workflows_deadline SET next_check_at = now() + interval '3 days' WHERE id = %(key)s",
    "INSERT INTO workflows_event (case_id, number, name, from_state, to_state, round, data, at, algorithm, "
    "previous_hash, hash) SELECT id, event_count + 1, 'floor', '', '', 1, '{}', now(), 'sha256', head_hash, "
    "repeat('0', 64) FROM workflows_case WHERE id = %(case)s",
    "INSERT INTO workflows_outbox (event_id, next_try_at, attempts) SELECT max(id), now(), 0 FROM workflows_event "
    "WHERE case_id = %(case)s",
    "UPDATE workflows_case SET event_count = event_count + 1 WHERE id = %(case)s",
)


def _bare_scan(clocks: int) -> None:
    with connection.cursor() as cursor:
        while True:
            cursor.execute(LOOK)
            keys = [key for (key,) in cursor.fetchall()]
            if not keys:
                return
            for key in keys:
                _bare_look(cursor, key)


def _bare_look(cursor: Any, key: int) -> None:
    cursor.execute("BEGIN")
    cursor.execute("SELECT case_id FROM workflows_deadline WHERE id = %s", [key])
    values = {"key": key, "case": cursor.fetchone()[0]}
    cursor.execute("SELECT * FROM workflows_case WHERE id = %(case)s FOR NO KEY UPDATE", values)
    cursor.execute("SELECT * FROM rectification_problem WHERE case_id = %(case)s", values)
    for statement in WRITES:
        cursor.execute(statement, values)
    cursor.execute("COMMIT")


def scan_lines(clocks: int, little: tuple[float, float]) -> list[Line]:
    """A thousand due among very many, none due, and how the cost grows with what is not due."""
    own, bare = measure_scan(clocks, 3)
    idle, floor = medians(scan_deadlines, lambda: read(LOOK), 20)
    growth = own / little[0]
    return [
        Line(f"scan: {DUE:,} of {clocks:,} cross a level", own, SCAN_BAR, "ms", own, bare, own / bare),
        Line("the same, of so many to of ten thousand", growth, GROWTH_BAR, "times", own, little[0], growth),
        Line("scan: none due", idle, IDLE_BAR, "ms", idle, floor, idle / floor),
    ]


def recomputing_lines(clocks: int) -> list[Line]:
    """Every running date made again after a county's worth of them has got one rest day more."""
    limit = clocks // 2
    day = _a_workday_ahead()
    CalendarDay.objects.filter(day=day).update(kind=DayKind.HOLIDAY)
    calendar_changed([day], "临时放假一天", None)
    transactions: list[float] = []
    own = milliseconds(lambda: transactions.extend(_two_at_once()))
    moved = _count("workflows_event", "name = 'deadline_moved'")
    assert moved == limit, (moved, limit)
    floor, longest = milliseconds(_bare_recomputing), max(transactions)
    usual, rare = statistics.median(transactions), statistics.quantiles(transactions, n=1000)[-1]
    spread = f"its longest transaction; p50 {usual:.0f} ms, p99.9 {rare:.0f} ms"
    return [
        Line(f"recomputing {moved:,} dates, {clocks:,} clocks", own, RECOMPUTING_BAR, "ms", own, floor, own / floor),
        Line(spread, longest, LOCK_BAR, "ms", longest),
    ]


def _a_workday_ahead() -> date:
    return calendar().add_working_days(clock.today(), 5)


def _two_at_once() -> list[float]:
    """How long each transaction took while two processes were at it, as beat has a worker's next one join in."""
    running = [
        subprocess.Popen([sys.executable, "-m", "bench.clocks_child"], stdout=subprocess.PIPE, text=True)
        for _each in range(2)
    ]
    return [each for process in running for each in json.loads(process.communicate()[0])]


BARE = (
    "SELECT 1 FROM workflows_case WHERE id = ANY(%(cases)s) ORDER BY id FOR NO KEY UPDATE",
    "UPDATE workflows_deadline SET due_on = due_on + 1, due_at = due_at + interval '1 day', version = version + 1, "
    "computation = '{\"skipped\": []}', next_check_at = now() + interval '5 days' WHERE case_id = ANY(%(cases)s)",
    "UPDATE rectification_problem SET due_on = due_on + 1 WHERE case_id = ANY(%(cases)s)",
    "UPDATE workflows_workitem SET due_at = due_at + interval '1 day' WHERE process_id = ANY(%(cases)s)",
    "INSERT INTO workflows_event (case_id, number, name, from_state, to_state, round, data, at, algorithm, "
    "previous_hash, hash) SELECT id, event_count + 1, 'floor', '', '', 1, '{}', now(), 'sha256', head_hash, "
    "repeat('0', 64) FROM workflows_case WHERE id = ANY(%(cases)s)",
    "INSERT INTO workflows_outbox (event_id, next_try_at, attempts) SELECT max(id), now(), 0 FROM workflows_event "
    "WHERE case_id = ANY(%(cases)s) GROUP BY case_id",
    "UPDATE workflows_case SET event_count = event_count + 1 WHERE id = ANY(%(cases)s)",
)


def _bare_recomputing() -> None:
    cases = [pk for (pk,) in read("SELECT case_id FROM workflows_deadline WHERE item_id IS NULL ORDER BY id")]
    with connection.cursor() as cursor:
        for first in range(0, len(cases), PER_BATCH):
            cursor.execute("BEGIN")
            for statement in BARE:
                cursor.execute(statement, {"cases": cases[first : first + PER_BATCH]})
            cursor.execute("COMMIT")
