"""Load dictionaries, calendar and policies; safe to run at every deployment."""

from typing import Any

from django.core.management.base import BaseCommand

from organizations import defaults as organizations_defaults
from rectification import defaults as rectification_defaults
from workflows import defaults as workflows_defaults


class Command(BaseCommand):
    """manage.py load_defaults"""

    help = "Load dictionaries, calendar and policies; never overwrites what somebody changed."

    def handle(self, *args: Any, **options: Any) -> None:
        """Load each app's defaults, lowest first."""
        organizations_defaults.load()
        workflows_defaults.load()
        rectification_defaults.load()
        self.stdout.write("默认字典、日历和政策已就绪。")
