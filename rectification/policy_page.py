"""What the pages of policies show: each version in words, who put it in force and when."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from organizations import clock
from rectification.forms.policies import limit_in_words
from rectification.forms.policy_rows import COLOUR_NAMES, URGENT_NAMES
from workflows.colours import in_words
from workflows.defaults import STEP_LIMITS
from workflows.models import DeadlinePolicy, EscalationPolicy, WarningPolicy
from workflows.models.policies import read_limit, step_name
from workflows.queries import POLICY_KINDS, level_names, log_of_versions, policies_in_force

KIND_NAMES = {
    "deadline": gettext_lazy("时限政策"),
    "warning": gettext_lazy("预警政策"),
    "escalation": gettext_lazy("督办升级政策"),
}
KIND_NOTES = {
    "deadline": gettext_lazy("整改期限和每个环节的时限。法规规定的默认启用；地方做法默认停用，请核对后再启用。"),
    "warning": gettext_lazy("什么时候变成什么颜色。更改前可以先看今天的台账会怎样着色。"),
    "escalation": gettext_lazy("预警之后逐级督办：系统只提出建议，由整改办决定是否采取。"),
}


@dataclass(slots=True)
class Line:
    """One policy in the list: the version in force and how it reads in a few words."""

    policy: Any
    brief: str


def overview() -> list[dict[str, Any]]:
    """The kinds of policies with what is in force of each."""
    return [
        {
            "kind": kind,
            "name": KIND_NAMES[kind],
            "note": KIND_NOTES[kind],
            "lines": [Line(policy, brief(policy)) for policy in policies_in_force(kind)],
        }
        for kind in POLICY_KINDS
    ]


def brief(policy: Any) -> str:
    """A policy in one line."""
    if isinstance(policy, DeadlinePolicy):
        return case_in_words(policy)
    if isinstance(policy, WarningPolicy):
        return " → ".join(level["name"] for level in policy.levels)
    return " → ".join(rung["name"] for rung in policy.rungs) or _("没有台阶，不提出督办建议")


def case_in_words(policy: DeadlinePolicy) -> str:
    """How long the whole rectification may take."""
    if policy.fixed_due_on:
        return _("%s前") % clock.spelled(policy.fixed_due_on)
    return limit_in_words(policy.limit_of_case()) or _("不规定，交办时逐个确定")


def history(versions: list[Any]) -> list[dict[str, Any]]:
    """Each version with what it says, and who put it in force."""
    log, names = log_of_versions(versions), level_names()
    return [{"policy": version, "log": log.get(version.pk), **content(version, names)} for version in versions]


def content(policy: Any, names: dict[str, str]) -> dict[str, Any]:
    """What a version says: facts and limits, levels, or rungs; `names` are those of the levels in force."""
    if isinstance(policy, DeadlinePolicy):
        return {"kind": "deadline", "facts": _facts(policy), "limits": _limits(policy)}
    if isinstance(policy, WarningPolicy):
        return {"kind": "warning", "levels": [_level(each) for each in policy.levels]}
    return {"kind": "escalation", "rungs": _rungs(policy, names)}


def _facts(policy: DeadlinePolicy) -> list[tuple[str, str]]:
    return [
        (_("整改期限"), case_in_words(policy)),
        (_("依据"), policy.source or "—"),
        (_("长期坚持"), _("每%d个月报告一次进展") % policy.review_cycle),
        (_("延期"), _extensions(policy)),
        (_("启用"), _("启用") if policy.enabled else _("停用，新批次不能选")),
    ]


def _extensions(policy: DeadlinePolicy) -> str:
    if not policy.extensions_most:
        return _("不允许延期")
    text = _("最多%(most)d次，每次最多%(days)d日") % {
        "most": policy.extensions_most, "days": policy.extension_days_most,
    }  # fmt: skip
    return text + ("；" + _("到期后仍可申请") if policy.extends_late else "；" + _("到期前申请"))


def _limits(policy: DeadlinePolicy) -> list[tuple[str, str]]:
    steps = dict.fromkeys([*STEP_LIMITS, *policy.step_limits])
    words = {step: limit_in_words(read_limit(policy.step_limits.get(step))) for step in steps}
    return [(step_name(step), words[step] or _("随整改期限")) for step in steps]


def _level(each: dict[str, Any]) -> dict[str, Any]:
    return {
        **each,
        "colour_name": COLOUR_NAMES.get(each["colour"], each["colour"]),
        "urgent_name": URGENT_NAMES.get(each.get("urgent", ""), ""),
        "words": _(" 或 ").join(in_words(one["kind"], int(one["count"])) for one in each["when"]),
    }


def _rungs(policy: EscalationPolicy, names: dict[str, str]) -> list[dict[str, Any]]:
    return [{**rung, "after_name": names.get(rung["after"], rung["after"])} for rung in policy.rungs]
