"""The rows of a policy: levels of a warning, rungs of a ladder. Numbers put them in order, a tick takes one away."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from workflows.colours import COLOURS, ConditionKind
from workflows.forms.plain import PlainForm
from workflows.registry import Urgency

MOST_ROWS = 30
MOST = 999
CONDITIONS = 3
COLOUR_NAMES = {
    "green": gettext_lazy("绿色"),
    "blue": gettext_lazy("蓝色"),
    "amber": gettext_lazy("黄色"),
    "orange": gettext_lazy("橙色"),
    "red": gettext_lazy("红色"),
}
# How a level is told: with the day's digest, or at once as what is urgent.
URGENT_NAMES = {
    "": gettext_lazy("随当日汇总告知"),
    Urgency.OVERDUE.value: gettext_lazy("立即告知（逾期）"),
    Urgency.RED.value: gettext_lazy("立即告知（红色预警）"),
}


class PolicyRow(PlainForm):
    """One numbered row; `number` counts the rows of the page from 0."""

    place = forms.IntegerField(label=gettext_lazy("次序"), required=False)
    name = forms.CharField(label=gettext_lazy("名称"), max_length=20)
    code = forms.RegexField(
        r"^[a-z][a-z0-9_]{0,19}$",
        label=gettext_lazy("代码"),
        required=False,
        error_messages={"invalid": gettext_lazy("代码要以小写字母开头，只用小写字母、数字和下划线，最多20个字符。")},
    )
    remove = forms.BooleanField(label=gettext_lazy("删除"), required=False)

    def __init__(self, *args: Any, number: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.number = number
        for field in self.fields.values():
            field.widget.attrs["aria-label"] = _("第%(n)d行：%(what)s") % {"n": number + 1, "what": field.label}

    @classmethod
    def typed(cls, stored: dict[str, Any]) -> dict[str, str]:
        """A stored row as the page shows it."""
        return {name: _typed(stored.get(name)) for name in cls.base_fields if name in stored}

    def offer(self, name: str, choices: dict[str, str]) -> None:
        """Fill a list whose entries are rows of the database."""
        field: Any = self.fields[name]
        field.widget.choices = [("", _("请选择")), *choices.items()]
        field.offered = set(choices)

    def stored(self) -> dict[str, Any]:
        """As the policy keeps it."""
        raise NotImplementedError


def _kind() -> forms.ChoiceField:
    return forms.ChoiceField(label=gettext_lazy("条件"), choices=[("", "—"), *ConditionKind.choices], required=False)


def _count() -> forms.IntegerField:
    return forms.IntegerField(label=gettext_lazy("数"), min_value=0, max_value=MOST, required=False)


class LevelForm(PolicyRow):
    """One level: a name, a colour, and up to three conditions of which one must hold."""

    colour = forms.ChoiceField(
        label=gettext_lazy("颜色"), choices=[(colour, COLOUR_NAMES[colour]) for colour in COLOURS]
    )
    urgent = forms.ChoiceField(label=gettext_lazy("告知"), choices=list(URGENT_NAMES.items()), required=False)
    kind1, kind2, kind3 = _kind(), _kind(), _kind()
    count1, count2, count3 = _count(), _count(), _count()

    @classmethod
    def typed(cls, stored: dict[str, Any]) -> dict[str, str]:
        """With each condition in its pair of fields."""
        row = super().typed(stored)
        for n, condition in enumerate(stored["when"][:CONDITIONS], start=1):
            row |= {f"kind{n}": condition["kind"], f"count{n}": _typed(condition["count"])}
        return row

    @property
    def conditions(self) -> list[tuple[Any, Any]]:
        """The pairs of fields, as the page shows them."""
        return [(self[f"kind{n}"], self[f"count{n}"]) for n in range(1, CONDITIONS + 1)]

    def clean(self) -> dict[str, Any]:
        """A condition has a kind and a number, and a level has a condition."""
        cleaned = super().clean()
        found = False
        for n in range(1, CONDITIONS + 1):
            kind, count = cleaned.get(f"kind{n}"), cleaned.get(f"count{n}")
            if kind and count is None and f"count{n}" not in self.errors:
                self.add_error(f"count{n}", _("请填写这个条件的数。"))
            elif count is not None and not kind:
                self.add_error(f"kind{n}", _("请选择这个数是什么条件，或者清空它。"))
            found = found or bool(kind) or f"count{n}" in self.errors
        if not found:
            self.add_error("kind1", _("“%s”没有条件，请至少写一个。") % cleaned.get("name", ""))
        return cleaned

    def stored(self) -> dict[str, Any]:
        """As colours.read_levels reads it."""
        data = self.cleaned_data
        pairs = [(data[f"kind{n}"], data[f"count{n}"]) for n in range(1, CONDITIONS + 1)]
        return {
            "code": data["code"],
            "name": data["name"].strip(),
            "colour": data["colour"],
            "urgent": data["urgent"],
            "when": [{"kind": kind, "count": count} for kind, count in pairs if kind],
        }


class RungForm(PolicyRow):
    """One rung: after which level, how many working days later, to whom, and whether on paper."""

    after = forms.CharField(label=gettext_lazy("在何预警之后"), widget=forms.Select)
    working_days = forms.IntegerField(label=gettext_lazy("满几个工作日"), min_value=0, max_value=MOST, initial=0)
    to = forms.CharField(label=gettext_lazy("对象"), max_length=60)
    paper = forms.BooleanField(label=gettext_lazy("发文"), required=False)
    answer_days = forms.IntegerField(
        label=gettext_lazy("几个工作日内答复"), min_value=0, max_value=MOST, required=False
    )

    def clean_after(self) -> str:
        """A level that some policy in force has."""
        code = str(self.cleaned_data["after"])
        field: Any = self.fields["after"]
        if code not in field.offered:
            raise forms.ValidationError(_("现行的预警政策里没有等级“%s”，请重新选择。") % code)
        return code

    def clean(self) -> dict[str, Any]:
        """Only a paper is answered, and every paper is."""
        cleaned = super().clean()
        days = cleaned.get("answer_days")
        if cleaned.get("paper") and not days and "answer_days" not in self.errors:
            self.add_error("answer_days", _("发文的台阶要填写几个工作日内答复，至少1个。"))
        elif days and not cleaned.get("paper"):
            self.add_error("answer_days", _("不发文的台阶没有答复期限，请清空，或者勾选“发文”。"))
        return cleaned

    def stored(self) -> dict[str, Any]:
        """As the ladder keeps it."""
        data = self.cleaned_data
        return {
            "code": data["code"],
            "name": data["name"].strip(),
            "after": data["after"],
            "working_days": data["working_days"],
            "to": data["to"].strip(),
            "paper": data["paper"],
            "answer_days": data["answer_days"] or 0,
        }


def typed_rows(data: Mapping[str, str], row_class: type[PolicyRow], *, keep_empty: bool) -> list[dict[str, str]]:
    """The rows of a posted page in the order of their numbers, without those ticked away or left empty."""
    count = data.get("rows", "")
    names = row_class.base_fields
    found = []
    for n in range(min(int(count), MOST_ROWS) if count.isdecimal() and len(count) < 4 else 0):
        row = {name: data.get(f"row-{n}-{name}", "") for name in names}
        if row["remove"] or not (keep_empty or _is_filled(row)):
            continue
        found.append({**row, "was": str(n)})
    return sorted(found, key=lambda row: _number(row["place"]))


def _is_filled(row: dict[str, str]) -> bool:
    # Lists always stand on something, so that only what is typed or ticked counts.
    left_alone = {"place", "colour", "urgent", "after", "working_days", "was"}
    return any(value.strip() for name, value in row.items() if name not in left_alone)


def _number(text: str) -> int:
    return int(text) if text.strip().isdecimal() and len(text) < 6 else MOST


def rearranged(rows: list[dict[str, str]], wish: str) -> list[dict[str, str]]:
    """Another row at the end, or one of them a place up or down; `was` tells which row a button stood in."""
    deed, _colon, which = wish.partition(":")
    at = next((n for n, row in enumerate(rows) if row["was"] == which), None)
    if deed == "add" and len(rows) < MOST_ROWS:
        return [*rows, {}]
    to = {"up": -1, "down": 1}.get(deed)
    if at is None or to is None or not 0 <= at + to < len(rows):
        return rows
    rows[at], rows[at + to] = rows[at + to], rows[at]
    return rows


def _typed(value: Any) -> str:
    if isinstance(value, bool):
        return "on" if value else ""
    return "" if value is None else str(value)
