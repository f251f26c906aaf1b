"""Reads a deadline as it was written: a day, a range, a cycle, a kind of rectification, or not certain."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from functools import lru_cache

from django.utils.translation import gettext as _

from inspections.reading import phrases
from inspections.reading.days import month_end, months_later, number, working_days_after, year_of
from inspections.reading.due import DeadlineReading
from inspections.reading.limits import FIRST_YEAR, LAST_YEAR
from inspections.reading.pieces import Ambiguous, Piece, Unpublished, find_pieces
from inspections.reading.recurring import next_due, period_of
from inspections.reading.sentences import in_words

LONGEST = 80  # characters; what is longer tells a story and is left to a person
MOST = 3650  # days, weeks or months; a longer limit is a slip of the pen
JUST_PAST = 95  # days; a day without a year that has passed so lately may have been meant


@lru_cache(maxsize=4096)
def parse_deadline(text: str, reference: date | None = None) -> DeadlineReading:
    """Understand the phrase relative to the document's day; what is not certain is `unsure`, never a guess."""
    phrase = phrases.normalised(text)
    if not phrase.plain.strip("/／-—－ 无"):
        return DeadlineReading("none", reading=_("没有写明时限。"))
    if len(phrase.plain) > LONGEST:
        return _unsure(_("文字太长，没有当作日期来读，请人工确定。"))
    classes = classes_in(phrase.plain)
    try:
        reading = _first_reading(phrase.plain, reference, classes)
    except Unpublished as festival:
        reading = _unsure(_("“%(name)s”那一年的放假安排尚未公布，请人工确定。") % {"name": festival})
    except Ambiguous as doubt:
        reading = _unsure(_doubt_about(str(doubt), reference))
    except (ValueError, OverflowError):
        reading = _unsure(_("写的日期不存在或超出范围，请人工确定。"))
    return _with_hedges(_with_classes(reading, classes), phrase.plain)


def classes_in(text: str) -> tuple[str, ...]:
    """The kinds of rectification that the phrase names."""
    return tuple(name for name, pattern in phrases.CLASS_WORDS if pattern.search(text))


def _first_reading(text: str, reference: date | None, classes: tuple[str, ...]) -> DeadlineReading:
    for reader in (_done, _as_of, _recurring, _open_range, _range, _within, _single, _length):
        reading = reader(text, reference)
        if reading is not None:
            return reading
    if classes and not phrases.has_more_dates(_without_classes(text)):
        return DeadlineReading(
            "class", reading=_("整改类型为%(kinds)s，没有写日期。") % {"kinds": _("、").join(classes)}
        )
    if phrases.NOTHING_FIXED.search(text) or re.search(r"后$", text):
        return DeadlineReading("none", reading=_("没有确定的日期。"))
    return _unsure(_("没有读懂这个时限，请人工确定。"))


def _done(text: str, _reference: date | None) -> DeadlineReading | None:
    if phrases.DONE.match(text) and not classes_in(text):
        return DeadlineReading("none", reading=_("写的是已经完成，不是时限。"))
    return None


def _as_of(text: str, reference: date | None) -> DeadlineReading | None:
    if not phrases.ASOF.search(text):
        return None
    pieces = find_pieces(text, reference)
    if len(pieces) != 1:
        return _unsure(_("写的是统计截止，日期没有读懂，请人工确定。"))
    _first, last = _bounds(pieces[0], reference, back=True)
    return DeadlineReading(
        "asof", end=_iso(last), reading=_("统计截至%(day)s，不是整改期限。") % {"day": in_words(last)}
    )


def _recurring(text: str, reference: date | None) -> DeadlineReading | None:
    cycle = period_of(text)
    if cycle is None:
        return None
    end = next_due(cycle, text, reference)
    said = _("每隔%(period)s一次") % {"period": cycle.in_words()}
    reading = _("%(said)s，最近一次到%(day)s。") % {"said": said, "day": in_words(end)} if end else said + _("。")
    return DeadlineReading("recurring", end=_iso(end) if end else None, period=cycle.iso, reading=reading)


def _open_range(text: str, reference: date | None) -> DeadlineReading | None:
    join = phrases.OPEN_JOIN.search(text)
    if join is None or reference is None:
        return None
    pieces = find_pieces(text[join.end() :], reference)
    if len(pieces) != 1 or pieces[0].begin > 0:
        return None
    return _range_of(reference, _bounds(pieces[0], reference)[1])


def _range(text: str, reference: date | None) -> DeadlineReading | None:
    for pattern, reader in _RANGES:
        match = pattern.search(text)
        if match:
            first, last = reader(match, reference)
            return _checked(_range_of(first, last), text, [(match.start(), match.end())])
    pieces = find_pieces(text, reference)
    if len(pieces) != 2:
        return None
    gap = text[pieces[0].end : pieces[1].begin]
    if not phrases.JOIN.fullmatch(gap):
        return None
    first, last = _joined(pieces[0], pieces[1], reference)
    return _checked(_range_of(first, last), text, [(pieces[0].begin, pieces[1].end)])


def _joined(one: Piece, other: Piece, reference: date | None) -> tuple[date, date]:
    """Both ends of a range; an end without a year lies in the first year that puts it after the start."""
    if one.year is None and other.year is not None:
        one = replace(one, year=other.year)
    if one.year is None:
        last = _bounds(other, reference)[1]
        first = one.build(last.year)[0]
        return (first if first <= last else one.build(last.year - 1)[0]), last
    first = one.build(one.year)[0]
    if other.year is not None:
        return first, other.build(other.year)[1]
    last = other.build(first.year)[1]
    return first, last if last >= first else other.build(first.year + 1)[1]


def _months(match: re.Match[str], reference: date | None) -> tuple[date, date]:
    begin, end = number(match["month"]), number(match["last"])

    def build(year: int) -> tuple[date, date]:
        return month_end(year, begin).replace(day=1), month_end(year + (begin > end), end)

    return _bounds(Piece(0, 0, _written_year(match, reference), build, coarse=True), reference)


def _days(match: re.Match[str], reference: date | None) -> tuple[date, date]:
    month, begin, end = (number(match[name]) for name in ("month", "day", "last"))

    def build(year: int) -> tuple[date, date]:
        return date(year, month, begin), date(year, month, end)

    return _bounds(Piece(0, 0, _written_year(match, reference), build), reference)


def _years(match: re.Match[str], _reference: date | None) -> tuple[date, date]:
    return date(year_of(match["year"], None), 1, 1), date(year_of(match["last"], None), 12, 31)


_RANGES: tuple[tuple[re.Pattern[str], Callable[[re.Match[str], date | None], tuple[date, date]]], ...] = (
    (phrases.YEARS, _years),
    (phrases.DAYS, _days),
    (phrases.MONTHS, _months),
)


def _written_year(match: re.Match[str], reference: date | None) -> int | None:
    if match["year"]:
        return year_of(match["year"], reference.year if reference else None)
    if match["ryear"]:
        if reference is None:
            raise Ambiguous(match[0])
        return reference.year + phrases.RELATIVE_YEARS.get(match["ryear"], 0)
    return None


def _within(text: str, reference: date | None) -> DeadlineReading | None:
    if phrases.SPAN_OF_COUNTS.search(text):
        return _unsure(_("时限写了一个范围，请人工确定按哪一个算。"))
    match = phrases.WITHIN.search(text) or phrases.LIMITED.search(text)
    if match is None or _names_a_date(match, text):
        return None
    if match["unit"] == "月" and not (match["ge"] or match["half"]) and match["count"] not in {"半", "两"}:
        raise Ambiguous(match[0])
    rest = text[: match.start()]
    pieces = find_pieces(rest, reference)
    start, since = reference, []
    if len(pieces) == 1 and re.match(r"(?:之日)?起", rest[pieces[0].end :]) and not pieces[0].coarse:
        start, since = _bounds(pieces[0], reference)[0], [(pieces[0].begin, pieces[0].end)]
    if start is None:
        return _unsure(_("写的是期限，但没有成文日期可以起算，请人工确定。"))
    end, said = _counted(match, start)
    reading = DeadlineReading("deadline", end=_iso(end), reading=said)
    if not since and re.search(r"收到|接到|送达|签收|之日起|日起", text):
        warning = _("从实际收到之日起算，这里暂按%(day)s计算，请核对。") % {"day": in_words(start)}
        reading = replace(reading, warnings=(warning,))
    return _checked(reading, text, [*since, (match.start(), match.end())])


def _names_a_date(match: re.Match[str], text: str) -> bool:
    """2026年内, 6月15日内 and 三季度内 name a period of the calendar, not a length."""
    if text[max(0, match.start() - 1) : match.start()] in {"月", "第", ".", "/", "-"}:
        return True
    if match["unit"] in {"季度", "周", "星期"} and not match["ge"] and match["unit"] == "季度":
        return True
    return match["unit"] == "年" and len(match["count"]) == 4


def _counted(match: re.Match[str], start: date) -> tuple[date, str]:
    """The last day of the length, and the sentence of how it was counted."""
    count = 0 if match["count"] == "半" else number(match["count"])
    half = match["count"] == "半" or bool(match["half"]) or bool(match["extra"])
    if count > MOST:
        raise ValueError(count)
    if match["unit"] == "工作日":
        return working_days_after(start, count)
    if match["unit"] == "小时":
        end = start + timedelta(days=-(-count // 24))
    else:
        end = _later(start, count, match["unit"], half)
    words = {"start": in_words(start), "length": match[0], "end": in_words(end)}
    return end, _("自%(start)s次日起算，%(length)s，至%(end)s。") % words


def _later(start: date, count: int, unit: str, half: bool) -> date:
    months = {"月": 1, "季度": 3, "年": 12}.get(unit)
    if months is None:
        return start + timedelta(days=count * (7 if unit in {"周", "星期", "礼拜"} else 1))
    extra_months, extra_days = divmod(months, 2) if half else (0, 0)
    return months_later(start, count * months + extra_months) + timedelta(days=15 * extra_days)


def _single(text: str, reference: date | None) -> DeadlineReading | None:
    pieces = find_pieces(text, reference)
    if not pieces:
        return None
    if len(pieces) > 1:
        return _unsure(_("写了不止一个日期，请人工确定。"))
    piece = pieces[0]
    if piece.after:
        return DeadlineReading("none", reading=_("只写了在此之后，没有确定的日期。"))
    _refuse_doubtful(piece, text)
    _first, end = _bounds(piece, reference)
    clock = phrases.TIME.match(text, piece.end)
    reading = DeadlineReading(
        "deadline", end=_iso(end), time=_clock(clock), reading=_("最迟%(day)s。") % {"day": in_words(end)}
    )
    if reading.time:
        reading = replace(reading, reading=_("最迟%(day)s%(time)s。") % {"day": in_words(end), "time": reading.time})
    reading = replace(reading, warnings=_just_past(piece, end, reference) + _cut_off(text))
    return _checked(reading, text, [(piece.begin, clock.end() if clock else piece.end)])


def _refuse_doubtful(piece: Piece, text: str) -> None:
    """Words that may mean two days: 6月前, 6月初, 中旬前, 3月内, 国庆节期间."""
    words = text[piece.begin : piece.end]
    if piece.festive and not piece.before:
        raise Ambiguous(words)
    if not piece.coarse:
        return
    if piece.part in {"初", "中"} or (piece.before and piece.part in {"", "上旬", "中旬"} and not _is_half_year(words)):
        raise Ambiguous(words)
    if piece.inside and piece.year is None and re.fullmatch(r"\D?\d{1,2}月内|[一二三四五六七八九十]+月内", words):
        raise Ambiguous(words)


def _is_half_year(words: str) -> bool:
    return bool(re.search(r"半年|年[底末终内]|月[底末]|季度?[底末]|年年?[底末]", words))


def _length(text: str, _reference: date | None) -> DeadlineReading | None:
    match = phrases.LENGTH.search(text)
    if match is None or (match["unit"] in {"日", "年", "月"} and not match["ge"] and not match["lead"]):
        return None
    if phrases.has_more_dates(text[: match.start()] + text[match.end() :]):
        return None
    count = number(match["count"]) if match["count"] != "半" else 0
    iso = {
        "周": f"P{count * 7}D",
        "星期": f"P{count * 7}D",
        "月": f"P{count}M",
        "季度": f"P{count * 3}M",
        "年": f"P{count}Y",
        "小时": f"PT{count}H",
    }
    if match["count"] == "半" or match["half"] or match["extra"]:
        return None
    return DeadlineReading(
        "duration",
        period=iso.get(match["unit"], f"P{count}D"),
        reading=_("只写了时长%(length)s，没有写从哪一天起算。") % {"length": match[0]},
    )


def _bounds(piece: Piece, reference: date | None, *, back: bool = False) -> tuple[date, date]:
    """First and last day; without a year the next one on or after the reference, or the last one before it."""
    if piece.year is not None:
        return _in_range(piece.build(piece.year))
    if reference is None:
        raise Ambiguous("")
    years = (reference.year, reference.year - 1) if back else (reference.year, reference.year + 1)
    for year in years:
        found = _built(piece, year)
        if found and (found[1] <= reference if back else found[1] >= reference):
            return _in_range(found)
    raise ValueError(piece)


def _built(piece: Piece, year: int) -> tuple[date, date] | None:
    """The piece in the year; None where 29 February is missing from this year only."""
    try:
        return piece.build(year)
    except Ambiguous:
        raise
    except ValueError:
        piece.build(2024)  # a day that no leap year has either is no day at all
        return None


def _in_range(found: tuple[date, date]) -> tuple[date, date]:
    if not (found[0].year >= FIRST_YEAR and found[1].year <= LAST_YEAR):
        raise ValueError(found)
    return found


def _range_of(first: date, last: date) -> DeadlineReading:
    if first > last:
        raise ValueError((first, last))
    words = {"first": in_words(first), "last": in_words(last)}
    return DeadlineReading(
        "range", start=_iso(first), end=_iso(last), reading=_("从%(first)s到%(last)s，首尾都算。") % words
    )


def _checked(reading: DeadlineReading, text: str, taken: list[tuple[int, int]]) -> DeadlineReading:
    """The reading, unless what it did not use still speaks of time."""
    rest = text
    for begin, end in sorted(taken, reverse=True):
        rest = rest[:begin] + " " + rest[end:]
    rest = re.sub(r"[(（]?(?:共计?|为期|历时)\s*\d+\s*个?(?:天|日|工作日|月)[)）]?", " ", rest)
    if phrases.has_more_dates(_without_classes(rest)):
        return _unsure(_("除了%(found)s还写有其他时间，请人工确定。") % {"found": reading.end or _("日期")})
    return reading


def _without_classes(text: str) -> str:
    for _name, pattern in phrases.CLASS_WORDS:
        text = pattern.sub(" ", text)
    return text


def _with_classes(reading: DeadlineReading, classes: tuple[str, ...]) -> DeadlineReading:
    if reading.kind in {"deadline", "range"}:  # a date is what 限期 asks for
        classes = tuple(name for name in classes if name != "限期整改")
    return replace(reading, classes=classes) if classes and reading.kind != "unsure" else reading


def _with_hedges(reading: DeadlineReading, text: str) -> DeadlineReading:
    hedge = phrases.HEDGE.search(text)
    if hedge is None or reading.kind not in {"deadline", "range"}:
        return reading
    warning = _("原文写“%(word)s”，不是硬性期限，请核对。") % {"word": hedge[0]}
    return replace(reading, warnings=(*reading.warnings, warning), reading=reading.reading + warning)


def _just_past(piece: Piece, end: date, reference: date | None) -> tuple[str, ...]:
    if piece.year is not None or reference is None or end.year == reference.year:
        return ()
    passed = _built(piece, end.year - 1)
    if passed is None or (reference - passed[1]).days > JUST_PAST:
        return ()
    return (_("没有写年份，按成文日期之后理解为%(day)s，请核对年份。") % {"day": in_words(end)},)


def _cut_off(text: str) -> tuple[str, ...]:
    if phrases.CUTOFF.search(text) and not re.search(r"前|截止(?:时间|日期)", text):
        return (_("“截止”按完成期限理解，请核对。"),)
    return ()


def _clock(match: re.Match[str] | None) -> str | None:
    if match is None or match["word"]:
        return None
    hour = int(match["hour"])
    minute = 30 if match["minute"] == "半" else int(match["minute"] or match["minute2"] or 0)
    if match["half"] in {"下午", "晚", "晚上", "傍晚", "夜间"} and hour < 12:
        hour += 12
    return f"{hour:02d}:{minute:02d}" if hour < 24 and minute < 60 else None


def _doubt_about(words: str, reference: date | None) -> str:
    if reference is None:
        return _("没有写全日期，又没有成文日期可以推算，请人工确定。")
    return _("“%(words)s”可以有不同理解，请人工确定。") % {"words": words}


def _unsure(sentence: str) -> DeadlineReading:
    return DeadlineReading("unsure", reading=sentence, warnings=(sentence,))


def _iso(day: date) -> str:
    return day.isoformat()
