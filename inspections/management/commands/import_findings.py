"""Read a received ledger, and put its findings into a batch unless it is only a dry run."""

import json
from argparse import ArgumentParser
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from inspections.management.commands.parse_deadline import reference_day
from inspections.reading.errors import UnreadableFile
from inspections.reading.reader import read_file
from inspections.reading.results import Reading, Row, Sheet


class Command(BaseCommand):
    """manage.py import_findings FILE [--batch CODE] [--reference-date YYYY-MM-DD] [--dry-run] [--json]"""

    help = "Read a ledger; with --dry-run only say what was understood, which needs no database."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """One file; without --batch only a dry run is allowed."""
        parser.add_argument("file")
        parser.add_argument("--batch")
        parser.add_argument("--reference-date")
        parser.add_argument("--dry-run", action="store_true")
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        """Read, then print or commit; exit 1 with a sentence where the file is refused."""
        day = reference_day(options["reference_date"])
        if not options["batch"] and not options["dry_run"]:
            raise CommandError(_("没有指定批次。请加上 --batch 批次编号，或者用 --dry-run 只检查不写入。"))
        try:
            if not options["dry_run"]:
                self.stdout.write(self._commit(options["file"], options["batch"], day))
                return
            reading = read_file(options["file"], reference_date=day)
        except UnreadableFile as refusal:
            raise CommandError(str(refusal)) from refusal
        if not any(sheet.rows for sheet in reading.sheets):
            raise CommandError(_what_was_missing(reading))
        self._print(reading, as_json=options["json"])

    def _commit(self, path: str, batch: str, day: date | None) -> str:
        # A dry run must not need the database, which the actions import.
        from inspections.actions.imports import commit_file
        from workflows.steps import ActionRefused

        if not Path(path).is_file():
            raise CommandError(_("找不到文件 %(path)s。请检查路径。") % {"path": path})
        try:
            made = commit_file(Path(path), batch_code=batch, reference_date=day)
        except ActionRefused as refusal:
            raise CommandError(str(refusal)) from refusal
        return (
            _("登记了%(problems)d个问题；正面情况%(positives)d条；无变化%(same)d行；没有导入%(left_out)d行。")
            % made.tally
        )

    def _print(self, reading: Reading, *, as_json: bool) -> None:
        if as_json:
            self.stdout.write(json.dumps(reading.as_json(), ensure_ascii=False))
            return
        for sheet in reading.sheets:
            for line in _summary(sheet):
                self.stdout.write(line)
        self.stdout.write(_("这次只是检查，没有写入。"))


def _what_was_missing(reading: Reading) -> str:
    notes = [_("工作表“%(sheet)s”：%(note)s") % {"sheet": sheet.name, "note": sheet.note} for sheet in reading.sheets]
    return "\n".join(notes) or _("文件里没有工作表。请检查文件。")


def _summary(sheet: Sheet) -> Iterator[str]:
    fine = sum(row.positive for row in sheet.rows)
    counts = {"sheet": sheet.name, "n": len(sheet.rows) - fine, "fine": fine}
    yield _("工作表“%(sheet)s”：%(n)d 个问题，%(fine)d 条正面记录。") % counts
    if sheet.note:
        yield "  " + sheet.note
    for warning in sheet.warnings:
        yield "  " + warning
    for row in sheet.rows:
        yield from _line(row)


def _line(row: Row) -> Iterator[str]:
    units = _("、").join(dict.fromkeys(filter(None, (row.lead_unit, *row.units)))) or _("未写")
    words = {"row": row.row, "location": row.location, "problem": row.problem.replace("\n", " "), "units": units}
    mark = _("（正面）") if row.positive else ""
    yield _("  第 %(row)d 行 %(location)s：%(problem)s｜责任单位：%(units)s") % words + mark
    yield _("      时限：%(text)s %(reading)s") % {"text": row.deadline_text, "reading": row.deadline.reading}
    for sentence in (*row.errors, *row.warnings):
        yield f"      ！{sentence}"
