"""The life of a rung of the escalation ladder (督办升级): the system proposes, a person decides.

proposed ─issue→ issued ─answer→ answered
    │ └──issue (nothing to answer)→ answered
    └──drop→ dropped          (overtake → over, where the problem itself has come to an end)
"""

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _
from django_fsm import GET_STATE, FSMField, transition

from workflows.policies import holds_item, may_answer, only_the_clock


class EscalationState(models.TextChoices):
    """Stages of a rung."""

    PROPOSED = "proposed", _("待决定")
    ISSUED = "issued", _("已发出，待答复")
    ANSWERED = "answered", _("已办结")
    DROPPED = "dropped", _("不采取")
    OVER = "over", _("随问题结束")


S = EscalationState


class EscalationLifecycle(models.Model):
    """Mixed into the escalation: its protected state and the arrows between."""

    state = FSMField(_("环节"), default=S.PROPOSED, choices=S.choices, protected=True, editable=False)

    class Meta:
        abstract = True

    @transition(
        state,
        S.PROPOSED,
        GET_STATE(lambda rung, to: to, states=[S.ISSUED, S.ANSWERED]),
        permission=holds_item,
        custom={"label": _("发出")},
    )
    def issue(self, *, to: Any) -> None:
        """发出：the office confirms the rung, or takes another one; a paper waits for its answer."""

    @transition(state, S.PROPOSED, S.DROPPED, permission=holds_item, custom={"label": _("不采取")})
    def drop(self) -> None:
        """不采取：with a reason."""

    @transition(state, S.ISSUED, S.ANSWERED, permission=may_answer, custom={"label": _("答复")})
    def answer(self) -> None:
        """答复：the unit says what it has done."""

    @transition(state, [S.PROPOSED, S.ISSUED], S.OVER, permission=only_the_clock, custom={"label": _("随问题结束")})
    def overtake(self) -> None:
        """随问题结束：the problem was closed, withdrawn or given to another unit meanwhile."""

    @property
    def is_final(self) -> bool:
        """Whether nobody owes anything any more."""
        return self.state in (S.ANSWERED, S.DROPPED, S.OVER)
