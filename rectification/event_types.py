"""The events of a problem: name, Chinese sentence, and whether the actor is recused from judging the round."""

from django.utils.translation import gettext_lazy as _

from workflows.registry import EventType

EVENTS = (
    EventType("registered", _("登记问题"), recuses=True),
    EventType("corrected", _("更正登记信息")),
    EventType("disclosed", _("反馈公开")),
    EventType("marked_major", _("标记为重大问题")),
    EventType("unmarked_major", _("取消重大标记")),
    EventType("assign", _("交办")),
    EventType("object_assignment", _("提出异议")),
    EventType("accept", _("签收")),
    EventType("submit_plan", _("报送整改方案")),
    EventType("approve_plan", _("方案审核通过")),
    EventType("return_plan", _("方案退回")),
    EventType("progress", _("报送进展")),
    EventType("evidence_added", _("上传佐证材料")),
    EventType("evidence_removed", _("移除佐证材料")),
    EventType("cooperation_reported", _("配合单位报送落实情况")),
    EventType("report_prepared", _("经办人拟好销号申请")),
    EventType("submit", _("申请销号"), recuses=True),
    EventType("recall", _("撤回销号申请")),
    EventType("pass_verification", _("现场核查通过"), recuses=True),
    EventType("fail_verification", _("现场核查退回"), recuses=True),
    EventType("pass_village", _("村级评定同意"), recuses=True),
    EventType("pass_township", _("乡镇审核同意"), recuses=True),
    EventType("pass_sector", _("行业主管部门审核同意"), recuses=True),
    EventType("pass_county", _("县级审定同意，予以销号"), recuses=True),
    EventType("send_back", _("退回重改"), recuses=True),
    EventType("designated", _("指定审定人")),
    EventType("claimed", _("认领")),
    EventType("released", _("放回待办")),
    EventType("handed_over", _("单位内转办")),
    EventType("suspend", _("挂账")),
    EventType("resume", _("恢复整改")),
    EventType("reassign", _("改派")),
    EventType("reopen", _("反弹重启"), recuses=True),
    EventType("merge", _("并案")),
    EventType("withdraw", _("撤销")),
)
