"""Clocks started before there was a scan: which is a case's own, and when to look at each."""

from typing import Any

from django.db import migrations, models


def say_what_runs(apps: Any, schema_editor: Any) -> None:
    clocks = apps.get_model("workflows", "Deadline").objects.filter(superseded_at__isnull=True)
    clocks.filter(item__isnull=True).update(kind="case", next_check_at=models.F("due_at"))
    clocks.filter(item__status__in=["NEW", "ASSIGNED"]).update(next_check_at=models.F("due_at"))


class Migration(migrations.Migration):
    dependencies = [("workflows", "0003_clocks")]

    operations = [migrations.RunPython(say_what_runs, migrations.RunPython.noop)]
