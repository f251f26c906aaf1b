"""The events of a problem: name, Chinese sentence, whether the actor is recused from judging the round, who is told.

Told at once (DOMAIN R23): being assigned something, getting it back, being overdue, turning red. Everything else
that is told waits for the day's digest; what only its own actor needs to know is told to nobody.
"""

from django.utils.translation import gettext_lazy as _

from workflows.registry import EventType, Urgency

NEXT = ("turn",)
REVIEW = _("请审核，同意或退回。")
REWORK = _("请按退回意见整改后重新报送。")
GIVEN = _("请签收；认为不属于本单位的，请提出异议。")

EVENTS = (
    EventType("registered", _("登记问题"), recuses=True, tells=NEXT, todo=_("请交办给责任单位。")),
    EventType("corrected", _("更正登记信息")),
    EventType("disclosed", _("反馈公开"), tells=("office",), todo=_("请交办给责任单位。")),
    EventType("marked_major", _("标记为重大问题"), tells=("lead",), todo=_("请主要负责同志亲自过问。")),
    EventType("unmarked_major", _("取消重大标记")),
    EventType("assign", _("交办"), tells=("turn", "partners"), urgent=Urgency.ASSIGNMENT, todo=GIVEN),
    EventType("object_assignment", _("提出异议"), tells=NEXT, todo=_("请看异议理由，重新交办或维持。")),
    EventType("accept", _("签收")),
    EventType("plan_prepared", _("经办人拟好整改方案"), tells=("heads",), todo=_("请审阅方案并报送。")),
    EventType("submit_plan", _("报送整改方案"), tells=NEXT, todo=_("请审核方案。")),
    EventType("approve_plan", _("方案审核通过"), tells=NEXT, todo=_("请按方案整改，完成后申请销号。")),
    EventType("return_plan", _("方案退回"), tells=NEXT, urgent=Urgency.SEND_BACK, todo=_("请按意见修改方案后重报。")),
    EventType("progress", _("报送进展")),
    EventType("evidence_added", _("上传佐证材料")),
    EventType("evidence_removed", _("移除佐证材料")),
    EventType("cooperation_reported", _("配合单位报送落实情况"), tells=("lead",), todo=_("请查看配合单位的落实情况。")),
    EventType("report_prepared", _("经办人拟好销号申请"), tells=("heads",), todo=_("请审阅并报送销号申请。")),
    EventType("submit", _("申请销号"), recuses=True, tells=NEXT, todo=_("请核查或审核。")),
    EventType("recall", _("撤回销号申请")),
    EventType("pass_verification", _("现场核查通过"), recuses=True, tells=NEXT, todo=REVIEW),
    EventType("fail_verification", _("现场核查退回"), recuses=True, tells=NEXT, urgent=Urgency.SEND_BACK, todo=REWORK),
    EventType("pass_village", _("村级评定同意"), recuses=True, tells=NEXT, todo=REVIEW),
    EventType("pass_township", _("乡镇审核同意"), recuses=True, tells=NEXT, todo=REVIEW),
    EventType("pass_sector", _("行业主管部门审核同意"), recuses=True, tells=NEXT, todo=REVIEW),
    EventType("pass_county", _("县级审定同意，予以销号"), recuses=True, tells=("lead", "partners")),
    EventType("send_back", _("退回重改"), recuses=True, tells=NEXT, urgent=Urgency.SEND_BACK, todo=REWORK),
    EventType("designated", _("指定审定人"), tells=NEXT, todo=REVIEW),
    EventType("verifier_designated", _("指定核查人"), tells=NEXT, todo=_("请到现场核查。")),
    EventType("claimed", _("认领")),
    EventType("released", _("放回待办")),
    EventType("handed_over", _("单位内转办"), tells=NEXT, todo=_("同事把这一步转给了您，请办理。")),
    EventType("suspend", _("挂账"), tells=("lead", "partners")),
    EventType("resume", _("恢复整改"), tells=("turn", "partners"), todo=_("整改时限已重新确定，请继续整改。")),
    EventType("reassign", _("改派"), tells=("turn", "partners"), urgent=Urgency.ASSIGNMENT, todo=GIVEN),
    EventType(
        "reopen",
        _("反弹重启"),
        recuses=True,
        tells=("turn", "partners"),
        urgent=Urgency.SEND_BACK,
        todo=_("问题反弹，请签收后重新整改。"),
    ),
    EventType("end_notice", _("公示期满，予以销号"), tells=("lead", "partners")),
    EventType("notice_revised", _("修改公示内容")),
    EventType("notice_objection", _("收到公示异议"), tells=("turn", "lead"), todo=_("请核实异议是否成立。")),
    EventType("notice_objection_dismissed", _("公示异议不成立"), tells=("lead",)),
    EventType(
        "uphold_objection",
        _("公示异议成立，退回整改"),
        recuses=True,
        tells=("turn", "partners"),
        urgent=Urgency.SEND_BACK,
        todo=REWORK,
    ),
    EventType("extension_ask", _("申请延期"), tells=NEXT, todo=_("请审核延期申请。")),
    EventType("extension_endorse", _("延期申请报县领导"), tells=NEXT, todo=_("请审批延期申请。")),
    EventType("extension_grant", _("同意延期"), tells=("lead", "partners"), todo=_("请按新的时限完成整改。")),
    EventType("extension_refuse", _("不同意延期"), tells=("lead",), todo=_("请按原时限完成整改。")),
    EventType("extension_take_back", _("撤回延期申请")),
    EventType("escalation_proposed", _("提出督办建议"), tells=NEXT, todo=_("请决定是否采取督办措施。")),
    EventType("escalation_issue", _("发出督办措施"), tells=("lead",), todo=_("请按督办要求整改，需要答复的按期答复。")),
    EventType("escalation_drop", _("不采取督办措施")),
    EventType("escalation_answer", _("答复督办"), tells=("office",), todo=_("请查看答复。")),
    EventType("progress_due", _("到期报告进展"), tells=NEXT, todo=_("请报送本期进展，没有变化的点“无变化”。")),
    EventType("merge", _("并案"), tells=("lead", "partners")),
    EventType("withdraw", _("撤销"), tells=("lead", "partners")),
)
