"""Forms of extensions, public notices and escalations."""

from datetime import timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from organizations import clock
from rectification.forms.handling import DatedReasonForm, EvidenceChoice, ReasonForm
from rectification.models import Escalation, Evidence, Extension, Problem, PublicNotice
from workflows.forms.plain import DayField, PlainForm, long_text
from workflows.queries import rungs


class AskExtensionForm(PlainForm):
    """申请延期."""

    until = DayField(label=gettext_lazy("申请延至"))
    grounds = long_text(gettext_lazy("延期理由"), help_text=gettext_lazy("为什么不能按期完成，还要做什么，怎样保证。"))
    evidence = EvidenceChoice(Evidence.objects.none(), label=gettext_lazy("附件（勾选已上传的材料）"), required=False)

    def __init__(self, *args: Any, problem: Problem, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        evidence: Any = self.fields["evidence"]
        evidence.queryset = Evidence.objects.filter(problem=problem, withdrawn_at__isnull=True)
        if not evidence.queryset.exists():
            del self.fields["evidence"]
        most = problem.deadline_policy.extension_days_most
        if problem.due_on:
            last = problem.due_on + timedelta(days=most)
            self.fields["until"].help_text = _("原时限%(due)s，每次最多延%(most)d天，最晚到%(last)s。") % {
                "due": clock.spelled(problem.due_on),
                "most": most,
                "last": clock.spelled(last),
            }

    def entry(self) -> dict[str, Any]:
        """What the action takes."""
        data = self.cleaned_data
        return {"until": data["until"], "grounds": data["grounds"], "evidence": list(data.get("evidence") or [])}


class DecideExtensionForm(PlainForm):
    """审核、审批延期申请：until when, and why."""

    until = DayField(label=gettext_lazy("延至"))
    opinion = long_text(gettext_lazy("意见"), rows=3, help_text=gettext_lazy("不同意的，请写明理由。"))

    def __init__(self, *args: Any, extension: Extension, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["until"].help_text = _("责任单位申请延至%s；改成别的日期就是部分同意。") % clock.spelled(
            extension.asked_until
        )


class NoticeForm(PlainForm):
    """修改公示内容."""

    matter = long_text(gettext_lazy("公示的问题"))
    result = long_text(gettext_lazy("公示的整改情况"))
    contact = forms.CharField(label=gettext_lazy("受理异议单位及联系方式"), max_length=300)

    @staticmethod
    def initial_of(notice: PublicNotice) -> dict[str, Any]:
        """The text that is up."""
        return {"matter": notice.matter, "result": notice.result, "contact": notice.contact}


class ObjectionForm(PlainForm):
    """记录公示异议."""

    received_on = DayField(label=gettext_lazy("收到日期"))
    source = forms.CharField(
        label=gettext_lazy("来源"),
        max_length=80,
        required=False,
        help_text=gettext_lazy("来电、来访等，不写姓名。"),
    )
    text = long_text(gettext_lazy("异议内容"))


class SettleObjectionForm(DatedReasonForm):
    """核实公示异议：upheld with a new date, or not."""

    reason = long_text(gettext_lazy("核实情况"), rows=4)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["due_on"].help_text = _("异议成立时，作为新的整改时限；不成立的不用管。")


class EscalationForm(PlainForm):
    """决定督办措施：this rung or another, or none."""

    rung = forms.ChoiceField(label=gettext_lazy("督办措施"))
    text = long_text(
        gettext_lazy("督办要求或不采取的理由"), help_text=gettext_lazy("发出的，写明要求；不采取的，写明理由。")
    )

    def __init__(self, *args: Any, problem: Problem, escalation: Escalation, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        taken = set(
            problem.escalations.filter(round=problem.round).exclude(pk=escalation.pk).values_list("rung", flat=True)
        )
        rung: Any = self.fields["rung"]
        rung.choices = [
            (each["code"], _rung_name(each)) for each in rungs(problem.batch.ladder_code) if each["code"] not in taken
        ]
        self.initial.setdefault("rung", escalation.rung)


def _rung_name(rung: dict[str, Any]) -> str:
    if rung.get("paper"):
        return _("%(name)s（对%(to)s；编文号，%(days)d个工作日内答复）") % {
            "name": rung["name"],
            "to": rung["to"],
            "days": int(rung["answer_days"]),
        }
    return _("%(name)s（对%(to)s）") % {"name": rung["name"], "to": rung["to"]}


class AnswerForm(ReasonForm):
    """答复督办."""

    reason = long_text(gettext_lazy("答复"), rows=5, help_text=gettext_lazy("未按期的原因、已做的工作、完成的时间。"))
