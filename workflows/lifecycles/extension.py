"""The life of an extension (延期), beside the main line of its problem.

    office_review ─endorse→ leader_review ─grant→ granted
          │ │                     │ └───refuse──→ refused
          │ └──────refuse─────────┼─────────────→ refused
          └──────take_back────────┴─────────────→ taken_back
                                  (overtake → over, where the problem itself has come to an end)

Granted with a later or an earlier day than was asked for is still granted (部分同意): the day says so.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django_fsm import FSMField, transition

from workflows.policies import may_decide, may_take_back, only_the_clock


class ExtensionState(models.TextChoices):
    """Stages of an extension."""

    OFFICE_REVIEW = "office_review", _("整改办审核")
    LEADER_REVIEW = "leader_review", _("县领导审批")
    GRANTED = "granted", _("同意延期")
    REFUSED = "refused", _("不同意延期")
    TAKEN_BACK = "taken_back", _("已撤回")
    OVER = "over", _("随问题结束")


S = ExtensionState
OPEN_EXTENSION = [S.OFFICE_REVIEW, S.LEADER_REVIEW]


class ExtensionLifecycle(models.Model):
    """Mixed into the extension: its protected state and the arrows between."""

    state = FSMField(_("环节"), default=S.OFFICE_REVIEW, choices=S.choices, protected=True, editable=False)

    class Meta:
        abstract = True

    @transition(state, S.OFFICE_REVIEW, S.LEADER_REVIEW, permission=may_decide, custom={"label": _("报县领导")})
    def endorse(self) -> None:
        """报县领导：the office puts it before the county leader with its own view."""

    @transition(state, S.LEADER_REVIEW, S.GRANTED, permission=may_decide, custom={"label": _("同意延期")})
    def grant(self) -> None:
        """同意延期：the whole of what was asked, or another day."""

    @transition(state, OPEN_EXTENSION, S.REFUSED, permission=may_decide, custom={"label": _("不同意延期")})
    def refuse(self) -> None:
        """不同意延期：the date stays."""

    @transition(state, OPEN_EXTENSION, S.TAKEN_BACK, permission=may_take_back, custom={"label": _("撤回申请")})
    def take_back(self) -> None:
        """撤回申请：the unit can keep the date after all, or its matter is over."""

    @transition(state, OPEN_EXTENSION, S.OVER, permission=only_the_clock, custom={"label": _("随问题结束")})
    def overtake(self) -> None:
        """随问题结束：the problem was closed, withdrawn or given to another unit meanwhile."""

    @property
    def is_final(self) -> bool:
        """Whether it has been decided."""
        return self.state not in OPEN_EXTENSION
