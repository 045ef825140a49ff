"""Old addresses that only their query tells apart: /index.php?page_id=5.

Where a target has a query, the row of its whole address answers there, or else that of its path
alone: neither may lead on.
"""

import django.db.models.functions
from django.db import migrations, models

POSTGRESQL = """
CREATE OR REPLACE FUNCTION pages_redirect_never_a_chain() RETURNS trigger LANGUAGE plpgsql
SET enable_nestloop = off AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(7001020);
    IF EXISTS (
        SELECT 1 FROM pages_redirect AS one
        JOIN pages_redirect AS other ON other.path = one.target_path
    ){also} THEN
        RAISE EXCEPTION 'pages_redirect_never_a_chain'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NULL;
END $$
"""
BY_PATH = """ OR EXISTS (
        SELECT 1 FROM pages_redirect AS one
        JOIN pages_redirect AS other ON other.path = split_part(one.target_path, '?', 1)
    )"""

SQLITE = """
CREATE TRIGGER pages_redirect_never_a_chain_{when} BEFORE {event} ON pages_redirect
    WHEN EXISTS (
        SELECT 1 FROM pages_redirect WHERE id <> {row} AND path IN (NEW.target_path{also_path})
    ) OR EXISTS (
        SELECT 1 FROM pages_redirect WHERE id <> {row} AND (target_path = NEW.path{also_target})
    )
    BEGIN SELECT RAISE(ABORT, 'pages_redirect_never_a_chain'); END
"""
EVENTS = [
    ("inserted", "INSERT", "-1"),
    ("updated", "UPDATE OF path, target, target_path", "NEW.id"),
]


def path_alone(column):
    return f"substr({column}, 1, instr({column} || '?', '?') - 1)"


def put_triggers(apps, schema_editor, *, with_queries):
    if schema_editor.connection.vendor == "postgresql":
        also = BY_PATH if with_queries else ""
        schema_editor.execute(POSTGRESQL.format(also=also), params=None)
        return
    also_path = also_target = ""
    if with_queries:
        also_path = f", {path_alone('NEW.target_path')}"
        also_target = f" OR {path_alone('target_path')} = NEW.path"
    for when, event, row in EVENTS:
        schema_editor.execute(f"DROP TRIGGER IF EXISTS pages_redirect_never_a_chain_{when}")
        schema_editor.execute(
            SQLITE.format(
                when=when, event=event, row=row, also_path=also_path, also_target=also_target
            )
        )


def forbid(apps, schema_editor):
    put_triggers(apps, schema_editor, with_queries=True)


def forbid_as_before(apps, schema_editor):
    put_triggers(apps, schema_editor, with_queries=False)


class Migration(migrations.Migration):
    dependencies = [("pages", "0013_pages_the_code_names")]

    operations = [
        # Backwards, after the table was rebuilt. A row with a query has to be deleted before.
        migrations.RunPython(migrations.RunPython.noop, forbid_as_before),
        migrations.RemoveConstraint(model_name="redirect", name="pages_redirect_path_has_one_form"),
        migrations.RemoveConstraint(model_name="redirect", name="pages_redirect_never_to_itself"),
        migrations.AlterField(
            model_name="redirect",
            name="path",
            field=models.CharField(
                help_text="As it was on this site: /old/page, or /index.php?page_id=5 where the query tells pages apart. With or without a slash at its end.",
                max_length=500,
                unique=True,
                verbose_name="old path",
            ),
        ),
        migrations.AddConstraint(
            model_name="redirect",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("path__startswith", "/"),
                    models.Q(("path__startswith", "//"), _negated=True),
                    models.Q(("path__endswith", "/"), _negated=True),
                    models.Q(("path__contains", "#"), _negated=True),
                ),
                name="pages_redirect_path_has_one_form",
            ),
        ),
        migrations.AddConstraint(
            model_name="redirect",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("path", models.F("target_path")), _negated=True),
                    models.Q(
                        (
                            "target_path__startswith",
                            django.db.models.functions.Concat(models.F("path"), models.Value("?")),
                        ),
                        _negated=True,
                    ),
                ),
                name="pages_redirect_never_to_itself",
            ),
        ),
        migrations.RunPython(forbid, migrations.RunPython.noop),
    ]
