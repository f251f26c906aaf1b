"""The ledger's page and its two-character search, for people of each scope, beside bare SQL."""

from collections.abc import Callable
from typing import Any

from django.db import connection

from bench.province import COUNTY, TOWN, VILLAGE, Province
from bench.table import Line, medians
from bench.wording import COMMON, MIDDLING, RARE
from organizations.models import User
from rectification.models import Problem
from rectification.queries import EXACT, PAGE, LedgerPage, ledger_page

PAGE_BAR = 80
GROWTH_BAR = 3
ROUNDS = 21

SCOPES = {"county": ("county_id", COUNTY), "township": ("town_id", TOWN), "village": ("village_id", VILLAGE)}
SEARCHES = {"page": "", "rare term": RARE, "middling term": MIDDLING, "common term": COMMON}
VIEWERS = {"county": "office of the county", "township": "township", "village": "village"}

FLOOR_PAGE = """
    SELECT p.*, c.number, d.name, e.name, u.name, b.name, g.name
    FROM rectification_problem p JOIN workflows_case c ON c.id = p.case_id
    JOIN organizations_division d ON d.id = c.division_id
    LEFT JOIN organizations_division e ON e.id = d.parent_id
    LEFT JOIN organizations_unit u ON u.id = p.lead_unit_id
    JOIN rectification_batch b ON b.id = p.batch_id
    LEFT JOIN rectification_category g ON g.id = p.category_id
    WHERE p.{column} = %s AND p.disclosed_at IS NOT NULL {found} ORDER BY p.case_id DESC LIMIT {size}
"""
FLOOR_TOTAL = """
    SELECT count(*) FROM (SELECT 1 FROM rectification_problem p
    WHERE p.{column} = %s AND p.disclosed_at IS NOT NULL {found} ORDER BY p.case_id DESC LIMIT {size}) s
"""
Medians = dict[str, tuple[float, float]]


def measure(province: Province) -> Medians:
    """Median and floor of each page, by what it is."""
    found = {}
    for scope, (column, place) in SCOPES.items():
        for name, term in SEARCHES.items():
            page = _page(province.people[scope], term)
            found[f"{VIEWERS[scope]}, {name}"] = medians(page, _floor(column, place, term), ROUNDS)
    found["leader with 2,000 items by name, page"] = medians(
        _page(province.people["leader"], ""), _floor(*SCOPES["county"], ""), ROUNDS
    )
    return found


def lines(large: Medians, little: Medians) -> list[Line]:
    """The pages of the large province, and how much slower they are than in one of 10,000 problems."""
    rows = []
    for what, (own, bare) in large.items():
        growth = own / little[what][0]
        rows.append(Line(what, own, PAGE_BAR, "ms", own, bare, own / bare))
        rows.append(Line(f"{what}: against 10,000", growth, GROWTH_BAR, "times", None, None, growth))
    return rows


def _page(user: User, term: str) -> Callable[[], LedgerPage]:
    def call() -> LedgerPage:
        reader = User.objects.get(pk=user.pk)
        return ledger_page(Problem.objects.visible_to(reader), typed=term)

    return call


def _floor(column: str, place: int, term: str) -> Callable[[], Any]:
    found = "AND p.search_vector @@ %s::tsquery" if term else ""
    page = FLOOR_PAGE.format(column=column, found=found, size=PAGE + 1)
    total = FLOOR_TOTAL.format(column=column, found=found, size=EXACT + 1)
    values = [place, f"'{term}'"] if term else [place]

    def call() -> Any:
        with connection.cursor() as cursor:
            cursor.execute(page, values)
            rows = cursor.fetchall()
            cursor.execute(total, values)
            return rows, cursor.fetchone()

    return call
