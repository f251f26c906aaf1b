"""The day table: which days are worked, and which years have been published."""

from django.db import models
from django.utils.translation import gettext_lazy as _

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
