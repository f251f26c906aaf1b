"""Reads one sheet: its tables one after another, or its cards where it has no table."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date

from django.utils.translation import gettext as _

from inspections.reading.cards import find_pairs
from inspections.reading.facts import Facts, gather
from inspections.reading.filling import blanks_to_fill
from inspections.reading.forms import apply_form, card_drafts
from inspections.reading.grid import Grid
from inspections.reading.headers import Meaning, Sureness
from inspections.reading.lines import Bands, Kind, Line, continues_note, judge_line
from inspections.reading.positives import is_praise
from inspections.reading.records import Draft, Drafter, finish, merge_into, praise_beside
from inspections.reading.regions import Choices, Region, explains, find_regions, guess_regions
from inspections.reading.results import Picture, Row, Sheet

_FOLLOWING = (Meaning.MEASURES, Meaning.STATUS, Meaning.UNITS, Meaning.LEAD, Meaning.DEADLINE)


def read_sheet(grid: Grid, reference: date | None, choices: Choices) -> Sheet:
    """The sheet as it was understood; what cannot be read is said in its note."""
    if not grid.visible and not (choices.meanings or choices.columns or choices.rows):
        return Sheet(grid.name, note=_("这张工作表是隐藏的，没有读取。"), picture=_picture(grid))
    rows = [row for row in range(grid.height) if row not in grid.hidden_rows or row in choices.rows]
    columns = [column for column in range(grid.width) if column not in grid.hidden_columns or column in choices.columns]
    tables = find_regions(grid, rows, columns, choices)
    regions = [region for region in tables if region.column(Meaning.PROBLEM) is not None]
    pairs = [] if regions or explains(grid.name) else find_pairs(grid, rows, columns)
    drafts = card_drafts(pairs)
    if not tables and not drafts:
        regions = guess_regions(grid, rows, columns, choices)
    tables = regions or ([] if drafts else tables)
    labels = [(pair.label, pair.value) for pair in pairs]
    for region in regions:
        own = _drafts(grid, region)
        facts = _facts_above(grid, region, regions, rows, columns)
        for draft in own:
            apply_form(draft, facts)
        drafts += own
        labels += [pair for pair in facts.labels if pair not in labels]
    outside = _outside(rows, regions, drafts)
    whole = replace(gather(grid, outside, columns, pairs or find_pairs(grid, outside, columns)), labels=labels)
    return _sheet(grid, tables, whole, finish(drafts, whole.document_date or reference), choices)


def _outside(rows: Sequence[int], regions: Sequence[Region], drafts: Sequence[Draft]) -> list[int]:
    """The rows that belong to no table, and those below the last problem, where people sign and date."""
    taken: set[int] = set().union(*(region.taken() for region in regions))
    last = max((draft.last_row for draft in drafts), default=-1)
    return [row for row in rows if row not in taken or (row > last and bool(regions))]


def _facts_above(
    grid: Grid, region: Region, regions: Sequence[Region], rows: Sequence[int], columns: Sequence[int]
) -> Facts:
    """What stands between the table before and this one; a form above the first holds on unless a title ends it."""
    top = region.top
    before = max((max(other.taken()) for other in regions if other.top < top and max(other.taken()) < top), default=-1)
    above = [row for row in rows if before < row < top]
    facts = gather(grid, above, columns, find_pairs(grid, above, columns))
    first = min(other.top for other in regions)
    if before >= 0 and not facts.title and not facts.labels and first < top:
        return _facts_above(grid, next(other for other in regions if other.top == first), regions, rows, columns)
    return facts


def _sheet(grid: Grid, regions: Sequence[Region], facts: Facts, rows: list[Row], choices: Choices) -> Sheet:
    return Sheet(
        name=grid.name,
        rows=tuple(sorted(rows, key=lambda row: row.row)),
        tables=tuple(region.as_table() for region in regions),
        title=facts.title,
        issuer=facts.issuer,
        document_date=facts.document_date,
        facts=tuple(facts.labels),
        note="" if rows else nothing_found(),
        warnings=(*_hidden_words(grid, choices), *_guess_words(regions)),
        picture=_picture(grid),
    )


def nothing_found() -> str:
    """The sentence that says what a sheet was searched for."""
    return _(
        "没有找到问题清单。系统寻找的是一行表头，其中有“存在问题”“问题描述”之类的一栏，"
        "或者写有“存在问题”“责任单位”等名目的表单。请检查表头，或指定哪一列是问题。"
    )


def _hidden_words(grid: Grid, choices: Choices) -> Iterator[str]:
    columns = [column for column in grid.hidden_columns if column < grid.width and column not in choices.columns]
    rows = [row for row in grid.hidden_rows if row < grid.height and row not in choices.rows]
    if columns:
        yield _("有 %(n)d 个隐藏的列没有导入。") % {"n": len(columns)}
    if any(not grid.is_blank(row) for row in rows):
        yield _("有 %(n)d 个隐藏的行没有导入。") % {"n": len(rows)}


def _guess_words(regions: Sequence[Region]) -> Iterator[str]:
    guessed = [column for region in regions for column in region.columns if column.sureness == Sureness.GUESS]
    named = [column.header for column in guessed if column.header and column.meaning != Meaning.OTHER]
    if named:
        yield _("%(columns)s 这几栏的含义是按内容猜的，请核对。") % {"columns": _("、").join(named)}


def _picture(grid: Grid) -> Picture:
    return Picture(
        rows=tuple(map(tuple, grid.texts)),
        merges=tuple((span.top, span.left, span.bottom, span.right) for span in grid.merges),
        hidden_rows=tuple(sorted(row for row in grid.hidden_rows if row < grid.height)),
        hidden_columns=tuple(sorted(column for column in grid.hidden_columns if column < grid.width)),
    )


def _drafts(grid: Grid, region: Region) -> list[Draft]:
    """The rows of one table, in order."""
    lines = list(_lines(grid, region))
    data = [line.row for line in lines if line.kind == Kind.DATA]
    sections = {line.row for line in lines if line.kind == Kind.BAND}
    drafter = Drafter(grid, region.columns, blanks_to_fill(grid, region.columns, data, sections))
    bands = Bands()
    if region.band:
        bands.open(region.band)
    praised = is_praise(grid.name) or is_praise(region.title)
    drafts: list[Draft] = []
    for line in lines:
        if line.kind == Kind.BAND:
            bands.open(line.text)
        elif line.row in region.titles:
            bands.close()
        elif line.kind == Kind.DATA:
            _add(grid, region, drafts, drafter.draft(line.row))
            if drafts and drafts[-1].row == line.row:
                _place_under(drafts[-1], bands.use(), praised=praised)
    return drafts


def _lines(grid: Grid, region: Region) -> Iterator[Line]:
    """The table's lines; what goes on with a note is no band."""
    columns = [column.index for column in region.columns]
    problem = region.column(Meaning.PROBLEM)
    serial = region.column(Meaning.SERIAL)
    in_note = False
    for row in region.rows:
        if problem is None or row in region.titles:
            in_note = False
            yield Line(row, Kind.BLANK)
            continue
        line = judge_line(grid, row, columns, problem, serial)
        if in_note and continues_note(grid, row, columns):
            line = Line(row, Kind.NOTE)
        if line.kind != Kind.BLANK:
            in_note = line.kind == Kind.NOTE
        yield line


def _place_under(draft: Draft, band: str, *, praised: bool) -> None:
    """Give the row the band's category, unless it has one of its own."""
    draft.praised = praised or is_praise(band)
    if not band:
        return
    if draft.texts.get(Meaning.CATEGORY):
        draft.others.append((_("分组"), band))
    else:
        draft.texts[Meaning.CATEGORY] = band


def _add(grid: Grid, region: Region, drafts: list[Draft], draft: Draft) -> None:
    """Append the row, or add it to the one above where it only goes on with it."""
    problem = region.column(Meaning.PROBLEM)
    span = grid.spans.get((draft.row, problem)) if problem is not None else None
    if span and span.top < draft.row and drafts and draft.text(Meaning.PROBLEM):
        merge_into(drafts[-1], draft)
        return
    if draft.text(Meaning.PROBLEM) or praise_beside(draft):
        drafts.append(draft)
        return
    own = draft.own - {Meaning.SERIAL, Meaning.CATEGORY, Meaning.REMARK}
    follows = bool(drafts) and drafts[-1].last_row == draft.row - 1
    if follows and own and own <= set(_FOLLOWING) and Meaning.SERIAL not in draft.own:
        draft.warnings.append(_("第 %(row)d 行没有问题内容，已并入上一行。") % {"row": draft.row + 1})
        merge_into(drafts[-1], draft)
    elif len(own) >= 2:
        drafts.append(draft)
