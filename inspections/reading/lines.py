"""Tells what a line of a table is: data, a band that names a category, a note, a total, or nothing."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from inspections.reading.facts import is_table_title
from inspections.reading.grid import Grid

LONGEST_BAND = 60  # characters
_NOTE = re.compile(
    r"^[(（【\[]?(?:注|备注|说明|附注|填表说明|填报说明|填写说明|注意事项|附件|温馨提示"
    r"|备注说明|要求|有关要求|工作要求|联系方式)\s*(?:\d+\s*)?[)）】\]]?\s*[:：.、]"
    r"|^(?:注|备注|说明)\s*\d*$|^[*＊※]\s*\S"
    r"|^[—\-－(（\s]*(?:以下空白|以下无正文|此页无正文|完|本页无正文)[—\-－)）\s]*$"
)
_SIGNED = re.compile(
    r"^(?:填表|填报|制表|审核|审签|审批|复核|经办|联系|负责|签收|检查|督查|核查|签字"
    r"|盖章|单位负责|主要负责|部门负责|分管负责|主管负责|编制|报送|抄送|抄报|主送|打印"
    r"|校对|印发|分管领导|主要领导|单位领导|被检查单位负责|整改责任单位负责)\S{0,4}[:：]"
    r"|^(?:填表人|填报人|制表人|审核人|联系人|联系电话|填报日期|填报时间|制表日期|年\s*月\s*日"
    r"|[(（]?盖章[)）]?|签字|签名)(?:\s|$)"
)
_TOTAL = re.compile(r"^(?:合\s*计|总\s*计|小\s*计|共\s*计|累\s*计|汇\s*总)(?:[:：]|\s|\d|$)")
_HEADING = re.compile(
    r"^(?:第[一二三四五六七八九十\d]+[部大类章节]\S?|[(（]?[一二三四五六七八九十]{1,3}[)）、.．]"
    r"|[ⅠⅡⅢⅣⅤ][、.]?|\d{1,2}[、.．](?!\d)|[(（]\d{1,2}[)）]|[★☆●◆■▲])\s*\S"
)
_ORDINAL = re.compile(r"^[(（]?[一二三四五六七八九十]{1,3}[)）、.．]?$|^第[一二三四五六七八九十]+[部类]\S?$")
_LEVELS = (
    re.compile(r"^第[一二三四五六七八九十\d]+[部大类章节]"),
    re.compile(r"^[一二三四五六七八九十]{1,3}[、.．]"),
    re.compile(r"^[(（][一二三四五六七八九十]{1,3}[)）]"),
    re.compile(r"^\d{1,2}[、.．]"),
    re.compile(r"^[(（]\d{1,2}[)）]"),
)


class Kind(Enum):
    """What a line is."""

    BLANK = "blank"
    DATA = "data"
    BAND = "band"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Line:
    """One line with its kind, and the text of a band."""

    row: int
    kind: Kind
    text: str = ""


def judge_line(grid: Grid, row: int, columns: Sequence[int], problem: int, serial: int | None) -> Line:
    """The line's kind; `problem` and `serial` are the columns that hold these."""
    pieces = list(grid.pieces(row, columns))
    if not pieces:
        return Line(row, Kind.BLANK)
    column, width, text = pieces[0]
    if _TOTAL.match(text) or _is_note(text, column == problem, len(pieces)):
        return Line(row, Kind.NOTE)
    if len(pieces) == 1:
        return _alone(row, pieces[0], columns, problem, inside=_is_covered(grid, row, problem))
    if len(pieces) == 2 and _ORDINAL.match(text):
        _second, reach, words = pieces[1]
        if not grid.shown(row, problem) or reach >= max(3, 0.5 * len(columns)):
            return Line(row, Kind.BAND, _joined(text, words))
    wordy = column == serial or width >= 2
    if wordy and _HEADING.match(text) and not grid.texts[row][problem] and not _is_covered(grid, row, problem):
        return Line(row, Kind.BAND, text)
    return Line(row, Kind.DATA)


def _is_note(text: str, in_problem: bool, pieces: int) -> bool:
    """A note or a signature; where other cells follow, a problem may begin with the word for a note."""
    return bool(_SIGNED.match(text)) or (bool(_NOTE.match(text)) and (pieces == 1 or not in_problem))


def _joined(ordinal: str, text: str) -> str:
    return f"{ordinal}{text}" if ordinal[-1] in ")）、.．" else f"{ordinal}、{text}"


def _is_covered(grid: Grid, row: int, column: int) -> bool:
    """Whether a range merged from above supplies the cell."""
    span = grid.spans.get((row, column))
    return span is not None and span.top < row and bool(grid.shown(row, column))


def _alone(row: int, piece: tuple[int, int, str], columns: Sequence[int], problem: int, *, inside: bool) -> Line:
    """A line with a single text: a band, a note, or a row that has only its problem."""
    column, width, text = piece
    wide = width >= max(2, 0.6 * len(columns))
    if inside and not wide:
        return Line(row, Kind.DATA)
    if not wide and column >= problem:
        return Line(row, Kind.DATA)
    if not wide and text.isdigit():
        return Line(row, Kind.BLANK)  # a number waiting for its row
    if is_long(text):
        return Line(row, Kind.NOTE)
    return Line(row, Kind.BAND, text)


def is_long(text: str) -> bool:
    """Whether the text is a sentence rather than a heading."""
    return (
        len(text) > LONGEST_BAND
        or (len(text) > 25 and bool(re.search(r"[。；;]", text.rstrip("。；;"))))
        or text.count("\n") > 1
    )


class Bands:
    """The headings that hold at a line; a heading above others of lower rank is kept while it has no rows itself."""

    def __init__(self) -> None:
        self._stack: list[tuple[int, str]] = []
        self._used = False

    def open(self, text: str) -> None:
        """A new band begins."""
        rank = _rank(text)
        if self._used and self._stack:
            # The band that had rows of its own is over; headings above it hold while they rank higher.
            self._stack.pop()
        while self._stack and self._stack[-1][0] >= rank:
            self._stack.pop()
        self._stack.append((rank, text))
        self._used = False

    def use(self) -> str:
        """The category of a row below, the higher headings in front."""
        self._used = True
        return "／".join(text for _rank, text in self._stack)

    def close(self) -> None:
        """A table's end."""
        self._stack.clear()


def _rank(text: str) -> int:
    for level, pattern in enumerate(_LEVELS):
        if pattern.match(text):
            return level
    return len(_LEVELS)


def continues_note(grid: Grid, row: int, columns: Sequence[int]) -> bool:
    """Whether a line below a note goes on with it: alone in its row, and not numbered as a heading is."""
    texts = [text for _column, _width, text in grid.pieces(row, columns)]
    return len(texts) == 1 and _rank(texts[0]) >= 3


def names_category(text: str) -> bool:
    """Whether a line alone above a header is a band of the table rather than its title."""
    return not is_long(text) and bool(_HEADING.match(text)) and not (is_table_title(text) and len(text) > 20)
