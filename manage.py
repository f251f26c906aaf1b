#!/usr/bin/env python
"""Django's command line."""

import os
import secrets
import sys

from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line


def serves_nobody(arguments: list[str]) -> bool:
    """Whether the command only reads a file or a phrase: it needs no database and keeps no secret."""
    return arguments[:1] == ["parse_deadline"] or (arguments[:1] == ["import_findings"] and "--dry-run" in arguments)


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "project.settings")
    if serves_nobody(sys.argv[1:]):
        os.environ.setdefault("BIHUAN_SECRET_KEY", secrets.token_urlsafe(50))
    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as error:
        sys.exit(f"{error} docs/operations.md lists the settings; the demo's ledger is verified by: make demo-verify")
