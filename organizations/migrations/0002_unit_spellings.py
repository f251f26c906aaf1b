"""Add what units are found by while somebody types."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("organizations", "0001_start")]

    operations = [
        migrations.AddField(
            model_name="unit",
            name="spellings",
            field=models.TextField(db_default="", default="", editable=False),
        ),
    ]
