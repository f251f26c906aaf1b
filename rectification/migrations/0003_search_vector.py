"""On PostgreSQL, a generated tsvector of the search pieces with its GIN index."""

from django.db import migrations


def add_vector(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(
            "ALTER TABLE rectification_problem ADD COLUMN search_vector tsvector "
            "GENERATED ALWAYS AS (array_to_tsvector(string_to_array(search_text, ' '))) STORED"
        )
        schema_editor.execute("CREATE INDEX problem_search ON rectification_problem USING gin (search_vector)")


def drop_vector(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("ALTER TABLE rectification_problem DROP COLUMN search_vector")


class Migration(migrations.Migration):
    dependencies = [("rectification", "0002_start")]
    operations = [migrations.RunPython(add_vector, drop_vector)]
