"""A recomputation that was begun before goes on from its cursor, in one part."""

from django.db import migrations


def make_parts(apps, schema_editor):
    rows = apps.get_model("workflows", "Recomputation").objects.filter(done_at__isnull=True)
    part = apps.get_model("workflows", "RecomputationPart")
    part.objects.bulk_create(part(recomputation=row, cursor=row.cursor, last=2**62) for row in rows)


class Migration(migrations.Migration):
    dependencies = [("workflows", "0005_lighter_writes")]
    operations = [migrations.RunPython(make_parts, migrations.RunPython.noop)]
