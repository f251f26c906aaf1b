"""The roles a post can carry. Codes are fixed here; their labels are dictionary rows."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    """What a person does in a unit. The Chinese here is only the first label of a dictionary row."""

    INSPECTOR = "inspector", _("督查员")
    TEAM_LEAD = "team_lead", _("督查组长")
    OFFICE = "office", _("整改办")
    UNIT_HEAD = "unit_head", _("单位负责人")
    UNIT_CLERK = "unit_clerk", _("单位经办人")
    VILLAGE_ASSESSOR = "village_assessor", _("村级评定人")
    TOWNSHIP_REVIEWER = "township_reviewer", _("乡镇审核人")
    SECTOR_REVIEWER = "sector_reviewer", _("行业审核人")
    COUNTY_LEADER = "county_leader", _("县领导")
    OBSERVER = "observer", _("观察员")
    SYSTEM_ADMIN = "system_admin", _("系统管理员")
    SECURITY_ADMIN = "security_admin", _("安全管理员")
    AUDITOR = "auditor", _("审计员")


class Seat(models.TextChoices):
    """To whom in a unit a work item belongs; head and clerk share one seat."""

    UNIT = "unit", _("责任单位")
    OFFICE = "office", _("整改办")
    TEAM = "team", _("督查组")
    VILLAGE = "village", _("村级评定")
    TOWNSHIP = "township", _("乡镇审核")
    SECTOR = "sector", _("行业审核")
    COUNTY = "county", _("县级审定")
    CLOCK = "clock", _("系统时钟")


SEAT_OF_ROLE: dict[str, str] = {
    Role.UNIT_HEAD: Seat.UNIT,
    Role.UNIT_CLERK: Seat.UNIT,
    Role.OFFICE: Seat.OFFICE,
    Role.INSPECTOR: Seat.TEAM,
    Role.TEAM_LEAD: Seat.TEAM,
    Role.VILLAGE_ASSESSOR: Seat.VILLAGE,
    Role.TOWNSHIP_REVIEWER: Seat.TOWNSHIP,
    Role.SECTOR_REVIEWER: Seat.SECTOR,
    Role.COUNTY_LEADER: Seat.COUNTY,
}

# Roles that see their unit's division and everything below it (DOMAIN: scope).
AREA_ROLES = frozenset({Role.OFFICE, Role.COUNTY_LEADER, Role.TOWNSHIP_REVIEWER, Role.VILLAGE_ASSESSOR, Role.OBSERVER})

# 三员分立: no one person may hold two of these.
ADMIN_ROLES = frozenset({Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDITOR})
