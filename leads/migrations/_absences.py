"""Nobody is away twice on one day: two absences of one person never overlap.

PostgreSQL says so by a constraint that Django knows only there, SQLite by triggers. SQLite drops a
table's triggers when Django alters the table; a migration that does so makes them again.
"""

NAME = "leads_absences_do_not_overlap"

# A range of one number in place of the number: what compares numbers here is an extension.
POSTGRESQL = f"""
    ALTER TABLE leads_absence ADD CONSTRAINT {NAME} EXCLUDE USING gist (
        int8range(user_id, user_id, '[]') WITH &&,
        daterange(first_day, last_day, '[]') WITH &&
    )
"""
SQLITE = """
    CREATE TRIGGER {name}_{event} BEFORE {event} ON leads_absence
    WHEN EXISTS (
        SELECT 1 FROM leads_absence
        WHERE user_id = NEW.user_id AND id IS NOT NEW.id
            AND first_day <= NEW.last_day AND last_day >= NEW.first_day
    )
    BEGIN SELECT RAISE(ABORT, '{name}'); END
"""


def make(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(POSTGRESQL, params=None)
        return
    for event in ("insert", "update"):
        schema_editor.execute(SQLITE.format(name=NAME, event=event), params=None)


def drop(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(f"ALTER TABLE leads_absence DROP CONSTRAINT {NAME}")
        return
    for event in ("insert", "update"):
        schema_editor.execute(f"DROP TRIGGER {NAME}_{event}")
