"""The calendar and the policies a new installation begins with."""

from datetime import time
from typing import Any

from django.db.models import F
from django.utils.translation import gettext as _

from organizations import clock
from workflows.calendar import PROVISIONAL_NAME, published_years, seed_days
from workflows.models import (
    CalendarDay,
    CalendarYear,
    DeadlinePolicy,
    EscalationPolicy,
    ReviewPolicy,
    WarningPolicy,
    WorkingTime,
)
from workflows.queries import forget_kept
from workflows.recomputing import calendar_changed

FIRST_YEAR = 2019
YEARS_AHEAD = 3

REVIEW_POLICIES = {
    "three_levels": {"name": "三级评定", "village": True, "township": True, "sector": False},
    "three_levels_notice": {
        "name": "三级评定并公示",
        "village": True,
        "township": True,
        "sector": False,
        "notice_days": 5,
    },
    "sector_office": {"name": "部门—县级审定", "village": False, "township": False, "sector": True},
    "county_only": {"name": "县级审定", "village": False, "township": False, "sector": False},
}

STEP_LIMITS = {
    "registered": {"count": 3, "unit": "working_days"},
    "assigned": {"count": 2, "unit": "working_days"},
    "planning": {"count": 5, "unit": "working_days"},
    "plan_review": {"count": 3, "unit": "working_days"},
    "verifying": {"count": 5, "unit": "working_days"},
    "village_review": {"count": 3, "unit": "working_days"},
    "township_review": {"count": 3, "unit": "working_days"},
    "sector_review": {"count": 5, "unit": "working_days"},
    "county_review": {"count": 5, "unit": "working_days"},
    "extension_office": {"count": 3, "unit": "working_days"},
    "extension_leader": {"count": 3, "unit": "working_days"},
    "objection": {"count": 5, "unit": "working_days"},
    "progress": {"count": 5, "unit": "working_days"},
    "escalation": {"count": 2, "unit": "working_days"},
}
LOCAL = "地方做法，请核对"


def _days(count: int) -> dict[str, Any]:
    return {"count": count, "unit": "days"}


# Limits that stand in a law are switched on and cited; the others are examples of local practice, off until an
# office has compared them with its own rules. What has been superseded is not shipped.
DEADLINE_POLICIES: dict[str, dict[str, Any]] = {
    "standard": {"name": "一般问题", "case_limit": _days(60), "source": "平台默认，请按本地制度核对"},
    "audit_60": {"name": "审计整改（60日）", "case_limit": _days(60), "source": "浙江省审计条例第39条"},
    "audit_90": {"name": "审计整改（90日）", "case_limit": _days(90), "source": "上海市审计条例第31条"},
    "supervision": {"name": "政府督查复核", "case_limit": _days(30), "source": "政府督查工作条例第17条"},
    "petition": {
        "name": "信访事项",
        "case_limit": _days(60),
        "steps": {"registered": _days(15), "assigned": {"count": 5, "unit": "working_days"}},
        "extension_days_most": 30,
        "source": "信访工作条例第22、23、34条",
    },
    "tour_3_months": {"name": "巡察集中整改（3个月）", "case_limit": _days(90), "enabled": False},
    "instruction_urgent": {"name": "领导批示急件", "case_limit": _days(5), "enabled": False},
    "instruction": {"name": "领导批示件", "case_limit": _days(15), "enabled": False},
    "minutes": {"name": "会议纪要事项", "case_limit": _days(20), "enabled": False},
    "document": {"name": "公文督办", "case_limit": _days(30), "enabled": False},
    "hotline": {
        "name": "12345热线投诉",
        "case_limit": {"count": 5, "unit": "working_days"},
        "steps": {"assigned": {"count": 1, "unit": "working_days"}},
        "enabled": False,
    },
    "listed_safety": {"name": "安全隐患挂牌督办", "case_limit": _days(365), "enabled": False},
    "environment_letter": {"name": "环保督察信访件", "case_limit": _days(7), "enabled": False},
    "monitored_household": {
        "name": "监测对象识别",
        "case_limit": {"count": 20, "unit": "working_days"},
        "enabled": False,
    },
}


def _level(code: str, name: str, colour: str, urgent: str = "", **when: int) -> dict[str, Any]:
    conditions = [{"kind": kind, "count": count} for kind, count in when.items()]
    return {"code": code, "name": name, "colour": colour, "urgent": urgent, "when": conditions}


WARNING_POLICIES: dict[str, dict[str, Any]] = {
    "blue_yellow_red": {
        "name": "蓝黄红",
        "levels": [
            _level("blue", "蓝色预警", "blue", left=7),
            _level("yellow", "黄色预警", "amber", left=3),
            _level("red", "红色预警", "red", urgent="red", overdue=0),
        ],
    },
    "green_yellow_red": {
        "name": "绿黄红",
        "levels": [
            _level("green", "正常推进", "green", used=0),
            _level("yellow", "临期或滞后", "amber", left=5, behind=20),
            _level("red", "逾期", "red", urgent="red", overdue=0),
        ],
    },
    "red_orange_yellow": {
        "name": "红橙黄",
        "levels": [
            _level("yellow", "三级督办", "amber", left=3),
            _level("orange", "二级督办", "orange", urgent="overdue", overdue=0, sent_back=2),
            _level("red", "一级督办", "red", urgent="red", overdue=10, sent_back=3),
        ],
    },
}


def _rung(code: str, name: str, working_days: int, to: str, answer_days: int = 0) -> dict[str, Any]:
    return {
        "code": code,
        "name": name,
        "after": "red",
        "working_days": working_days,
        "to": to,
        "paper": answer_days > 0,
        "answer_days": answer_days,
    }


ESCALATION_POLICIES: dict[str, dict[str, Any]] = {
    "standard": {
        "name": "逐级督办",
        "rungs": [
            _rung("urge", "催办", 0, "经办人和单位负责人"),
            _rung("criticise", "通报", 5, "单位负责人", answer_days=5),
            _rung("remind", "提醒谈话", 10, "单位主要负责人", answer_days=3),
            _rung("talk", "约谈", 20, "单位主要负责人", answer_days=3),
        ],
    },
}


def load() -> None:
    """Add what is missing; days and policies somebody changed stay changed."""
    load_calendar()
    limits = {
        code: {
            "source": LOCAL,
            "step_limits": {**STEP_LIMITS, **raw.get("steps", {})},
            **{key: value for key, value in raw.items() if key != "steps"},
        }
        for code, raw in DEADLINE_POLICIES.items()
    }
    _add(ReviewPolicy, REVIEW_POLICIES)
    _add(DeadlinePolicy, limits)
    _add(WarningPolicy, WARNING_POLICIES)
    _add(EscalationPolicy, ESCALATION_POLICIES)
    if not WorkingTime.objects.exists():
        WorkingTime.objects.create(opens=time(8, 30), noon_from=time(12), noon_to=time(14), closes=time(17, 30))
    forget_kept()


def _add(model: Any, policies: dict[str, dict[str, Any]]) -> None:
    known = set(model.objects.values_list("code", flat=True))
    for code, fields in policies.items():
        if code not in known:
            model.objects.create(code=code, **fields)


def load_calendar() -> None:
    """Seed the day table from the published notices, and provisional years after them."""
    last = max(clock.today().year + YEARS_AHEAD, max(published_years()) + 1)
    known = dict(CalendarYear.objects.values_list("year", "published"))
    for year in range(FIRST_YEAR, last + 1):
        if year not in known:
            CalendarYear.objects.create(**_facts_of(year))
            rows = [CalendarDay(day=day, kind=kind, name=name) for day, kind, name in seed_days(year, year)]
            CalendarDay.objects.bulk_create(rows, ignore_conflicts=True)
        elif not known[year]:
            _look_again_at(year)
    forget_kept()


def _facts_of(year: int) -> dict[str, Any]:
    published = year in published_years()
    return {"year": year, "published": published, "document": "国务院办公厅节假日安排" if published else ""}


def _look_again_at(year: int) -> None:
    """A newer day table may know the notice of a year that was provisional, or presume it better.

    What somebody entered stays: of a provisional year these are the days the notice of the next one named.
    """
    presumed = CalendarDay.objects.filter(day__year=year, name=PROVISIONAL_NAME)
    standing = {row.day: (row.kind, row.name) for row in presumed}
    seeded = {day: (kind, name) for day, kind, name in seed_days(year, year) if day in standing}
    published = year in published_years()
    if seeded == standing and not published:
        return
    presumed.delete()
    CalendarDay.objects.bulk_create(CalendarDay(day=day, kind=kind, name=name) for day, (kind, name) in seeded.items())
    CalendarYear.objects.filter(year=year).update(**_facts_of(year), version=F("version") + 1)
    calendar_changed(seeded, _("%(year)d年节假日安排随软件更新") % {"year": year}, None)
