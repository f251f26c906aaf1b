"""The life of a problem: every state and every arrow, on one screen.

    registered ─assign→ assigned ─accept→ planning ⇄ plan_review → rectifying ⇄ suspended
         ↑ └──object────────┘                └(immediate kinds skip the plan)↗  │
         │                                                                   submit
         │        ┌───────────────────── send_back (round n+1) ─────────────────┤
         │        ↓                                                             ↓
         │    rectifying ←─ fail_verification ─ verifying → village → township → sector → county → closed
         │        ↑                                                                            ↓      ↑
         │        └────────────────────────── uphold_objection ───────────────────── public_notice ─end_notice
         └ reassign / merge / withdraw from open states · reopen: closed → assigned (round n+1)

A transition changes memory and nothing else; only the doors in workflows/steps.py call them.
"""

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _
from django_fsm import GET_STATE, FSMField, transition

from workflows.policies import (
    holds_item,
    is_office,
    may_assign,
    may_recall,
    may_review,
    may_send_in,
    may_verify,
    only_the_clock,
)


class ProblemState(models.TextChoices):
    """Stages of a problem (DOMAIN: life of a problem)."""

    REGISTERED = "registered", _("待交办")
    ASSIGNED = "assigned", _("待签收")
    PLANNING = "planning", _("待报方案")
    PLAN_REVIEW = "plan_review", _("方案待审")
    RECTIFYING = "rectifying", _("整改中")
    VERIFYING = "verifying", _("待核查")
    VILLAGE_REVIEW = "village_review", _("村级评定")
    TOWNSHIP_REVIEW = "township_review", _("乡镇审核")
    SECTOR_REVIEW = "sector_review", _("行业主管部门审核")
    COUNTY_REVIEW = "county_review", _("县级审定")
    PUBLIC_NOTICE = "public_notice", _("公示中")
    CLOSED = "closed", _("已销号")
    SUSPENDED = "suspended", _("挂账")
    MERGED = "merged", _("已并案")
    WITHDRAWN = "withdrawn", _("已撤销")


S = ProblemState
REVIEW_STATES = [S.VILLAGE_REVIEW, S.TOWNSHIP_REVIEW, S.SECTOR_REVIEW, S.COUNTY_REVIEW]
FINAL_STATES = [S.CLOSED, S.MERGED, S.WITHDRAWN]
OPEN_STATES = [state for state in S if state not in FINAL_STATES]
# States that nobody owes: time ends them.
CLOCK_STATES = [S.PUBLIC_NOTICE]
WITHDRAWABLE = [state for state in OPEN_STATES if state not in CLOCK_STATES]
BEFORE_REPORT = [S.REGISTERED, S.ASSIGNED, S.PLANNING, S.PLAN_REVIEW, S.RECTIFYING, S.SUSPENDED]


def _asked(*states: ProblemState) -> GET_STATE:
    """The target the action asks for, which policy and the place of the problem decide."""
    return GET_STATE(lambda problem, to: to, states=list(states))


class ProblemLifecycle(models.Model):
    """Mixed into the problem: its protected state and the arrows between."""

    state = FSMField(_("环节"), default=S.REGISTERED, choices=S.choices, protected=True, editable=False)
    round = models.PositiveSmallIntegerField(_("轮次"), default=1, editable=False)
    sent_back = models.PositiveSmallIntegerField(_("被退回次数"), default=0, editable=False)

    class Meta:
        abstract = True

    @transition(state, S.REGISTERED, S.ASSIGNED, permission=may_assign, custom={"label": _("交办")})
    def assign(self) -> None:
        """交办：the office gives the problem to a lead unit."""

    @transition(state, S.ASSIGNED, S.REGISTERED, permission=may_send_in, custom={"label": _("异议")})
    def object_assignment(self) -> None:
        """异议：the head of the lead unit says why it is not theirs."""

    @transition(
        state,
        S.ASSIGNED,
        _asked(S.PLANNING, S.RECTIFYING),
        permission=holds_item,
        custom={"label": _("签收")},
    )
    def accept(self, *, to: str) -> None:
        """签收：the unit signs for it; immediate rectification needs no plan."""

    @transition(state, S.PLANNING, S.PLAN_REVIEW, permission=may_send_in, custom={"label": _("报送方案")})
    def submit_plan(self) -> None:
        """报送方案：the head of the unit sends the plan in."""

    @transition(state, S.PLAN_REVIEW, S.RECTIFYING, permission=holds_item, custom={"label": _("方案通过")})
    def approve_plan(self) -> None:
        """方案通过：the office agrees."""

    @transition(state, S.PLAN_REVIEW, S.PLANNING, permission=holds_item, custom={"label": _("方案退回")})
    def return_plan(self) -> None:
        """方案退回：the office says what is missing."""

    @transition(
        state,
        S.RECTIFYING,
        _asked(S.VERIFYING, *REVIEW_STATES),
        permission=may_send_in,
        custom={"label": _("申请销号")},
    )
    def submit(self, *, to: str) -> None:
        """申请销号：the lead unit reports the rectification as done."""

    @transition(state, [S.VERIFYING, *REVIEW_STATES], S.RECTIFYING, permission=may_recall, custom={"label": _("撤回")})
    def recall(self) -> None:
        """撤回：the unit takes its report back before anybody has claimed it; same round."""

    @transition(state, S.VERIFYING, _asked(*REVIEW_STATES), permission=may_verify, custom={"label": _("核查通过")})
    def pass_verification(self, *, to: str) -> None:
        """核查通过：seen on the spot."""

    @transition(state, S.VERIFYING, S.RECTIFYING, permission=may_verify, custom={"label": _("核查退回")})
    def fail_verification(self) -> None:
        """核查退回：not what the report says; a new round begins."""
        self.round += 1
        self.sent_back += 1

    @transition(
        state,
        S.VILLAGE_REVIEW,
        _asked(*REVIEW_STATES[1:]),
        permission=may_review,
        custom={"label": _("评定同意")},
    )
    def pass_village(self, *, to: str) -> None:
        """村级评定同意。"""

    @transition(
        state,
        S.TOWNSHIP_REVIEW,
        _asked(*REVIEW_STATES[2:]),
        permission=may_review,
        custom={"label": _("审核同意")},
    )
    def pass_township(self, *, to: str) -> None:
        """乡镇审核同意。"""

    @transition(
        state,
        S.SECTOR_REVIEW,
        _asked(S.COUNTY_REVIEW),
        permission=may_review,
        custom={"label": _("行业审核同意")},
    )
    def pass_sector(self, *, to: str) -> None:
        """行业主管部门审核同意。"""

    @transition(
        state,
        S.COUNTY_REVIEW,
        _asked(S.CLOSED, S.PUBLIC_NOTICE),
        permission=may_review,
        custom={"label": _("审定同意，予以销号")},
    )
    def pass_county(self, *, to: str) -> None:
        """县级审定同意，予以销号，a notice first where policy wants one。"""

    @transition(state, S.PUBLIC_NOTICE, S.CLOSED, permission=only_the_clock, custom={"label": _("公示期满")})
    def end_notice(self) -> None:
        """公示期满无异议，予以销号。"""

    @transition(state, S.PUBLIC_NOTICE, S.RECTIFYING, permission=is_office, custom={"label": _("异议成立")})
    def uphold_objection(self) -> None:
        """异议成立：an objection during the notice was right; a new round begins."""
        self.round += 1
        self.sent_back += 1

    @transition(state, REVIEW_STATES, S.RECTIFYING, permission=may_review, custom={"label": _("退回重改")})
    def send_back(self) -> None:
        """退回重改：a new round begins."""
        self.round += 1
        self.sent_back += 1

    @transition(state, S.RECTIFYING, S.SUSPENDED, permission=is_office, custom={"label": _("挂账")})
    def suspend(self) -> None:
        """挂账：conditions are not there yet; a review date is compulsory."""

    @transition(state, S.SUSPENDED, S.RECTIFYING, permission=is_office, custom={"label": _("恢复整改")})
    def resume(self) -> None:
        """恢复整改。"""

    @transition(
        state,
        [S.ASSIGNED, S.PLANNING, S.PLAN_REVIEW, S.RECTIFYING, S.SUSPENDED],
        S.ASSIGNED,
        permission=is_office,
        custom={"label": _("改派")},
    )
    def reassign(self) -> None:
        """改派：another lead unit; same round."""

    @transition(state, S.CLOSED, S.ASSIGNED, permission=is_office, custom={"label": _("反弹重启")})
    def reopen(self) -> None:
        """反弹：a look-back found a relapse; a new round begins."""
        self.round += 1

    @transition(state, BEFORE_REPORT, S.MERGED, permission=is_office, custom={"label": _("并案")})
    def merge(self) -> None:
        """并案：the same problem stands in the ledger already."""

    @transition(state, WITHDRAWABLE, S.WITHDRAWN, permission=is_office, custom={"label": _("撤销")})
    def withdraw(self) -> None:
        """撤销：should not have been registered."""


PASS_OF_STATE = {
    S.VILLAGE_REVIEW: "pass_village",
    S.TOWNSHIP_REVIEW: "pass_township",
    S.SECTOR_REVIEW: "pass_sector",
    S.COUNTY_REVIEW: "pass_county",
}
STATE_OF_LEVEL = {
    "village": S.VILLAGE_REVIEW,
    "township": S.TOWNSHIP_REVIEW,
    "sector": S.SECTOR_REVIEW,
    "county": S.COUNTY_REVIEW,
}
LEVEL_OF_STATE = {str(state): level for level, state in STATE_OF_LEVEL.items()}


def edges(model: type[models.Model]) -> list[dict[str, Any]]:
    """Every arrow of a life cycle: from, to, name and Chinese label, read from its transitions."""
    found = []
    for arrow in model._meta.get_field("state").get_all_transitions(model):  # type: ignore[union-attr]
        targets = arrow.target.allowed_states if hasattr(arrow.target, "allowed_states") else [arrow.target]
        found += [
            {
                "source": str(arrow.source),
                "target": str(target),
                "name": arrow.name,
                "label": arrow.custom["label"],
            }
            for target in targets
            if str(target) != str(arrow.source) or arrow.name == "reassign"
        ]
    return found
