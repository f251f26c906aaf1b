"""By when: one row for each clock, and what it has crossed."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from workflows.calendar import Limit
from workflows.models.cases import Case
from workflows.models.policies import DeadlinePolicy, read_limit
from workflows.models.routing import WorkItem


class ClockKind(models.TextChoices):
    """What runs out."""

    CASE = "case", _("整改期限")
    STEP = "step", _("环节时限")
    NOTICE = "notice", _("公示期")
    CYCLE = "cycle", _("复查周期")


class Deadline(models.Model):
    """One clock: of the case, of one open item, of a public notice, of a review cycle.

    `limit` and `start_on` stand where the date follows from a rule, so that it can be made again under another
    calendar or another version of the policy; a fixed date has neither. `version` counts the dates this clock
    has had.
    """

    case = models.ForeignKey(Case, models.PROTECT, related_name="deadlines")
    kind = models.CharField(_("时限种类"), max_length=10, choices=ClockKind.choices, default=ClockKind.STEP)
    item = models.OneToOneField(WorkItem, models.PROTECT, null=True, related_name="deadline")
    rule = models.CharField(_("规则"), max_length=200)
    computation = models.JSONField(_("计算过程"), default=dict)
    policy = models.ForeignKey(DeadlinePolicy, models.PROTECT, null=True, related_name="+", db_index=False)
    step = models.CharField(_("环节"), max_length=30, blank=True)
    start_on = models.DateField(_("起算日"), null=True)
    limit = models.JSONField(_("时长"), null=True)
    follows_case = models.BooleanField(_("随整改期限"), default=False)
    due_on = models.DateField(_("到期日"))
    due_at = models.DateTimeField(_("到期时刻"))
    version = models.PositiveSmallIntegerField(_("版本"), default=1)
    next_check_at = models.DateTimeField(_("下次检查"), null=True)
    paused_at = models.DateTimeField(_("停止计时"), null=True)
    superseded_at = models.DateTimeField(_("被替换时间"), null=True)

    class Meta:
        verbose_name = verbose_name_plural = _("时限")
        constraints = [
            models.UniqueConstraint(
                fields=["case", "kind"],
                condition=Q(item__isnull=True, superseded_at__isnull=True),
                name="one_clock_of_a_kind",
            ),
            models.CheckConstraint(
                condition=Q(limit__isnull=True) | Q(start_on__isnull=False), name="a_limit_is_counted_from_a_day"
            ),
        ]
        indexes = [
            models.Index(fields=["next_check_at"], condition=Q(next_check_at__isnull=False), name="clock_to_check"),
            models.Index(
                fields=["id"],
                condition=Q(limit__isnull=False, superseded_at__isnull=True, next_check_at__isnull=False),
                name="clock_of_a_rule",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.case_id}: {self.due_on}"

    @property
    def length(self) -> Limit | None:
        """The limit this date follows from, or None for a fixed date."""
        return read_limit(self.limit)


class Crossing(models.Model):
    """A level a clock has reached: once for each version of its date and each round."""

    deadline = models.ForeignKey(Deadline, models.PROTECT, related_name="crossings")
    version = models.PositiveSmallIntegerField()
    round = models.PositiveSmallIntegerField()
    level = models.CharField(max_length=20)
    crossed_on = models.DateField()
    at = models.DateTimeField()

    class Meta:
        verbose_name = verbose_name_plural = _("预警记录")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["deadline", "version", "round", "level"], name="level_crossed_once")
        ]

    def __str__(self) -> str:
        return f"{self.deadline_id}: {self.level}"


class Recomputation(models.Model):
    """A change that touches running dates, worked through in batches by as many workers as it has parts."""

    reason = models.CharField(_("原因"), max_length=20)
    text = models.CharField(_("说明"), max_length=200)
    policy = models.ForeignKey(DeadlinePolicy, models.PROTECT, null=True, related_name="+")
    first_day = models.DateField(null=True)
    last_day = models.DateField(null=True)
    checked = models.PositiveIntegerField(_("已核"), default=0)
    moved = models.PositiveIntegerField(_("已调整"), default=0)
    begun_at = models.DateTimeField()
    begun_by = models.ForeignKey("organizations.User", models.PROTECT, null=True, related_name="+")
    done_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = verbose_name_plural = _("时限重算")
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.text


class RecomputationPart(models.Model):
    """Some of the clocks of a recomputation, by their keys; a killed worker's part goes on after its last batch."""

    recomputation = models.ForeignKey(Recomputation, models.CASCADE, related_name="parts")
    cursor = models.BigIntegerField()
    last = models.BigIntegerField()
    done = models.BooleanField(default=False)

    class Meta:
        verbose_name = verbose_name_plural = _("时限重算分段")
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.recomputation_id}: {self.cursor}–{self.last}"
