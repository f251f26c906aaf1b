"""Reading the State Council's yearly notice as it was pasted or typed: text goes in, days, doubts and errors come out.

What cannot be read with certainty is never turned into a day: it is said, with the line it stands in.
"""

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

from django.utils.translation import gettext as _

from organizations.clock import spelled
from workflows.calendar import ONE_DAY, DayKind, statutory_days

WEEKDAYS = "一二三四五六日"
# As the day table calls them; whatever else a notice names is kept in its own words.
FESTIVALS = {
    "元旦": "元旦",
    "春节": "春节",
    "除夕": "春节",
    "清明": "清明",
    "劳动": "劳动节",
    "端午": "端午",
    "国庆": "国庆节",
    "中秋": "中秋",
}
NAME_LENGTH = 40
NEW_YEAR = FESTIVALS["元旦"]

Table = Mapping[date, tuple[DayKind, str]]

_DATE = r"(?:(?:\d{4})年)?(?:\d{1,2}月)?\d{1,2}(?:[日号](?:\([^()]*\))?|(?=[至到~—–-]))"
_ITEM = rf"{_DATE}(?:[至到~—–-]+{_DATE})?"
_CLAUSE = re.compile(
    rf"(?P<days>{_ITEM}(?:[、,和及与]+{_ITEM})*)(?:\([^()]*\))?[、,]?(?:均|都|为|全天|正常|照常|调休|补休)*"
    r"(?P<verb>放假|休息|休假|上班|补班)(?:调休|公休)*(?P<joined>,?与周末连休)?"
    r"(?:,?(?:共计|合计|共)?(?P<stated>\d{1,3})天)?"
)
_PARTS = re.compile(
    r"(?:(?P<year>\d{4})年)?(?:(?P<month>\d{1,2})月)?(?P<day>\d{1,2})[日号]?(?:\((?P<note>[^()]*)\))?"
    r"(?P<onward>[至到~—–-]*)"
)
_WEEKDAY = re.compile(r"(?:周|星期|礼拜)([一二三四五六日天])")
_DOCUMENT = re.compile(r"国[\u4e00-\u9fff]{0,8}[〔\[(【](\d{4})[〕\])】](?:第)?(\d{1,4})号")
_DOCUMENT_WORD = re.compile(r"国[\u4e00-\u9fff]{0,8}(?=[〔\[(【]\d{4})")
_TITLE_YEAR = re.compile(r"关于(\d{4})年[^。]{0,12}节假日")
_ISSUED = re.compile(r"^(?:国务院办公厅)?\d{4}年\d{1,2}月\d{1,2}日$")
_DAY_WORD = re.compile(r"\d{1,2}月\d{1,2}|\d{1,2}[日号]")
_ORDER = re.compile(r"放假|上班|补班")
_ABOUT = re.compile(r"的通知|通知如下|放假办法")
_FRAGMENT = re.compile(r"[^。;\n]+")
_SENTENCE = re.compile(r"[。;\n!]|(?:^|(?<=[。;:\n]))[一二三四五六七八九十]+、")


@dataclass(frozen=True, slots=True)
class NoticeDay:
    """One day the notice makes a holiday or a working day."""

    day: date
    kind: DayKind
    name: str


@dataclass(slots=True)
class Notice:
    """What was understood of a notice; with errors it must not be published."""

    year: int
    days: list[NoticeDay] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    document: str = ""


@dataclass(slots=True)
class _Clause:
    """One order of the notice: these days are off, or these days are worked."""

    found: re.Match[str]
    line: int
    before: str  # what stands between it and the end of the sentence or order before

    @property
    def kind(self) -> DayKind:
        return DayKind.MAKEUP if self.found["verb"] in {"上班", "补班"} else DayKind.HOLIDAY


@dataclass(frozen=True, slots=True)
class _Written:
    """A date as it stands in the text, completed from the one before it."""

    day: date
    weekday: str


class _UnclearError(Exception):
    """A sentence for whoever pasted the text."""


def read_notice(text: str, year: int) -> Notice:
    """The days of a notice for one year, whole official text or one typed line; nothing is guessed silently."""
    plain, starts = _plain(text)
    notice = Notice(year, document=_document(plain))
    title = _TITLE_YEAR.search(plain)
    if title and int(title[1]) != year:
        words = {"found": title[1], "year": year}
        notice.errors.append(_("这是%(found)s年的通知，而正在录入的是%(year)d年，请核对年份。") % words)
    name = ""
    for clause in _clauses(plain, starts):
        try:
            name = _take(notice, clause, name)
        except _UnclearError as doubt:
            name = ""  # what comes next may belong to the order that could not be read
            notice.errors.append(str(doubt))
    _say_what_was_left(notice, plain, starts)
    _say_what_is_missing(notice)
    notice.days.sort(key=lambda row: row.day)
    return notice


def table_of(notice: Notice, standing: Table) -> dict[date, tuple[DayKind, str]]:
    """Every day of the year under the notice, and the days of the neighbouring years it names.

    What the notice of the next year has made of the last days of December stands where this one is silent.
    """
    table: dict[date, tuple[DayKind, str]] = {}
    for day in span_of(date(notice.year, 1, 1), date(notice.year, 12, 31)):
        kind, name = standing.get(day, (DayKind.WORKDAY, ""))
        kept = day.month == 12 and name == NEW_YEAR and kind in {DayKind.HOLIDAY, DayKind.MAKEUP}
        plain = DayKind.WORKDAY if day.weekday() < 5 else DayKind.WEEKEND
        table[day] = (kind, name) if kept else (plain, "")
    return table | {row.day: (row.kind, row.name) for row in notice.days}


def _plain(text: str) -> tuple[str, list[int]]:
    """The text without spaces and with narrow digits, and where each of its lines begins.

    A sentence that a copied page broke in two is one again; a line that ended its sentence stays a line.
    """
    plain, starts = "", []
    for raw in text.splitlines():
        line = re.sub(r"\s+", "", unicodedata.normalize("NFKC", raw)).replace("～", "~")
        broken = plain and line and not plain.endswith(("。", ";", ":", "\n", "天", "班", "假"))
        goes_on = bool(broken and re.search(r"[\d月日号年至到~—、,(]$", plain)) and not re.match(
            r"[一二三四五六七八九十]+、", line
        )
        plain += "" if goes_on or not plain else "\n"
        starts.append(len(plain))
        plain += line
    return plain, starts


def _line(position: int, starts: list[int]) -> int:
    return max(bisect_right(starts, position), 1)


def _document(plain: str) -> str:
    found = _DOCUMENT.search(plain)
    word = _DOCUMENT_WORD.search(plain)
    return f"{word[0]}〔{found[1]}〕{found[2]}号" if found and word else ""


def _clauses(plain: str, starts: list[int]) -> Iterator[_Clause]:
    end = 0
    for found in _CLAUSE.finditer(plain):
        yield _Clause(found, _line(found.start(), starts), _SENTENCE.split(plain[end : found.start()])[-1])
        end = found.end()


def _take(notice: Notice, clause: _Clause, name: str) -> str:
    """Read one order into the notice; answers the name under which the next one stands."""
    ranges = list(_ranges(clause, notice.year))
    days = [day for first, last in ranges for day in span_of(first, last)]
    if clause.found["joined"]:
        days = sorted(_with_weekends(days))
    if clause.kind == DayKind.HOLIDAY:
        name = _name(clause.before, days, notice.year)
        _check_count(clause, days)
    elif festivals_in(clause.before):
        name = festivals_in(clause.before)
    for day in days:
        _add(notice, clause, NoticeDay(day, clause.kind, name[:NAME_LENGTH]))
    return name


def _ranges(clause: _Clause, year: int) -> Iterator[tuple[date, date]]:
    """First and last day of each item; a single day is both."""
    before: _Written | None = None
    first: date | None = None
    for found in _PARTS.finditer(clause.found["days"]):
        written = _written(found, clause, before, year, ends=first is not None)
        _check_weekday(written, clause)
        before = written
        if found["onward"]:
            first = written.day
            continue
        begins = first or written.day
        if written.day < begins:
            raise _UnclearError(
                _at(clause.line, _("%(range)s的起止日期前后颠倒；跨年的请写明年份。") % {"range": clause.found["days"]})
            )
        yield begins, written.day
        first = None


def _written(found: re.Match[str], clause: _Clause, before: _Written | None, year: int, *, ends: bool) -> _Written:
    """The date with the year and month it leaves out: those of the date before it in the same order."""
    if before is None and not found["month"]:
        raise _UnclearError(_at(clause.line, _("“%(text)s”没有写明月份。") % {"text": found[0]}))
    month = int(found["month"]) if found["month"] or before is None else before.day.month
    if found["year"]:
        own_year = int(found["year"])
    elif before is None or (found["month"] and not ends):
        own_year = year
    else:
        # The end of a range that began in a year written out lies in that year, or just after it.
        crosses = ends and before.day.year < year and month < before.day.month
        own_year = before.day.year + crosses
    try:
        day = date(own_year, month, int(found["day"]))
    except ValueError as error:
        raise _UnclearError(_at(clause.line, _("没有“%(text)s”这一天。") % {"text": found[0]})) from error
    weekday = _WEEKDAY.search(found["note"] or "")
    return _Written(day, weekday[1].replace("天", "日") if weekday else "")


def _check_weekday(written: _Written, clause: _Clause) -> None:
    real = WEEKDAYS[written.day.weekday()]
    if written.weekday and written.weekday != real:
        words = {"day": spelled(written.day), "real": real, "stated": written.weekday}
        raise _UnclearError(_at(clause.line, _("%(day)s是星期%(real)s，原文写的是星期%(stated)s。") % words))


def _check_count(clause: _Clause, days: list[date]) -> None:
    """The stated number of days against the range."""
    stated = clause.found["stated"]
    if stated and int(stated) != len(days):
        words = {"range": clause.found["days"], "count": len(days), "stated": int(stated)}
        raise _UnclearError(_at(clause.line, _("%(range)s是%(count)d天，原文写的是%(stated)d天。") % words))


def _with_weekends(days: list[date]) -> set[date]:
    """The days with the weekends that touch them."""
    found = set(days)
    for day, step in ((min(days), -ONE_DAY), (max(days), ONE_DAY)):
        beside = day + step
        while beside.weekday() >= 5:
            found.add(beside)
            beside += step
    return found


def _add(notice: Notice, clause: _Clause, row: NoticeDay) -> None:
    """Put one day into the notice, unless something about it does not fit."""
    words = {"day": spelled(row.day), "year": notice.year, "other": row.day.year}
    neighbour = (row.day.year, row.day.month) in {(notice.year - 1, 12), (notice.year + 1, 1)}
    if row.day.year != notice.year and not neighbour:
        notice.errors.append(_at(clause.line, _("%(day)s不在%(year)d年之内。") % words))
        return
    known = next((each for each in notice.days if each.day == row.day), None)
    if known is not None and known.kind != row.kind:
        notice.errors.append(_at(clause.line, _("%(day)s既写了放假又写了上班。") % words))
        return
    if row.kind == DayKind.MAKEUP and row.day.weekday() < 5:
        notice.errors.append(_at(clause.line, _("%(day)s不是周末，本来就上班，请核对调休上班的日期。") % words))
        return
    if known is not None:
        notice.warnings.append(_at(clause.line, _("%(day)s写了两次，按一次计。") % words))
        return
    if neighbour:
        notice.warnings.append(_at(clause.line, _("%(day)s属于%(other)d年，公布后一并写入%(other)d年的日历。") % words))
    notice.days.append(row)


def festivals_in(text: str) -> str:
    """The festivals a piece of text names, in the words of the day table, in the order of the text."""
    places = {text.find(stem): name for stem, name in FESTIVALS.items() if stem in text}
    return "、".join(dict.fromkeys(name for _place, name in sorted(places.items())))


def _name(before: str, days: list[date], year: int) -> str:
    """How a holiday is called: as the text says, else by the statutory day it contains."""
    said = festivals_in(before)
    if said:
        return said
    heading = re.search(r"([^:,。;]+):$", before)
    if heading:
        return heading[1]
    fixed = {**statutory_days(year), **statutory_days(year + 1)}
    return festivals_in("、".join(fixed[day] for day in days if day in fixed))


def _say_what_was_left(notice: Notice, plain: str, starts: list[int]) -> None:
    """Dates and orders that no rule has taken up, each with its line."""
    rest = plain
    for taken in (_CLAUSE, _DOCUMENT):
        rest = taken.sub(lambda found: "□" * len(found[0]), rest)
    for found in _FRAGMENT.finditer(rest):
        piece = found[0].strip("□,")
        said = _("“%(text)s”") % {"text": piece.replace("□", "…")}
        line = _line(found.start(), starts)
        if not piece or _ISSUED.match(piece) or _ABOUT.search(piece):
            continue
        dated = _DAY_WORD.search(piece)
        if dated and _ORDER.search(piece):
            notice.errors.append(
                _at(line, _("%(text)s没有读懂，请改写成“X月X日放假”或“X月X日上班”。") % {"text": said})
            )
        elif dated:
            notice.warnings.append(
                _at(line, _("%(text)s提到了日期，但没有写明放假还是上班，没有采用。") % {"text": said})
            )
        elif _ORDER.search(piece) and "□" not in found[0]:
            notice.warnings.append(_at(line, _("%(text)s没有读出日期，没有采用。") % {"text": said}))


def _say_what_is_missing(notice: Notice) -> None:
    """An empty notice is an error; a statutory day that is not off is worth a second look, once all could be read."""
    if notice.errors:
        return
    if not notice.days:
        notice.errors.append(_("没有读出任何放假或上班的日期，请粘贴通知全文。"))
        return
    off = {row.day for row in notice.days if row.kind == DayKind.HOLIDAY}
    missing: dict[str, date] = {}
    for day, name in statutory_days(notice.year).items():
        if day not in off:
            missing.setdefault(name, day)
    for name, day in missing.items():
        words = {"name": name, "day": spelled(day)}
        notice.warnings.append(_("%(name)s（%(day)s）不在放假日期之内，请核对是否漏了。") % words)


def _at(line: int, sentence: str) -> str:
    return _("第%(line)d行：%(sentence)s") % {"line": line, "sentence": sentence}


def span_of(first: date, last: date) -> Iterator[date]:
    return (date.fromordinal(number) for number in range(first.toordinal(), last.toordinal() + 1))
