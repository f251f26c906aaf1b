"""The inbox of people with few and with many open items, beside hand-written SQL for the same ids."""

from collections.abc import Callable
from typing import Any

from django.db import connection

from bench.loading import read
from bench.province import Province
from bench.table import Line, medians
from organizations.models import User
from workflows.queries import PAGE, inbox_counts, inbox_page
from workflows.scope import actor_of

PAGE_BAR = 5
COUNT_BAR = 10
ROUNDS = 51
PEOPLE = ("14", "500", "10,000", "4 posts")

FLOOR_BRANCH = """
    (SELECT id, due_at FROM workflows_workitem WHERE unit_id = {unit} AND role = '{seat}' AND addressee_id IS NULL
    AND status IN ('NEW', 'ASSIGNED') ORDER BY due_at, id LIMIT {size})
"""
FLOOR_PERSONAL = """
    (SELECT id, due_at FROM workflows_workitem WHERE addressee_id = {user}
    AND status IN ('NEW', 'ASSIGNED') ORDER BY due_at, id LIMIT {size})
"""
FLOOR_ROWS = """
    SELECT i.*, r.*, c.*, u.*, o.* FROM workflows_workitem i JOIN workflows_routing r ON r.id = i.process_id
    JOIN workflows_case c ON c.id = r.case_id LEFT JOIN organizations_unit u ON u.id = i.unit_id
    LEFT JOIN organizations_user o ON o.id = i.owner_id
    WHERE i.id IN (SELECT id FROM ({branches} ORDER BY due_at, id LIMIT {size}) page) ORDER BY i.due_at, i.id
"""
FLOOR_COUNT = """
    SELECT count(*), count(*) FILTER (WHERE due_at < now()),
        count(*) FILTER (WHERE due_at >= now() AND due_at < now() + interval '3 days')
    FROM workflows_workitem WHERE status IN ('NEW', 'ASSIGNED') AND addressee_id IS NULL AND role = 'unit'
    AND unit_id = ANY(%s)
"""


def lines(province: Province) -> list[Line]:
    """A page and the counts of each kind of inbox."""
    found = []
    for name in PEOPLE:
        user = User.objects.get(pk=province.people[name].pk)
        seats = actor_of(user).seats
        label = name if "posts" in name else f"{name} open items"
        own, bare = medians(_page(user), _floor_page(user, seats), ROUNDS)
        found.append(Line(f"inbox page, {label}", own, PAGE_BAR, "ms", own, bare, own / bare))
        own, bare = medians(_counts(user), _floor_counts(seats), ROUNDS)
        found.append(Line(f"inbox counts, {label}", own, COUNT_BAR, "ms", own, bare, own / bare))
    return found


def _page(user: User) -> Callable[[], Any]:
    return lambda: inbox_page(user)


def _counts(user: User) -> Callable[[], Any]:
    return lambda: inbox_counts(user)


def _floor_page(user: User, seats: list[tuple[int, str]]) -> Callable[[], Any]:
    branches = [FLOOR_BRANCH.format(unit=unit, seat=seat, size=PAGE) for unit, seat in seats]
    branches.append(FLOOR_PERSONAL.format(user=user.pk, size=PAGE))
    statement = FLOOR_ROWS.format(branches=" UNION ALL ".join(branches), size=PAGE)
    return lambda: read(statement)


def _floor_counts(seats: list[tuple[int, str]]) -> Callable[[], Any]:
    def call() -> Any:
        with connection.cursor() as cursor:
            cursor.execute(FLOOR_COUNT, [[unit for unit, _seat in seats]])
            return cursor.fetchone()

    return call
