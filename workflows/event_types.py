"""The events of clocks, the same for every kind of matter."""

from django.utils.translation import gettext_lazy as _

from workflows.registry import EventType, Urgency

EVENTS = (
    EventType("warned", _("时限预警"), tells=("lead", "partners"), todo=_("请抓紧整改，按期申请销号。")),
    EventType(
        "step_overdue",
        _("环节超时"),
        tells=("turn",),
        urgent=Urgency.OVERDUE,
        todo=_("这一步已超过办理时限，请尽快办理。"),
    ),
    EventType("deadline_moved", _("时限调整"), tells=("turn",), todo=_("请按调整后的日期办理。")),
)
