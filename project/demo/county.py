"""云溪县: divisions, units and invented people in every role, the same at every build."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random

from django.contrib.auth.hashers import make_password

from organizations import clock
from organizations.models import Division, Post, Unit, User
from organizations.roles import Role
from organizations.tree import load_rows
from project.demo import words
from rectification.models import Category

SEED = 2026
LEAVE_BEGAN_DAYS_AGO = 30
LEAVE_ENDS_IN_DAYS = 14


@dataclass
class County:
    """What the story needs of the county: places, units by key, people by post."""

    division: Division
    towns: list[Division] = field(default_factory=list)
    villages: list[Division] = field(default_factory=list)
    units: dict[str, Unit] = field(default_factory=dict)
    people: dict[tuple[int, str], list[User]] = field(default_factory=dict)
    users: dict[str, User] = field(default_factory=dict)
    categories: dict[str, Category] = field(default_factory=dict)
    acting_post: Post | None = None

    def holders(self, unit_id: int | None, role: str) -> list[User]:
        """People who hold a role in a unit."""
        return self.people.get((unit_id or 0, role), [])

    def villages_of(self, town: Division) -> list[Division]:
        """The villages of one town, in order of their codes."""
        return [village for village in self.villages if village.parent_id == town.pk]


@dataclass(frozen=True)
class Seat:
    """One person to be made: who, where, in which role."""

    username: str
    name: str
    unit: str
    role: str


def build_county() -> County:
    """Build everything, in bulk."""
    load_rows(_division_rows())
    rows = {row.code: row for row in Division.objects.filter(code__startswith="9999").order_by("code")}
    county = County(rows[words.COUNTY[0]])
    county.towns = [row for row in rows.values() if row.level == "town"]
    county.villages = [row for row in rows.values() if row.level == "village"]
    _make_units(county)
    _make_people(county)
    _give_sectors(county)
    return county


def _division_rows() -> Iterator[tuple[int, dict[str, str]]]:
    """Every division as a line of the CSV that load_divisions reads."""
    for number, (code, name, level, parent) in enumerate(_divisions(), start=2):
        yield number, {"code": code, "name": name, "level": level, "parent_code": parent}


def _divisions() -> Iterator[tuple[str, str, str, str]]:
    yield (*words.PROVINCE, "province", "")
    yield (*words.CITY, "city", words.PROVINCE[0])
    yield (*words.COUNTY, "county", words.CITY[0])
    pairs = [first + last for first in words.VILLAGE_FIRST for last in words.VILLAGE_LAST]
    names = Random(SEED).sample(pairs, len(words.TOWNS) * words.VILLAGES_PER_TOWN)
    towns = [(f"9999211{place:02d}000", name) for place, name in enumerate(words.TOWNS)]
    for code, name in towns:
        yield code, name, "town", words.COUNTY[0]
    for place, (code, _name) in enumerate(towns):
        for number in range(words.VILLAGES_PER_TOWN):
            village = names[place * words.VILLAGES_PER_TOWN + number]
            yield f"{code[:9]}{201 + number}", f"{village}村", "village", code


def _make_units(county: County) -> None:
    rows = {
        key: Unit(name=name, short_name=short, kind=kind, division=county.division)
        for key, name, short, kind in words.COUNTY_UNITS
    }
    for key, name, short in words.DEPARTMENTS:
        rows[key] = Unit(name=name, short_name=short, kind="department", division=county.division)
    rows["office"].contact = words.OFFICE_CONTACT
    for place, town in enumerate(county.towns):
        rows[f"town:{place}"] = Unit(name=f"{town.name}人民政府", kind="township", division=town)
    for place, village in enumerate(county.villages):
        name = f"{village.name}村民委员会"
        rows[f"village:{place}"] = Unit(name=name, short_name=f"{village.name}委会", kind="village", division=village)
    Unit.objects.bulk_create(rows.values())
    county.units = rows


def _seats() -> Iterator[tuple[str, str]]:
    """(unit key, role) of everybody beside the demo log-ins."""
    yield from (("office", Role.OFFICE), ("office", Role.OFFICE))
    for team in ("team1", "team2", "team3"):
        yield from ((team, Role.INSPECTOR), (team, Role.INSPECTOR))
    yield from _department_seats()
    for place in range(len(words.TOWNS)):
        town = f"town:{place}"
        yield from ((town, Role.UNIT_HEAD), (town, Role.UNIT_CLERK), (town, Role.TOWNSHIP_REVIEWER))
        if place:
            yield town, Role.TOWNSHIP_REVIEWER
    for place in range(len(words.TOWNS) * words.VILLAGES_PER_TOWN):
        if place:
            yield f"village:{place}", Role.VILLAGE_ASSESSOR
        if place % 3 == 0:
            yield f"village:{place}", Role.UNIT_HEAD


def _department_seats() -> Iterator[tuple[str, str]]:
    for key, _name, _short in words.DEPARTMENTS:
        if key != "agriculture":
            yield from ((key, Role.UNIT_HEAD), (key, Role.UNIT_CLERK))
        if key in words.SECTOR_UNITS and key != "finance":
            yield key, Role.SECTOR_REVIEWER


def _all_seats() -> Iterator[Seat]:
    for row in words.DEMO_PEOPLE:
        yield Seat(*row)
    for username, name in (words.LEADER_ON_LEAVE, words.LEADER_ACTING):
        yield Seat(username, name, "leaders", Role.COUNTY_LEADER)
    names = _names({name for _login, name, _unit, _role in words.DEMO_PEOPLE})
    for number, (unit, role) in enumerate(_seats(), start=1):
        yield Seat(f"u{number:04d}", next(names), unit, role)


def _names(taken: set[str]) -> Iterator[str]:
    """Invented names, no two alike."""
    rng = Random(SEED + 1)
    while True:
        given = rng.choice(words.GIVEN_FIRST) if rng.random() < 0.8 else ""
        name = rng.choice(words.SURNAMES) + given + rng.choice(words.GIVEN_LAST)
        if name not in taken:
            taken.add(name)
            yield name


def _make_people(county: County) -> None:
    seats = list(_all_seats())
    demo, nobody = make_password(words.PASSWORD), make_password(None)
    users = [
        User(
            username=seat.username,
            name=seat.name,
            must_change_password=False,
            password=demo if seat.username.startswith("demo-") else nobody,
        )
        for seat in seats
    ]
    User.objects.bulk_create(users)
    posts = [
        Post(user=user, unit=county.units[seat.unit], role=seat.role) for user, seat in zip(users, seats, strict=True)
    ]
    county.users = {user.username: user for user in users}
    county.acting_post = _acting_post(county)
    Post.objects.bulk_create([*posts, county.acting_post])
    for post in posts:
        county.people.setdefault((post.unit_id, post.role), []).append(post.user)


def _acting_post(county: County) -> Post:
    return Post(
        user=county.users[words.LEADER_ACTING[0]],
        unit=county.units["leaders"],
        role=Role.COUNTY_LEADER,
        acting_for=county.users[words.LEADER_ON_LEAVE[0]],
        valid_from=clock.today() - timedelta(days=LEAVE_BEGAN_DAYS_AGO),
        valid_to=clock.today() + timedelta(days=LEAVE_ENDS_IN_DAYS),
    )


def _give_sectors(county: County) -> None:
    county.categories = {row.name: row for row in Category.objects.all()}
    for name, key in words.SECTORS.items():
        county.categories[name].sector_unit = county.units[key]
    Category.objects.bulk_update(county.categories.values(), ["sector_unit"])
