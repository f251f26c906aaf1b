"""Received lists: the draft of an import, what was understood of each row, and the findings it became."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from organizations import clock
from organizations.models import Division, Unit
from organizations.roles import Role
from rectification.models import Batch, Problem
from rectification.models.evidence import private_store
from rectification.models.problem import RectificationKind
from workflows.scope import ScopedQuerySet, actor_of

KEPT_DAYS = 30
IMPORTERS = (Role.OFFICE, Role.INSPECTOR, Role.TEAM_LEAD)


class ImportState(models.TextChoices):
    """How far an import has come."""

    DRAFT = "draft", _("待确认")
    COMMITTED = "committed", _("已导入")
    TAKEN_BACK = "taken_back", _("已撤回")


class ImportQuerySet(ScopedQuerySet):
    """Imports one may see."""

    def visible_to(self, user: Any) -> "ImportQuerySet":
        """One's own drafts; what was imported, to those who may import into a batch they see."""
        actor = actor_of(user)
        if not actor.holds(*IMPORTERS):
            return self.none()
        batches = Batch.objects.visible_to(user).values("pk")
        return self.filter(Q(by_id=actor.user.pk) | (~Q(state=ImportState.DRAFT) & Q(batch_id__in=batches)))


class ListImport(models.Model):
    """One file on its way into the ledger, and afterwards the record of what it brought. Size in bytes."""

    batch = models.ForeignKey(Batch, models.PROTECT, related_name="imports", verbose_name=_("批次"))
    state = models.CharField(_("状态"), max_length=20, choices=ImportState.choices, default=ImportState.DRAFT)
    name = models.CharField(_("文件名"), max_length=160)
    size = models.PositiveIntegerField(_("大小（字节）"))
    sha256 = models.CharField(max_length=64)
    stored = models.FileField(storage=private_store, max_length=200)
    reference_date = models.DateField(_("来文日期"), null=True)
    # What the clerk decided about the file as a whole: meanings of columns, hidden ones to read, names chosen.
    meanings = models.JSONField(default=dict)
    choices = models.JSONField(default=dict)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField(_("上传时间"), default=clock.now)
    touched_at = models.DateTimeField(_("最近修改"), default=clock.now)
    committed_at = models.DateTimeField(_("导入时间"), null=True)
    taken_back_at = models.DateTimeField(_("撤回时间"), null=True)
    taken_back_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    tally = models.JSONField(_("结果"), default=dict)

    objects = ImportQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("清单导入")
        ordering = ["-id"]
        indexes = [models.Index(fields=["batch", "sha256"], name="import_same_file")]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        """The page of the import."""
        return reverse("import-detail", args=[self.pk])

    @property
    def is_draft(self) -> bool:
        """Whether it can still be changed."""
        return self.state == ImportState.DRAFT


class ImportSheet(models.Model):
    """One sheet as it looks and as it was understood."""

    list_import = models.ForeignKey(ListImport, models.CASCADE, related_name="sheets")
    position = models.PositiveSmallIntegerField()
    name = models.CharField(_("工作表"), max_length=200)
    understood = models.JSONField(default=dict)  # title, facts, tables with their columns, note, warnings
    picture = models.JSONField(default=dict)

    class Meta:
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["list_import", "position"], name="sheet_once")]

    def __str__(self) -> str:
        return self.name


class Standing(models.TextChoices):
    """How a row stands to what the batch already holds."""

    ADDED = "added", _("新增")
    CHANGED = "changed", _("有变化")
    SAME = "same", _("无变化")


class ImportRow(models.Model):
    """One row of a draft: as read, as corrected, and as judged. `kind` and `due_on` are proposals."""

    list_import = models.ForeignKey(ListImport, models.CASCADE, related_name="rows")
    position = models.PositiveIntegerField()
    sheet = models.CharField(max_length=200)
    row_number = models.PositiveIntegerField(_("行号"))
    read = models.JSONField(default=dict)
    fixes = models.JSONField(default=dict)  # fields as the clerk corrected them
    skipped = models.BooleanField(_("不导入"), default=False)
    apart = models.BooleanField(_("拆成多个问题"), default=True)

    level = models.CharField(max_length=10)  # error, doubt or fine
    positive = models.BooleanField(_("正面记录"), default=False)
    troubles = models.JSONField(default=list)
    place = models.ForeignKey(Division, models.PROTECT, null=True, related_name="+")
    place_sureness = models.PositiveSmallIntegerField(default=0)
    lead = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="+")
    lead_sureness = models.PositiveSmallIntegerField(default=0)
    partners = models.JSONField(default=list)
    names = models.JSONField(default=list)  # each name of a unit in the row with what it was taken for
    kind = models.CharField(max_length=20, default="dated")
    due_on = models.DateField(null=True)
    standing = models.CharField(max_length=10, choices=Standing.choices, default=Standing.ADDED)
    earlier = models.ForeignKey("Finding", models.SET_NULL, null=True, related_name="+")
    twins = models.JSONField(default=list)

    class Meta:
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["list_import", "position"], name="row_once")]
        indexes = [models.Index(fields=["list_import", "level", "position"], name="import_row_level")]

    def __str__(self) -> str:
        return f"{self.sheet} {self.row_number}"

    def value(self, name: str) -> Any:
        """A field as corrected, else as read."""
        return self.fixes.get(name, self.read.get(name))

    @property
    def problem_text(self) -> str:
        """The wording of the problem."""
        return str(self.value("problem") or "")

    @property
    def points(self) -> list[str]:
        """The numbered parts of the cell, where they go into the ledger one by one."""
        found = list(self.value("points") or [])
        return found if self.apart and len(found) > 1 else []

    def get_kind_label(self) -> str:
        """The proposed kind of rectification, as people say it."""
        return str(RectificationKind(self.kind).label)

    @property
    def goes_in(self) -> bool:
        """Whether the row becomes part of the ledger on commit."""
        left_out = self.skipped or self.left_as_repeat
        return not left_out and self.level != "error" and self.standing != Standing.SAME

    @property
    def repeats(self) -> bool:
        """Whether a problem of the ledger says word for word the same of the same place."""
        return any(likeness == 100 for *_problem, likeness in self.twins)

    @property
    def left_as_repeat(self) -> bool:
        """Whether it stays out for being a repetition: until the clerk says that it goes in all the same."""
        return self.repeats and not self.fixes.get("again")

    @property
    def opens(self) -> int:
        """How many problems the row becomes on commit: one, or one for each point that goes in by itself."""
        if not self.goes_in or self.positive or self.standing != Standing.ADDED:
            return 0
        return max(1, len(self.points))


class Finding(models.Model):
    """发现问题：what one source wrote, word for word, with its own serial number."""

    batch = models.ForeignKey(Batch, models.PROTECT, related_name="findings")
    list_import = models.ForeignKey(ListImport, models.PROTECT, related_name="findings")
    sheet = models.CharField(_("工作表"), max_length=200)
    row_number = models.PositiveIntegerField(_("行号"))
    serial = models.CharField(_("来文序号"), max_length=60, blank=True)
    category = models.CharField(_("来文类别"), max_length=300, blank=True)
    location = models.CharField(_("来文地点"), max_length=300, blank=True)
    text = models.TextField(_("来文内容"))
    points = models.JSONField(default=list)
    units = models.JSONField(_("来文责任单位"), default=list)
    lead_unit = models.CharField(_("来文牵头单位"), max_length=300, blank=True)
    measures = models.TextField(_("来文整改措施"), blank=True)
    deadline_text = models.CharField(_("来文时限"), max_length=300, blank=True)
    deadline = models.JSONField(default=dict)
    status_text = models.TextField(_("来文整改情况"), blank=True)
    positive = models.BooleanField(_("正面记录"), default=False)
    digest = models.CharField(max_length=64)  # of the wording alone: the same text in another list
    current = models.BooleanField(default=True)  # false once a corrected list has replaced it, or it was taken back
    replaces = models.ForeignKey("self", models.PROTECT, null=True, related_name="replaced_by")
    problems: Any = models.ManyToManyField(Problem, related_name="findings", through="FindingProblem")

    class Meta:
        verbose_name = verbose_name_plural = _("发现问题")
        ordering = ["id"]
        indexes = [models.Index(fields=["batch", "current"], name="finding_of_batch")]

    def __str__(self) -> str:
        return self.text[:40]


class FindingProblem(models.Model):
    """Which problem a finding feeds."""

    finding = models.ForeignKey(Finding, models.CASCADE, related_name="+")
    problem = models.ForeignKey(Problem, models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["finding", "problem"], name="finding_feeds_once")]

    def __str__(self) -> str:
        return f"{self.finding_id} → {self.problem_id}"


class NameKind(models.TextChoices):
    """What a remembered name is of."""

    UNIT = "unit", _("单位")
    PLACE = "place", _("地点")


class Alias(models.Model):
    """A way somebody writes a unit or a place, remembered for the next list of the same area."""

    area = models.ForeignKey(Division, models.PROTECT, related_name="+", verbose_name=_("所属区划"))
    kind = models.CharField(_("类别"), max_length=10, choices=NameKind.choices)
    text = models.CharField(_("写法"), max_length=120)
    unit = models.ForeignKey(Unit, models.CASCADE, null=True, related_name="+")
    place = models.ForeignKey(Division, models.CASCADE, null=True, related_name="+")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField(default=clock.now)

    class Meta:
        verbose_name = verbose_name_plural = _("别名")
        constraints = [models.UniqueConstraint(fields=["area", "kind", "text"], name="alias_once")]

    def __str__(self) -> str:
        return self.text
