"""The receiving unit of a notice, and how to reach it."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("rectification", "0011_lighter_writes"),
    ]

    operations = [
        migrations.AlterField(
            model_name="publicnotice",
            name="contact",
            field=models.CharField(max_length=300, verbose_name="受理异议单位及联系方式"),
        ),
    ]
