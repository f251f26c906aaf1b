"""The day table: which days are worked, and which years have been published."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from organizations.models import Division
from workflows.calendar import DayKind


class CalendarYear(models.Model):
    """A year of the calendar: published by the State Council's notice, or provisional."""

    year = models.PositiveSmallIntegerField(_("年份"), primary_key=True)
    published = models.BooleanField(_("已公布"), default=False)
    document = models.CharField(_("依据文件"), max_length=120, blank=True)
    version = models.PositiveIntegerField(_("版本"), default=1)

    class Meta:
        verbose_name = verbose_name_plural = _("日历年度")
        ordering = ["year"]

    def __str__(self) -> str:
        return str(self.year)


class CalendarDay(models.Model):
    """One day and what kind of day it is."""

    day = models.DateField(_("日期"), primary_key=True)
    kind = models.CharField(_("类别"), max_length=10, choices=DayKind.choices)
    name = models.CharField(_("说明"), max_length=40, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("日历")
        ordering = ["day"]

    def __str__(self) -> str:
        return f"{self.day} {self.get_kind_display()}"


class LocalDay(models.Model):
    """A day a county made its own: a local holiday, or a day worked because of local need."""

    division = models.ForeignKey(Division, models.PROTECT, related_name="+", verbose_name=_("适用区划"))
    day = models.DateField(_("日期"))
    kind = models.CharField(_("类别"), max_length=10, choices=DayKind.choices)
    name = models.CharField(_("说明"), max_length=40, blank=True)
    document = models.CharField(_("依据文件"), max_length=120, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("地方调整日")
        ordering = ["day"]
        constraints = [models.UniqueConstraint(fields=["division", "day"], name="local_day_once")]

    def __str__(self) -> str:
        return f"{self.day} {self.get_kind_display()}"


class WorkingTime(models.Model):
    """办公时间 of a division, or of everybody where no division stands."""

    division = models.OneToOneField(
        Division, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("适用区划")
    )
    opens = models.TimeField(_("上午上班"))
    noon_from = models.TimeField(_("上午下班"))
    noon_to = models.TimeField(_("下午上班"))
    closes = models.TimeField(_("下午下班"))

    class Meta:
        verbose_name = verbose_name_plural = _("办公时间")
        constraints = [
            models.UniqueConstraint(fields=["division"], name="one_working_time", nulls_distinct=False),
            models.CheckConstraint(
                condition=models.Q(opens__lt=models.F("noon_from"))
                & models.Q(noon_from__lte=models.F("noon_to"))
                & models.Q(noon_to__lt=models.F("closes")),
                name="a_day_goes_forward",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.opens:%H:%M}—{self.closes:%H:%M}"
