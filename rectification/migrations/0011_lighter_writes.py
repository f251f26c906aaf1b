"""Fewer indexes to keep with every step, and a search index that takes in what is new in small portions."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

# Some two hundred problems: whoever fills it waits for milliseconds; with four megabytes a tenth of a second.
KILOBYTES = 256


def small_portions(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(f"ALTER INDEX problem_search SET (gin_pending_list_limit = {KILOBYTES})")


def usual_portions(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("ALTER INDEX problem_search RESET (gin_pending_list_limit)")


class Migration(migrations.Migration):
    dependencies = [
        ("organizations", "0003_spell_units"),
        ("rectification", "0010_measures_taken"),
        ("workflows", "0004_clocks_that_run"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RunPython(small_portions, usual_portions),
        migrations.AlterField(
            model_name="problem",
            name="batch",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="problems",
                to="rectification.batch",
                verbose_name="批次",
            ),
        ),
        migrations.AlterField(
            model_name="problem",
            name="deadline_policy",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="workflows.deadlinepolicy",
            ),
        ),
        migrations.AlterField(
            model_name="problem",
            name="found_by",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AlterField(
            model_name="problem",
            name="lead_leader",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="包案领导",
            ),
        ),
        migrations.AlterField(
            model_name="problem",
            name="lead_unit",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="organizations.unit",
                verbose_name="牵头单位",
            ),
        ),
        migrations.AlterField(
            model_name="problem",
            name="proposed_unit",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="organizations.unit",
                verbose_name="拟交办单位",
            ),
        ),
        migrations.AlterField(
            model_name="problem",
            name="review_policy",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="workflows.reviewpolicy",
            ),
        ),
    ]
