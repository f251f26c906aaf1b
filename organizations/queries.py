"""Reads over divisions, units and posts: labels in force, approvers, proposals while typing."""

from collections.abc import Iterable
from typing import Any

from django.core.cache import cache
from django.db.models import Case, IntegerField, Q, QuerySet, Value, When
from django.db.models.functions import Length

from organizations import clock
from organizations.models import DictionaryEntry, Division, Post, Unit, User
from organizations.spelling import without_area

LABELS_CACHE_SECONDS = 60
VERY_NAME, NAME_WITHOUT_AREA, BEGINS_SO, HOLDS_IT = range(4)  # how well a unit fits what is typed


def labels(kind: str) -> dict[str, str]:
    """Code to label of one dictionary, as in force today; kept in the cache for a minute."""
    key = f"labels:{kind}:{clock.today()}"
    found = cache.get(key)
    if found is None:
        rows = DictionaryEntry.objects.on(clock.today()).filter(kind=kind).order_by("position", "valid_from")
        found = {row.code: row.label for row in rows}
        cache.set(key, found, LABELS_CACHE_SECONDS)
    return dict(found)


def label_of(kind: str, code: str) -> str:
    """The label of one code, or the code itself where no row is in force."""
    return labels(kind).get(code, code)


def posts_of(user: User) -> list[Post]:
    """The posts a person holds today."""
    return list(Post.objects.standing(clock.today()).filter(user=user))


def divisions_within(paths: Iterable[str]) -> QuerySet[Division]:
    """Divisions at or below any of the given paths, in force today."""
    condition = Q(pk__in=[])
    for path in paths:
        condition |= Q(path__startswith=path)
    return Division.objects.on(clock.today()).filter(condition)


def propose_divisions(text: str, paths: Iterable[str], limit: int = 20) -> list[Division]:
    """Divisions that match typed characters by name, code or pinyin initials."""
    typed = text.strip()
    if not typed:
        return []
    matches = Q(name__contains=typed) | Q(initials__startswith=typed.lower()) | Q(code__startswith=typed)
    return list(divisions_within(paths).filter(matches).select_related("parent").order_by("code")[:limit])


def units_under(paths: Iterable[str]) -> QuerySet[Unit]:
    """Units seated at or below any of the given paths, in force today, with what tells equal names apart."""
    condition = Q(pk__in=[])
    for path in paths:
        condition |= Q(division__path__startswith=path)
    return Unit.objects.on(clock.today()).filter(condition).select_related("division__parent")


def units_like(text: str, rows: QuerySet[Unit]) -> QuerySet[Unit]:
    """Units that what is typed may mean, the likeliest first: the very name, then a name that begins so, then the rest.

    With or without the county in front; pinyin initials count from the first letter on.
    """
    typed = text.strip().replace("\n", " ")
    short = without_area(typed)
    if not typed:
        return rows.none()
    if typed.isascii():
        typed = short = typed.lower()
        held = Q(spellings__contains=f"\n{typed}") | Q(name__icontains=typed)
    else:
        held = Q(spellings__contains=short)
    rank = Case(
        When(spellings__contains=f"\n{typed}\n", then=Value(VERY_NAME)),
        When(spellings__contains=f"\n{short}\n", then=Value(NAME_WITHOUT_AREA)),
        When(spellings__contains=f"\n{short}", then=Value(BEGINS_SO)),
        default=Value(HOLDS_IT),
        output_field=IntegerField(),
    )
    ranked = rows.filter(held).annotate(rank=rank, length=Length("name"))
    return ranked.order_by("rank", "length", "division__code", "pk")


def units_meant(text: str, rows: QuerySet[Unit], limit: int) -> list[Unit]:
    """The units a text names as well as any other does: one of them, and it is plain which is meant."""
    found: list[Any] = list(units_like(text, rows)[:limit])
    return [unit for unit in found if unit.rank == found[0].rank]
