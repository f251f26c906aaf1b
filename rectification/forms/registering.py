"""登记、更正、批次、台账筛选."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from organizations import clock
from organizations.models import Division, Unit, User
from rectification.actions.registration import Registration
from rectification.forms.fields import NotedSelect, PlaceField, UnitField, content_token, form_token
from rectification.models import Batch, Category, Source
from rectification.models.problem import RectificationKind
from rectification.queries import levels_offered
from workflows.forms.plain import DayField, PlainForm, long_text
from workflows.lifecycles.problem import STATE_OF_LEVEL, ProblemState
from workflows.models import DeadlinePolicy, ReviewPolicy
from workflows.queries import offered_deadline_policies, policy_names
from workflows.scope import actor_of

GENERAL = "standard"  # the deadline policy of whoever has no other
ALL = gettext_lazy("全部")


def own_paths(user: User) -> list[str]:
    """Paths a person may register in: the divisions of their units."""
    return sorted({post.unit.division.path for post in actor_of(user).posts})


def way_of(batch: Batch) -> str:
    """Who verifies a problem of this batch, and which levels review it."""
    policy = batch.review_policy
    team = batch.team.label if batch.team else _("整改办")
    verifies = _("由%s核查") % team if policy.verifies else _("不作现场核查")
    levels = "、".join(str(STATE_OF_LEVEL[level].label) for level in policy.levels())
    secret = "" if batch.is_disclosed else _("反馈前保密；")
    return _("%(secret)s整改后%(verifies)s，再经%(levels)s。") % {
        "secret": secret,
        "verifies": verifies,
        "levels": levels,
    }


class RegisterForm(PlainForm):
    """登记：type in one problem on one page."""

    batch = forms.ModelChoiceField(
        Batch.objects.none(), label=gettext_lazy("批次"), empty_label=gettext_lazy("请选择批次"), widget=NotedSelect
    )
    place = PlaceField(
        label=gettext_lazy("属地"), help_text=gettext_lazy("输入村名、乡镇名或拼音首字母，从列表中选择。")
    )
    title = forms.CharField(
        label=gettext_lazy("问题"), max_length=200, help_text=gettext_lazy("一句话说清是什么问题。")
    )
    description = long_text(gettext_lazy("问题详情"), required=False)
    category = forms.ModelChoiceField(
        Category.objects.none(), label=gettext_lazy("类别"), required=False, empty_label=gettext_lazy("未分类")
    )
    kind = forms.ChoiceField(
        label=gettext_lazy("整改类型"), choices=RectificationKind.choices, initial=RectificationKind.DATED
    )
    place_text = forms.CharField(label=gettext_lazy("具体地点"), max_length=200, required=False)
    found_on = DayField(label=gettext_lazy("发现日期"), required=False)
    source_serial = forms.CharField(label=gettext_lazy("来文序号"), max_length=40, required=False)
    proposed_unit = UnitField(label=gettext_lazy("拟交办单位"), required=False)
    major = forms.BooleanField(label=gettext_lazy("重大问题"), required=False)
    submission = form_token()

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Each page is a form of its own: a draft brings back the text, never the form it stood on.
        self.initial.pop("submission", None)
        self._offer(Batch.objects.visible_to(user).select_related("team", "review_policy").order_by("-id"))
        self._field("category").queryset = Category.objects.on(clock.today())
        self._field("place").paths = self._field("proposed_unit").paths = own_paths(user)
        self.fields["found_on"].initial = clock.today()

    def _field(self, name: str) -> Any:
        return self.fields[name]

    def _offer(self, batches: Any) -> None:
        """The newest batch is proposed, never one that is still secret; each says who verifies and who reviews."""
        field: Any = self.fields.get("batch")
        if field is None:
            return
        field.queryset, rows = batches, list(batches)
        proposed = next((row.pk for row in rows if row.is_disclosed), None)
        self.initial.setdefault("batch", proposed)
        field.widget.notes = {str(row.pk): way_of(row) for row in rows}
        chosen = self.data.get("batch") if self.is_bound else self.initial["batch"]
        field.help_text = field.widget.notes.get(str(chosen), gettext_lazy("选了批次，这里写明谁核查、谁审议。"))

    def clean_found_on(self) -> Any:
        """A problem cannot be found tomorrow."""
        found_on = self.cleaned_data.get("found_on")
        if found_on and found_on > clock.today():
            raise forms.ValidationError(_("发现日期不能晚于今天，请核对。"))
        return found_on

    def registration(self) -> Registration:
        """What the action takes."""
        data = {**self.cleaned_data, "submission": content_token(self.cleaned_data)}
        division: Division = data.pop("place")
        return Registration(division=division, **data)


class CorrectForm(RegisterForm):
    """更正：the same fields, with a reason; the batch stays."""

    reason = long_text(gettext_lazy("更正理由"), rows=2)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("batch", "proposed_unit", "major", "submission"):
            del self.fields[name]
        self.fields["found_on"].initial = None

    def _field(self, name: str) -> Any:
        return self.fields.get(name) or forms.ModelChoiceField(Batch.objects.none())

    def changes(self) -> dict[str, Any]:
        """Field names and new values; the place goes as `division`."""
        data = {key: value for key, value in self.cleaned_data.items() if key not in {"reason", "place"}}
        return {**data, "division": self.cleaned_data["place"]}


def source_policy(source: Source | None, offered: dict[str, DeadlinePolicy]) -> DeadlinePolicy | None:
    """What a batch of a source takes unless told otherwise: the source's own policy, else the general one."""
    codes = [source.deadline_policy.code] if source and source.deadline_policy else []
    return next((offered[code] for code in [*codes, GENERAL] if code in offered), None)


class BatchForm(PlainForm):
    """新建批次."""

    name = forms.CharField(label=gettext_lazy("批次名称"), max_length=120)
    source = forms.ModelChoiceField(
        Source.objects.none(), label=gettext_lazy("监督来源"), empty_label=None, widget=NotedSelect
    )
    authority = forms.CharField(label=gettext_lazy("反馈(交办)单位"), max_length=120, required=False)
    document_number = forms.CharField(label=gettext_lazy("文号"), max_length=80, required=False)
    document_date = DayField(label=gettext_lazy("成文日期"), required=False)
    due_on = DayField(label=gettext_lazy("总体整改时限"), required=False)
    team = forms.ModelChoiceField(
        Unit.objects.none(), label=gettext_lazy("督查组"), required=False, empty_label=gettext_lazy("不指定")
    )
    review_policy = forms.ModelChoiceField(
        ReviewPolicy.objects.none(), label=gettext_lazy("审议政策"), empty_label=None
    )
    deadline_policy = forms.ModelChoiceField(
        DeadlinePolicy.objects.none(),
        label=gettext_lazy("时限政策"),
        required=False,
        empty_label=gettext_lazy("按监督来源的默认政策"),
    )
    warning_code = forms.ChoiceField(label=gettext_lazy("预警政策"), required=False)
    ladder_code = forms.ChoiceField(label=gettext_lazy("督办升级政策"), required=False)
    secret = forms.BooleanField(label=gettext_lazy("反馈前保密（只有督查组看得到）"), required=False)

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: Any = self.fields
        fields["source"].queryset = Source.objects.on(clock.today())
        fields["review_policy"].queryset = ReviewPolicy.objects.filter(in_force=True)
        fields["deadline_policy"].queryset = offered_deadline_policies()
        self.offered = {policy.code: policy for policy in fields["deadline_policy"].queryset}
        self._offer_codes("warning_code", "warning")
        self._offer_codes("ladder_code", "escalation")
        self._note_sources(fields["source"])
        divisions = [post.unit.division_id for post in actor_of(user).posts]
        fields["team"].queryset = Unit.objects.on(clock.today()).filter(kind="team", division_id__in=divisions)

    def _offer_codes(self, name: str, kind: str) -> None:
        """Policies by name; what was not chosen is the one a new installation begins with."""
        field: Any = self.fields[name]
        column: Any = Batch._meta.get_field(name)
        field.choices = list(policy_names(kind).items())
        field.initial = column.get_default()

    def _note_sources(self, field: Any) -> None:
        """Each source says which deadline policy it brings."""
        for source in field.queryset.select_related("deadline_policy"):
            policy = source_policy(source, self.offered)
            field.widget.notes[str(source.pk)] = _("默认时限政策：%s") % policy.name if policy else ""
        first = field.queryset.first()
        chosen = self.data.get("source") if self.is_bound else first and first.pk
        field.help_text = field.widget.notes.get(str(chosen), "") or " "

    def clean(self) -> dict[str, Any]:
        """A secret batch needs the team that may know of it; the source brings the deadline policy."""
        cleaned = super().clean()
        for name in ("warning_code", "ladder_code"):
            cleaned[name] = cleaned.get(name) or self.fields[name].initial
        if "deadline_policy" not in self.errors and not cleaned.get("deadline_policy"):
            cleaned["deadline_policy"] = source_policy(cleaned.get("source"), self.offered)
            if cleaned["deadline_policy"] is None:
                self.add_error("deadline_policy", _("这个监督来源没有启用的时限政策，请选择一个。"))
        if cleaned.get("secret") and not cleaned.get("team"):
            self.add_error("team", _("保密批次必须选择督查组，否则谁都看不到它。"))
        return cleaned


class LedgerForm(forms.Form):
    """What the ledger is filtered by; anything unreadable is left out rather than refused."""

    q = forms.CharField(label=gettext_lazy("搜索"), required=False, max_length=100)
    state = forms.MultipleChoiceField(label=gettext_lazy("环节"), choices=ProblemState.choices, required=False)
    place = PlaceField(label=gettext_lazy("属地"), required=False)
    unit = UnitField(label=gettext_lazy("牵头单位"), required=False)
    source = forms.ModelChoiceField(Source.objects.all(), label=gettext_lazy("来源"), required=False, empty_label=ALL)
    batch = forms.ModelChoiceField(Batch.objects.none(), label=gettext_lazy("批次"), required=False, empty_label=ALL)
    category = forms.ModelChoiceField(
        Category.objects.all(), label=gettext_lazy("类别"), required=False, empty_label=ALL
    )
    kind = forms.ChoiceField(
        label=gettext_lazy("整改类型"),
        choices=[("", gettext_lazy("全部")), *RectificationKind.choices],
        required=False,
    )
    level = forms.ChoiceField(label=gettext_lazy("预警"), required=False)
    late = forms.ChoiceField(
        label=gettext_lazy("时限"),
        choices=[("", gettext_lazy("全部")), ("yes", gettext_lazy("已逾期")), ("no", gettext_lazy("未逾期"))],
        required=False,
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: Any = self.fields
        fields["batch"].queryset = Batch.objects.visible_to(user)
        fields["level"].choices = [("", ALL), *levels_offered(user).items()]
        fields["place"].paths = fields["unit"].paths = own_paths(user)
