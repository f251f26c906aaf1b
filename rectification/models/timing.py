"""What moves a problem's dates or is caused by them: extensions, public notices, escalations."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from organizations.models import Post, Unit
from workflows.lifecycles.escalation import EscalationLifecycle, EscalationState
from workflows.lifecycles.extension import ExtensionLifecycle, ExtensionState
from workflows.models import FrozenRow

USER = settings.AUTH_USER_MODEL


class Extension(ExtensionLifecycle, FrozenRow):
    """延期申请：asked before the date has passed, decided by the office and the county leader."""

    problem = models.ForeignKey("rectification.Problem", models.PROTECT, related_name="extensions")
    number = models.PositiveSmallIntegerField(_("次序"))
    round = models.PositiveSmallIntegerField(_("轮次"))
    grounds = models.TextField(_("延期理由"))
    former_due_on = models.DateField(_("原整改时限"))
    asked_until = models.DateField(_("申请延至"))
    granted_until = models.DateField(_("同意延至"), null=True)
    evidence_list = models.JSONField(_("附件"), default=list)
    by = models.ForeignKey(USER, models.PROTECT, related_name="+")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    DIGEST = ("number", "round", "grounds", "former_due_on", "asked_until", "evidence_list", "by_id", "unit_id", "at")

    class Meta:
        verbose_name = verbose_name_plural = _("延期申请")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["problem", "number"], name="extension_number_once"),
            models.CheckConstraint(condition=models.Q(state__in=ExtensionState.values), name="extension_state_known"),
        ]

    def __str__(self) -> str:
        return f"{self.problem_id}-{self.number}"

    @property
    def is_partly_granted(self) -> bool:
        """Whether another day was granted than the one asked for."""
        return self.granted_until is not None and self.granted_until != self.asked_until


class ExtensionStep(FrozenRow):
    """What the office or the leader said about an extension, and until when."""

    extension = models.ForeignKey(Extension, models.PROTECT, related_name="steps")
    level = models.CharField(_("层级"), max_length=20)
    agreed = models.BooleanField(_("是否同意"))
    until = models.DateField(_("延至"), null=True)
    opinion = models.TextField(_("意见"))
    by = models.ForeignKey(USER, models.PROTECT, related_name="+")
    post = models.ForeignKey(Post, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()

    DIGEST = ("extension_id", "level", "agreed", "until", "opinion", "by_id", "post_id", "at")

    class Meta:
        verbose_name = verbose_name_plural = _("延期意见")
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.level} {self.agreed}"


class PublicNotice(FrozenRow):
    """公示：what was put up, from when to when. A changed text is a new row of the same round."""

    problem = models.ForeignKey("rectification.Problem", models.PROTECT, related_name="notices")
    round = models.PositiveSmallIntegerField(_("轮次"))
    version = models.PositiveSmallIntegerField(_("版本"))
    matter = models.TextField(_("问题"))
    result = models.TextField(_("整改情况"))
    contact = models.CharField(_("受理异议单位及联系方式"), max_length=300)
    starts_on = models.DateField(_("公示起"))
    ends_on = models.DateField(_("公示止"))
    by = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()

    DIGEST = ("round", "version", "matter", "result", "contact", "starts_on", "ends_on", "by_id", "at")

    class Meta:
        verbose_name = verbose_name_plural = _("公示")
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["problem", "round", "version"], name="notice_version_once")]

    def __str__(self) -> str:
        return f"{self.starts_on}—{self.ends_on}"

    @property
    def receiver(self) -> str:
        """The unit alone that objections go to."""
        name, _bracket, reach = str(self.contact).rpartition("（")
        return name if any(letter.isdecimal() for letter in reach) and name else str(self.contact)

    @property
    def says_how_to_reach(self) -> bool:
        """Whether there is more than a name: a number of a telephone, of a room or of a house."""
        return any(letter.isdecimal() for letter in str(self.contact))


class NoticeObjection(FrozenRow):
    """公示异议, recorded by the office; `upheld` stays empty while it is looked into."""

    problem = models.ForeignKey("rectification.Problem", models.PROTECT, related_name="notice_objections")
    number = models.PositiveSmallIntegerField(_("次序"))
    round = models.PositiveSmallIntegerField(_("轮次"))
    text = models.TextField(_("异议内容"))
    source = models.CharField(_("异议来源"), max_length=80, blank=True)
    received_on = models.DateField(_("收到日期"))
    days_left = models.PositiveSmallIntegerField(_("剩余公示天数"))
    by = models.ForeignKey(USER, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    upheld = models.BooleanField(_("是否成立"), null=True)

    DIGEST = ("number", "round", "text", "source", "received_on", "days_left", "by_id", "at")

    class Meta:
        verbose_name = verbose_name_plural = _("公示异议")
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["problem", "number"], name="objection_number_once")]

    def __str__(self) -> str:
        return self.text[:40]


class Escalation(EscalationLifecycle, FrozenRow):
    """督办升级：one rung of the ladder, proposed with its grounds; a person decides. Taken once a round."""

    problem = models.ForeignKey("rectification.Problem", models.PROTECT, related_name="escalations")
    number = models.PositiveSmallIntegerField(_("次序"))
    round = models.PositiveSmallIntegerField(_("轮次"))
    rung = models.CharField(_("台阶"), max_length=20)
    rung_name = models.CharField(_("措施"), max_length=40)
    grounds = models.JSONField(_("依据"), default=dict)
    at = models.DateTimeField(_("提出时间"))
    # What was decided; the words stand in a Statement that the event names.
    taken = models.CharField(_("采取的台阶"), max_length=20, blank=True)
    taken_name = models.CharField(_("采取的措施"), max_length=40, blank=True)
    paper_number = models.CharField(_("文号"), max_length=40, blank=True)
    decided_by = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    answer_by = models.DateField(_("答复时限"), null=True)

    DIGEST = ("number", "round", "rung", "rung_name", "grounds", "at")

    class Meta:
        verbose_name = verbose_name_plural = _("督办升级")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["problem", "number"], name="escalation_number_once"),
            models.UniqueConstraint(fields=["problem", "round", "rung"], name="rung_once_a_round"),
            models.UniqueConstraint(
                fields=["paper_number"], condition=~models.Q(paper_number=""), name="paper_number_once"
            ),
            models.CheckConstraint(condition=models.Q(state__in=EscalationState.values), name="escalation_state_known"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        """The measure that was taken, or the one proposed as long as nothing has been decided."""
        return self.taken_name or self.rung_name
