"""Turns the lines of one table into rows: fills down, splits cells, reads deadlines, warns."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from django.utils.translation import gettext as _

from inspections.reading.cells import (
    looks_like_unit,
    numbered_points,
    split_units,
    without_labelled_brackets,
    without_placeholder,
)
from inspections.reading.deadlines import parse_deadline
from inspections.reading.due import DeadlineReading
from inspections.reading.grid import Grid, Value
from inspections.reading.headers import LABELS, Meaning, meanings_of, plain
from inspections.reading.positives import is_fine, is_praise, reports_problem
from inspections.reading.results import Column, Row
from inspections.reading.sentences import cell_name

CELL_LIMIT = 32_767  # characters Excel keeps in a cell; a text that long has lost its end
_SERIAL_DAYS = range(32_874, 73_051)  # Excel's day numbers of the years 1990 to 2099
# Places that are units themselves: where nothing else says who is responsible, they are.
ANSWERING_PLACES = frozenset(
    {
        "单位",
        "单位名称",
        "部门",
        "乡镇",
        "镇街",
        "乡镇街道",
        "街道",
        "乡镇单位",
        "被检查单位",
        "受检单位",
        "被督查单位",
        "部门单位",
        "隐患单位",
    }
)


@dataclass
class Draft:
    """One row while it is put together; `texts` holds what each meaning says."""

    row: int
    last_row: int
    texts: dict[Meaning, str]
    units: list[str] = field(default_factory=list)
    lead: str = ""
    deadline_value: Value = None
    others: list[tuple[str, str]] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    own: set[Meaning] = field(default_factory=set)  # what stands in the row itself, not merged from above
    filled: set[Meaning] = field(default_factory=set)  # what a blank was taken to repeat
    praised: bool = False

    def text(self, meaning: Meaning) -> str:
        """What the row says about it, or nothing."""
        return self.texts.get(meaning, "")


class Drafter:
    """Reads the cells of one line into a draft."""

    def __init__(self, grid: Grid, columns: Sequence[Column], filled: Mapping[int, Mapping[int, str]]) -> None:
        self._grid = grid
        self._columns = [column for column in columns if column.meaning != Meaning.IGNORE]
        self._filled = filled
        self._doubtful = grid.unvalued | grid.scrubbed
        self._bare_place = self._place_that_answers(columns)

    @staticmethod
    def _place_that_answers(columns: Sequence[Column]) -> bool:
        """Whether the place is a bare 单位 or 乡镇 and nothing else names who is responsible."""
        if any(column.meaning in {Meaning.UNITS, Meaning.LEAD} for column in columns):
            return False
        places = [plain(column.header) for column in columns if column.meaning == Meaning.LOCATION]
        return len(places) == 1 and places[0] in ANSWERING_PLACES

    def draft(self, row: int) -> Draft:
        """The line as a draft; nothing is judged yet."""
        draft = Draft(row, row, {})
        for column in self._columns:
            self._take(draft, column)
        if self._bare_place and looks_like_unit(draft.text(Meaning.LOCATION)):
            draft.units = list(split_units(draft.text(Meaning.LOCATION)).names)
            draft.warnings.append(_("没有责任单位一栏，暂按被检查单位填写，请核对。"))
        return draft

    def _take(self, draft: Draft, column: Column) -> None:
        text, origin = self._cell(draft.row, column.index)
        if not text:
            text = self._fill(draft, column)
        elif origin == draft.row:
            draft.own.add(column.meaning)
        text = without_placeholder(text)
        self._warn(draft, origin, column.index, text)
        if text:
            self._keep(draft, column, text, self._grid.rows[origin][column.index])

    def _fill(self, draft: Draft, column: Column) -> str:
        """What a blank stands for, said aloud."""
        text = self._filled.get(column.index, {}).get(draft.row, "")
        if text:
            draft.filled.add(column.meaning)
            draft.warnings.append(_("“%(header)s”空白，按上一行补齐，请核对。") % {"header": column.header})
        return text

    def _keep(self, draft: Draft, column: Column, text: str, value: Value) -> None:
        if column.meaning in {Meaning.UNITS, Meaning.LEAD}:
            self._take_units(draft, column.meaning, text)
        elif column.meaning == Meaning.LOCATION:
            self._take_place(draft, text)
        elif column.meaning == Meaning.OTHER:
            draft.others.append((column.header, text))
        elif column.meaning == Meaning.DEADLINE:
            draft.texts[Meaning.DEADLINE] = text
            draft.deadline_value = value
        else:
            before = draft.texts.get(column.meaning)
            draft.texts[column.meaning] = f"{before}／{text}" if before and before != text else text

    def _cell(self, row: int, column: int) -> tuple[str, int]:
        """The text that shows in the cell, and the row it stands in; a range from the left is not the cell's own."""
        span = self._grid.spans.get((row, column))
        if span is None:
            return self._grid.texts[row][column], row
        if span.left != column:
            return "", row
        return self._grid.texts[span.top][column], span.top

    @staticmethod
    def _take_units(draft: Draft, meaning: Meaning, text: str) -> None:
        units = split_units(text)
        lead = units.lead or (units.names[0] if meaning == Meaning.LEAD and units.names else "")
        draft.lead = draft.lead or lead
        names = [name for name in units.names if not (meaning == Meaning.LEAD and name == lead)]
        draft.units += [name for name in names if name not in draft.units]

    @staticmethod
    def _take_place(draft: Draft, text: str) -> None:
        text, embedded = without_labelled_brackets(text)
        for label, value in embedded:
            if Meaning.UNITS in dict(meanings_of(label)):
                draft.units += [name for name in split_units(value).names if name not in draft.units]
            else:
                draft.others.append((label, value))
        before = draft.texts.get(Meaning.LOCATION, "")
        if text and text not in before:
            draft.texts[Meaning.LOCATION] = text if not before or before in text else f"{before} {text}"

    def _warn(self, draft: Draft, row: int, column: int, text: str) -> None:
        if len(text) < CELL_LIMIT and (row, column) not in self._doubtful:
            return
        where = {"cell": cell_name(row, column)}
        if (row, column) in self._grid.unvalued:
            draft.warnings.append(
                _("%(cell)s 是公式，文件里没有保存结果。请用 WPS 或 Excel 打开文件，保存后重新上传。") % where
            )
        if (row, column) in self._grid.scrubbed:
            draft.warnings.append(_("%(cell)s 里有看不见的控制字符，已去掉。") % where)
        if len(text) >= CELL_LIMIT:
            draft.warnings.append(_("%(cell)s 达到单元格 32767 字的上限，内容可能不完整，请核对。") % where)


def merge_into(previous: Draft, draft: Draft) -> None:
    """Add what a further line says about the same problem."""
    previous.last_row = draft.last_row
    previous.units += [name for name in draft.units if name not in previous.units]
    previous.lead = previous.lead or draft.lead
    for meaning, text in draft.texts.items():
        before = previous.texts.get(meaning, "")
        if meaning in {Meaning.SERIAL, Meaning.CATEGORY, Meaning.PROBLEM} and before:
            continue
        if text and text not in before.split("\n"):
            previous.texts[meaning] = f"{before}\n{text}" if before else text
            previous.deadline_value = None if meaning == Meaning.DEADLINE and before else previous.deadline_value
    previous.others += [pair for pair in draft.others if pair not in previous.others]
    previous.warnings += [warning for warning in draft.warnings if warning not in previous.warnings]


def finish(drafts: Iterable[Draft], reference: date | None) -> list[Row]:
    """The rows, judged and with their deadlines read."""
    return [_finished(draft, reference) for draft in drafts]


def _finished(draft: Draft, reference: date | None) -> Row:
    problem, positive = _problem_of(draft)
    deadline = _deadline_of(draft, reference)
    warnings = [*draft.warnings, *(warning for warning in deadline.warnings if warning not in draft.warnings)]
    errors = list(draft.errors)
    if not problem:
        errors.append(_("这一行没有写明问题，请补充或跳过。"))
    return Row(
        row=draft.row + 1,
        last_row=draft.last_row + 1,
        serial=draft.text(Meaning.SERIAL),
        category=draft.text(Meaning.CATEGORY),
        location=draft.text(Meaning.LOCATION),
        problem=problem,
        points=numbered_points(problem),
        units=tuple(draft.units),
        lead_unit=draft.lead,
        # Nobody repeats a measure for what is fine.
        measures="" if positive and Meaning.MEASURES in draft.filled else draft.text(Meaning.MEASURES),
        deadline_text=draft.text(Meaning.DEADLINE),
        deadline=deadline,
        status_text=draft.text(Meaning.STATUS),
        positive=positive,
        warnings=tuple(warnings),
        errors=tuple(errors),
        others=tuple(draft.others + [pair for pair in _remarks(draft) if pair[1] != problem]),
    )


def _remarks(draft: Draft) -> list[tuple[str, str]]:
    kept = [meaning for meaning in (Meaning.VERDICT, Meaning.REMARK) if draft.text(meaning)]
    return [(str(LABELS[meaning]), draft.text(meaning)) for meaning in kept]


def _problem_of(draft: Draft) -> tuple[str, bool]:
    """The problem's text and whether it reports something fine."""
    problem = draft.text(Meaning.PROBLEM)
    if problem:
        praised = draft.praised or is_praise(draft.text(Meaning.CATEGORY))
        return problem, is_fine(problem) or (praised and not reports_problem(problem))
    fine = praise_beside(draft)
    return fine, bool(fine)


def praise_beside(draft: Draft) -> str:
    """What a row without a problem says is fine, in its verdict or its remark; a bare 无 there says nothing."""
    texts = [draft.text(meaning) for meaning in (Meaning.VERDICT, Meaning.REMARK) if meaning in draft.own]
    return next((text for text in texts if len(text) > 2 and is_fine(text)), "")


def _deadline_of(draft: Draft, reference: date | None) -> DeadlineReading:
    value = draft.deadline_value
    text = draft.text(Meaning.DEADLINE)
    if isinstance(value, float) and not value.is_integer():
        sentence = _("单元格里是数字 %(text)s，末尾的零可能丢失，不能确定是哪一天，请人工确定。") % {"text": text}
        return DeadlineReading("unsure", reading=sentence, warnings=(sentence,))
    if isinstance(value, int | float) and not isinstance(value, bool) and int(value) in _SERIAL_DAYS:
        sentence = _("单元格里是数字 %(text)s，可能是没有设成日期格式的日期，请人工确定。") % {"text": text}
        return DeadlineReading("unsure", reading=sentence, warnings=(sentence,))
    if isinstance(value, datetime) and (value.hour or value.minute):
        return parse_deadline(f"{value:%Y-%m-%d %H:%M}", reference)
    return parse_deadline(text, reference)
