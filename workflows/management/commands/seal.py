"""Make the day's seal, and take the seals out of the database."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from organizations import clock
from workflows.sealing import export_seals, make_seal


class Command(BaseCommand):
    """manage.py seal [--out FILE]"""

    help = "Seal today's events; with --out, also write all seals to a file to be kept elsewhere."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Where the copy goes."""
        parser.add_argument("--out", type=Path, help="a file outside this machine's database")

    def handle(self, *args: Any, **options: Any) -> None:
        """Seal, say what was sealed, write the copy."""
        seal = make_seal(clock.today())
        self.stdout.write(
            _("%(day)s 封存：%(count)d 个问题有新的办理记录，根值 %(root)s。")
            % {"day": seal.day, "count": seal.count, "root": seal.root}
        )
        path: Path | None = options["out"]
        if path is None:
            return
        try:
            count = export_seals(path)
        except OSError as error:
            raise CommandError(_("无法写入 %(path)s：%(error)s。") % {"path": path, "error": error}) from error
        self.stdout.write(
            _("已把 %(count)d 次封存写入 %(path)s，请保存到本系统以外的地方。") % {"count": count, "path": path}
        )
