"""What happened: the append-only hash chain, its seals, and the rows whose digests it names."""

import hashlib
import json
from datetime import UTC, datetime
from typing import Any, ClassVar

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils.translation import gettext_lazy as _

from organizations.models import Post, Unit
from workflows.models.cases import Case


class Event(models.Model):
    """One thing that happened to a case; never changed, never deleted.

    Only what is asked for has an index: every event written pays for each of them.
    """

    case = models.ForeignKey(Case, models.PROTECT, related_name="events", db_index=False)
    number = models.PositiveIntegerField(_("序号"))
    name = models.CharField(_("事件"), max_length=40)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False)
    post = models.ForeignKey(Post, models.PROTECT, null=True, related_name="+", db_index=False)
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="+", db_index=False)
    from_state = models.CharField(max_length=30, blank=True)
    to_state = models.CharField(max_length=30, blank=True)
    round = models.PositiveSmallIntegerField(default=1)
    work_item = models.BigIntegerField(null=True)
    data = models.JSONField(default=dict)
    at = models.DateTimeField()
    algorithm = models.CharField(max_length=10)
    previous_hash = models.CharField(max_length=64, blank=True)
    hash = models.CharField(max_length=64)

    class Meta:
        verbose_name = verbose_name_plural = _("事件")
        ordering = ["case_id", "number"]
        constraints = [models.UniqueConstraint(fields=["case", "number"], name="event_number_once")]
        indexes = [models.Index(fields=["at"], name="event_at")]

    def __str__(self) -> str:
        return f"{self.case_id}#{self.number} {self.name}"


class Outbox(models.Model):
    """An event whose people have not been told yet; written with the event, deleted once notices exist."""

    event = models.OneToOneField(Event, models.PROTECT, primary_key=True, related_name="outbox")
    next_try_at = models.DateTimeField(db_index=True)
    attempts = models.PositiveSmallIntegerField(default=0)

    class Meta:
        verbose_name = verbose_name_plural = _("待发事件")

    def __str__(self) -> str:
        return f"{self.event_id}"


class Seal(models.Model):
    """The day's fingerprint over every chain that grew since the seal before."""

    day = models.DateField(unique=True)
    made_at = models.DateTimeField()
    count = models.PositiveIntegerField()
    algorithm = models.CharField(max_length=10)
    previous_root = models.CharField(max_length=64, blank=True)
    root = models.CharField(max_length=64)

    class Meta:
        verbose_name = verbose_name_plural = _("封存")
        ordering = ["day"]

    def __str__(self) -> str:
        return f"{self.day} {self.root[:12]}"


class SealEntry(models.Model):
    """The head of one case's chain as a seal saw it; no foreign key, so a vanished case is missed."""

    seal = models.ForeignKey(Seal, models.PROTECT, related_name="entries")
    case_number = models.CharField(max_length=40)
    count = models.PositiveIntegerField()
    head_hash = models.CharField(max_length=64)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["seal", "case_number"], name="case_once_in_seal")]

    def __str__(self) -> str:
        return f"{self.case_number}:{self.count}"


def _stable(value: Any) -> Any:
    """Instants in UTC to the microsecond, as the database gives them back, whatever zone they came in."""
    return f"{value.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%fZ}" if isinstance(value, datetime) else value


class FrozenRow(models.Model):
    """A row written once, whose digest an event of the same case names."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="+")

    # Names of the fields that count; anything that may change later stays out.
    DIGEST: ClassVar[tuple[str, ...]] = ()

    class Meta:
        abstract = True

    def digest(self) -> str:
        """SHA-256 over the canonical JSON of the fields that count."""
        values: dict[str, Any] = {name: _stable(getattr(self, name)) for name in ("case_id", *self.DIGEST)}
        text = json.dumps(values, cls=DjangoJSONEncoder, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()

    def named(self) -> dict[str, Any]:
        """How an event names this row."""
        return {"row": self._meta.label_lower, "pk": self.pk, "digest": self.digest()}
