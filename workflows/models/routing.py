"""Whose turn it is: routings and work items on viewflow's abstract models, and their deadlines."""

from typing import Any

from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from viewflow.workflow.models import AbstractProcess, AbstractTask
from viewflow.workflow.status import STATUS

from organizations import clock
from organizations.models import Unit
from organizations.roles import Seat
from workflows.models.cases import Case

# A human item that waits for somebody. STARTED lives in memory only.
OPEN = [STATUS.NEW, STATUS.ASSIGNED]


class RoutingKind(models.TextChoices):
    """What a routing of a case is for."""

    MAIN = "main", _("主流程")
    COOPERATION = "cooperation", _("配合整改")
    EXTENSION = "extension", _("延期申请")
    OBJECTION = "objection", _("公示异议")
    PROGRESS = "progress", _("定期报告进展")
    ESCALATION = "escalation", _("督办升级")


class Routing(AbstractProcess):
    """One process of a case: the main one, or a side duty told apart by its key."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="routings")
    kind = models.CharField(_("类别"), max_length=20, choices=RoutingKind.choices)
    key = models.CharField(_("区别码"), max_length=40, blank=True)
    created = models.DateTimeField(_("开始"), default=clock.now)

    # Attributes the engine reads and this product has no use for.
    parent_task = None
    parent_task_id = None
    seed = None
    data = None
    artifact = None

    class Meta:
        verbose_name = verbose_name_plural = _("流程")
        constraints = [
            models.UniqueConstraint(
                fields=["case", "kind", "key"], condition=Q(finished__isnull=True), name="one_running_routing"
            )
        ]


class WorkItem(AbstractTask):
    """待办：one unit and seat (or one person) owes one step by one date."""

    process = models.ForeignKey(Routing, models.CASCADE, related_name="task_set")
    data = models.JSONField(default=dict, blank=True)
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="+", verbose_name=_("责任单位"))
    role = models.CharField(_("席位"), max_length=20, choices=Seat.choices, blank=True)
    addressee = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("指定人员")
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("认领人")
    )
    round = models.PositiveSmallIntegerField(_("轮次"), default=1)
    due_at = models.DateTimeField(_("办理时限"), null=True)
    status = models.CharField(_("状态"), choices=STATUS.choices, default=STATUS.NEW, max_length=50)
    created = models.DateTimeField(_("产生时间"), default=clock.now)

    # The engine's generic key to a permission object must stay; without its index it costs nothing.
    owner_permission_content_type = models.ForeignKey(
        ContentType, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )

    # Engine columns this product has no use for: every index on this table is paid at each step.
    seed = None
    artifact = None
    scheduled = None
    external_task_id = None
    previous = None
    owner_permission = None

    class Meta:
        verbose_name = verbose_name_plural = _("待办")
        indexes = [
            models.Index(fields=["unit", "role", "due_at"], condition=Q(status__in=OPEN), name="inbox"),
            models.Index(fields=["addressee", "due_at"], condition=Q(status__in=OPEN), name="inbox_personal"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["process"], condition=Q(status__in=OPEN, flow_task_type="HUMAN"), name="one_open_item"
            ),
            models.CheckConstraint(
                condition=~Q(status=STATUS.STARTED, flow_task_type="HUMAN"), name="started_lives_in_memory"
            ),
        ]

    @property
    def is_open(self) -> bool:
        """Whether somebody still owes this step."""
        return self.status in OPEN

    @property
    def is_done(self) -> bool:
        """Whether it was done, and not overtaken by something else."""
        return self.status == STATUS.DONE

    @property
    def step(self) -> str:
        """The code of the step, which is the name of the flow's node."""
        return self.flow_task.name if self.flow_task else ""

    def reverse(self, view_name: str, *args: Any) -> str:
        """The engine asks for addresses of its own pages, of which there are none."""
        return ""
