"""What a sheet says about itself outside its tables: title, issuer, date, and labels with their values."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from inspections.reading.cards import Pair
from inspections.reading.cells import without_labelled_brackets
from inspections.reading.deadlines import parse_deadline
from inspections.reading.grid import Grid
from inspections.reading.headers import Meaning, meanings_of, plain
from inspections.reading.labels import DATE_LABEL, ISSUER, inline_pairs

_BEST_DATES = re.compile(r"填报|填表|签发|成文|印发|制表|发文|下发|交办|下达|通报|编制|落款|制发")
_ATTACHMENT = re.compile(r"附(?:件|表|录)?\s*[\d一二三四五六七八九十]*\s*[:：]?")
_FULL_DATE = re.compile(
    r"(?:截至|截止)?[(（]?(?:\d{4}年\d{1,2}月\d{1,2}日|\d{4}[-./]\d{1,2}[-./]\d{1,2}"
    r"|[〇零○一二三四五六七八九]{4}年[一二三四五六七八九十]{1,2}月[一二三四五六七八九十]{1,3}日)[)）]?"
)
_TITLE_END = re.compile(
    r"(?:清单|台账|通报|一览表|汇总表|明细表|登记表|统计表|公示表?|情况|通知书?|督办单"
    r"|报告|专报|反馈单|交办单|告知书|表|单|函|期[)）]?|[)）])$"
)


OBJECTION = re.compile(r"异议\S{0,2}受理|受理(?:单位|部门)|公示单位")


@dataclass
class Facts:
    """The facts of one sheet; `labels` keeps every label with its value in order."""

    title: str = ""
    issuer: str = ""
    document_date: date | None = None
    labels: list[tuple[str, str]] = field(default_factory=list)
    is_form: bool = False

    def default(self, meaning: Meaning, least: float = 0.5) -> str:
        """The value whose label says the meaning most plainly, or nothing."""
        best, weight = "", 0.0
        for label, value in self.labels:
            found = dict(meanings_of(label)).get(meaning, 0)
            if found >= least and found > weight and value:
                best, weight = value, found
        return best


def gather(grid: Grid, rows: Iterable[int], columns: Sequence[int], pairs: Sequence[Pair]) -> Facts:
    """The facts in the rows, none of which belongs to a table; `pairs` are the labels of forms among them."""
    facts = Facts(is_form=bool(pairs))
    dates: list[tuple[int, date]] = []
    for pair in pairs:
        _take(facts, dates, pair.label, pair.value)
    paired = {row for pair in pairs for row in range(pair.row, pair.last_row + 1)}
    for row in rows:
        if row in paired:
            continue  # its dates are what their labels say
        pieces = list(grid.pieces(row, columns))
        texts = [text for _column, _width, text in pieces]
        if not facts.title and len(texts) == 1 and _is_title(texts[0]):
            facts.title = texts[0]
        for column, _width, text in pieces:
            dates += [day for part in re.split(r"\s{2,}", text) for day in _standing_alone(grid, row, column, part)]
            for label, value in inline_pairs(text):
                _take(facts, dates, label, value)
    if facts.title:
        dates += [(3, day) for day in _dates_in(facts.title)]
    facts.document_date = min(dates, key=lambda pair: pair[0])[1] if dates else None
    return facts


def _take(facts: Facts, dates: list[tuple[int, date]], label: str, value: str) -> None:
    value, embedded = without_labelled_brackets(value)
    facts.labels += [(label, value), *embedded]
    words = plain(re.sub(r"[(（][^()（）]*[)）]", "", label))
    if not facts.issuer and ISSUER.fullmatch(words):
        facts.issuer = value
    if DATE_LABEL.fullmatch(words):
        dates += [(0 if _BEST_DATES.search(words) else 1, day) for day in _dates_in(value)[:1]]


def _standing_alone(grid: Grid, row: int, column: int, text: str) -> list[tuple[int, date]]:
    value = grid.rows[row][column]
    if isinstance(value, date):
        return [(2, value.date() if isinstance(value, datetime) else value)]
    if len(text) <= 24 and _FULL_DATE.fullmatch(text.replace(" ", "")):
        return [(2, day) for day in _dates_in(text)]
    return []


def _dates_in(text: str) -> list[date]:
    found = []
    for match in _FULL_DATE.finditer(text.replace(" ", "")):
        reading = parse_deadline(match[0].strip("()（）"), None)
        if reading.end:
            found.append(date.fromisoformat(reading.end))
    return found


def _is_title(text: str) -> bool:
    if _ATTACHMENT.fullmatch(text) or len(text) > 100 or text.endswith(("。", "；", ":")) or _FULL_DATE.fullmatch(text):
        return False
    return not next(inline_pairs(text), None) and len(text) >= 4


def is_table_title(text: str) -> bool:
    """Whether a line alone above a header titles the table rather than naming a category."""
    return bool(_TITLE_END.search(text.strip())) and len(text) >= 6
