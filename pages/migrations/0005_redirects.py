"""Old addresses that lead on, and those asked for in vain.

Triggers keep redirects from leading to one another: of two rows, neither's target is the other's
path. On PostgreSQL one looks at the whole table once a statement (row by row, ten thousand rows that
lead to the same place took it a minute and a half), under a lock, so that of two writers at once the
second sees the first one's row. A later migration that makes SQLite rebuild the table drops the
triggers with the old table; such a migration ends with the second operation again.
"""

import django.utils.timezone
from django.db import migrations, models

# The key of the lock is that of pages/redirects.py.
POSTGRESQL = """
CREATE FUNCTION pages_redirect_never_a_chain() RETURNS trigger LANGUAGE plpgsql AS $$
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
END $$;
CREATE TRIGGER pages_redirect_never_a_chain
    AFTER INSERT OR UPDATE OF path, target, target_path ON pages_redirect
    FOR EACH STATEMENT EXECUTE FUNCTION pages_redirect_never_a_chain();
"""

SQLITE = """
CREATE TRIGGER pages_redirect_never_a_chain_{when} BEFORE {event} ON pages_redirect
    WHEN EXISTS (SELECT 1 FROM pages_redirect WHERE path = NEW.target_path AND id <> {row})
        OR EXISTS (SELECT 1 FROM pages_redirect WHERE target_path = NEW.path AND id <> {row})
    BEGIN SELECT RAISE(ABORT, 'pages_redirect_never_a_chain'); END
"""
# The row of an INSERT has no id yet.
EVENTS = [
    ("inserted", "INSERT", "-1"),
    ("updated", "UPDATE OF path, target, target_path", "NEW.id"),
]


def forbid(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(POSTGRESQL)
        return
    for when, event, row in EVENTS:
        schema_editor.execute(SQLITE.format(when=when, event=event, row=row))


def allow(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("DROP TRIGGER pages_redirect_never_a_chain ON pages_redirect")
        schema_editor.execute("DROP FUNCTION pages_redirect_never_a_chain()")
        return
    for when, _, _ in EVENTS:
        schema_editor.execute(f"DROP TRIGGER pages_redirect_never_a_chain_{when}")


class Migration(migrations.Migration):
    dependencies = [
        ("pages", "0004_content_stamp"),
    ]

    operations = [
        migrations.CreateModel(
            name="MissingPage",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("path", models.CharField(max_length=500, unique=True, verbose_name="address")),
                (
                    "count",
                    models.PositiveBigIntegerField(default=1, verbose_name="times asked for"),
                ),
                ("first_seen", models.DateTimeField(default=django.utils.timezone.now)),
                ("last_seen", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "referrer_host",
                    models.CharField(blank=True, max_length=253, verbose_name="last linked from"),
                ),
            ],
            options={
                "ordering": ["-count", "-last_seen", "pk"],
                "indexes": [
                    models.Index(fields=["count", "last_seen"], name="pages_missing_seldom_first")
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("path__startswith", "/"),
                            models.Q(("path__endswith", "/"), _negated=True),
                        ),
                        name="pages_missing_path_has_one_form",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Redirect",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "path",
                    models.CharField(
                        help_text="As it was on this site: /old/page. With or without a slash at its end.",
                        max_length=500,
                        unique=True,
                        verbose_name="old path",
                    ),
                ),
                (
                    "target",
                    models.CharField(
                        help_text="/articles/, or https://… for another site.",
                        max_length=1000,
                        verbose_name="leads to",
                    ),
                ),
                ("target_path", models.CharField(db_index=True, editable=False, max_length=500)),
                (
                    "is_permanent",
                    models.BooleanField(
                        default=True,
                        help_text="Search engines forget the old address (301). Otherwise they keep it (302).",
                        verbose_name="for good",
                    ),
                ),
                ("note", models.CharField(blank=True, help_text="For colleagues.", max_length=250)),
                (
                    "created_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False),
                ),
                (
                    "hits",
                    models.PositiveBigIntegerField(
                        default=0, editable=False, verbose_name="times used"
                    ),
                ),
                (
                    "last_hit_at",
                    models.DateTimeField(
                        blank=True, editable=False, null=True, verbose_name="last used"
                    ),
                ),
            ],
            options={
                "ordering": ["path"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("path__startswith", "/"),
                            models.Q(("path__startswith", "//"), _negated=True),
                            models.Q(("path__endswith", "/"), _negated=True),
                            models.Q(("path__contains", "?"), _negated=True),
                            models.Q(("path__contains", "#"), _negated=True),
                        ),
                        name="pages_redirect_path_has_one_form",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("path__iexact", "/admin"), _negated=True),
                            models.Q(("path__istartswith", "/admin/"), _negated=True),
                        ),
                        name="pages_redirect_never_of_the_admin",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("target__startswith", "/"),
                                models.Q(("target__startswith", "//"), _negated=True),
                            ),
                            ("target__startswith", "https://"),
                            _connector="OR",
                        ),
                        name="pages_redirect_leads_somewhere",
                        violation_error_message="Begin with / for a page of this site, or with https://.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("target__startswith", "/"), ("target_path__startswith", "/")),
                            models.Q(
                                models.Q(("target__startswith", "/"), _negated=True),
                                ("target_path", ""),
                            ),
                            _connector="OR",
                        ),
                        name="pages_redirect_knows_its_target_path",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("path", models.F("target_path")), _negated=True),
                        name="pages_redirect_never_to_itself",
                    ),
                ],
            },
        ),
        migrations.RunPython(forbid, allow),
    ]
