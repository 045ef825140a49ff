"""What a brief leaves open is kept with it. Its words still never change: the database refuses.

Briefs that are here already get theirs when they are next looked at.
"""

from django.db import migrations, models

SENT = [
    "inquiry_id",
    "title",
    "context",
    "interfaces",
    "acceptance_criteria",
    "out_of_scope",
    "definition_of_done",
    "constraints",
]

POSTGRESQL = """
DROP TRIGGER leads_brief_never_changes ON leads_brief;
CREATE TRIGGER leads_brief_never_changes BEFORE UPDATE ON leads_brief
    FOR EACH ROW {when} EXECUTE FUNCTION leads_brief_never_changes();
"""

SQLITE = """
CREATE TRIGGER leads_brief_never_changes BEFORE UPDATE ON leads_brief {when}
    BEGIN SELECT RAISE(ABORT, 'leads_brief_never_changes'); END;
"""


def forbid_words(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        changed = " OR ".join(f"OLD.{name} IS DISTINCT FROM NEW.{name}" for name in SENT)
    else:
        changed = " OR ".join(f"OLD.{name} IS NOT NEW.{name}" for name in SENT)
    _replace(schema_editor, f"WHEN ({changed})")


def forbid_all(apps, schema_editor):
    _replace(schema_editor, "")


def _replace(schema_editor, when):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(POSTGRESQL.format(when=when), params=None)
    else:
        schema_editor.execute("DROP TRIGGER IF EXISTS leads_brief_never_changes")
        schema_editor.execute(SQLITE.format(when=when), params=None)


class Migration(migrations.Migration):
    dependencies = [("leads", "0014_first_answer_comes_first")]

    operations = [
        # The other way round when it is undone: SQLite then rebuilds the table without the trigger.
        migrations.RunPython(migrations.RunPython.noop, forbid_all),
        migrations.AddField(
            model_name="brief",
            name="findings",
            field=models.JSONField(editable=False, null=True),
        ),
        migrations.RunPython(forbid_words, migrations.RunPython.noop),
    ]
