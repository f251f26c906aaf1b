"""Forms of the calendar: the pasted notice, a local day, office hours."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from organizations.models import Division
from workflows.actions.calendar import LocalEntry
from workflows.calendar import DayKind
from workflows.forms.plain import DayField, PlainForm, long_text
from workflows.office_hours import OfficeHours

# A county rests or works; whether that is a weekend or a festival elsewhere does not matter to it.
LOCAL_KINDS = ((DayKind.HOLIDAY, gettext_lazy("放假")), (DayKind.MAKEUP, gettext_lazy("上班")))


class HolidayNoticeForm(PlainForm):
    """The notice as text, and the document it is."""

    text = long_text(
        gettext_lazy("通知原文"),
        rows=12,
        help_text=gettext_lazy("粘贴国务院办公厅通知全文，或照这样写：10月1日至8日放假调休，9月27日、10月10日上班。"),
    )
    document = forms.CharField(
        label=gettext_lazy("依据文件"),
        max_length=120,
        required=False,
        help_text=gettext_lazy("不填时取通知里的文号，例如国办发明电〔2025〕7号。"),
    )


class LocalDayForm(PlainForm):
    """地方调整日."""

    division = forms.ChoiceField(label=gettext_lazy("适用区划"))
    day = DayField(label=gettext_lazy("日期"))
    kind = forms.ChoiceField(label=gettext_lazy("这一天"), choices=LOCAL_KINDS)
    name = forms.CharField(
        label=gettext_lazy("说明"), max_length=40, required=False, help_text=gettext_lazy("例如自治县成立纪念日。")
    )
    document = forms.CharField(label=gettext_lazy("依据文件"), max_length=120, required=False)

    def __init__(self, *args: Any, divisions: Iterable[Division], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.divisions = {str(row.pk): row for row in divisions}
        division: Any = self.fields["division"]
        division.choices = [(pk, row.name) for pk, row in self.divisions.items()]

    def entry(self) -> LocalEntry:
        """What the action takes."""
        data = self.cleaned_data
        division = self.divisions[data["division"]]
        return LocalEntry(division, data["day"], DayKind(data["kind"]), data["name"].strip(), data["document"].strip())


def _wall(label: Any) -> forms.TimeField:
    return forms.TimeField(
        label=label,
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        error_messages={"invalid": gettext_lazy("请按 08:30 的样子填写。")},
    )


class WorkingTimeForm(PlainForm):
    """办公时间."""

    division = forms.ChoiceField(
        label=gettext_lazy("适用区划"),
        required=False,
        help_text=gettext_lazy("区划设置了自己的办公时间，就按自己的；没有设置的按各地通用的。"),
    )
    opens = _wall(gettext_lazy("上午上班"))
    noon_from = _wall(gettext_lazy("上午下班"))
    noon_to = _wall(gettext_lazy("下午上班"))
    closes = _wall(gettext_lazy("下午下班"))

    def __init__(self, *args: Any, divisions: Iterable[Division], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.divisions = {str(row.pk): row for row in divisions}
        division: Any = self.fields["division"]
        division.choices = [("", _("各地通用")), *((pk, row.name) for pk, row in self.divisions.items())]

    def clean(self) -> dict[str, Any]:
        """The four times in the order of the day."""
        cleaned = super().clean()
        walls = [cleaned.get(name) for name in ("opens", "noon_from", "noon_to", "closes")]
        if None not in walls:
            try:
                self.hours = OfficeHours(*walls)  # type: ignore[arg-type]
            except ValueError:
                self.add_error(None, _("四个时间应当从早到晚依次填写，请核对。"))
        return cleaned

    def chosen(self) -> Division | None:
        """The division they are for; None for everybody."""
        return self.divisions.get(self.cleaned_data["division"])
