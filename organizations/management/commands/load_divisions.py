"""Load administrative divisions from a CSV with columns code, name, level, parent_code."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from organizations.tree import load_rows, read_rows


class Command(BaseCommand):
    """manage.py load_divisions FILE.csv"""

    help = "Load divisions from a CSV (code,name,level,parent_code); run again to update names."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """One positional file."""
        parser.add_argument("file", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        """Read, write, say how many."""
        path: Path = options["file"]
        if not path.is_file():
            raise CommandError(f"找不到文件 {path}。")
        count = load_rows(read_rows(path))
        self.stdout.write(f"已载入 {count} 个行政区划。")
