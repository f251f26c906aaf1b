"""Finding a unit by what people type: short names, aliases, initials, with or without the county in front."""

import time
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.forms import ValidationError
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from organizations.models import Division, Unit
from rectification.forms.fields import UnitField
from tests.conftest import World, fresh, make_division


@pytest.fixture
def county(world: World) -> World:
    rows = [
        Unit(name="县医疗保障局", short_name="医保局", kind="department", division=world.county),
        Unit(name="县民政局", kind="department", division=world.county),
        Unit(name="测试县交通运输局", short_name="交通局", kind="department", division=world.county,
             aliases=["公路局", "运管局"]),
    ]  # fmt: skip
    Unit.objects.bulk_create(rows)
    for number in range(10):
        town = make_division(f"9999212{number:02d}000", f"第{number}镇", "town", world.county)
        Unit.objects.create(name=f"第{number}镇人民政府", kind="township", division=town)
    return world


def options(world: World, typed: str) -> list[str]:
    client = Client()
    client.force_login(fresh(world.registrar))
    return client.get(reverse("lookup-units"), {"q": typed}).json()["options"]


def one(world: World, typed: str) -> str:
    field: Any = UnitField()
    field.paths = [world.county.path]
    return field.clean(typed).name


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("医保", "县医疗保障局"),
        ("县医保局", "县医疗保障局"),
        ("ybj", "县医疗保障局"),
        ("xylbzj", "县医疗保障局"),
        ("YBJ", "县医疗保障局"),
        ("交通", "测试县交通运输局"),
        ("县交通局", "测试县交通运输局"),
        ("测试县交通局", "测试县交通运输局"),
        ("运管局", "测试县交通运输局"),
        ("jtj", "测试县交通运输局"),
        ("slj", "县水利局"),
    ],
)
def test_a_unit_is_proposed_and_accepted_however_it_is_written(county: World, typed: str, name: str) -> None:
    assert options(county, typed)[0] == name
    assert one(county, typed) == name


def test_the_department_stands_before_the_governments_that_hold_the_same_letters(county: World) -> None:
    found = options(county, "民政")
    assert found[0] == "县民政局"
    assert len(found) == 13
    assert one(county, "民政") == "县民政局"


def test_what_fits_several_equally_is_not_guessed(county: World) -> None:
    with pytest.raises(ValidationError, match="有多个"):
        one(county, "人民政府")
    with pytest.raises(ValidationError, match="没有找到"):
        one(county, "民正局")


def test_a_unit_out_of_ones_area_is_neither_proposed_nor_accepted(county: World) -> None:
    elsewhere = make_division("999931000000", "外县", "county")
    Unit.objects.create(name="外县盐务局", kind="department", division=elsewhere)
    assert options(county, "盐务") == []
    with pytest.raises(ValidationError):
        one(county, "盐务局")


def test_a_new_name_is_found_as_soon_as_it_is_kept(county: World) -> None:
    unit = Unit.objects.get(name="县民政局")
    unit.aliases = ["老龄办"]
    unit.save()
    assert options(county, "llb") == ["县民政局"]


def test_units_that_were_there_before_are_spelled_by_the_migration(county: World) -> None:
    from importlib import import_module

    from django.apps import apps

    before = dict(Unit.objects.values_list("pk", "spellings"))
    Unit.objects.update(spellings="")

    import_module("organizations.migrations.0003_spell_units").spell(apps, None)

    assert dict(Unit.objects.values_list("pk", "spellings")) == before
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


def test_six_hundred_units_are_searched_in_one_query(county: World) -> None:
    villages = [
        Division(
            code=f"99992130{n:04d}", name=f"村{n}", level="village", parent=county.town, path=f"{county.town.path}{n}/"
        )
        for n in range(600)
    ]
    Division.objects.bulk_create(villages)
    Unit.objects.bulk_create(Unit(name=f"村{row.pk}村民委员会", kind="village", division=row) for row in villages)
    options(county, "村民")

    with CaptureQueriesContext(connection) as captured:
        start = time.monotonic()
        found = options(county, "村民")
        took = time.monotonic() - start

    assert len(found) == 20
    assert sum('AS "rank"' in query["sql"] for query in captured) == 1
    assert took < 2
