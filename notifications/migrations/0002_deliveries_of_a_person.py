"""What was sent to one person or unit, found without looking at everything."""

from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("notifications", "0001_start"),
        ("organizations", "0004_contact_of_units"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddIndex(
            model_name="delivery",
            index=models.Index(
                condition=models.Q(("channel", "in_app"), _negated=True),
                fields=["person", "-id"],
                name="delivery_of_person",
            ),
        ),
        migrations.AddIndex(
            model_name="delivery",
            index=models.Index(
                condition=models.Q(("channel", "in_app"), _negated=True),
                fields=["unit", "-id"],
                name="delivery_of_unit",
            ),
        ),
    ]
