"""Write the main flow as a file: SVG to look at, BPMN 2.0 for other tools."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from workflows.charts import export_chart


class Command(BaseCommand):
    """manage.py export_flow --format svg|bpmn [--out FILE]"""

    help = "Export the flow chart, read from the life cycle's transitions."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The format, and a file instead of the terminal."""
        parser.add_argument("--format", choices=["svg", "bpmn"], default="svg")
        parser.add_argument("--out", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        """Draw and write."""
        text = export_chart(options["format"])
        path: Path | None = options["out"]
        if path is None:
            self.stdout.write(text)
            return
        try:
            path.write_text(text, encoding="utf-8")
        except OSError as error:
            raise CommandError(_("无法写入 %(path)s：%(error)s。") % {"path": path, "error": error}) from error
        self.stdout.write(_("流程图已写入 %(path)s。") % {"path": path})
