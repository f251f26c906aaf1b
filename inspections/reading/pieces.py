"""Finds the days and periods that a phrase names: where they stand, and what they are in a given year."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from inspections.reading import phrases
from inspections.reading.days import FESTIVALS, ONE_DAY, festival, month_end, months_later, number, year_of

_SUFFIX = re.compile(
    r"(?P<part>份?(?:的)?(?:上旬|中旬|下旬|月底|月末|底|末|初|中(?!国)|结束))?(?P<inside>之内|以内|内)?(?P<before>之前|以前|前)?(?P<after>之?以?后)?"
)
_FESTIVAL = re.compile(rf"(?:{phrases._YEAR_PART}年?)?(?P<festival>{'|'.join(FESTIVALS)})(?:假期|节日|小长假|长假)?")
Bounds = tuple[date, date]


class Ambiguous(ValueError):  # noqa: N818 -- a doubt is an answer, not a fault
    """A phrase that may mean two days; the message is the words."""


class Unpublished(Ambiguous):
    """A festival in a year whose holidays are not yet known; the message is its name."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A day or a period at a place in the phrase; `build` gives first and last day in a year."""

    begin: int
    end: int
    year: int | None
    build: Callable[[int], Bounds]
    coarse: bool = False  # longer than a day, so that 前 does not say before which end
    part: str = ""
    before: bool = False
    after: bool = False
    inside: bool = False
    festive: bool = False


def find_pieces(text: str, reference: date | None) -> list[Piece]:
    """The days and periods in the order they stand; of overlapping ones the first, then the longest."""
    found = sorted(_candidates(text, reference), key=lambda piece: (piece.begin, -piece.end))
    kept: list[Piece] = []
    for piece in found:
        if not kept or piece.begin >= kept[-1].end:
            kept.append(piece)
    return [_with_suffix(piece, text) for piece in kept]


def _candidates(text: str, reference: date | None) -> Iterator[Piece]:
    near = reference.year if reference else None
    for pattern, reader in _READERS:
        for match in pattern.finditer(text):
            year, build, coarse = reader(match, reference)
            if year is None:
                year = _year_in(match, near)
            yield Piece(match.start(), match.end(), year, build, coarse)
    for match in _FESTIVAL.finditer(text):
        yield Piece(match.start(), match.end(), _year_in(match, near), _festival_in(match["festival"]), festive=True)


def _year_in(match: re.Match[str], near: int | None) -> int | None:
    groups = match.groupdict()
    if groups.get("year"):
        return year_of(groups["year"], near)
    if groups.get("ryear"):
        if near is None:
            raise Ambiguous(match[0])
        return near + phrases.RELATIVE_YEARS.get(groups["ryear"].rstrip("年") + "年", 0)
    return None


def _with_suffix(piece: Piece, text: str) -> Piece:
    """The piece with the words behind it: 底, 上旬, 内, 前, 后."""
    suffix = _SUFFIX.match(text, piece.end)
    if suffix is None:
        return piece
    part = (suffix["part"] or "").lstrip("份的")
    build = piece.build if not piece.coarse else _part_of(piece.build, part)
    return Piece(
        piece.begin,
        suffix.end(),
        piece.year,
        build,
        piece.coarse,
        part,
        bool(suffix["before"]),
        bool(suffix["after"]),
        bool(suffix["inside"]),
        piece.festive,
    )


def _part_of(build: Callable[[int], Bounds], part: str) -> Callable[[int], Bounds]:
    thirds = {"上旬": (1, 10), "中旬": (11, 20), "下旬": (21, 31)}
    if part not in thirds:
        return build

    def third(year: int) -> Bounds:
        first, last = build(year)
        begin, end = thirds[part]
        return first.replace(day=begin), min(last, first.replace(day=1) + timedelta(days=end - 1))

    return third


Reader = Callable[[re.Match[str], date | None], tuple[int | None, Callable[[int], Bounds], bool]]


def _day(match: re.Match[str], _reference: date | None) -> tuple[int | None, Callable[[int], Bounds], bool]:
    month, day = number(match["month"]), number(match["day"])

    def build(year: int) -> Bounds:
        return (found := date(year, month, day)), found

    return None, build, False


def _month(match: re.Match[str], _reference: date | None) -> tuple[int | None, Callable[[int], Bounds], bool]:
    month = number(match["month"])
    return None, lambda year: (month_end(year, month).replace(day=1), month_end(year, month)), True


def _relative_month(match: re.Match[str], reference: date | None) -> tuple[int | None, Callable[[int], Bounds], bool]:
    reference = _needed(reference, match)
    first = months_later(
        reference.replace(day=1), phrases.RELATIVE_MONTHS.get(match.groupdict().get("rmonth") or "本月", 0)
    )
    return first.year, lambda _year: (first, month_end(first.year, first.month)), True


def _day_in_month(match: re.Match[str], reference: date | None) -> tuple[int | None, Callable[[int], Bounds], bool]:
    reference = _needed(reference, match)
    first = months_later(reference.replace(day=1), phrases.RELATIVE_MONTHS[match["rmonth"]])
    day = first.replace(day=number(match["day"]))
    return day.year, lambda _year: (day, day), False


def _quarter(match: re.Match[str], reference: date | None) -> tuple[int | None, Callable[[int], Bounds], bool]:
    if match["rquarter"]:
        reference = _needed(reference, match)
        ahead = 3 if match["rquarter"] in {"下", "次"} else 0
        first = months_later(date(reference.year, (reference.month - 1) // 3 * 3 + 1, 1), ahead)
        return first.year, lambda _year: (first, month_end(first.year, first.month + 2)), True
    quarter = number(match["quarter"] or match["q"])
    return None, lambda year: (date(year, quarter * 3 - 2, 1), month_end(year, quarter * 3)), True


def _half(match: re.Match[str], _reference: date | None) -> tuple[int | None, Callable[[int], Bounds], bool]:
    if match["half"] == "上":
        return None, lambda year: (date(year, 1, 1), date(year, 6, 30)), True
    return None, lambda year: (date(year, 7, 1), date(year, 12, 31)), True


def _year(match: re.Match[str], reference: date | None) -> tuple[int | None, Callable[[int], Bounds], bool]:
    year = None
    if "year" not in match.groupdict():  # 年底前 and nothing else: this year's
        year = _needed(reference, match).year
    return year, lambda given: (date(given, 1, 1), date(given, 12, 31)), True


def _week(match: re.Match[str], reference: date | None) -> tuple[int | None, Callable[[int], Bounds], bool]:
    reference = _needed(reference, match)
    monday = reference - timedelta(days=reference.weekday())
    which = match["which"] or match["whole"]
    monday += timedelta(days=7 * {"下": 1, "下下": 2}.get(which or "", 0))
    if match["whole"]:
        return monday.year, lambda _year: (monday, monday + timedelta(days=6)), True
    day = monday + timedelta(days=phrases.WEEKDAYS[match["day"]])
    if not which and day < reference:
        day += timedelta(days=7)
    return day.year, lambda _year: (day, day), False


def _festival_in(name: str) -> Callable[[int], Bounds]:
    def build(year: int) -> Bounds:
        day = festival(name, year)
        if day is None:
            raise Unpublished(name)
        return day - ONE_DAY, day - ONE_DAY

    return build


def _needed(reference: date | None, match: re.Match[str]) -> date:
    if reference is None:
        raise Ambiguous(match[0])
    return reference


_READERS: tuple[tuple[re.Pattern[str], Reader], ...] = (
    (phrases.NUMERIC_DAY, _day),
    (phrases.COMPACT_DAY, _day),
    (phrases.DAY, _day),
    (phrases.DAY_IN_MONTH, _day_in_month),
    (phrases.SHORT_DAY, _day),
    (phrases.MONTH_NUMERIC, _month),
    (phrases.MONTH, _month),
    (phrases.RELATIVE_MONTH, _relative_month),
    (phrases.BARE_MONTH_END, _relative_month),
    (phrases.QUARTER, _quarter),
    (phrases.HALF, _half),
    (phrases.YEAR_END, _year),
    (phrases.BARE_YEAR_END, _year),
    (phrases.WEEK, _week),
)
