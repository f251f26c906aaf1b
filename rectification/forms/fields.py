"""Fields of problems: places and units typed by name, lists with notes, the token of a page."""

import json
import re
from collections.abc import Sequence
from typing import Any
from uuid import UUID, uuid4, uuid5

from django import forms
from django.db.models import Model, Q
from django.urls import reverse_lazy
from django.utils.translation import gettext as _

from organizations.models import Division, Unit
from organizations.queries import divisions_within, units_meant, units_under

_SEPARATORS = re.compile(r"[、，,；;\n]+")
CHOICES_SHOWN = 5


class TypedRow(forms.CharField):
    """A row of a table found by what is typed: name, short name, alias, code or pinyin initials."""

    lookup: Any = ""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.paths: Sequence[str] = ()
        self.widget.attrs.update({"autocomplete": "off", "data-lookup": self.lookup})

    def found(self, typed: str) -> list[Any]:
        """Rows that fit the typed text exactly, else loosely."""
        raise NotImplementedError

    def clean(self, value: Any) -> Any:
        """The one row, or a sentence that lists the candidates."""
        typed = str(super().clean(value) or "").strip()
        return self.one(typed) if typed else None

    def one(self, typed: str) -> Any:
        """The one row that fits."""
        rows = self.found(typed)
        if len(rows) == 1:
            return rows[0]
        if not rows:
            raise forms.ValidationError(
                _("没有找到“%(typed)s”，请输入全称、简称或拼音首字母后从列表中选择。") % {"typed": typed}
            )
        names = "、".join(self.name_of(row) for row in rows[:CHOICES_SHOWN])
        raise forms.ValidationError(_("“%(typed)s”有多个：%(names)s。请写全称。") % {"typed": typed, "names": names})

    def name_of(self, row: Any) -> str:
        """How a row is written in the field."""
        return str(row)

    def prepare_value(self, value: Any) -> Any:
        """Rows as their names."""
        return self.name_of(value) if isinstance(value, Division | Unit) else value


class PlaceField(TypedRow):
    """A place: “甲镇 / 一村”, 一村, yc, or the 12-digit code."""

    lookup = reverse_lazy("lookup-places")

    def found(self, typed: str) -> list[Division]:
        """Divisions of the person's area that fit."""
        rows = divisions_within(self.paths).select_related("parent")
        parts = [part.strip() for part in typed.split("/") if part.strip()]
        if len(parts) == 2:
            return list(rows.filter(name=parts[1], parent__name=parts[0]))
        exact = list(rows.filter(Q(name=typed) | Q(code=typed)))
        return exact or list(rows.filter(Q(name__contains=typed) | Q(initials=typed.lower()))[: CHOICES_SHOWN + 1])

    def name_of(self, row: Any) -> str:
        """Town and village, so that equal village names differ."""
        return place_name(row)


def place_name(division: Division) -> str:
    """“甲镇 / 一村” for a village, the plain name above."""
    if division.level == "village" and division.parent:
        return f"{division.parent.name} / {division.name}"
    return division.name


class UnitField(TypedRow):
    """A unit by its name, short name, alias or pinyin initials, with or without the county in front."""

    lookup = reverse_lazy("lookup-units")

    def found(self, typed: str) -> list[Unit]:
        """Units of the person's area that fit."""
        rows = units_under(self.paths)
        town, slash, name = typed.partition("/")
        if slash:
            return list(rows.filter(name=name.strip(), division__parent__name=town.strip()))
        return units_meant(typed, rows, CHOICES_SHOWN + 1)

    def name_of(self, row: Any) -> str:
        """Town and village committee, so that equal names differ."""
        return unit_name(row)


def unit_name(unit: Unit) -> str:
    """“甲镇 / 一村村民委员会” for a village's unit, the plain name above."""
    if unit.division.level == "village" and unit.division.parent:
        return f"{unit.division.parent.name} / {unit.name}"
    return unit.name


class UnitsField(UnitField):
    """Several units, separated by 、 or commas."""

    def clean(self, value: Any) -> list[Unit]:
        """Every unit named, each once."""
        typed = forms.CharField.clean(self, value)
        names = [name.strip() for name in _SEPARATORS.split(str(typed or "")) if name.strip()]
        found: dict[int, Unit] = {}
        for name in names:
            row = self.one(name)
            found[row.pk] = row
        return list(found.values())

    def prepare_value(self, value: Any) -> Any:
        """Units as their names."""
        if isinstance(value, list):
            return "、".join(unit_name(row) if isinstance(row, Unit) else str(row) for row in value)
        return value


class NotedSelect(forms.Select):
    """A list whose entries each carry a note; the page shows the note of the one that is chosen."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.attrs["data-notes"] = True
        self.notes: dict[str, str] = {}

    def create_option(self, name: str, value: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """With the note beside the entry."""
        option = super().create_option(name, value, *args, **kwargs)
        option["attrs"]["data-note"] = self.notes.get(str(value), "")
        return option


def form_token() -> forms.UUIDField:
    """The hidden name of one page of a form, so that the same page sent twice is recognised."""
    return forms.UUIDField(widget=forms.HiddenInput, required=False, initial=uuid4)


def content_token(data: dict[str, Any]) -> UUID | None:
    """The page's token made one with what was filled in: the same page with other content is another form."""
    token = data.get("submission")
    if token is None:
        return None
    content = {name: _plain(value) for name, value in data.items() if name != "submission"}
    return uuid5(token, json.dumps(content, sort_keys=True, ensure_ascii=False))


def _plain(value: Any) -> Any:
    if isinstance(value, Model):
        return value.pk
    return value.strip() if isinstance(value, str) else str(value)
