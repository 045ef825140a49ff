"""Whether the public pages still say what the database says.

The stamp is one row that changes with every transaction that changes what visitors read. Triggers
write it, so no door can forget it: not the admin, not a bulk update, not a line in a shell.
"""

from collections.abc import Iterator
from datetime import datetime
from math import inf
from typing import NamedTuple

from django.apps import apps
from django.db import close_old_connections, connections
from django.utils import timezone

from articles.models import Article, Revision
from pages.models import ContentStamp

SHOWN_APPS = ("articles", "images", "offices", "pages", "readiness")
# Of those apps, what no public page shows. A table left out here costs renders, never truth.
NOT_SHOWN = {
    # Written with the revision, or the page, that they belong to.
    "articles.RevisionPicture",
    "pages.PagePicture",
    "articles.RevisionText",
    "articles.SearchCount",
    "articles.SearchWord",
    "pages.ContentStamp",
    "pages.DemoRow",
    "pages.JobRun",
    "pages.MissingPage",
    "pages.Redirect",
    "readiness.Assessment",
}
# By table: the rows that visitors may read. The working copy changes with each save.
ONLY_WHEN = {"articles_revision": "{row}.state = 'released'"}

FUNCTION = """
CREATE OR REPLACE FUNCTION pages_content_changed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE this text := pg_current_xact_id()::text;
BEGIN
    INSERT INTO pages_contentstamp (id, value) VALUES (1, this)
        ON CONFLICT (id) DO UPDATE SET value = this WHERE pages_contentstamp.value <> this;
    RETURN NULL;
END $$
"""
# Deferred to the commit: two editors wait for each other for no longer than that.
POSTGRESQL = """
CREATE CONSTRAINT TRIGGER {name} AFTER {event} ON {table} DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW {condition} EXECUTE FUNCTION pages_content_changed()
"""
SQLITE = """
CREATE TRIGGER {name} AFTER {event} ON {table} {condition} BEGIN
    INSERT INTO pages_contentstamp (id, value) VALUES (1, hex(randomblob(16)))
        ON CONFLICT (id) DO UPDATE SET value = excluded.value;
END
"""


class Stamp(NamedTuple):
    """What holds now: `value` is another text whenever visitors may read something else."""

    value: str
    seconds: float  # until the clock alone changes it; `inf` when it will not


def stamp() -> Stamp:
    """Ask the database, outside of any request. Raises `DatabaseError` when it does not answer.

    Two moments change what visitors read when they come: a revision goes live, an article retires.
    """
    close_old_connections()
    now = timezone.now()
    moments = {
        "live_from": Revision.objects.filter(live_from__isnull=False),
        "retired_at": Article.objects.filter(retired_at__isnull=False),
    }
    value, to_come = [_value()], list[datetime]()
    for field, rows in moments.items():
        at = rows.order_by().values_list(field, flat=True)
        value.append(str(at.filter(**{f"{field}__lte": now}).order_by(f"-{field}").first()))
        to_come += at.filter(**{f"{field}__gt": now}).order_by(field)[:1]
    seconds = min(((moment - now).total_seconds() for moment in to_come), default=inf)
    return Stamp(" ".join(value), seconds)


def _value() -> str:
    return ContentStamp.objects.values_list("value", flat=True).first() or ""


def shown_tables() -> Iterator[str]:
    """Every table whose rows a public page may show."""
    for app in SHOWN_APPS:
        for model in apps.get_app_config(app).get_models(include_auto_created=True):
            if model._meta.managed and model._meta.label not in NOT_SHOWN:
                yield model._meta.db_table


def keep_triggers_in_step(using: str, **kwargs: object) -> None:
    """After each migrate: a trigger on each table that is shown, none on any other.

    Not in a migration, because SQLite's way to alter a table drops its triggers without a word.
    """
    connection = connections[using]
    is_postgresql = connection.vendor == "postgresql"
    wanted = dict(_triggers(connection.introspection.table_names(), is_postgresql))
    with connection.cursor() as cursor:
        if is_postgresql:
            cursor.execute(
                "SELECT tgname, relname FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid"
                " WHERE tgname LIKE '%\\_is\\_shown\\_%'"
                " AND relnamespace = current_schema()::regnamespace"
            )
        else:
            cursor.execute(
                "SELECT name, tbl_name FROM sqlite_master"
                " WHERE type = 'trigger' AND name LIKE '%\\_is\\_shown\\_%' ESCAPE '\\'"
            )
        present = dict(cursor.fetchall())
        for name in present.keys() - wanted.keys():
            on_table = f" ON {present[name]}" if is_postgresql else ""
            cursor.execute(f"DROP TRIGGER {name}{on_table}")
        missing = wanted.keys() - present.keys()
        if missing and is_postgresql:
            cursor.execute(FUNCTION)
        for name in sorted(missing):
            cursor.execute(wanted[name])


def _triggers(existing: list[str], is_postgresql: bool) -> Iterator[tuple[str, str]]:
    """Name and definition of every trigger there should be."""
    rows = {"insert": ["NEW"], "update": ["OLD", "NEW"], "delete": ["OLD"]}
    for table in set(shown_tables()) & set(existing):
        for event, names in rows.items():
            condition = " OR ".join(
                ONLY_WHEN[table].format(row=row) for row in names if table in ONLY_WHEN
            )
            name = f"{table}_is_shown_{event}"
            yield (
                name,
                (POSTGRESQL if is_postgresql else SQLITE).format(
                    name=name,
                    event=event.upper(),
                    table=table,
                    condition=f"WHEN ({condition})" if condition else "",
                ),
            )
