"""The cursor stands in each part alone."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("workflows", "0006_parts_of_what_is_under_way")]
    operations = [migrations.RemoveField(model_name="recomputation", name="cursor")]
