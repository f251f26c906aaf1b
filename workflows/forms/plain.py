"""What every form shares: plain texts, dates as the office writes them, our own words for what is wrong."""

import re
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from workflows.secrecy import SECRECY_REFUSAL, has_secrecy_mark

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u202a-\u202e\u2066-\u2069]")
_DATE = re.compile(r"^\s*(\d{4})\s*[-年./]\s*(\d{1,2})\s*[-月./]\s*(\d{1,2})\s*日?\s*$")
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
