"""Fields every form shares: plain text, places and units typed by name, dates as the office writes them."""

import json
import re
from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID, uuid4, uuid5

from django import forms
from django.db.models import Model, Q
from django.urls import reverse_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from organizations.models import Division, Unit
from organizations.queries import divisions_within, units_meant, units_under
from workflows.secrecy import SECRECY_REFUSAL, has_secrecy_mark

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u202a-\u202e\u2066-\u2069]")
_SEPARATORS = re.compile(r"[、，,；;\n]+")
_DATE = re.compile(r"^\s*(\d{4})\s*[-年./]\s*(\d{1,2})\s*[-月./]\s*(\d{1,2})\s*日?\s*$")
CHOICES_SHOWN = 5
MANY = 1_000_000  # beyond it a number's upper bound is a matter of storage, not of sense


class PlainForm(forms.Form):
    """A form whose texts carry no control characters and no marks of secrecy."""

    required_css_class = "required"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)

    def full_clean(self) -> None:
        """Say what is wrong with a field in our own words, whichever kind it is of."""
        for field in self.fields.values():
            field.error_messages |= _sentences_for(field)
        super().full_clean()

    def clean(self) -> dict[str, Any]:
        """Refuse what must not stand in a non-classified system; drop what nobody can see."""
        cleaned = super().clean() or {}
        for name, value in [pair for pair in cleaned.items() if isinstance(pair[1], str)]:
            text = _CONTROL.sub("", value)
            if has_secrecy_mark(text):
                self.add_error(name, str(SECRECY_REFUSAL))
            elif self.fields[name].required and not text.strip():
                self.add_error(name, self.fields[name].error_messages["required"])
            else:
                cleaned[name] = text
        return cleaned


def _sentences_for(field: forms.Field) -> dict[str, Any]:
    """What is said of a field instead of Django's own wording; what a form says of its field itself stays."""
    chosen = isinstance(field, forms.ChoiceField | forms.ModelChoiceField)
    words: dict[str, Any] = {
        "max_length": gettext_lazy("最多%(limit_value)d个字，现在有%(show_value)d个，请写短一些。"),
        "null_characters_not_allowed": gettext_lazy("里面有看不见的字符，请删去后重新填写。"),
        "invalid_choice": gettext_lazy("请从列表中选择。"),
        "max_decimal_places": gettext_lazy("最多写两位小数。"),
        "max_digits": gettext_lazy("这个数太大，请核对。"),
        "max_whole_digits": gettext_lazy("这个数太大，请核对。"),
    }
    if field.error_messages.get("required") == forms.Field.default_error_messages["required"]:
        words["required"] = gettext_lazy("请选择。") if chosen else gettext_lazy("请填写这一栏。")
    if isinstance(field, forms.IntegerField):
        words |= dict.fromkeys(("invalid", "min_value", "max_value"), _of_number(field))
    return words


def _of_number(field: forms.IntegerField) -> str:
    least, most = field.min_value, field.max_value
    if most is not None and most < MANY:
        return _("请填写%(least)d到%(most)d之间的数。") % {"least": least or 0, "most": most}
    if isinstance(field, forms.DecimalField):
        return _("请填写数字，不小于0。")
    return _("请填写整数，不小于0，也不要写单位。")


class DayField(forms.Field):
    """A day: from the browser's picker, or typed as 2026-6-30, 2026.6.30 or 2026年6月30日."""

    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")

    def to_python(self, value: Any) -> date | None:
        """The day, or a sentence that says which part is wrong."""
        if value in self.empty_values:
            return None
        if isinstance(value, date):
            return value
        found = _DATE.match(str(value))
        if not found:
            raise forms.ValidationError(_("“%(value)s”不是日期，请按 2026-06-30 的样子填写。") % {"value": value})
        year, month, day = (int(part) for part in found.groups())
        try:
            result = date(year, month, day)
        except ValueError as error:
            raise forms.ValidationError(
                _("没有%(year)d年%(month)d月%(day)d日这一天，请核对后重新填写。")
                % {"year": year, "month": month, "day": day}
            ) from error
        if not 1990 <= year <= 2100:
            raise forms.ValidationError(_("年份应在1990年至2100年之间，请核对。"))
        return result

    def prepare_value(self, value: Any) -> Any:
        """Days as the browser's picker wants them."""
        return value.isoformat() if isinstance(value, date) else value


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


def long_text(label: Any, *, required: bool = True, rows: int = 4, help_text: Any = "") -> forms.CharField:
    """A textarea of at most 5,000 characters."""
    return forms.CharField(
        label=label,
        required=required,
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": rows}),
        help_text=help_text,
        error_messages={"required": gettext_lazy("请填写这一栏。")},
    )
