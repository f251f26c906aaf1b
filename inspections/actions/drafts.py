"""The draft of an import: take a file in, read it anew, correct a row, choose a name for all rows."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.core.files.base import ContentFile
from django.db import transaction
from django.utils.translation import gettext as _

from inspections.judging import Earlier, Judge
from inspections.matching import Names, county_of, load_names
from inspections.models import KEPT_DAYS, Alias, ImportRow, ImportSheet, ImportState, ListImport, NameKind
from inspections.reading.errors import UnreadableFile
from inspections.reading.reader import Reading, read_file
from inspections.twins import Ledger, settle_repeats
from organizations import clock
from organizations.models import Division, Unit, User
from rectification.actions.registration import registrar_post
from rectification.models import Batch, Problem
from workflows.many import store_many
from workflows.steps import ActionRefused

ROWS_AT_ONCE = 500
DRAFTS_AT_ONCE = 20
FIXABLE = {
    "problem",
    "points",
    "location",
    "category",
    "serial",
    "measures",
    "kind",
    "due_on",
    "place",
    "lead",
    "positive",
}


@dataclass(slots=True)
class Upload:
    """A file as somebody sent it."""

    name: str
    data: bytes
    reference_date: date | None = None


def begin_import(batch: Batch, upload: Upload, *, by: User | None) -> ListImport:
    """Take a list in: read it and keep the draft. The same file in the same batch is not taken twice.

    Without a person it is the command line's. Raises UnreadableFile or ActionRefused with a sentence.
    """
    if by:
        registrar_post(batch, batch.division, by)
    forget_old_drafts()
    digest = hashlib.sha256(upload.data).hexdigest()
    refuse_known(batch, digest)
    waiting = ListImport.objects.filter(batch=batch, sha256=digest, by=by, state=ImportState.DRAFT).first()
    if waiting:
        return waiting
    reading = read_file(upload.data, upload.name, reference_date=upload.reference_date)
    refuse_without_table(reading)
    with transaction.atomic():
        made = ListImport(
            batch=batch,
            name=upload.name[-160:],
            size=len(upload.data),
            sha256=digest,
            reference_date=upload.reference_date,
            by=by,
        )
        made.stored.save(f"imports/{digest[:2]}/{digest}", ContentFile(upload.data), save=False)
        made.save()
        store_reading(made, reading, by=by)
    return made


def refuse_without_table(reading: Reading) -> None:
    """UnreadableFile with what was looked for, where no sheet holds anything like a list."""
    if any(sheet.rows or sheet.tables for sheet in reading.sheets):
        return
    notes = [f"{sheet.name}：{sheet.note}" for sheet in reading.sheets if sheet.note]
    raise UnreadableFile("\n".join(notes) or _("文件里没有工作表。请检查文件后重新上传。"))


class AlreadyImported(ActionRefused):
    """This very file is in the batch already, by the import that `known` is."""

    def __init__(self, known: ListImport, day: str) -> None:
        super().__init__(
            _("这份文件已于%(day)s导入过这个批次，没有新增。要导入更新后的清单，请选择修改过的文件。") % {"day": day}
        )
        self.known = known


def refuse_known(batch: Batch, digest: str) -> None:
    """AlreadyImported where this very file is in the batch already."""
    known = ListImport.objects.filter(batch=batch, sha256=digest, state=ImportState.COMMITTED).first()
    if known and known.committed_at:
        raise AlreadyImported(known, f"{clock.local(known.committed_at):%Y-%m-%d %H:%M}")


def read_anew(made: ListImport, *, by: User) -> None:
    """Read the kept file again under the clerk's meanings of columns; corrections of rows are kept by their place."""
    with made.stored.open("rb") as handle:
        data = handle.read()
    meanings = {(sheet, int(column)): meaning for sheet, column, meaning in made.meanings.get("columns", [])}
    reading = read_file(
        data,
        made.name,
        reference_date=made.reference_date,
        meanings=meanings,
        shown_columns=_ticked(made, "column"),
        shown_rows=_ticked(made, "row"),
    )
    kept = {
        (row.sheet, row.row_number, row.read.get("serial")): (row.fixes, row.skipped, row.apart)
        for row in made.rows.exclude(fixes={}, skipped=False, apart=True)
    }
    with transaction.atomic():
        made.sheets.all().delete()
        made.rows.all().delete()
        store_reading(made, reading, by=by, kept=kept)
        touch(made)


def _ticked(made: ListImport, what: str) -> set[tuple[str, int]]:
    return {(sheet, int(index)) for sheet, kind, index in made.meanings.get("shown", []) if kind == what}


def store_reading(made: ListImport, reading: Reading, *, by: User | None, kept: dict[Any, Any] | None = None) -> None:
    """Write sheets and judged rows of a draft."""
    rows: list[ImportRow] = []
    for position, sheet in enumerate(reading.sheets):
        draft = sheet.as_draft()
        picture = draft.pop("picture")
        for read in draft.pop("rows"):
            row = ImportRow(
                list_import=made,
                position=len(rows),
                sheet=sheet.name,
                row_number=read["row"],
                read=read,
            )
            row.fixes, row.skipped, row.apart = (kept or {}).get(
                (row.sheet, row.row_number, read["serial"]), ({}, False, True)
            )
            rows.append(row)
        ImportSheet.objects.create(
            list_import=made, position=position, name=sheet.name, understood=draft, picture=picture
        )
    names = load_names(made.batch.division, made.choices)
    judge_rows(made, rows, names)
    find_twins(made, rows, names, by=by)
    store_many(rows)


def judge_rows(made: ListImport, rows: list[ImportRow], names: Names) -> None:
    """Match, date and compare rows of a draft, in memory; the draft's other rows keep the findings they met."""
    others = made.rows.exclude(pk__in=[row.pk for row in rows if row.pk])
    told = others.values_list("read__serial", "fixes__serial", "earlier_id")
    serials = Counter(str(fixed or read or "") for read, fixed, _earlier in told)
    serials.update(str(row.value("serial") or "") for row in rows)
    met = {earlier for _read, _fixed, earlier in told if earlier}
    judge = Judge(names, Earlier.of(made.batch_id, serials, met))
    for row in rows:
        judge.judge(row)


def find_twins(made: ListImport, rows: list[ImportRow], names: Names, *, by: User | None) -> None:
    """Hold rows against the ledger: after reading, and where wording or place have changed."""
    seen = Problem.objects.visible_to(by) if by else Problem.objects.all()
    ledger = Ledger.of(seen.filter(case__division__path__startswith=names.area.path))
    for row in rows:
        told_before = row.positive or row.earlier_id or not row.problem_text
        row.twins = [] if told_before else ledger.like(row.problem_text, names.town_of(row.place_id))
    settle_repeats(rows, made.batch.division_id)


def correct_row(made: ListImport, row: ImportRow, changes: dict[str, Any], *, by: User) -> None:
    """Lay a clerk's corrections over what was read, and judge the row anew."""
    _refuse_if_done(made)
    before = _told([row])
    row.fixes = {**row.fixes, **{name: value for name, value in changes.items() if name in FIXABLE}}
    _judge_anew(made, [row], before, by=by)
    touch(made)


def set_leads(made: ListImport, leads: Mapping[int, int | None], *, by: User) -> int:
    """Give rows their lead units, or none; answers how many rows it concerned."""
    _refuse_if_done(made)
    rows = list(made.rows.filter(pk__in=leads))
    before = _told(rows)
    for row in rows:
        row.fixes = {**row.fixes, "lead": leads[row.pk]}
    with transaction.atomic():
        _judge_anew(made, rows, before, by=by)
        touch(made)
    return len(rows)


def take_repeats(made: ListImport, *, take: bool) -> int:
    """Let every row that repeats a problem go in all the same, or stay out again; answers how many."""
    _refuse_if_done(made)
    rows = [row for row in made.rows.exclude(twins=[]) if row.repeats]
    for row in rows:
        row.fixes = {**row.fixes, "again": take}
    ImportRow.objects.bulk_update(rows, ["fixes"], batch_size=ROWS_AT_ONCE)
    touch(made)
    return len(rows)


def set_row(made: ListImport, row: ImportRow, *, skipped: bool | None = None, apart: bool | None = None) -> None:
    """Leave a row out or take it in again; split its points or keep them together."""
    _refuse_if_done(made)
    if skipped is not None:
        row.skipped = skipped
        row.fixes = {**row.fixes, "again": not skipped} if row.repeats else row.fixes
    if apart is not None:
        row.apart = apart
    row.save(update_fields=["skipped", "apart", "fixes"])
    touch(made)


def skip_level(made: ListImport, level: str) -> int:
    """Leave out every row of a level, such as those with errors; answers how many."""
    _refuse_if_done(made)
    touch(made)
    return made.rows.filter(level=level, skipped=False).update(skipped=True)


@dataclass(slots=True)
class Choice:
    """One answer for every row that says the same: the unit or place a text means."""

    kind: str
    text: str
    row: Unit | Division | None  # None where the text names nothing at all
    remember: bool = False


def choose_name(made: ListImport, choice: Choice, *, by: User) -> int:
    """Take a text for a unit or place in every row of the draft; answers how many rows it concerned."""
    _refuse_if_done(made)
    made.choices = {**made.choices, f"{choice.kind}:{choice.text}": choice.row.pk if choice.row else 0}
    with transaction.atomic():
        if choice.remember and choice.row:
            _remember(made, choice, by)
        rows = [row for row in made.rows.all() if _says(row, choice)]
        _judge_anew(made, rows, _told(rows), by=by)
        touch(made, "choices")
    return len(rows)


def _says(row: ImportRow, choice: Choice) -> bool:
    if choice.kind == NameKind.PLACE:
        return row.value("location") == choice.text
    return choice.text in [row.value("lead_unit"), *(row.value("units") or [])]


def _told(rows: list[ImportRow]) -> list[tuple[Any, ...]]:
    """What twins depend on."""
    return [(row.problem_text, row.place_id, row.positive, row.earlier_id) for row in rows]


def _judge_anew(made: ListImport, rows: list[ImportRow], before: list[tuple[Any, ...]], *, by: User) -> None:
    names = load_names(made.batch.division, made.choices)
    judge_rows(made, rows, names)
    moved = [row for row, was, now in zip(rows, before, _told(rows), strict=True) if was != now]
    if moved:
        find_twins(made, moved, names, by=by)
    ImportRow.objects.bulk_update(rows, JUDGED, batch_size=ROWS_AT_ONCE)


JUDGED = (
    "fixes", "level", "positive", "troubles", "place", "place_sureness", "lead", "lead_sureness", "partners", "names",
    "kind", "due_on", "standing", "earlier", "twins",
)  # fmt: skip


def _remember(made: ListImport, choice: Choice, by: User) -> None:
    named = {"unit": choice.row} if choice.kind == NameKind.UNIT else {"place": choice.row}
    Alias.objects.update_or_create(
        area=county_of(made.batch.division),
        kind=choice.kind,
        text=choice.text[:120],
        defaults={"unit": None, "place": None, **named, "by": by, "at": clock.now()},
    )


def set_meaning(made: ListImport, sheet: str, column: int, meaning: str, *, by: User) -> None:
    """Say what a column means (or that it is not to be read), and read the file anew."""
    _refuse_if_done(made)
    others = [entry for entry in made.meanings.get("columns", []) if entry[:2] != [sheet, column]]
    made.meanings = {**made.meanings, "columns": [*others, [sheet, column, meaning]]}
    made.save(update_fields=["meanings"])
    read_anew(made, by=by)


def show_hidden(made: ListImport, sheet: str, what: str, index: int, *, by: User) -> None:
    """Tick a hidden row or column so that it is read after all, or untick it."""
    _refuse_if_done(made)
    entry = [sheet, what, index]
    ticked: list[Any] = made.meanings.get("shown", [])
    rest = [each for each in ticked if each != entry]
    made.meanings = {**made.meanings, "shown": rest if len(rest) < len(ticked) else [*rest, entry]}
    made.save(update_fields=["meanings"])
    read_anew(made, by=by)


def drop_draft(made: ListImport) -> None:
    """Throw a draft away; what was imported stays."""
    _refuse_if_done(made)
    stored = made.stored
    made.delete()
    if not ListImport.objects.filter(stored=stored.name).exists():
        stored.delete(save=False)


def forget_old_drafts() -> int:
    """Throw away drafts nobody has touched for `KEPT_DAYS` days; answers how many."""
    since = clock.now() - timedelta(days=KEPT_DAYS)
    old = list(ListImport.objects.filter(state=ImportState.DRAFT, touched_at__lt=since)[:DRAFTS_AT_ONCE])
    for made in old:
        drop_draft(made)
    return len(old)


def touch(made: ListImport, *more: str) -> None:
    """Note that somebody worked on the draft: thirty days count from here."""
    made.touched_at = clock.now()
    made.save(update_fields=["touched_at", *more])


def _refuse_if_done(made: ListImport) -> None:
    if not ListImport.objects.filter(pk=made.pk, state=ImportState.DRAFT).exists():
        raise ActionRefused(_("这份清单已经导入或撤回，不能再修改。"))


def all_rows(made: ListImport) -> Iterable[ImportRow]:
    """Every row of a draft in order, a few at a time."""
    return made.rows.select_related("earlier").iterator(chunk_size=ROWS_AT_ONCE)
