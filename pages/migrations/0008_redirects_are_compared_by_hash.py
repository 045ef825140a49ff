"""The trigger that forbids chains of redirects never compares each row with each.

PostgreSQL plans by what it knows of a table, and of one that was all but empty when it looked last it
knows next to nothing: an import of ten thousand took minutes. Without nested loops a join is one
pass over each side, whatever is known.
"""

from django.db import migrations

FUNCTION = """
CREATE OR REPLACE FUNCTION pages_redirect_never_a_chain() RETURNS trigger LANGUAGE plpgsql
{setting} AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(7001020);
    IF EXISTS (
        SELECT 1 FROM pages_redirect AS one
        JOIN pages_redirect AS other ON other.path = one.target_path
    ) THEN
        RAISE EXCEPTION 'pages_redirect_never_a_chain'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NULL;
END $$
"""
BY_HASH = FUNCTION.format(setting="SET enable_nestloop = off")
AS_PLANNED = FUNCTION.format(setting="")


def replace(function):
    def run(apps, schema_editor):
        if schema_editor.connection.vendor == "postgresql":
            schema_editor.execute(function, params=None)

    return run


class Migration(migrations.Migration):
    dependencies = [("pages", "0007_privacy_names_the_cookie")]

    operations = [migrations.RunPython(replace(BY_HASH), replace(AS_PLANNED))]
