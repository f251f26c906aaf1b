"""Versioned policies: which levels review, and how long each step may take."""

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from workflows.calendar import Limit, LimitUnit
from workflows.lifecycles.problem import ProblemState

# Duties beside the main line that have limits of their own.
SIDE_STEPS = {
    "extension_office": _("审核延期申请"),
    "extension_leader": _("审批延期申请"),
    "objection": _("核实公示异议"),
    "progress": _("报送本期进展"),
    "escalation": _("决定督办措施"),
}


def step_name(code: str) -> str:
    """What a step with a limit is called: a state of the main line, or a duty beside it."""
    return str(SIDE_STEPS[code] if code in SIDE_STEPS else ProblemState(code).label)


class Versioned(models.Model):
    """A policy row: a change is a new version, and running rounds keep the one they began with."""

    code = models.CharField(_("代码"), max_length=40)
    version = models.PositiveIntegerField(_("版本"), default=1)
    name = models.CharField(_("名称"), max_length=80)
    in_force = models.BooleanField(_("现行"), default=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.name}（第{self.version}版）"


class ReviewPolicy(Versioned):
    """Which of the four levels review, and what heads, clerks and paper may do.

    The county level is the last and never switched off; levels cannot be invented or reordered.
    """

    village = models.BooleanField(_("村级评定"), default=True)
    township = models.BooleanField(_("乡镇审核"), default=True)
    sector = models.BooleanField(_("行业主管部门审核"), default=False)
    verifies = models.BooleanField(_("先行现场核查"), default=True)
    clerk_submits = models.BooleanField(_("经办人可直接报送"), default=False)
    notice_days = models.PositiveSmallIntegerField(_("公示天数（自然日，0为不公示）"), default=0)
    allows_paper = models.BooleanField(_("允许代录书面决定"), default=True)
    objection_limit = models.PositiveSmallIntegerField(_("异议次数上限"), default=2)

    class Meta:
        verbose_name = verbose_name_plural = _("审议政策")
        constraints = [
            models.UniqueConstraint(fields=["code", "version"], name="review_policy_version"),
            models.UniqueConstraint(fields=["code"], condition=Q(in_force=True), name="review_policy_one_in_force"),
        ]

    def levels(self) -> list[str]:
        """The levels that review under this policy, lowest first."""
        return [level for level in ("village", "township", "sector") if getattr(self, level)] + ["county"]


class DeadlinePolicy(Versioned):
    """How long a case and each of its steps may take.

    `case_limit` and each value of `step_limits` is {"count": n, "unit": "working_days" | "days"}, with
    `roll_forward` and `counts_first` where they hold. A fixed date, where there is one, goes before the limit.
    """

    case_limit = models.JSONField(_("整改期限"), default=dict, blank=True)
    fixed_due_on = models.DateField(_("固定完成日期"), null=True, blank=True)
    review_cycle = models.PositiveSmallIntegerField(_("长期坚持复查周期（月）"), default=6)
    step_limits = models.JSONField(_("各环节时限"), default=dict)
    extensions_most = models.PositiveSmallIntegerField(_("最多延期次数"), default=1)
    extension_days_most = models.PositiveSmallIntegerField(_("每次最多延期天数（自然日）"), default=30)
    extends_late = models.BooleanField(_("到期后仍可申请延期"), default=False)
    enabled = models.BooleanField(_("启用"), default=True)
    source = models.CharField(_("依据"), max_length=200, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("时限政策")
        constraints = [
            models.UniqueConstraint(fields=["code", "version"], name="deadline_policy_version"),
            models.UniqueConstraint(fields=["code"], condition=Q(in_force=True), name="deadline_policy_one_in_force"),
        ]

    def limit_for(self, state: str) -> Limit | None:
        """The limit of a step, or None where the step follows the case clock."""
        return read_limit(self.step_limits.get(state))

    def limit_of_case(self) -> Limit | None:
        """The limit proposed for the whole rectification."""
        return read_limit(self.case_limit)


class WarningPolicy(Versioned):
    """预警：levels from the mildest to the gravest, each with the conditions of which one must hold.

    A level is {"code", "name", "colour", "urgent", "when": [{"kind", "count"}, …]}; the kinds stand in
    workflows/colours.py.
    """

    levels = models.JSONField(_("等级"), default=list)

    class Meta:
        verbose_name = verbose_name_plural = _("预警政策")
        constraints = [
            models.UniqueConstraint(fields=["code", "version"], name="warning_policy_version"),
            models.UniqueConstraint(fields=["code"], condition=Q(in_force=True), name="warning_policy_one_in_force"),
        ]


class EscalationPolicy(Versioned):
    """督办升级：rungs in order, each after a level has stood for some working days.

    A rung is {"code", "name", "after", "working_days", "to", "paper", "answer_days"}: `after` is the code of a
    level, `to` says whom it concerns, `paper` whether it gets a number and an answer, `answer_days` in working days.
    """

    rungs = models.JSONField(_("台阶"), default=list)

    class Meta:
        verbose_name = verbose_name_plural = _("督办升级政策")
        constraints = [
            models.UniqueConstraint(fields=["code", "version"], name="escalation_policy_version"),
            models.UniqueConstraint(fields=["code"], condition=Q(in_force=True), name="escalation_policy_one_in_force"),
        ]


def read_limit(raw: Any) -> Limit | None:
    """A limit as rows keep it; None where there is none."""
    if not raw:
        return None
    return Limit(
        count=int(raw["count"]),
        unit=LimitUnit(raw["unit"]),
        roll_forward=bool(raw.get("roll_forward")),
        counts_first=bool(raw.get("counts_first")),
    )
