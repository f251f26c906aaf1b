"""Versioned policies: which levels review, and how long each step may take."""

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from workflows.calendar import Limit, LimitUnit


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

    `case_limit` and each value of `step_limits` is {"count": n, "unit": "working_days" | "days"}.
    """

    case_limit = models.JSONField(_("整改期限"), default=dict, blank=True)
    step_limits = models.JSONField(_("各环节时限"), default=dict)
    source = models.CharField(_("依据"), max_length=200, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("时限政策")
        constraints = [
            models.UniqueConstraint(fields=["code", "version"], name="deadline_policy_version"),
            models.UniqueConstraint(fields=["code"], condition=Q(in_force=True), name="deadline_policy_one_in_force"),
        ]

    def limit_for(self, state: str) -> Limit | None:
        """The limit of a step, or None where the step follows the case clock."""
        return _limit(self.step_limits.get(state))

    def limit_of_case(self) -> Limit | None:
        """The limit proposed for the whole rectification."""
        return _limit(self.case_limit)


def _limit(raw: Any) -> Limit | None:
    if not raw:
        return None
    return Limit(count=int(raw["count"]), unit=LimitUnit(raw["unit"]), roll_forward=bool(raw.get("roll_forward")))
