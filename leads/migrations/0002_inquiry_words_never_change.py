"""An inquiry is kept word for word: the database refuses to change what the visitor sent.

A later migration that makes SQLite rebuild the table drops the trigger with the old table; such a
migration ends with these same two operations again.
"""

from django.db import migrations

SENT = [
    "name",
    "email",
    "company",
    "message",
    "source_path",
    "article_id",
    "referrer_host",
    "utm_source",
    "utm_medium",
    "utm_campaign",
    "received_at",
    "privacy_version",
    "submission_key",
    "fingerprint",
]

POSTGRESQL = """
CREATE FUNCTION leads_inquiry_words_never_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'leads_inquiry_words_never_change'
        USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER leads_inquiry_words_never_change BEFORE UPDATE ON leads_inquiry
    FOR EACH ROW WHEN ({changed})
    EXECUTE FUNCTION leads_inquiry_words_never_change();
"""

SQLITE = """
CREATE TRIGGER leads_inquiry_words_never_change BEFORE UPDATE ON leads_inquiry
    WHEN {changed}
    BEGIN SELECT RAISE(ABORT, 'leads_inquiry_words_never_change'); END;
"""


def forbid(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        changed = " OR ".join(f"OLD.{name} IS DISTINCT FROM NEW.{name}" for name in SENT)
        schema_editor.execute(POSTGRESQL.format(changed=changed))
    else:
        changed = " OR ".join(f"OLD.{name} IS NOT NEW.{name}" for name in SENT)
        schema_editor.execute(SQLITE.format(changed=changed))


def allow(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("DROP TRIGGER leads_inquiry_words_never_change ON leads_inquiry")
        schema_editor.execute("DROP FUNCTION leads_inquiry_words_never_change()")
    else:
        schema_editor.execute("DROP TRIGGER leads_inquiry_words_never_change")


class Migration(migrations.Migration):
    dependencies = [("leads", "0001_initial")]

    operations = [migrations.RunPython(forbid, allow)]
