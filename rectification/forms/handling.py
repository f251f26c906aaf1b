"""Forms of every step of the main line and of what stands beside it."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from organizations import clock
from organizations.models import Post, Unit, User
from organizations.roles import Role
from rectification.actions.assignment import Assignment
from rectification.actions.clocks import propose_clock
from rectification.actions.planning import MeasureEntry
from rectification.actions.reporting import Outcomes, ReportEntry
from rectification.actions.review import SiteVisit
from rectification.forms.fields import UnitField, UnitsField, content_token, form_token
from rectification.forms.registering import own_paths
from rectification.models import Evidence, Problem
from rectification.models.evidence import Phase
from rectification.models.problem import Authenticity, RectificationKind, Veracity
from workflows.forms.plain import DayField, PlainForm, long_text

MEASURE_ROWS = 8
COUNTED_MOST = 100_000_000
BLANK = [("", gettext_lazy("未评价"))]


class ReasonForm(PlainForm):
    """A reason in one's own words."""

    reason = long_text(gettext_lazy("理由"), rows=3)


REVIEW_CYCLE = 6  # months, proposed for what has to be kept up for good


class AssignForm(PlainForm):
    """交办：who, what kind, by when."""

    lead_unit = UnitField(label=gettext_lazy("牵头单位"))
    partners = UnitsField(
        label=gettext_lazy("配合单位"), required=False, help_text=gettext_lazy("多个单位用顿号隔开。")
    )
    kind = forms.ChoiceField(label=gettext_lazy("整改类型"), choices=RectificationKind.choices)
    due_on = DayField(label=gettext_lazy("整改时限"), required=False)
    due_reason = forms.CharField(label=gettext_lazy("没有时限的理由"), max_length=200, required=False)
    review_cycle = forms.IntegerField(
        label=gettext_lazy("复查周期（月，长期坚持时填）"), min_value=1, max_value=24, required=False
    )
    lead_leader = forms.ModelChoiceField(
        User.objects.none(), label=gettext_lazy("包案领导"), required=False, empty_label=gettext_lazy("不指定")
    )
    person_in_charge = forms.CharField(label=gettext_lazy("责任人"), max_length=40, required=False)

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: Any = self.fields
        fields["lead_unit"].paths = fields["partners"].paths = own_paths(user)
        divisions = [post.unit.division_id for post in actor_posts(user)]
        leaders = Post.objects.standing(clock.today()).filter(role=Role.COUNTY_LEADER, unit__division_id__in=divisions)
        fields["lead_leader"].queryset = User.objects.filter(pk__in=leaders.values("user_id"))

    @staticmethod
    def proposal(problem: Problem) -> dict[str, Any]:
        """What the office is offered: unit, kind and date as registered, or as policy has them."""
        proposed = propose_clock(problem)
        due_on = proposed.due_on if proposed else None
        return {
            "lead_unit": problem.lead_unit or problem.proposed_unit,
            "partners": _partners(problem),
            "kind": problem.kind,
            "due_on": None if problem.kind == "standing" else problem.due_on or due_on,
            "review_cycle": problem.review_cycle or (REVIEW_CYCLE if problem.kind == "standing" else None),
            "person_in_charge": problem.person_in_charge,
        }

    def assignment(self) -> Assignment:
        """What the action takes."""
        data = {key: value for key, value in self.cleaned_data.items() if key not in {"reason", "seen"}}
        return Assignment(**data)


def partners_of(problems: Iterable[Problem]) -> dict[int, list[Unit]]:
    """The proposed cooperating units of several problems, asked for once."""
    rows = list(problems)
    units = Unit.objects.select_related("division__parent").in_bulk(
        {pk for row in rows for pk in row.proposed_partners}
    )
    return {row.pk: [units[pk] for pk in row.proposed_partners if pk in units] for row in rows}


def _partners(problem: Problem) -> list[Unit]:
    return partners_of([problem])[problem.pk] if problem.proposed_partners else []


def actor_posts(user: User) -> list[Post]:
    """The person's posts of today."""
    return list(Post.objects.standing(clock.today()).filter(user=user))


class ReassignForm(AssignForm):
    """改派."""

    reason = long_text(gettext_lazy("改派理由"), rows=2)


class PlanForm(PlainForm):
    """整改方案 with up to eight measures."""

    text = long_text(gettext_lazy("方案说明"), required=False, rows=3)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for row in range(MEASURE_ROWS):
            self.fields[f"measure_{row}"] = forms.CharField(
                label=_("措施%(n)d") % {"n": row + 1}, max_length=500, required=row == 0
            )
            self.fields[f"owner_{row}"] = forms.CharField(label=_("责任人"), max_length=40, required=row == 0)
            self.fields[f"due_{row}"] = DayField(label=_("完成时限"), required=row == 0)

    def measure_rows(self) -> list[list[Any]]:
        """The bound fields row by row, for the template."""
        return [[self[f"{name}_{row}"] for name in ("measure", "owner", "due")] for row in range(MEASURE_ROWS)]

    def clean(self) -> dict[str, Any]:
        """A measure needs its owner and its date."""
        cleaned = super().clean()
        for row in range(1, MEASURE_ROWS):
            filled = [bool(cleaned.get(f"{name}_{row}")) for name in ("measure", "owner", "due")]
            if any(filled) and not all(filled) and f"due_{row}" not in self.errors:
                self.add_error(f"measure_{row}", _("这条措施要同时写明内容、责任人和完成时限。"))
        return cleaned

    def measures(self) -> list[MeasureEntry]:
        """What the action takes."""
        data = self.cleaned_data
        return [
            MeasureEntry(data[f"measure_{row}"], data[f"owner_{row}"], data[f"due_{row}"])
            for row in range(MEASURE_ROWS)
            if data.get(f"measure_{row}")
        ]


class ProgressForm(PlainForm):
    """报送进展."""

    percent = forms.IntegerField(label=gettext_lazy("进度（%）"), min_value=0, max_value=100)
    text = long_text(gettext_lazy("进展情况"))
    submission = form_token()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.pop("submission", None)

    def entry(self) -> dict[str, Any]:
        """What the action takes."""
        return {**self.cleaned_data, "submission": content_token(self.cleaned_data)}


class CooperationForm(PlainForm):
    """配合单位落实情况."""

    text = long_text(gettext_lazy("本单位配合措施落实情况"))


class EvidenceForm(PlainForm):
    """上传佐证材料：the view takes the files themselves."""

    phase = forms.ChoiceField(label=gettext_lazy("阶段"), choices=Phase.choices)
    caption = forms.CharField(label=gettext_lazy("说明"), max_length=120, required=False)


class EvidenceChoice(forms.ModelMultipleChoiceField):
    """Evidence by name and phase."""

    widget = forms.CheckboxSelectMultiple

    def label_from_instance(self, obj: Any) -> str:
        """Phase, name, caption."""
        return f"{obj.get_phase_display()} · {obj.name} {obj.caption}".strip()


class ReportForm(PlainForm):
    """申请销号."""

    text = long_text(gettext_lazy("整改情况"), rows=6, help_text=gettext_lazy("做了什么、效果怎样、怎样防止反弹。"))
    rectified_on = DayField(label=gettext_lazy("整改完成日期"))
    evidence = EvidenceChoice(Evidence.objects.none(), label=gettext_lazy("佐证材料（勾选随报告一并锁定的材料）"))
    money = forms.DecimalField(
        label=gettext_lazy("挽回或支出资金（元）"),
        max_digits=14,
        decimal_places=2,
        min_value=0,
        required=False,
    )
    rules_written = forms.IntegerField(
        label=gettext_lazy("建章立制（项）"), min_value=0, max_value=COUNTED_MOST, required=False
    )
    people_held = forms.IntegerField(
        label=gettext_lazy("追责问责（人）"), min_value=0, max_value=COUNTED_MOST, required=False
    )
    households = forms.IntegerField(
        label=gettext_lazy("惠及户数（户）"), min_value=0, max_value=COUNTED_MOST, required=False
    )
    partners_note = long_text(gettext_lazy("未报配合单位说明"), required=False, rows=2)

    def __init__(self, *args: Any, problem: Problem, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = Evidence.objects.filter(problem=problem, withdrawn_at__isnull=True)
        evidence: Any = self.fields["evidence"]
        evidence.queryset = rows
        evidence.error_messages["required"] = _("请先上传佐证材料并勾选，再申请销号。")
        if not self.is_bound and "evidence" not in self.initial:
            self.initial["evidence"] = list(rows.filter(phase=Phase.AFTER).values_list("pk", flat=True))
        if not problem.cooperations.filter(ended_at__isnull=True, reported_at__isnull=True).exists():
            del self.fields["partners_note"]

    def entry(self) -> ReportEntry:
        """What the action takes."""
        data = self.cleaned_data
        outcomes = Outcomes(data["money"], data["rules_written"], data["people_held"], data["households"])
        return ReportEntry(
            text=data["text"],
            rectified_on=data["rectified_on"],
            evidence_ids=[row.pk for row in data["evidence"]],
            outcomes=outcomes,
            partners_note=data.get("partners_note", ""),
        )


class VerifyForm(PlainForm):
    """现场核查."""

    visited_on = DayField(label=gettext_lazy("核查日期"))
    place = forms.CharField(label=gettext_lazy("核查地点"), max_length=200)
    people = forms.CharField(label=gettext_lazy("核查人员"), max_length=200)
    seen = long_text(gettext_lazy("现场所见"))
    veracity = forms.ChoiceField(label=gettext_lazy("属实性"), choices=[*BLANK, *Veracity.choices], required=False)
    authenticity = forms.ChoiceField(
        label=gettext_lazy("整改真实性"), choices=[*BLANK, *Authenticity.choices], required=False
    )

    def visit(self) -> SiteVisit:
        """What the action takes."""
        return SiteVisit(**self.cleaned_data)


class ReviewForm(PlainForm):
    """审议意见：同意 is proposed; sending back needs own words."""

    opinion = long_text(gettext_lazy("意见"), rows=3)


class PaperForm(PlainForm):
    """代录书面决定."""

    verdict = forms.ChoiceField(
        label=gettext_lazy("决定"),
        choices=[("pass", gettext_lazy("同意")), ("back", gettext_lazy("退回重改"))],
    )
    opinion = long_text(gettext_lazy("意见原文"), rows=3)
    decided_by = forms.CharField(label=gettext_lazy("作出决定的领导或会议"), max_length=80)
    decided_on = DayField(label=gettext_lazy("决定日期"))
    document_number = forms.CharField(label=gettext_lazy("文号或会议纪要号"), max_length=80)
    scan = EvidenceChoice(Evidence.objects.none(), label=gettext_lazy("决定文件扫描件"))

    def __init__(self, *args: Any, problem: Problem, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        scan: Any = self.fields["scan"]
        scan.queryset = Evidence.objects.filter(problem=problem, withdrawn_at__isnull=True, phase=Phase.DOCUMENT)
        scan.error_messages["required"] = _("必须附上决定文件的扫描件：请先以“其他材料”上传，再在这里勾选。")


class SuspendForm(ReasonForm):
    """挂账."""

    review_on = DayField(label=gettext_lazy("复核日期"))


class DatedReasonForm(ReasonForm):
    """恢复整改、反弹重启：a reason and a new date."""

    due_on = DayField(label=gettext_lazy("新的整改时限"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["due_on"].initial = clock.today() + timedelta(days=30)


class MergeForm(ReasonForm):
    """并案."""

    target = forms.CharField(label=gettext_lazy("并入问题的编号"), max_length=40)


class DesignateForm(ReasonForm):
    """指定审定人."""

    post = forms.ModelChoiceField(Post.objects.none(), label=gettext_lazy("审定人"), empty_label=None)
    roles: tuple[str, ...] = (Role.COUNTY_LEADER, Role.OFFICE, Role.TOWNSHIP_REVIEWER, Role.UNIT_HEAD)

    def __init__(self, *args: Any, problem: Problem, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        post: Any = self.fields["post"]
        divisions = problem.case.division.ancestor_ids()
        rows = Post.objects.standing(clock.today()).filter(unit__division_id__in=divisions, role__in=self.roles)
        post.queryset = rows.exclude(unit_id__in=problem.responsible_unit_ids)


class VerifierForm(DesignateForm):
    """指定核查人."""

    post = forms.ModelChoiceField(Post.objects.none(), label=gettext_lazy("核查人"), empty_label=None)
    roles = (Role.TEAM_LEAD, Role.INSPECTOR, Role.COUNTY_LEADER, Role.TOWNSHIP_REVIEWER, Role.UNIT_HEAD)


class HandOverForm(PlainForm):
    """单位内转办."""

    to = forms.ModelChoiceField(User.objects.none(), label=gettext_lazy("转给"), empty_label=None)

    def __init__(self, *args: Any, item: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        colleagues = Post.objects.standing(clock.today()).filter(unit_id=item.unit_id)
        to: Any = self.fields["to"]
        to.queryset = User.objects.filter(pk__in=colleagues.values("user_id"))
