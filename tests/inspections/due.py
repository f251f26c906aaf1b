"""Deadline phrases with the reading a careful clerk would give them, worked out apart from the product."""

import calendar
from datetime import date, timedelta
from random import Random
from typing import Any

import chinese_calendar

Deadline = dict[str, Any]
CLASSES = {
    "立行立改": ["立行立改"],
    "立即整改": ["立行立改"],
    "限期整改": ["限期整改"],
    "长期坚持": ["长期坚持"],
    "立行立改，长期坚持": ["立行立改", "长期坚持"],
}
MONTHS = ["一", "二", "三", "四", "五", "六", "七", "八", "九", "十", "十一", "十二"]
COUNTS = {3: "三", 5: "5", 7: "七", 10: "十", 15: "15", 20: "二十"}
UNSURE = ["2月30日前", "2150年6月底前", "6月31日前", "13月10日前"]


def deadline(kind: str, **known: Any) -> Deadline:
    """The object of the command line without its words."""
    return {"kind": kind, "start": None, "end": None, "time": None, "period": None, "classes": [], **known}


NONE = deadline("none")


def month_end(year: int, month: int) -> date:
    """The last day of a month."""
    return date(year, month, calendar.monthrange(year, month)[1])


def after_months(day: date, count: int) -> date:
    """The same day some months on; callers take days up to 28 only."""
    year, month = divmod(day.year * 12 + day.month - 1 + count, 12)
    return date(year, month + 1, day.day)


def after_workdays(day: date, count: int) -> date:
    """So many working days on, the first day not counted."""
    while count:
        day += timedelta(days=1)
        count -= chinese_calendar.is_workday(day)
    return day


def until(end: date, text: str, **more: Any) -> tuple[str, Deadline]:
    """A phrase that means one last day."""
    return text, deadline("deadline", end=end.isoformat(), **more)


def full_date(chance: Random, today: date) -> tuple[str, Deadline]:
    """A date with its year, as people write it."""
    end = today + timedelta(days=chance.randint(5, 200))
    y, m, d = end.year, end.month, end.day
    if chance.random() < 0.1:
        said = "".join("〇一二三四五六七八九"[int(digit)] for digit in str(y))
        return until(month_end(y, m), f"{said}年{MONTHS[m - 1]}月底前")
    text = chance.choice(
        [f"{y}年{m}月{d}日前", f"{y}年{m}月{d}日", f"{y}.{m}.{d}", f"{end}", f"{y}/{m}/{d}", f"于{y}年{m}月{d}日前完成"]
    )
    return until(end, text)


def day_without_year(chance: Random, today: date) -> tuple[str, Deadline]:
    """A day of a month, the next such day; now and then with an hour."""
    end = today + timedelta(days=chance.randint(5, 150))
    said = f"{end.month}月{end.day}日"
    if chance.random() < 0.3:
        return until(end, chance.choice([f"{said}17时前", f"{said}下午17:00前"]), time="17:00")
    return until(end, chance.choice([f"{said}前", f"{said}之前", f"于{said}全面完成整改", f"务必在{said}前完成"]))


def end_of_month(chance: Random, today: date) -> tuple[str, Deadline]:
    """The end of a month to come."""
    then = after_months(today.replace(day=1), chance.randint(1, 8))
    end = month_end(then.year, then.month)
    with_year = f"{then.year}年{then.month}月底"
    without = f"{then.month}月底"
    return until(end, chance.choice([f"{with_year}前", f"{with_year}之前", f"{without}前", f"争取{without}前完成"]))


def end_of_year(chance: Random, today: date) -> tuple[str, Deadline]:
    """The end of this year, or the half of a year named."""
    luck = chance.random()
    if luck < 0.4:
        return until(date(today.year, 12, 31), chance.choice(["年底前", "今年年底前完成", "年内"]))
    if luck < 0.6:
        return until(month_end(today.year, today.month), "本月底前")
    if luck < 0.75 and today.month < 9:
        return until(date(today.year, 9, 30), chance.choice(["国庆节前", "争取“十一”前完成", "三季度末前"]))
    if today.month < 6:
        return until(date(today.year, 6, 30), f"{today.year}年上半年全部整改到位")
    return until(date(today.year, 12, 31), f"{today.year}年12月底前")


def counted(chance: Random, today: date) -> tuple[str, Deadline]:
    """A number of days, working days or months from the document's day."""
    count, said = chance.choice(list(COUNTS.items()))
    kind = chance.choice(["work", "work", "days", "receipt", "months", "weeks"])
    if kind == "work":
        end = after_workdays(today, count)
        return until(end, chance.choice([f"{said}个工作日内", f"原则上在{said}个工作日内完成"]))
    if kind == "days":
        return until(today + timedelta(days=count), chance.choice([f"{said}日内", f"限{said}日内整改完毕"]))
    if kind == "weeks":
        days, text = chance.choice([(7, "一周内"), (14, "两周内"), (15, "半个月内")])
        return until(today + timedelta(days=days), text)
    if kind == "receipt":
        return until(today + timedelta(days=count), f"自收到本通知之日起{said}日内")
    months, word = chance.choice([(1, "一"), (2, "2"), (3, "三"), (6, "6")])
    return until(after_months(today, months), chance.choice([f"{word}个月内", f"于{word}个月内"]))


def stretch(chance: Random, today: date) -> tuple[str, Deadline]:
    """From one day or month to another."""
    if chance.random() < 0.5:
        first = date(today.year + 1, chance.randint(1, 5), 1)
        last = chance.randint(first.month + 1, 12)
        known = {"start": first.isoformat(), "end": month_end(first.year, last).isoformat()}
        return f"{first.year}年{first.month}-{last}月", deadline("range", **known)
    start = today + timedelta(days=chance.randint(1, 20))
    end = start + timedelta(days=chance.randint(5, 60))
    said = [f"{day.year}年{day.month}月{day.day}日" for day in (start, end)]
    return "至".join(said), deadline("range", start=start.isoformat(), end=end.isoformat())


def again_and_again(chance: Random, today: date) -> tuple[str, Deadline]:
    """A duty that comes back."""
    text, period = chance.choice([("每半年组织开展一次", "P6M"), ("每季度开展一次", "P3M"), ("每月25日前", "P1M")])
    if "25" not in text:
        return text, deadline("recurring", period=period)
    end = today.replace(day=25) if today.day <= 25 else after_months(today.replace(day=25), 1)
    return text, deadline("recurring", period=period, end=end.isoformat())


def no_day(chance: Random, today: date) -> tuple[str, Deadline]:
    """Classes of rectification, counts of days without a beginning, days gone by, no day at all, impossible days."""
    luck = chance.random()
    if luck < 0.6:
        text, classes = chance.choice(list(CLASSES.items()))
        return text, deadline("class", classes=list(classes))
    if luck < 0.7:
        return "为期7天", deadline("duration", period="P7D")
    if luck < 0.8 and today.month > 2:
        end = month_end(today.year, today.month - 2)
        return f"截至{end.month}月底", deadline("asof", end=end.isoformat())
    if luck < 0.9:
        return "不定期", deadline("none")
    return chance.choice(UNSURE), deadline("unsure")


PHRASES = [full_date, day_without_year, end_of_month, end_of_year, counted, stretch, again_and_again, no_day]
WEIGHTS = [6, 5, 5, 2, 5, 1, 1, 4]


def phrase(chance: Random, today: date) -> tuple[str, Deadline]:
    """Words for the deadline cell and what they mean on the document's day."""
    return chance.choices(PHRASES, WEIGHTS)[0](chance, today)


def date_cell(chance: Random, today: date) -> tuple[date, Deadline]:
    """A real date in the cell."""
    end = today + timedelta(days=chance.randint(5, 200))
    return end, deadline("deadline", end=end.isoformat())
