"""时限政策、预警政策、督办升级政策 as a page edits them: the draft of a version, never a stored row."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from rectification.forms.policy_rows import LevelForm, PolicyRow, RungForm, rearranged, typed_rows
from workflows.calendar import Limit, LimitUnit
from workflows.defaults import STEP_LIMITS
from workflows.forms.plain import DayField, PlainForm
from workflows.models.policies import Versioned, step_name
from workflows.queries import level_names

CASE = "case"
MOST = 999


class NameForm(PlainForm):
    """Name and code; the code is given once and stays."""

    code = forms.RegexField(
        r"^[a-z][a-z0-9_]{1,39}$",
        label=gettext_lazy("代码"),
        help_text=gettext_lazy("小写字母开头，只用小写字母、数字和下划线；以后不能再改。"),
        error_messages={"invalid": gettext_lazy("代码要以小写字母开头，只用小写字母、数字和下划线，2到40个字符。")},
    )
    name = forms.CharField(label=gettext_lazy("名称"), max_length=80)
    reason = forms.CharField(
        label=gettext_lazy("理由"),
        max_length=200,
        help_text=gettext_lazy("为什么这样定，如依据的文件或会议；和这个版本一起保存，以后都能看到。"),
    )

    def __init__(self, *args: Any, policy: Versioned, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if policy.pk:
            del self.fields["code"]
        self.order_fields([*(name for name in self.fields if name != "reason"), "reason"])

    def values(self) -> dict[str, Any]:
        """The fields of the version; the code of an existing policy is not among them, nor why it is changed."""
        return {name: value for name, value in self.cleaned_data.items() if name != "reason"}


class DeadlineForm(NameForm):
    """What a deadline policy says besides its limits."""

    source = forms.CharField(
        label=gettext_lazy("依据"),
        max_length=200,
        required=False,
        help_text=gettext_lazy("法规写到条款；地方做法请注明文件。"),
    )
    fixed_due_on = DayField(
        label=gettext_lazy("固定完成日期"),
        required=False,
        help_text=gettext_lazy("全部问题同一天到期时填写，下面的整改期限就留空。只对以后交办的问题生效。"),
    )
    review_cycle = forms.IntegerField(
        label=gettext_lazy("长期坚持复查周期（月）"), min_value=1, max_value=120, initial=6
    )
    extensions_most = forms.IntegerField(label=gettext_lazy("最多延期次数"), min_value=0, max_value=MOST, initial=1)
    extension_days_most = forms.IntegerField(
        label=gettext_lazy("每次最多延期天数（自然日）"), min_value=0, max_value=MOST, initial=30
    )
    extends_late = forms.BooleanField(label=gettext_lazy("到期后仍可申请延期"), required=False)
    enabled = forms.BooleanField(label=gettext_lazy("启用（停用后新批次不能再选）"), required=False, initial=True)


class LimitForm(PlainForm):
    """One limit: how long, in which days, and how the ends count; without a length there is none."""

    count = forms.IntegerField(label=gettext_lazy("时长"), min_value=0, max_value=MOST, required=False)
    unit = forms.ChoiceField(label=gettext_lazy("单位"), choices=LimitUnit.choices, initial=LimitUnit.WORKING_DAYS)
    roll_forward = forms.BooleanField(label=gettext_lazy("遇休息日顺延"), required=False)
    counts_first = forms.BooleanField(label=gettext_lazy("当日计入"), required=False)

    def __init__(self, *args: Any, step: str, title: str, **kwargs: Any) -> None:
        super().__init__(*args, prefix=f"limit-{step}", **kwargs)
        self.step, self.title = step, title
        for field in self.fields.values():
            field.widget.attrs["aria-label"] = f"{title}：{field.label}"

    def clean(self) -> dict[str, Any]:
        """Working days never end on a rest day."""
        cleaned = super().clean()
        if cleaned.get("roll_forward") and cleaned.get("unit") == LimitUnit.WORKING_DAYS:
            self.add_error("roll_forward", _("按工作日计算的时限不会落在休息日，请去掉“遇休息日顺延”。"))
        return cleaned

    def limit(self) -> dict[str, Any]:
        """As the policy keeps it."""
        data = self.cleaned_data
        if data["count"] is None:
            return {}
        flags = {name: True for name in ("roll_forward", "counts_first") if data[name]}
        return {"count": data["count"], "unit": data["unit"], **flags}


def limit_in_words(limit: Limit | None) -> str:
    """“60日（遇休息日顺延）”, or nothing where there is none."""
    if limit is None:
        return ""
    ends = [_("遇休息日顺延")] if limit.roll_forward else []
    ends += [_("当日计入")] if limit.counts_first else []
    return f"{limit}（{'，'.join(ends)}）" if ends else str(limit)


class PolicyForms:
    """The forms of one page: the main one and the rows below it. A `wish` rearranges these and judges nothing."""

    template = ""
    running_dates = False  # whether dates that run already can be made to follow a version
    main_class: type[NameForm] = NameForm

    def __init__(self, policy: Any, data: Mapping[str, str] | None = None, wish: str = "") -> None:
        self.policy, self.data = policy, data
        self.main = self._main(wish)
        self.rows: list[Any] = self._rows(wish)

    def _main(self, wish: str) -> NameForm:
        if self.data is not None and not wish:
            return self.main_class(self.data, policy=self.policy)
        names = self.main_class.base_fields
        if self.data is not None:
            initial = {name: self.data.get(name, "") for name in names}
        else:
            kept = set(names) - {"reason"}
            initial = {name: getattr(self.policy, name) for name in kept} if self.policy.pk else {}
        return self.main_class(initial=initial, policy=self.policy)

    def _rows(self, wish: str) -> list[Any]:
        raise NotImplementedError

    @property
    def reason(self) -> str:
        """Why the version is put in force."""
        return str(self.main.cleaned_data["reason"])

    def is_valid(self) -> bool:
        """Whether all of it can be kept; every form is asked, so that all sentences are said at once."""
        return all([self.main.is_valid(), *(row.is_valid() for row in self.rows)])

    def values(self) -> dict[str, Any]:
        """The fields of the version."""
        raise NotImplementedError

    def draft(self) -> Any:
        """The version as it would be, not stored."""
        fields = {**self.values()}
        code = fields.pop("code", self.policy.code)
        version = self.policy.version + 1 if self.policy.pk else 1
        return type(self.policy)(code=code, version=version, **fields)

    def posted(self) -> list[tuple[str, str]]:
        """What was typed, so that the page that asks can carry it."""
        data = self.data or {}
        found = [(name, data.get(name, "")) for name in self.main.fields]
        for row in self.rows:
            found += [(row.add_prefix(name), row.data.get(row.add_prefix(name), "")) for name in row.fields]
        return found


class DeadlineForms(PolicyForms):
    """A deadline policy: a row for the whole rectification and one for each step."""

    template = "rectification/policies/_deadline_fields.html"
    running_dates = True
    main_class = DeadlineForm

    def _rows(self, wish: str) -> list[LimitForm]:
        stored = {CASE: self.policy.case_limit, **(self.policy.step_limits or {})}
        rows = []
        for step in (CASE, *STEP_LIMITS):
            title = _("整改期限") if step == CASE else step_name(step)
            rows.append(LimitForm(self.data, step=step, title=title, initial=stored.get(step) or {}))
        return rows

    def is_valid(self) -> bool:
        """A fixed date and a length exclude each other: nobody could say which of them holds."""
        valid = super().is_valid()
        if valid and self.main.cleaned_data["fixed_due_on"] and self.rows[0].limit():
            self.main.add_error("fixed_due_on", _("固定完成日期和整改期限只能填一个，请清空其中一个。"))
            return False
        return valid

    def values(self) -> dict[str, Any]:
        """Steps this page does not know keep their limits."""
        limits = {row.step: row.limit() for row in self.rows}
        steps = {**(self.policy.step_limits or {}), **limits}
        case = steps.pop(CASE)
        kept = {step: limit for step, limit in steps.items() if limit}
        return {**self.main.values(), "case_limit": case, "step_limits": kept}


class RowsForms(PolicyForms):
    """Numbered rows that are added, removed and moved by the server, so that no script is needed."""

    row_class: type[PolicyRow] = PolicyRow
    stored = ""

    def _rows(self, wish: str) -> list[PolicyRow]:
        if self.data is None:
            rows = [self.row_class.typed(each) for each in getattr(self.policy, self.stored)]
            return self._shown(rows or [{}])
        rows = typed_rows(self.data, self.row_class, keep_empty=bool(wish))
        if wish:
            return self._shown(rearranged(rows, wish))
        return [self._row(n, data=row) for n, row in enumerate(rows)]

    def _shown(self, rows: list[dict[str, str]]) -> list[PolicyRow]:
        return [self._row(n, initial=row) for n, row in enumerate(rows)]

    def _row(self, n: int, **values: dict[str, str]) -> PolicyRow:
        values = {kind: {**row, "place": str(n + 1), "remove": ""} for kind, row in values.items()}
        prefix = f"row-{n}"
        if "data" in values:
            values["data"] = {f"{prefix}-{name}": value for name, value in values["data"].items()}
        return self.row_class(prefix=prefix, number=n, **values)

    def is_valid(self) -> bool:
        """No two rows of one code; a row without a code is given a new one."""
        if not super().is_valid():
            return False
        taken: set[str] = set()
        for row in self.rows:
            code = row.cleaned_data["code"]
            if code and code in taken:
                row.add_error("code", _("代码“%s”用了两次，请改其中一个。") % code)
            taken.add(code)
        used = taken | self._ever_used()
        for row in self.rows:
            row.cleaned_data["code"] = row.cleaned_data.get("code") or _new_code(used)
        return not any(row.errors for row in self.rows)

    def _ever_used(self) -> set[str]:
        # What was crossed or taken under an old code must not be met again under a new name.
        versions = type(self.policy)._default_manager.filter(code=self.policy.code)
        return {each["code"] for rows in versions.values_list(self.stored, flat=True) for each in rows}

    def values(self) -> dict[str, Any]:
        """The rows in their order."""
        return {**self.main.values(), self.stored: [row.stored() for row in self.rows]}

    def posted(self) -> list[tuple[str, str]]:
        """The rows as they were put in order, with how many they are."""
        return [*super().posted(), ("rows", str(len(self.rows)))]


class WarningForms(RowsForms):
    """A warning policy: its levels, the mildest first."""

    template = "rectification/policies/_level_fields.html"
    row_class = LevelForm
    stored = "levels"

    def is_valid(self) -> bool:
        """At least one level."""
        valid = super().is_valid()
        if valid and not self.rows:
            self.main.add_error(None, _("预警政策至少要有一个等级，请添加。"))
            return False
        return valid


class EscalationForms(RowsForms):
    """A ladder: its rungs in order; an empty one proposes nothing."""

    template = "rectification/policies/_rung_fields.html"
    row_class = RungForm
    stored = "rungs"

    def _row(self, n: int, **values: dict[str, str]) -> PolicyRow:
        row = super()._row(n, **values)
        row.offer("after", level_names())
        return row


FORMS: dict[str, type[PolicyForms]] = {
    "deadline": DeadlineForms,
    "warning": WarningForms,
    "escalation": EscalationForms,
}


def _new_code(used: set[str]) -> str:
    """The first code of a row that no version has had."""
    number = 1
    while f"r{number}" in used:
        number += 1
    used.add(f"r{number}")
    return f"r{number}"
