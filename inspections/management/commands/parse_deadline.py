"""Say how a deadline phrase is read."""

import json
from argparse import ArgumentParser
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from inspections.reading.deadlines import parse_deadline


class Command(BaseCommand):
    """manage.py parse_deadline TEXT --reference-date YYYY-MM-DD"""

    help = "Print as JSON how a deadline phrase is read; needs no database."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The phrase, and the day of the document it stands in."""
        parser.add_argument("text")
        parser.add_argument("--reference-date")

    def handle(self, *args: Any, **options: Any) -> None:
        """Read and print."""
        reading = parse_deadline(options["text"], reference_day(options["reference_date"]))
        self.stdout.write(json.dumps(reading.as_json(), ensure_ascii=False))


def reference_day(text: str | None) -> date | None:
    """The day as given on the command line; refuses what is no day."""
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise CommandError(_("日期“%(text)s”不对，请写成 2026-06-30 的样子。") % {"text": text}) from error
