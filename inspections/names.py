"""Which unit, which place: names as people write them against names as they are kept. No database here.

Sureness counts in percent: 100 the very name, 90 and more a known way of writing it, 60 to 89 a guess that
somebody should look at, 0 nothing found.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from rapidfuzz import fuzz, process

SURE = 90
GUESS = 60
NEAR_SPELLING = 80  # percent of equal letters below which two names are simply two names

_NOISE = re.compile(r"[\s\u3000（）()【】\[\]“”\"'‘’·.,，。、:：;；-]+")
_ENDINGS = (
    ("村民委员会", "村"), ("居民委员会", "社区"), ("村委会", "村"), ("居委会", "社区"),
    ("人民政府", ""), ("办事处", ""), ("党工委", ""), ("党委政府", ""), ("党委", ""), ("政府", ""),
    ("党支部", ""), ("村两委", "村"), ("两委", ""), ("党总支", ""),
)  # fmt: skip
_AREA = re.compile(r"(省|市|县|区|自治县|自治州|旗)$")


def plain(text: str) -> str:
    """A name without blanks and marks, with the usual endings cut: 孙疃村村民委员会 and 孙疃村 are one."""
    name = _NOISE.sub("", text)
    for ending, instead in _ENDINGS:
        if name.endswith(ending) and len(name) > len(ending):
            stem = name[: -len(ending)]
            name = stem if instead and stem.endswith(instead) else stem + instead
            break
    return name


@dataclass(frozen=True, slots=True)
class Match:
    """What a text was taken for: the key of a unit or place, how sure (percent), and other candidates."""

    key: int | None = None
    sureness: int = 0
    others: tuple[int, ...] = ()

    @property
    def is_none(self) -> bool:
        """Whether a clerk has said that it names nothing."""
        return self.key is None and self.is_sure

    @property
    def is_sure(self) -> bool:
        """Whether nobody needs to look at it."""
        return self.sureness >= SURE


@dataclass(slots=True)
class Known:
    """Names of one kind, ready to be asked: what each is called, and where it lies."""

    above: tuple[str, ...] = ()  # names of the county and what is above it, which people leave out or put in
    exact: dict[str, list[int]] = field(default_factory=dict)
    folded: dict[str, list[int]] = field(default_factory=dict)
    parent: dict[int, int | None] = field(default_factory=dict)

    def add(self, key: int, names: Iterable[str], parent: int | None = None) -> None:
        """Know one unit or place by all its names."""
        self.parent[key] = parent
        for name in names:
            if not name:
                continue
            _put(self.exact, _NOISE.sub("", name), key)
            for folded in {plain(name), self.without_area(plain(name))}:
                _put(self.folded, folded, key)

    def without_area(self, name: str) -> str:
        """A name without the county's in front: 云溪县水利局 is 水利局 here."""
        for area in self.above:
            short = _AREA.sub("", area)
            for front in (area, short):
                if front and name.startswith(front) and len(name) - len(front) >= 2:
                    return name[len(front) :]
        return name

    def match(self, text: str, *, within: set[int] | None = None) -> Match:
        """The one this text names; `within` narrows several of one name to those that lie in a place."""
        whole = _NOISE.sub("", text)
        if not whole:
            return Match()
        folded = self.without_area(plain(text))
        for names, name, sureness in (
            (self.exact, whole, 100),
            (self.folded, plain(text), 96),
            (self.folded, folded, 94),
        ):
            found = names.get(name)
            if found:
                return _one_of(found, sureness, within)
        return self._near(folded, within)

    def _near(self, folded: str, within: set[int] | None) -> Match:
        if len(folded) < 3:
            return Match()
        hits = process.extract(folded, self.folded.keys(), scorer=fuzz.ratio, score_cutoff=NEAR_SPELLING, limit=3)
        keys = [key for name, _score, _place in hits for key in self.folded[name]]
        if not keys:
            return Match()
        best = min(SURE - 2, int(hits[0][1]) - 5)
        return _one_of(list(dict.fromkeys(keys)), best, within, near=True)


def _put(names: dict[str, list[int]], name: str, key: int) -> None:
    if name and key not in names.setdefault(name, []):
        names[name].append(key)


def _one_of(found: list[int], sureness: int, within: set[int] | None, *, near: bool = False) -> Match:
    inside = [key for key in found if within and key in within]
    if len(inside) == 1:
        return Match(inside[0], sureness, tuple(key for key in found if key != inside[0])[:3])
    if len(found) == 1 or near:
        return Match(found[0], sureness, tuple(found[1:4]))
    return Match(found[0], GUESS, tuple(found[1:4]))


@dataclass(slots=True)
class Places(Known):
    """Villages and towns, found in running text: 孙疃镇孙疃村三组路口."""

    towns: set[int] = field(default_factory=set)

    def find(self, text: str) -> Match:
        """The lowest place a text names; a town in the same text tells equal villages apart."""
        whole = self.match(text)
        if whole.is_sure:
            return whole
        folded = self.without_area(_NOISE.sub("", text))
        named = [(name, keys) for name, keys in self.folded.items() if len(name) >= 2 and name in folded]
        towns = {key for _name, keys in named for key in keys if key in self.towns}
        villages = [(name, key) for name, keys in named for key in keys if key not in self.towns]
        inside = [(name, key) for name, key in villages if self.parent.get(key) in towns]
        best = _longest(inside) or ([] if towns else _longest(villages))
        if len(best) == 1:
            return Match(best[0], 98 if inside else 92)
        if best:
            return Match(best[0], GUESS, tuple(best[1:4]))
        if len(towns) == 1:
            return Match(next(iter(towns)), 95)
        return whole


def _longest(named: list[tuple[str, int]]) -> list[int]:
    most = max((len(name) for name, _key in named), default=0)
    return list(dict.fromkeys(key for name, key in named if len(name) == most))
