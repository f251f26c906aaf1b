"""佐证材料：the bytes as uploaded in a private store, and what people see of them."""

from typing import Any

from django.conf import settings
from django.core.files.storage import Storage, storages
from django.db import models
from django.utils.translation import gettext_lazy as _

from organizations.models import Unit
from rectification.models.problem import Problem
from workflows.models import FrozenRow
from workflows.scope import ScopedQuerySet


def private_store() -> Storage:
    """Where evidence lies: never under a public address."""
    return storages["evidence"]


class Phase(models.TextChoices):
    """What a picture shows."""

    BEFORE = "before", _("整改前")
    AFTER = "after", _("整改后")
    DOCUMENT = "document", _("其他材料")


class EvidenceQuerySet(ScopedQuerySet):
    """Evidence of the problems one may see."""

    def visible_to(self, user: Any) -> "EvidenceQuerySet":
        """Exactly with the problem."""
        return self.filter(problem__in=Problem.objects.visible_to(user))


class Evidence(FrozenRow):
    """One file. Sizes in bytes, place in WGS84 degrees."""

    problem = models.ForeignKey(Problem, models.PROTECT, related_name="evidence")
    phase = models.CharField(_("阶段"), max_length=10, choices=Phase.choices)
    caption = models.CharField(_("说明"), max_length=120, blank=True)
    name = models.CharField(_("文件名"), max_length=160)
    kind = models.CharField(_("类型"), max_length=10)
    content_type = models.CharField(max_length=100)
    size = models.PositiveIntegerField(_("大小（字节）"))
    sha256 = models.CharField(max_length=64, db_index=True)
    taken_at = models.DateTimeField(_("拍摄时间"), null=True)
    latitude = models.DecimalField(_("纬度"), max_digits=9, decimal_places=6, null=True)
    longitude = models.DecimalField(_("经度"), max_digits=9, decimal_places=6, null=True)
    original = models.FileField(storage=private_store, max_length=200)
    display = models.FileField(storage=private_store, max_length=200, blank=True)
    display_type = models.CharField(max_length=100, blank=True)
    thumbnail = models.FileField(storage=private_store, max_length=200, blank=True)
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="+")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    replaces = models.ForeignKey("self", models.PROTECT, null=True, related_name="replaced_by")
    # Set when a report names the file: from then on only a new version can follow.
    locked_at = models.DateTimeField(_("锁定时间"), null=True)
    withdrawn_at = models.DateTimeField(_("移除时间"), null=True)

    objects = EvidenceQuerySet.as_manager()

    DIGEST = (
        "phase",
        "caption",
        "name",
        "kind",
        "size",
        "sha256",
        "taken_at",
        "latitude",
        "longitude",
        "by_id",
        "at",
    )

    class Meta:
        verbose_name = verbose_name_plural = _("佐证材料")
        ordering = ["id"]

    def __str__(self) -> str:
        return self.name

    @property
    def is_picture(self) -> bool:
        """Whether people see it as a picture."""
        return bool(self.display)
