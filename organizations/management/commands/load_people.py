"""Load units, people and posts from a workbook; prints the first passwords of new people once."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from organizations.actions.people_load import BadRows, load_people, preview
from organizations.errors import Refused
from organizations.people_check import BadRow
from organizations.people_file import read_people


class Command(BaseCommand):
    """manage.py load_people FILE.xlsx [--dry-run]"""

    help = "Load units, people and posts from an xlsx with the sheets 单位, 人员, 任职."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """One positional file; --dry-run only says what would happen."""
        parser.add_argument("file", type=Path)
        parser.add_argument("--dry-run", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        """Read, judge, perhaps write; exit 1 with a sentence for every bad row."""
        path: Path = options["file"]
        if not path.is_file():
            raise CommandError(_("找不到文件 %(path)s。") % {"path": path})
        try:
            with path.open("rb") as stream:
                rows = read_people(stream)
            if options["dry_run"]:
                self._say_bad(preview(rows).bad)
                self.stdout.write(_("共 %(n)d 行，全部可以导入；这次只是检查，没有写入。") % {"n": len(rows)})
                return
            loaded = load_people(rows, by=None)
        except BadRows as refusal:
            self._say_bad(refusal.bad)
        except Refused as refusal:
            raise CommandError(str(refusal)) from refusal
        else:
            self._say_passwords(loaded.passwords)
            self.stdout.write(str(loaded))

    def _say_bad(self, bad: list[BadRow]) -> None:
        if bad:
            sentences = [*map(str, bad), _("更正后请重新导入；没有写入任何内容。")]
            raise CommandError("\n".join(sentences))

    def _say_passwords(self, passwords: dict[str, str]) -> None:
        if passwords:
            self.stdout.write(_("登录名,初始密码（只显示这一次）"))
        for name, password in passwords.items():
            self.stdout.write(f"{name},{password}")
