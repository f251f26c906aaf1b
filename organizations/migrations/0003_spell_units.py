"""Write down the spellings of the units that are there already."""

import re

from django.db import migrations

AREA = re.compile(r"^.{0,4}?[县市区旗](?=.{2,})")
AT_ONCE = 1000


def spell(apps, schema_editor):
    """As organizations.spelling does for every unit that is stored from now on."""
    from pypinyin import Style, lazy_pinyin

    def initials(name):
        parts = lazy_pinyin(name, style=Style.FIRST_LETTER)
        return "".join(part[0] for part in parts if part[:1].isalnum()).lower()[:80]

    units = apps.get_model("organizations", "Unit").objects
    rows = []
    for unit in units.only("pk", "name", "short_name", "aliases").iterator(chunk_size=AT_ONCE):
        plain = [name.strip() for name in [unit.name, unit.short_name, *unit.aliases] if name and name.strip()]
        written = dict.fromkeys(spelling for name in plain for spelling in (name, AREA.sub("", name)))
        lines = [*written, *dict.fromkeys(initials(spelling) for spelling in written)]
        unit.spellings = "\n" + "".join(f"{line}\n" for line in lines if line)
        rows.append(unit)
    units.bulk_update(rows, ["spellings"], batch_size=AT_ONCE)


class Migration(migrations.Migration):
    dependencies = [("organizations", "0002_unit_spellings")]

    operations = [migrations.RunPython(spell, migrations.RunPython.noop)]
