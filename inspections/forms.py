"""导入问题清单：upload, correct a row, choose a name, correct a column."""

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from inspections.models import ImportRow, NameKind
from inspections.reading.headers import LABELS, Meaning
from organizations import clock
from organizations.models import Unit, User
from rectification.actions.batches import BATCH_MAKERS
from rectification.forms.fields import PlaceField, UnitField, place_name, unit_name
from rectification.forms.registering import own_paths
from rectification.models import Batch, Source
from rectification.models.problem import RectificationKind
from workflows.forms.plain import DayField, PlainForm, long_text
from workflows.scope import actor_of


class UploadForm(PlainForm):
    """Which file, into which batch, of which date."""

    batch = forms.ModelChoiceField(
        Batch.objects.none(),
        label=gettext_lazy("导入到哪个批次"),
        required=False,
        empty_label=gettext_lazy("新建一个批次，用文件名作名称"),
    )
    source = forms.ModelChoiceField(
        Source.objects.none(),
        label=gettext_lazy("新批次的监督来源"),
        required=False,
        empty_label=gettext_lazy("请选择"),
        help_text=gettext_lazy("问题从哪里来：审计、考核、督查……导入到已有批次的不用选。"),
    )
    file = forms.FileField(
        label=gettext_lazy("清单文件"),
        help_text=gettext_lazy("xlsx、xls、ods、csv，或带表格的 docx；来文是什么样就传什么样，不用改格式。"),
        error_messages={"empty": gettext_lazy("这个文件是空的，请重新选择。")},
    )
    reference_date = DayField(
        label=gettext_lazy("来文日期"),
        required=False,
        help_text=gettext_lazy("“6月底前”这样的时限从这一天算起。表里有日期的以表里为准，可以不填。"),
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: Any = self.fields
        fields["batch"].queryset = Batch.objects.visible_to(user).order_by("-id")
        fields["source"].queryset = Source.objects.on(clock.today())
        self.may_make = actor_of(user).holds(*BATCH_MAKERS)
        if not self.may_make:
            fields["batch"].empty_label = gettext_lazy("请选择批次")
            del fields["source"]
        fields["file"].widget.attrs.update({"accept": ".xlsx,.xls,.ods,.csv,.docx", "data-max-bytes": "20971520"})

    def clean(self) -> dict[str, Any]:
        """An old batch, or what a new one needs."""
        cleaned = super().clean()
        if "batch" not in self.errors and not cleaned.get("batch"):
            if not self.may_make:
                self.add_error("batch", _("请选择批次。"))
            elif not cleaned.get("source"):
                self.add_error("source", _("请选择监督来源，系统按文件名新建批次；或者在上面选一个已有的批次。"))
        return cleaned


class RowForm(PlainForm):
    """更正一行: what goes into the ledger instead of what was read."""

    problem = long_text(gettext_lazy("问题"), rows=3)
    place = PlaceField(label=gettext_lazy("属地"), required=False)
    location = forms.CharField(label=gettext_lazy("具体地点"), max_length=200, required=False)
    lead = UnitField(label=gettext_lazy("牵头单位"), required=False)
    kind = forms.ChoiceField(label=gettext_lazy("整改类型"), choices=RectificationKind.choices)
    due_on = DayField(label=gettext_lazy("整改时限"), required=False)
    points = long_text(
        gettext_lazy("拆成几个问题"),
        required=False,
        rows=4,
        help_text=gettext_lazy("一行一个问题；留空就是一个问题。"),
    )
    positive = forms.BooleanField(label=gettext_lazy("这是正面情况，不是问题"), required=False)

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: Any = self.fields
        fields["place"].paths = fields["lead"].paths = own_paths(user)

    @staticmethod
    def initial_of(row: ImportRow) -> dict[str, Any]:
        """The row as it stands."""
        return {
            "problem": row.problem_text,
            "place": place_name(row.place) if row.place else "",
            "location": row.value("location"),
            "lead": unit_name(row.lead) if row.lead else "",
            "kind": row.kind,
            "due_on": row.due_on,
            "points": "\n".join(row.points),
            "positive": row.positive,
        }

    def changes(self, row: ImportRow) -> dict[str, Any]:
        """What differs from the row, as the draft keeps it; several points go in one by one."""
        data = self.cleaned_data
        points = [line.strip() for line in (data["points"] or "").splitlines() if line.strip()]
        now = {
            "problem": data["problem"].strip(),
            "location": data["location"],
            "kind": data["kind"],
            "due_on": data["due_on"].isoformat() if data["due_on"] else "",
            "points": points if len(points) > 1 else [],
            "positive": data["positive"],
            "place": data["place"].pk if data["place"] else None,
            "lead": data["lead"].pk if data["lead"] else None,
        }
        was = {
            "problem": row.problem_text,
            "location": row.value("location") or "",
            "kind": row.kind,
            "due_on": row.due_on.isoformat() if row.due_on else "",
            "points": row.points,
            "positive": row.positive,
            "place": row.place_id,
            "lead": row.lead_id,
        }
        return {name: value for name, value in now.items() if value != was[name]}


class ChoiceForm(PlainForm):
    """One unit or place for all rows that say the same."""

    kind = forms.ChoiceField(choices=NameKind.choices, widget=forms.HiddenInput)
    text = forms.CharField(max_length=400, widget=forms.HiddenInput)
    unit = UnitField(required=False)
    place = PlaceField(required=False)
    remember = forms.BooleanField(required=False)
    skip = forms.BooleanField(required=False)  # it is no unit at all

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: Any = self.fields
        fields["unit"].paths = fields["place"].paths = own_paths(user)

    def clean(self) -> dict[str, Any]:
        """The row that fits the kind has to be chosen."""
        cleaned = super().clean()
        kind = cleaned.get("kind", "")
        if cleaned.get("skip") and kind == NameKind.UNIT:
            self.errors.pop("unit", None)
            return {**cleaned, "unit": None}
        if kind and not cleaned.get(kind) and not self.errors:
            raise forms.ValidationError(_("请先选择“%s”是哪一个，再确定。") % cleaned.get("text", ""))
        return cleaned


class MeaningForm(PlainForm):
    """What a column means."""

    sheet = forms.CharField(max_length=200, strip=False)
    column = forms.IntegerField(min_value=0, max_value=1000)
    meaning = forms.ChoiceField(choices=[])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: Any = self.fields
        fields["meaning"].choices = meaning_choices()


def meaning_choices() -> list[tuple[str, str]]:
    """Every meaning a column can have, with its label."""
    return [(each.value, str(LABELS[each])) for each in Meaning if each in LABELS]


class LeadBoxes:
    """The unit boxes beside the rows of a draft: what somebody typed, and what is wrong with it."""

    def __init__(self, rows: Iterable[ImportRow], data: Mapping[str, str], *, user: User) -> None:
        self._field: Any = UnitField(required=False)
        self._field.paths = own_paths(user)
        self._asked: dict[str, Unit | None] = {}
        self.leads: dict[int, int | None] = {}
        self.troubles: list[str] = []
        for row in rows:
            typed = data.get(f"unit-{row.pk}", "").strip()
            if f"unit-{row.pk}" in data and typed != (unit_name(row.lead) if row.lead else ""):
                self._take(row, typed)

    def unit(self, typed: str) -> Unit | None:
        """The unit of a box; ValidationError with a sentence where there is none or more than one."""
        if typed not in self._asked:
            self._asked[typed] = self._field.clean(typed)
        return self._asked[typed]

    def _take(self, row: ImportRow, typed: str) -> None:
        try:
            unit = self.unit(typed)
        except forms.ValidationError as error:
            self.troubles.append(_("第%(n)d行：%(why)s") % {"n": row.row_number, "why": "".join(error.messages)})
        else:
            self.leads[row.pk] = unit.pk if unit else None
