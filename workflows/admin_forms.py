"""The deadline policy as people write it: “5个工作日”, “60天”, one line for each step."""

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from workflows.calendar import LimitUnit
from workflows.defaults import STEP_LIMITS
from workflows.models import DeadlinePolicy
from workflows.models.policies import step_name

_WRITTEN = re.compile(r"(\d{1,4})\s*(?:个)?\s*(工作日|自然日|天|日)\s*(（?遇休息日顺延）?)?")


class LimitField(forms.CharField):
    """A length of time."""

    def prepare_value(self, value: Any) -> Any:
        """As people write it."""
        if not isinstance(value, dict):
            return value
        if not value:
            return ""
        working = value["unit"] == LimitUnit.WORKING_DAYS
        text = _("%d个工作日") % value["count"] if working else _("%d天") % value["count"]
        return text + (_("（遇休息日顺延）") if value.get("roll_forward") else "")

    def to_python(self, value: Any) -> Any:
        """As the policy keeps it."""
        text = super().to_python(value)
        if not text:
            return {}
        found = _WRITTEN.fullmatch(text)
        if not found:
            raise ValidationError(_("请写成“5个工作日”或“60天”；遇休息日顺延的写“60天（遇休息日顺延）”。"))
        working = found[2] == "工作日"
        if working and found[3]:
            raise ValidationError(_("按工作日计算的时限不会落在休息日，请去掉“遇休息日顺延”。"))
        unit = LimitUnit.WORKING_DAYS if working else LimitUnit.DAYS
        limit: dict[str, Any] = {"count": int(found[1]), "unit": unit.value}
        return {**limit, "roll_forward": True} if found[3] else limit

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Compared as people write them."""
        return (self.prepare_value(initial) or "") != (data or "")


class DeadlinePolicyForm(forms.ModelForm):
    """A deadline policy with a line for each step."""

    limit_case = LimitField(label=gettext_lazy("整改期限"), required=False)

    class Meta:
        model = DeadlinePolicy
        fields = ("code", "name", "source")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["limit_case"] = self.instance.case_limit
        for state in STEP_LIMITS:
            self.initial[f"limit_{state}"] = self.instance.step_limits.get(state, {})

    def clean(self) -> dict[str, Any]:
        """Put the lines together; steps this page does not know keep their limits."""
        data = super().clean() or {}
        self.instance.case_limit = data.get("limit_case") or {}
        limits = {**self.instance.step_limits, **{s: data.get(f"limit_{s}") for s in STEP_LIMITS}}
        self.instance.step_limits = {state: limit for state, limit in limits.items() if limit}
        return data


def _declare_steps() -> tuple[str, ...]:
    for state in STEP_LIMITS:
        label = step_name(state)
        DeadlinePolicyForm.base_fields[f"limit_{state}"] = LimitField(label=label, required=False)
        DeadlinePolicyForm.declared_fields[f"limit_{state}"] = DeadlinePolicyForm.base_fields[f"limit_{state}"]
    return ("limit_case", *(f"limit_{state}" for state in STEP_LIMITS))


LIMIT_FIELDS = _declare_steps()
