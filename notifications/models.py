"""What people are told, where they want to read it, and what became of each message."""

import uuid
from datetime import datetime, time
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from organizations.models import Unit
from organizations.roles import Role
from workflows.models import Case, Event
from workflows.registry import Urgency
from workflows.scope import ScopedQuerySet, actor_of

IN_APP = "in_app"
KEEPERS = (Role.UNIT_HEAD, Role.OFFICE)  # who answers for the addresses of a unit


class NoticeQuerySet(ScopedQuerySet):
    """Notices, which are each person's own."""

    def visible_to(self, user: Any) -> "NoticeQuerySet":
        """One's own, and nobody else's."""
        return self.filter(person_id=user.pk) if user.is_authenticated and user.is_active else self.none()

    def unread(self) -> "NoticeQuerySet":
        """Those that nobody has opened."""
        return self.filter(read_at__isnull=True)


class Notice(models.Model):
    """One thing one person is told. It is the message inside the system, whatever goes out beside it."""

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="notices", db_index=False, verbose_name=_("收件人")
    )
    event = models.ForeignKey(Event, models.PROTECT, null=True, related_name="+", db_index=False)
    case = models.ForeignKey(Case, models.PROTECT, null=True, related_name="+", db_index=False)
    unit = models.ForeignKey(
        Unit, models.PROTECT, null=True, related_name="+", db_index=False, verbose_name=_("因何单位")
    )
    urgency = models.CharField(_("缓急"), max_length=20, choices=Urgency.choices, blank=True)
    sentence = models.CharField(_("内容"), max_length=200)
    todo = models.CharField(_("要办的事"), max_length=200, blank=True)
    number = models.CharField(_("编号"), max_length=40, blank=True)
    due_on = models.DateField(_("办理时限"), null=True)
    url = models.CharField(max_length=200)
    created_at = models.DateTimeField(_("时间"))
    read_at = models.DateTimeField(_("阅读时间"), null=True)
    for_digest = models.BooleanField(default=False)  # waits for the person's next digest
    passed_on = models.PositiveSmallIntegerField(default=0)  # 1: to the unit's head, 2: to the office
    pass_on_at = models.DateTimeField(null=True)  # unread then, it goes to the next person

    objects = NoticeQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("消息")
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["person", "-id"], name="notice_of_person"),
            models.Index(fields=["person", "case"], condition=Q(read_at__isnull=True), name="notice_unread"),
            models.Index(fields=["person", "id"], condition=Q(for_digest=True), name="notice_for_digest"),
            models.Index(fields=["pass_on_at"], condition=Q(pass_on_at__isnull=False), name="notice_to_pass_on"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["event", "person"], condition=Q(event__isnull=False), name="notice_once_per_event"
            )
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.sentence}".strip()

    @property
    def happened_at(self) -> datetime:
        """When that happened of which it tells; what tells of no event happened when it was written."""
        return self.event.at if self.event else self.created_at

    @property
    def presses(self) -> bool:
        """Whether it is late or red and has not been opened yet."""
        return self.read_at is None and self.urgency in (Urgency.OVERDUE, Urgency.RED)


class AddressQuerySet(ScopedQuerySet):
    """Addresses, of a person or of a unit."""

    def visible_to(self, user: Any) -> "AddressQuerySet":
        """One's own; those of units one answers for; all of them to the system administrator."""
        actor = actor_of(user)
        if actor.holds(Role.SYSTEM_ADMIN):
            return self
        units = [post.unit_id for post in actor.posts if post.role in KEEPERS]
        return self.filter(Q(user_id=user.pk) | Q(unit_id__in=units)) if actor.posts else self.none()

    def live(self) -> "AddressQuerySet":
        """Addresses that messages go to."""
        return self.filter(active=True)


class Address(models.Model):
    """Where a channel finds a person or a unit."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="addresses", db_index=False
    )
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="addresses", db_index=False)
    channel = models.CharField(_("渠道"), max_length=20)
    address = models.CharField(_("地址"), max_length=500)
    secret = models.CharField(_("密钥"), max_length=200, blank=True)
    active = models.BooleanField(_("启用"), default=True)
    failures = models.PositiveSmallIntegerField(_("连续失败"), default=0)
    switched_off_at = models.DateTimeField(_("停用时间"), null=True)
    switched_off_reason = models.CharField(_("停用原因"), max_length=200, blank=True)

    objects = AddressQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("收件地址")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "channel"], condition=Q(user__isnull=False), name="address_once_per_person"
            ),
            models.UniqueConstraint(
                fields=["unit", "channel", "address"], condition=Q(unit__isnull=False), name="address_once_per_unit"
            ),
            models.CheckConstraint(
                condition=Q(user__isnull=True, unit__isnull=False) | Q(user__isnull=False, unit__isnull=True),
                name="address_has_one_owner",
            ),
        ]
        indexes = [
            models.Index(fields=["-switched_off_at"], condition=Q(active=False), name="address_switched_off"),
        ]

    def __str__(self) -> str:
        return f"{self.owner} · {self.masked}"

    @property
    def owner(self) -> Any:
        """The person or the unit."""
        return self.user or self.unit

    @property
    def masked(self) -> str:
        """Enough to tell two addresses apart; the key of a robot stands in its address."""
        if "@" in self.address:
            return self.address
        return f"…{self.address[-6:]}" if len(self.address) > 12 else "…"


class DeliveryKind(models.TextChoices):
    """Why a message goes out now."""

    INSTANT = "instant", _("即时")
    DIGEST = "digest", _("每日汇总")
    RESEND = "resend", _("重发")


class DeliveryState(models.TextChoices):
    """How far a message is. Nothing is ever dropped: what failed can be sent again."""

    WAITING = "waiting", _("等待发送")
    SENDING = "sending", _("正在发送")
    SENT = "sent", _("已发送")
    FAILED = "failed", _("发送失败")


UNSENT = [DeliveryState.WAITING, DeliveryState.SENDING]
JOINABLE = Q(kind=DeliveryKind.INSTANT, state=DeliveryState.WAITING, attempts=0, address__isnull=False)


class DeliveryQuerySet(ScopedQuerySet):
    """Messages and what became of them."""

    def visible_to(self, user: Any) -> "DeliveryQuerySet":
        """The system administrator keeps the channels; nobody else looks at them."""
        return self if actor_of(user).holds(Role.SYSTEM_ADMIN) else self.none()


class Delivery(models.Model):
    """One message on one channel, with everything it bundles. Inside the system it is done when it is made."""

    # What the receiver knows it by: the same over all retries, so that a message that came twice is seen as one.
    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False, verbose_name=_("收件人")
    )
    unit = models.ForeignKey(
        Unit, models.PROTECT, null=True, related_name="+", db_index=False, verbose_name=_("收件单位")
    )
    channel = models.CharField(_("渠道"), max_length=20)
    address = models.ForeignKey(Address, models.PROTECT, null=True, related_name="deliveries", db_index=False)
    kind = models.CharField(_("类别"), max_length=10, choices=DeliveryKind.choices)
    state = models.CharField(_("状态"), max_length=10, choices=DeliveryState.choices, default=DeliveryState.WAITING)
    day = models.DateField(null=True)  # of a digest: the office day it is for
    send_after = models.DateTimeField(_("计划发送"))
    next_try_at = models.DateTimeField()  # while sending: until when the lease holds
    attempts = models.PositiveSmallIntegerField(_("次数"), default=0)
    sent_at = models.DateTimeField(_("发送时间"), null=True)
    error = models.CharField(_("失败原因"), max_length=300, blank=True)
    reference = models.CharField(max_length=200, blank=True)
    resend_of = models.ForeignKey("self", models.PROTECT, null=True, related_name="resends", db_index=False)
    created_at = models.DateTimeField(_("产生时间"))
    notices: Any = models.ManyToManyField(Notice, through="Carried", related_name="deliveries")

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("发送")
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["next_try_at"], condition=Q(state__in=UNSENT), name="delivery_due"),
            models.Index(
                fields=["channel", "next_try_at"], condition=Q(state=DeliveryState.SENDING), name="delivery_in_flight"
            ),
            models.Index(fields=["-id"], condition=~Q(channel=IN_APP), name="delivery_outside"),
            models.Index(fields=["person", "-id"], condition=~Q(channel=IN_APP), name="delivery_of_person"),
            models.Index(fields=["unit", "-id"], condition=~Q(channel=IN_APP), name="delivery_of_unit"),
            models.Index(fields=["-id"], condition=Q(state=DeliveryState.FAILED), name="delivery_failed"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["address"], condition=JOINABLE, name="delivery_joins_one"),
            models.UniqueConstraint(
                fields=["person", "channel", "day"],
                condition=Q(kind=DeliveryKind.DIGEST),
                name="digest_once_a_day",
            ),
            models.UniqueConstraint(
                fields=["resend_of"], condition=Q(state__in=UNSENT), name="delivery_resent_once_at_a_time"
            ),
        ]

    def __str__(self) -> str:
        return str(self.key)


class Carried(models.Model):
    """A notice in a message."""

    delivery = models.ForeignKey(Delivery, models.CASCADE, related_name="carried", db_index=False)
    notice = models.ForeignKey(Notice, models.CASCADE, related_name="carried", db_index=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["delivery", "notice"], name="carried_once")]

    def __str__(self) -> str:
        return f"{self.delivery_id}: {self.notice_id}"


class Preset(models.TextChoices):
    """How much a person wants to be told outside the system."""

    ALL = "all", _("全部：急的马上发，其余每天汇总一次")
    IMPORTANT = "important", _("重要：急的马上发，汇总里只列要我办的")
    DIGEST = "digest", _("仅汇总：每天一次，只有逾期和红色预警马上发")


DIGEST_AT = time(8, 30)


class PreferenceQuerySet(ScopedQuerySet):
    """Preferences, which are each person's own."""

    def visible_to(self, user: Any) -> "PreferenceQuerySet":
        """One's own."""
        return self.filter(user_id=user.pk) if user.is_authenticated else self.none()


class Preference(models.Model):
    """How and when a person wants to be told; without a row, everything as it comes."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, primary_key=True, related_name="preference")
    preset = models.CharField(_("接收范围"), max_length=10, choices=Preset.choices, default=Preset.ALL)
    quiet_from = models.TimeField(_("免打扰开始"), null=True, blank=True)
    quiet_to = models.TimeField(_("免打扰结束"), null=True, blank=True)
    digest_at = models.TimeField(_("汇总时间"), default=DIGEST_AT)

    objects = PreferenceQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("消息设置")
        constraints = [
            models.CheckConstraint(
                condition=Q(quiet_from__isnull=True, quiet_to__isnull=True)
                | Q(quiet_from__isnull=False, quiet_to__isnull=False),
                name="quiet_hours_have_both_ends",
            )
        ]

    def __str__(self) -> str:
        return f"{self.user_id}: {self.preset}"
