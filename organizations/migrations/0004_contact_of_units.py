"""How people reach a unit, for what is put up in public."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("organizations", "0003_spell_units"),
    ]

    operations = [
        migrations.AddField(
            model_name="unit",
            name="contact",
            field=models.CharField(
                blank=True,
                db_default="",
                default="",
                help_text="办公电话和地址，公示和文书上写给群众看。",
                max_length=150,
                verbose_name="联系方式",
            ),
        ),
    ]
