"""What people write while a problem is handled. Frozen rows are named by an event with their digest."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from organizations.models import Post, Unit
from workflows.models import FrozenRow

USER = settings.AUTH_USER_MODEL


class Statement(FrozenRow):
    """A written reason: of an objection, a return, a reassignment, a suspension, a correction …"""

    problem = models.ForeignKey("rectification.Problem", models.PROTECT, related_name="statements")
    kind = models.CharField(_("类别"), max_length=40)
    text = models.TextField(_("理由"))
    detail = models.JSONField(_("明细"), default=dict, blank=True)
    by = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()

    DIGEST = ("kind", "text", "detail", "by_id", "at")

    class Meta:
        verbose_name = verbose_name_plural = _("书面理由")
        ordering = ["id"]

    def __str__(self) -> str:
        return self.text[:40]


class Cooperation(models.Model):
    """配合单位的责任：its own measures, reported on its own."""

    case = models.ForeignKey("workflows.Case", models.PROTECT, related_name="+")
    problem = models.ForeignKey("rectification.Problem", models.PROTECT, related_name="cooperations")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name=_("配合单位"))
    duty = models.CharField(_("配合事项"), max_length=200, blank=True)
    reported_at = models.DateTimeField(_("报送时间"), null=True)
    ended_at = models.DateTimeField(_("解除时间"), null=True)

    class Meta:
        verbose_name = verbose_name_plural = _("配合责任")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["problem", "unit"], condition=models.Q(ended_at__isnull=True), name="cooperates_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.unit}"


class Plan(FrozenRow):
    """整改方案 as it was sent in."""

    problem = models.ForeignKey("rectification.Problem", models.PROTECT, related_name="plans")
    round = models.PositiveSmallIntegerField(_("轮次"))
    version = models.PositiveSmallIntegerField(_("版本"))
    text = models.TextField(_("方案说明"), blank=True)
    measures_json = models.JSONField(_("措施"), default=list)
    by = models.ForeignKey(USER, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    DIGEST = ("round", "version", "text", "measures_json", "by_id", "at")

    class Meta:
        verbose_name = verbose_name_plural = _("整改方案")
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["problem", "version"], name="plan_version_once")]

    def __str__(self) -> str:
        return f"v{self.version}"


class Measure(models.Model):
    """整改措施 with its own owner and date; editable until the plan is sent in."""

    problem = models.ForeignKey("rectification.Problem", models.PROTECT, related_name="measures")
    text = models.CharField(_("措施"), max_length=500)
    owner_name = models.CharField(_("责任人"), max_length=40)
    due_on = models.DateField(_("完成时限"))
    done_on = models.DateField(_("完成日期"), null=True, blank=True)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        verbose_name = verbose_name_plural = _("整改措施")
        ordering = ["position", "id"]

    def __str__(self) -> str:
        return self.text[:40]


class ProgressEntry(FrozenRow):
    """整改进展；“无变化”is one too."""

    problem = models.ForeignKey("rectification.Problem", models.PROTECT, related_name="progress_entries")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    by = models.ForeignKey(USER, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    percent = models.PositiveSmallIntegerField(_("进度（%）"))
    text = models.TextField(_("进展情况"), blank=True)
    unchanged = models.BooleanField(_("无变化"), default=False)

    DIGEST = ("unit_id", "by_id", "at", "percent", "text", "unchanged")

    class Meta:
        verbose_name = verbose_name_plural = _("整改进展")
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.percent}%"


class Prepared(models.Model):
    """What the clerk filled in for the head to send in: the form's fields as they were typed."""

    problem = models.OneToOneField("rectification.Problem", models.PROTECT, related_name="%(class)s")
    fields = models.JSONField(default=dict)
    by = models.ForeignKey(USER, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.problem_id}"


class PlanDraft(Prepared):
    """整改方案, prepared."""


class ReportDraft(Prepared):
    """销号申请, prepared."""


class Report(FrozenRow):
    """整改情况报告（申请销号）：a version frozen at submission with its list of evidence."""

    problem = models.ForeignKey("rectification.Problem", models.PROTECT, related_name="reports")
    round = models.PositiveSmallIntegerField(_("轮次"))
    version = models.PositiveSmallIntegerField(_("版本"))
    text = models.TextField(_("整改情况"))
    rectified_on = models.DateField(_("整改完成日期"))
    outcomes = models.JSONField(_("成效"), default=dict)
    evidence_list = models.JSONField(_("佐证清单"), default=list)
    partners_note = models.TextField(_("配合单位未报情况说明"), blank=True)
    by = models.ForeignKey(USER, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    recalled_at = models.DateTimeField(_("撤回时间"), null=True)

    DIGEST = (
        "round",
        "version",
        "text",
        "rectified_on",
        "outcomes",
        "evidence_list",
        "partners_note",
        "by_id",
        "at",
    )

    class Meta:
        verbose_name = verbose_name_plural = _("整改情况报告")
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["problem", "version"], name="report_version_once")]

    def __str__(self) -> str:
        return f"v{self.version}"


class Verification(FrozenRow):
    """核查记录：when, where, who, what was seen."""

    problem = models.ForeignKey("rectification.Problem", models.PROTECT, related_name="verifications")
    report = models.ForeignKey(Report, models.PROTECT, related_name="+")
    round = models.PositiveSmallIntegerField(_("轮次"))
    passed = models.BooleanField(_("是否通过"))
    visited_on = models.DateField(_("核查日期"))
    place = models.CharField(_("核查地点"), max_length=200)
    people = models.CharField(_("核查人员"), max_length=200)
    seen = models.TextField(_("现场所见"))
    veracity = models.CharField(_("属实性"), max_length=20, blank=True)
    authenticity = models.CharField(_("整改真实性"), max_length=20, blank=True)
    by = models.ForeignKey(USER, models.PROTECT, related_name="+")
    post = models.ForeignKey(Post, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()

    DIGEST = (
        "report_id", "round", "passed", "visited_on", "place", "people", "seen", "veracity", "authenticity",
        "by_id", "post_id", "at",
    )  # fmt: skip

    class Meta:
        verbose_name = verbose_name_plural = _("核查记录")
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.visited_on}"


class ReviewStep(FrozenRow):
    """审议意见：what one level judged of one report version."""

    problem = models.ForeignKey("rectification.Problem", models.PROTECT, related_name="review_steps")
    report = models.ForeignKey(Report, models.PROTECT, related_name="+")
    round = models.PositiveSmallIntegerField(_("轮次"))
    level = models.CharField(_("层级"), max_length=20)
    passed = models.BooleanField(_("是否同意"))
    opinion = models.TextField(_("意见"))
    by = models.ForeignKey(USER, models.PROTECT, related_name="+")
    post = models.ForeignKey(Post, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()
    # 代录：a decision taken on paper elsewhere, recorded by the office.
    on_paper = models.BooleanField(_("代录"), default=False)
    decided_by = models.CharField(_("作出决定的领导或会议"), max_length=80, blank=True)
    decided_on = models.DateField(_("决定日期"), null=True)
    document_number = models.CharField(_("文号"), max_length=80, blank=True)
    scan = models.ForeignKey("rectification.Evidence", models.PROTECT, null=True, related_name="+")

    DIGEST = (
        "report_id", "round", "level", "passed", "opinion", "by_id", "post_id", "at",
        "on_paper", "decided_by", "decided_on", "document_number", "scan_id",
    )  # fmt: skip

    class Meta:
        verbose_name = verbose_name_plural = _("审议意见")
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.level} {self.passed}"
