"""The anchor of everything that moves, and the row that is locked."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from organizations.models import Division


class Case(models.Model):
    """What a process is about. Routings, items, events and deadlines point here; this row is locked."""

    number = models.CharField(_("编号"), max_length=40, unique=True)
    kind = models.CharField(_("类别"), max_length=20)
    division = models.ForeignKey(Division, models.PROTECT, related_name="+", verbose_name=_("属地"))
    event_count = models.PositiveIntegerField(_("事件数"), default=0)
    head_hash = models.CharField(_("链首"), max_length=64, blank=True)
    sealed_count = models.PositiveIntegerField(_("已封存事件数"), default=0)
    created_at = models.DateTimeField(_("立案时间"))

    class Meta:
        verbose_name = verbose_name_plural = _("案件")
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.number


class NumberSequence(models.Model):
    """The last serial number given under a prefix."""

    prefix = models.CharField(max_length=30, primary_key=True)
    last = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.prefix}{self.last}"
