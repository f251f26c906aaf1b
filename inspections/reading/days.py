"""Days by year, month, week and festival: the small calendar facts that phrases need."""

from calendar import monthrange
from datetime import date, timedelta
from functools import lru_cache

from chinese_calendar import Holiday, holidays

from inspections.reading.limits import FIRST_YEAR, LAST_YEAR
from workflows.calendar import Calendar, Limit, LimitUnit, compute_due, published_years, seed_days

ONE_DAY = timedelta(days=1)
_DIGITS = {character: value for value, character in enumerate("零一二三四五六七八九")} | {
    "〇": 0,
    "○": 0,
    "O": 0,
    "两": 2,
    "俩": 2,
}

# Festivals on a fixed day of the sun's year.
_SOLAR = {
    (1, 1): ("元旦", "元旦节"),
    (3, 8): ("三八", "妇女节"),
    (5, 1): ("五一", "劳动节", "五一节", "五一劳动节"),
    (5, 4): ("五四",),
    (6, 1): ("六一",),
    (7, 1): ("七一", "建党节"),
    (8, 1): ("八一", "建军节"),
    (9, 10): ("教师节",),
    (10, 1): ("十一", "国庆", "国庆节", "十一国庆节"),
}
_FIXED = {name: day for day, names in _SOLAR.items() for name in names}
# The others follow the moon or the sun; only a published notice says when their holiday begins.
_MOVING = {
    "春节": ("春节", "新春", "农历新年"),
    "清明": ("清明", "清明节"),
    "端午": ("端午", "端午节"),
    "中秋": ("中秋", "中秋节"),
}
_NOTICED = {name: label for label, names in _MOVING.items() for name in names}
FESTIVALS = tuple(sorted({*_FIXED, *_NOTICED}, key=len, reverse=True))


def number(text: str) -> int:
    """The value of digits, 十五, 二十一, 六十, 二〇二六 or 两; raises ValueError for anything else."""
    if text.isascii() and text.isdigit():
        return int(text)
    if "百" in text:
        high, _hundred, low = text.partition("百")
        return _digit(high or "一") * 100 + (number(low.lstrip("零〇")) if low else 0)
    if "十" in text:
        high, _ten, low = text.partition("十")
        return _digit(high or "一") * 10 + (_digit(low) if low else 0)
    value = 0
    for character in text:
        value = value * 10 + _digit(character)
    return value


def _digit(character: str) -> int:
    if character in _DIGITS:
        return _DIGITS[character]
    if len(character) == 1 and character.isdigit():
        return int(character)
    raise ValueError(character)


def year_of(text: str, near: int | None) -> int:
    """The year as written; two digits only where they mean a year within ten of the document's."""
    year = number(text)
    if len(text) == 2 and near is not None and abs(2000 + year - near) <= 10:
        year += 2000
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise ValueError(text)
    return year


def month_end(year: int, month: int) -> date:
    """The last day of the month; raises ValueError for a month there is not."""
    if not 1 <= month <= 12:
        raise ValueError(month)
    return date(year, month, monthrange(year, month)[1])


def months_later(day: date, months: int) -> date:
    """The same day so many months on, or the month's last day where it is shorter."""
    years, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(years, month + 1, min(day.day, monthrange(years, month + 1)[1]))


def festival(name: str, year: int) -> date | None:
    """The festival's day, or the first of its holiday where only the notice knows; None if unpublished."""
    if name in _FIXED:
        return date(year, *_FIXED[name])
    days = [day for day, label in _holidays_of(year) if Holiday(label).chinese == _NOTICED[name]]
    return min(days, default=None)


@lru_cache(maxsize=16)
def _holidays_of(year: int) -> tuple[tuple[date, str], ...]:
    return tuple((day, label) for day, label in holidays.items() if day.year == year)


def working_days_after(start: date, count: int) -> tuple[date, str]:
    """The day the limit ends on, and the sentence of how it was counted."""
    years = range(start.year, start.year + 2 + count // 200)
    computation = compute_due(start, Limit(count, LimitUnit.WORKING_DAYS), _calendar(years[0], years[-1]))
    return computation.due_on, computation.sentence()


@lru_cache(maxsize=16)
def _calendar(first: int, last: int) -> Calendar:
    days = {day: kind for day, kind, _name in seed_days(first, last)}
    return Calendar(days, published_years() & frozenset(range(first, last + 1)), "chinesecalendar")
