"""Reads over divisions, units and posts: labels in force, approvers, proposals while typing."""

from collections.abc import Iterable

from django.core.cache import cache
from django.db.models import Q, QuerySet

from organizations import clock
from organizations.models import DictionaryEntry, Division, Post, Unit, User

LABELS_CACHE_SECONDS = 60


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


def units_within(path: str) -> QuerySet[Unit]:
    """Units seated at or below a path, in force today."""
    return Unit.objects.on(clock.today()).filter(division__path__startswith=path).select_related("division")
