"""A brief is kept word for word, like the inquiry that brought it: the database refuses to change it.

A later migration that makes SQLite rebuild leads_brief drops the trigger with the old table; such
a migration ends with this operation again.
"""

import django.db.models.deletion
from django.db import migrations, models

POSTGRESQL = """
CREATE FUNCTION leads_brief_never_changes() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'leads_brief_never_changes'
        USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER leads_brief_never_changes BEFORE UPDATE ON leads_brief
    FOR EACH ROW EXECUTE FUNCTION leads_brief_never_changes();
"""

SQLITE = """
CREATE TRIGGER leads_brief_never_changes BEFORE UPDATE ON leads_brief
    BEGIN SELECT RAISE(ABORT, 'leads_brief_never_changes'); END;
"""


def forbid(apps, schema_editor):
    schema_editor.execute(
        POSTGRESQL if schema_editor.connection.vendor == "postgresql" else SQLITE, params=None
    )


def allow(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("DROP TRIGGER leads_brief_never_changes ON leads_brief")
        schema_editor.execute("DROP FUNCTION leads_brief_never_changes()")
    else:
        schema_editor.execute("DROP TRIGGER leads_brief_never_changes")


class Migration(migrations.Migration):
    dependencies = [("leads", "0009_assessments_are_told")]

    operations = [
        migrations.CreateModel(
            name="Brief",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("title", models.CharField(blank=True, max_length=160)),
                ("context", models.TextField(blank=True, max_length=10000)),
                ("interfaces", models.TextField(blank=True, max_length=10000)),
                ("acceptance_criteria", models.TextField(blank=True, max_length=10000)),
                ("out_of_scope", models.TextField(blank=True, max_length=10000)),
                ("definition_of_done", models.TextField(blank=True, max_length=10000)),
                ("constraints", models.TextField(blank=True, max_length=10000)),
                (
                    "inquiry",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="brief",
                        to="leads.inquiry",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            title="",
                            context="",
                            interfaces="",
                            acceptance_criteria="",
                            out_of_scope="",
                            definition_of_done="",
                            constraints="",
                            _negated=True,
                        ),
                        name="leads_brief_says_something",
                    )
                ],
            },
        ),
        migrations.RunPython(forbid, allow),
    ]
