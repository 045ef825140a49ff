"""No inquiry disappears silently: the database itself writes down each one that is deleted.

Beside `leads.erasure` there is no way to delete one in the product. Whoever does it by another way
(a shell, a query) leaves this line, and it says nothing about the person.

A later migration that makes SQLite rebuild leads_inquiry drops the trigger with the old table; such
a migration ends with this operation again.
"""

from django.db import migrations, models

POSTGRESQL = """
CREATE FUNCTION leads_inquiry_deletion_is_written_down() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO leads_deletion (number, deleted_at) VALUES (OLD.id, clock_timestamp());
    RETURN NULL;
END $$;
CREATE TRIGGER leads_inquiry_deletion_is_written_down AFTER DELETE ON leads_inquiry
    FOR EACH ROW EXECUTE FUNCTION leads_inquiry_deletion_is_written_down();
"""

SQLITE = """
CREATE TRIGGER leads_inquiry_deletion_is_written_down AFTER DELETE ON leads_inquiry
    BEGIN
        INSERT INTO leads_deletion (number, deleted_at)
        VALUES (OLD.id, strftime('%Y-%m-%d %H:%M:%f', 'now'));
    END;
"""


def watch(apps, schema_editor):
    schema_editor.execute(
        POSTGRESQL if schema_editor.connection.vendor == "postgresql" else SQLITE, params=None
    )


def stop_watching(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(
            "DROP TRIGGER leads_inquiry_deletion_is_written_down ON leads_inquiry"
        )
        schema_editor.execute("DROP FUNCTION leads_inquiry_deletion_is_written_down()")
    else:
        schema_editor.execute("DROP TRIGGER leads_inquiry_deletion_is_written_down")


class Migration(migrations.Migration):
    dependencies = [("leads", "0006_recipient_unique_in_any_case")]

    operations = [
        migrations.AlterModelOptions(
            name="contact",
            options={
                "ordering": ["name", "pk"],
                "permissions": [("erase_contact", "Can erase a person and all they sent")],
            },
        ),
        migrations.CreateModel(
            name="Deletion",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.BigIntegerField(verbose_name="inquiry no.")),
                ("deleted_at", models.DateTimeField()),
            ],
            options={
                "verbose_name": "deleted inquiry",
                "verbose_name_plural": "deleted inquiries",
                "ordering": ["-deleted_at", "-pk"],
            },
        ),
        migrations.RunPython(watch, stop_watching),
    ]
