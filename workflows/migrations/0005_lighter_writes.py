"""Fewer indexes to keep with every event; a recomputation in parts, which several workers share."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("organizations", "0003_spell_units"),
        ("workflows", "0004_clocks_that_run"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterField(
            model_name="event",
            name="actor",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AlterField(
            model_name="event",
            name="case",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="events", to="workflows.case"
            ),
        ),
        migrations.AlterField(
            model_name="event",
            name="post",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="organizations.post",
            ),
        ),
        migrations.AlterField(
            model_name="event",
            name="unit",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="organizations.unit",
            ),
        ),
        migrations.CreateModel(
            name="RecomputationPart",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("cursor", models.BigIntegerField()),
                ("last", models.BigIntegerField()),
                ("done", models.BooleanField(default=False)),
                (
                    "recomputation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="parts", to="workflows.recomputation"
                    ),
                ),
            ],
            options={
                "verbose_name": "时限重算分段",
                "verbose_name_plural": "时限重算分段",
                "ordering": ["id"],
            },
        ),
    ]
