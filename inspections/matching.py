"""The names of an area, loaded once for a whole list, and each distinct text asked once."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from inspections.models import Alias, NameKind
from inspections.names import GUESS, Known, Match, Places, plain
from organizations import clock
from organizations.models import Division, Level, Unit
from rectification.models import Category

TOWN_WORDS = {
    "乡镇",
    "镇",
    "乡",
    "属地乡镇",
    "所在乡镇",
    "属地",
    "属地镇",
    "属地街道",
    "街道",
    "各乡镇",
    "乡镇街道",
    "镇街",
}
VILLAGE_WORDS = {"村", "村委会", "村两委", "村民委员会", "社区", "村社区", "所在村", "属地村", "该村", "本村"}
_CATEGORY_END = re.compile(r"(方面|领域)?(存在)?(的)?(突出)?(问题|情况)?(类别?)?$")  # 人居环境方面的问题 is 人居环境
BELOW_COUNTY = {Level.TOWN, Level.VILLAGE}


@dataclass(slots=True)
class Names:
    """Units and places of the area a batch belongs to, with the clerk's choices on top."""

    area: Division
    units: Known
    places: Places
    # "unit:…" or "place:…" → what the clerk chose for every row that says the same; 0 where it names nothing
    chosen: dict[str, int]
    place_of_unit: dict[int, int] = field(default_factory=dict)
    units_of_place: dict[int, set[int]] = field(default_factory=dict)
    _asked: dict[tuple[str, str, int | None], Match] = field(default_factory=dict)

    def unit(self, text: str, place: int | None = None) -> Match:
        """The unit a text names, preferring those of the row's place."""
        if (chosen := self.chosen.get(f"unit:{text}")) is not None:
            return Match(chosen or None, 100)
        question = ("unit", text, place)
        if question not in self._asked:
            found = self.units.match(text, within=self._near(place))
            self._asked[question] = found if found.key else self._relative(text, place)
        return self._asked[question]

    def _relative(self, text: str, place: int | None) -> Match:
        """“属地乡镇”, “村委会”: the unit of the row's own place."""
        town = self.town_of(place)
        if plain(text) in TOWN_WORDS:
            place = town
        elif plain(text) not in VILLAGE_WORDS or place == town:
            return Match()
        units = [pk for pk in self.units_of_place.get(place or 0, ()) if pk in self.place_of_unit]
        return Match(units[0], GUESS + 25) if len(units) == 1 else Match()

    def place(self, text: str) -> Match:
        """The place a text names."""
        if chosen := self.chosen.get(f"place:{text}"):
            return Match(chosen, 100)
        question = ("place", text, None)
        if question not in self._asked:
            self._asked[question] = self.places.find(text)
        return self._asked[question]

    def place_by_unit(self, unit: Match) -> Match:
        """The place of a village committee or township that has to act, where the row names no place."""
        place = self.place_of_unit.get(unit.key or 0)
        return Match(place, min(unit.sureness, GUESS + 15)) if place and unit.key else Match()

    def town_of(self, place: int | None) -> int | None:
        """The town a place lies in or is; None for the county and for no place."""
        while place is not None and place not in self.places.towns:
            place = self.places.parent.get(place)
        return place if place != self.area.pk else None

    def _near(self, place: int | None) -> set[int]:
        found: set[int] = set()
        while place is not None:
            found |= self.units_of_place.get(place, set())
            place = self.places.parent.get(place)
        return found


def county_of(division: Division) -> Division:
    """The county a place lies in, or the place itself where it stands above counties."""
    return Division.objects.filter(pk__in=division.ancestor_ids(), level=Level.COUNTY).first() or division


def load_names(division: Division, choices: dict[str, Any]) -> Names:
    """Every unit and place of the county of a division, with their short names and remembered aliases."""
    area = county_of(division)
    above = tuple(Division.objects.filter(pk__in=area.ancestor_ids()).values_list("name", flat=True))
    names = Names(area, Known(above), Places(above), {key: int(pk) for key, pk in choices.items()})
    aliases = _aliases(area)
    below = Division.objects.on(clock.today()).filter(path__startswith=area.path)
    for pk, name, level, parent in below.values_list("pk", "name", "level", "parent_id"):
        names.places.add(pk, [name, *aliases.get((NameKind.PLACE, pk), [])], parent if pk != area.pk else None)
        if level != Level.VILLAGE:
            names.places.towns.add(pk)
    rows = Unit.objects.on(clock.today()).filter(division__path__startswith=area.path)
    for unit in rows.select_related("division"):
        remembered = aliases.get((NameKind.UNIT, unit.pk), [])
        names.units.add(unit.pk, [unit.name, unit.short_name, *unit.aliases, *remembered])
        names.units_of_place.setdefault(unit.division_id, set()).add(unit.pk)
        if unit.division.level in BELOW_COUNTY:
            names.place_of_unit[unit.pk] = unit.division_id
    return names


def _aliases(area: Division) -> dict[tuple[str, int], list[str]]:
    found: dict[tuple[str, int], list[str]] = {}
    for kind, text, unit, place in Alias.objects.filter(area=area).values_list("kind", "text", "unit_id", "place_id"):
        found.setdefault((kind, unit or place), []).append(text)
    return found


def category_named(text: str, known: Mapping[str, Category]) -> Category | None:
    """The category of the dictionary that a list's word means: the same name, or the only one that holds it."""
    word = _stem(text)
    if len(word) < 2:
        return None
    found = [row for name, row in known.items() if name == text.strip() or _stem(name) == word]
    if not found:
        stems = [(stem, row) for name, row in known.items() if len(stem := _stem(name)) >= 2]
        found = [row for stem, row in stems if word in stem or stem in word]
    return found[0] if len(found) == 1 else None


def _stem(text: str) -> str:
    return _CATEGORY_END.sub("", "".join(text.split()))
