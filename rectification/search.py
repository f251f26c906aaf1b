"""Finding problems by number or any two Chinese characters. One of three database-specific places."""

import re

from django.db import connection
from django.db.models import BooleanField, Q, QuerySet
from django.db.models.expressions import RawSQL

from rectification.models import Problem

_RUN = re.compile(r"[一-鿿]+|[A-Za-z0-9]+")


def grams(text: str) -> list[str]:
    """Two-character pieces of Chinese runs, and words of Latin letters and digits, in lower case."""
    found: list[str] = []
    for run in _RUN.findall(text):
        if "一" <= run[0] <= "鿿":
            found += [run[place : place + 2] for place in range(len(run) - 1)] or [run]
        else:
            found.append(run.lower())
    return found


def search_text_of(problem: Problem) -> str:
    """What the search index holds of a problem: its pieces, each once, in order."""
    text = "\n".join([problem.case.number, problem.title, problem.description, problem.place_text])
    return " ".join(dict.fromkeys(grams(text)))


def expected_hits(typed: str) -> int | None:
    """How many problems of the whole database the planner expects to hold what was typed; None where nobody knows."""
    if connection.vendor != "postgresql":
        return None
    query, values = Problem.objects.order_by().filter(condition(typed)).values("pk").query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (FORMAT JSON) {query}", values)
        return int(cursor.fetchone()[0][0]["Plan"]["Plan Rows"])


def matching(rows: "QuerySet[Problem]", typed: str) -> "QuerySet[Problem]":
    """Problems that hold every piece of what was typed; all of them where nothing was."""
    return rows.filter(condition(typed)) if typed.strip() else rows


def condition(typed: str) -> Q:
    """The condition of what was typed: every piece is held; a number finds its own problem."""
    typed = typed.strip()[:100]
    pieces = grams(typed)
    if not pieces:
        return Q(pk__in=[])
    if re.fullmatch(r"[A-Za-z]*\d{4}-\d{1,6}", typed):
        return Q(case__number__iexact=typed)
    if connection.vendor == "postgresql":
        query = " & ".join(f"'{piece}'" for piece in pieces)
        vector = "rectification_problem.search_vector @@ %s::tsquery"
        return Q(RawSQL(vector, [query], output_field=BooleanField()))  # noqa: S611 -- pieces hold letters only
    held = Q()
    for piece in pieces:
        held &= Q(search_text__contains=piece)
    return held
