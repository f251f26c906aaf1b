"""Recompute the ledger; exit 1 with a sentence that names the first bad row."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from workflows.verification import LedgerFault, verify


class Command(BaseCommand):
    """manage.py verify_ledger [--files] [--seal-file FILE]"""

    help = "Recompute chains, heads, states, digests and seals; names the first bad row."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """What to compare besides the database itself."""
        parser.add_argument("--files", action="store_true", help="also read the bytes of every evidence file")
        parser.add_argument("--seal-file", type=Path, help="a file written by: seal --out FILE")

    def handle(self, *args: Any, **options: Any) -> None:
        """Recompute and say how much was found in order."""
        path: Path | None = options["seal_file"]
        if path is not None and not path.is_file():
            raise CommandError(_("找不到文件 %(path)s。") % {"path": path})
        try:
            tally = verify(files=options["files"], seal_file=path)
        except LedgerFault as fault:
            raise CommandError(str(fault)) from fault
        self.stdout.write(
            _("台账完好：%(cases)d 个问题、%(events)d 条事件、%(rows)d 条书面材料、%(seals)d 次封存")
            % {"cases": tally.cases, "events": tally.events, "rows": tally.rows, "seals": tally.seals}
        )
        if options["files"]:
            self.stdout.write(_("已核对 %(files)d 个原文件的内容。") % {"files": tally.files})
