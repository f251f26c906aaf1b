"""Where problems come from: source kinds, feedback batches, categories."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from organizations.models import DatedQuerySet, Division, Unit
from organizations.roles import Seat
from workflows.models import DeadlinePolicy, ReviewPolicy, WorkItem
from workflows.scope import ScopedQuerySet, actor_of


class Source(models.Model):
    """监督来源：a dated dictionary entry such as 巡察, 审计, 暗访."""

    code = models.CharField(_("代码"), max_length=40, unique=True)
    name = models.CharField(_("名称"), max_length=60)
    # What a batch of this source is offered first; the policy's code counts, not this version of it.
    deadline_policy = models.ForeignKey(
        DeadlinePolicy, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("时限政策")
    )
    valid_from = models.DateField(_("启用日期"), null=True, blank=True)
    valid_to = models.DateField(_("停用日期"), null=True, blank=True)

    objects = DatedQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("监督来源")
        ordering = ["id"]

    def __str__(self) -> str:
        return self.name


class Category(models.Model):
    """问题类别, with the department in charge where the sector level reviews."""

    name = models.CharField(_("名称"), max_length=120)
    sector_unit = models.ForeignKey(
        Unit, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("行业主管部门")
    )
    valid_from = models.DateField(_("启用日期"), null=True, blank=True)
    valid_to = models.DateField(_("停用日期"), null=True, blank=True)

    objects = DatedQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("问题类别")
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["name"], name="category_once")]

    def __str__(self) -> str:
        return self.name


def granted_cases(actor: Any) -> Any:
    """Ids of cases seen because a work item was given: to the person, or to the sector department."""
    given = Q(addressee_id__in=actor.persons)
    sector = [unit_id for unit_id, seat in actor.seats if seat == Seat.SECTOR]
    if sector:
        given |= Q(unit_id__in=sector, role=Seat.SECTOR)
    return WorkItem.objects.filter(given).values("process__case_id")


class BatchQuerySet(ScopedQuerySet):
    """Batches one may see."""

    def visible_to(self, user: Any) -> "BatchQuerySet":
        """Of one's area, unless secret and not fed back; of one's team or as its principal; of one's problems."""
        actor = actor_of(user)
        condition = Q(team_id__in=actor.unit_ids) | Q(principal_id__in=[post.unit_id for post in actor.posts])
        disclosed = Q(secret=False) | Q(fed_back_on__isnull=False)
        for division in actor.area_divisions:
            condition |= Q(division__path__startswith=division.path) & disclosed
            if division.level in ("county", "town", "village"):
                here = {f"problems__{division.level}_id": division.pk}
                condition |= Q(**here, problems__disclosed_at__isnull=False)
        if actor.posts:
            condition |= Q(problems__pk__in=granted_cases(actor))
        if actor.unit_ids:
            condition |= Q(problems__lead_unit_id__in=actor.unit_ids)
            own = "problems__cooperations"
            condition |= Q(**{f"{own}__unit_id__in": actor.unit_ids, f"{own}__ended_at__isnull": True})
        return self.filter(pk__in=self.model._default_manager.filter(condition).values("pk"))


class Batch(models.Model):
    """反馈(交办)批次：one feedback document or campaign result by which problems arrive."""

    code = models.CharField(_("批次号"), max_length=40, unique=True)
    name = models.CharField(_("批次名称"), max_length=120)
    source = models.ForeignKey(Source, models.PROTECT, related_name="batches", verbose_name=_("监督来源"))
    authority = models.CharField(_("反馈(交办)单位"), max_length=120, blank=True)
    document_number = models.CharField(_("文号"), max_length=80, blank=True)
    document_date = models.DateField(_("成文日期"), null=True, blank=True)
    division = models.ForeignKey(Division, models.PROTECT, related_name="+", verbose_name=_("所属区划"))
    due_on = models.DateField(_("总体整改时限"), null=True, blank=True)
    secret = models.BooleanField(_("反馈前保密"), default=False)
    fed_back_on = models.DateField(_("反馈日期"), null=True, blank=True)
    team = models.ForeignKey(Unit, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("督查组"))
    principal = models.ForeignKey(
        Unit, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("派出单位")
    )
    review_policy = models.ForeignKey(ReviewPolicy, models.PROTECT, related_name="+", verbose_name=_("审议政策"))
    deadline_policy = models.ForeignKey(DeadlinePolicy, models.PROTECT, related_name="+", verbose_name=_("时限政策"))
    # Codes, not rows: a running case is coloured and escalated by the version now in force.
    warning_code = models.CharField(_("预警政策"), max_length=40, default="blue_yellow_red")
    ladder_code = models.CharField(_("督办升级政策"), max_length=40, default="standard")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField()

    objects = BatchQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("批次")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(condition=Q(secret=False) | Q(team__isnull=False), name="secret_batch_has_a_team")
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_disclosed(self) -> bool:
        """Whether the office and the units may know of it."""
        return not self.secret or self.fed_back_on is not None
