"""The trigger that forbids chains of redirects asks for a new plan each time.

PostgreSQL keeps the plan of a statement in a function for as long as the connection lives. Made when
the table was all but empty, it looked at every pair of rows: an import of ten thousand took minutes.
"""

from django.db import migrations

FUNCTION = """
CREATE OR REPLACE FUNCTION pages_redirect_never_a_chain() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE is_chain boolean;
BEGIN
    PERFORM pg_advisory_xact_lock(7001020);
    {ask}
    IF is_chain THEN
        RAISE EXCEPTION 'pages_redirect_never_a_chain'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NULL;
END $$
"""
CHAIN = (
    "EXISTS (SELECT 1 FROM pages_redirect AS one"
    " JOIN pages_redirect AS other ON other.path = one.target_path)"
)
ANEW = FUNCTION.format(ask=f"EXECUTE 'SELECT {CHAIN}' INTO is_chain;")
KEPT = FUNCTION.format(ask=f"is_chain := {CHAIN};")


def replace(function):
    def run(apps, schema_editor):
        if schema_editor.connection.vendor == "postgresql":
            schema_editor.execute(function, params=None)

    return run


class Migration(migrations.Migration):
    dependencies = [("pages", "0007_privacy_names_the_cookie")]

    operations = [migrations.RunPython(replace(ANEW), replace(KEPT))]
