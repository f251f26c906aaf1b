"""The calendar and the policies a new installation begins with."""

from organizations import clock
from workflows.calendar import published_years, seed_days
from workflows.models import CalendarDay, CalendarYear, DeadlinePolicy, ReviewPolicy
from workflows.queries import forget_calendar

FIRST_YEAR = 2019
YEARS_AHEAD = 3

REVIEW_POLICIES = {
    "three_levels": {"name": "三级评定", "village": True, "township": True, "sector": False},
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
}


def load() -> None:
    """Add what is missing; days and policies somebody changed stay changed."""
    load_calendar()
    for code, fields in REVIEW_POLICIES.items():
        if not ReviewPolicy.objects.filter(code=code).exists():
            ReviewPolicy.objects.create(code=code, **fields)
    if not DeadlinePolicy.objects.filter(code="standard").exists():
        DeadlinePolicy.objects.create(
            code="standard",
            name="一般问题",
            case_limit={"count": 60, "unit": "days"},
            step_limits=STEP_LIMITS,
            source="平台默认，请按本地制度核对",
        )


def load_calendar() -> None:
    """Seed the day table from the published notices, and provisional years after them."""
    last = max(clock.today().year + YEARS_AHEAD, max(published_years()) + 1)
    known = dict(CalendarYear.objects.values_list("year", "published"))
    for year in range(FIRST_YEAR, last + 1):
        if year in published_years() and known.get(year) is False:
            # A newer day table knows the notice of a year that was provisional until now.
            CalendarDay.objects.filter(day__year=year).delete()
            CalendarYear.objects.filter(year=year).delete()
            known.pop(year)
    for year in (year for year in range(FIRST_YEAR, last + 1) if year not in known):
        rows = [CalendarDay(day=day, kind=kind, name=name) for day, kind, name in seed_days(year, year)]
        CalendarDay.objects.bulk_create(rows, ignore_conflicts=True)
        published = year in published_years()
        CalendarYear.objects.create(
            year=year, published=published, document="国务院办公厅节假日安排" if published else ""
        )
    forget_calendar()
