"""Events of imports, each with its sentence."""

from django.utils.translation import gettext_lazy as _

from workflows.registry import EventType

EVENTS = (
    EventType("imported", _("导入问题清单登记")),
    EventType("list_changed", _("更新后的清单改了这个问题")),
    EventType("list_noted", _("更新后的清单与台账不一致")),
)
