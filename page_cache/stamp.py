"""Whether the public pages still say what the database says.

The stamp is one row that changes with every transaction that changes what visitors read. Triggers
write it, so no door can forget it: not the admin, not a bulk update, not a line in a shell.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, NamedTuple
from uuid import uuid4

from django.apps import apps
from django.db import close_old_connections, connections
from django.utils import timezone

from articles.models import Article, Revision
from page_cache.models import ContentStamp

SHOWN_APPS = ("articles", "images", "offices", "pages", "readiness")
# Of those apps, what no public page shows. A table left out here costs renders, never truth.
NOT_SHOWN = {
    # Written with the revision, or the page, that they belong to.
    "articles.RevisionPicture",
    "pages.PagePicture",
    "articles.RevisionText",
    "articles.SearchCount",
    "articles.SearchWord",
    "images.PendingUpload",
    "page_cache.ContentStamp",
    "demo.DemoRow",
    "web.JobRun",
    "redirects.MissingPage",
    "readiness.Abandoned",
    "readiness.Assessment",
    # They choose the articles beside a result, which is one visitor's own.
    "readiness.Dimension_topics",
    "readiness.Question_topics",
    "readiness.PastAnswer",
}
# By table: the rows that visitors may read. A draft changes with each save; of redirects only those
# at the home page, /?p=123, are asked for where there is a page.
ONLY_WHEN = {
    "articles_revision": "{row}.state = 'released'",
    "redirects_redirect": "{row}.path LIKE '/?%'",
}
# By table: the one column that matters. A redirect counts how often it is used.
ONLY_COLUMN = {"redirects_redirect": "path"}

QUARTER = 15 * 60  # seconds

FUNCTION = """
CREATE OR REPLACE FUNCTION page_cache_content_changed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE this text := pg_current_xact_id()::text;
BEGIN
    INSERT INTO page_cache_contentstamp (id, value) VALUES (1, this)
        ON CONFLICT (id) DO UPDATE SET value = this WHERE page_cache_contentstamp.value <> this;
    RETURN NULL;
END $$
"""
# Deferred to the commit: two editors wait for each other for no longer than that.
POSTGRESQL = """
CREATE CONSTRAINT TRIGGER {name} AFTER {event} ON {table} DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW {condition} EXECUTE FUNCTION page_cache_content_changed()
"""
# Which cannot be deferred.
TRUNCATED = """
CREATE TRIGGER {name} AFTER TRUNCATE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION page_cache_content_changed()
"""
SQLITE = """
CREATE TRIGGER {name} AFTER {event} ON {table} {condition} BEGIN
    INSERT INTO page_cache_contentstamp (id, value) VALUES (1, hex(randomblob(16)))
        ON CONFLICT (id) DO UPDATE SET value = excluded.value;
END
"""


class Stamp(NamedTuple):
    """What holds now: `value` is another text whenever visitors may read something else."""

    value: str
    seconds: float  # until the clock alone changes it


def stamp() -> Stamp:
    """Ask the database, outside of any request. Raises `DatabaseError` when it does not answer.

    Two moments change what visitors read when they come: a revision goes live, an article retires.
    Besides, each quarter of an hour counts as a change: that is when a year begins or a clock is
    set forward, wherever on earth it hangs.
    """
    close_old_connections()
    now = timezone.now()
    quarter, gone = divmod(now.timestamp(), QUARTER)
    moments = {
        "live_from": Revision.objects.filter(live_from__isnull=False),
        "retired_at": Article.objects.filter(retired_at__isnull=False),
    }
    value, to_come = [_value(), str(quarter)], list[datetime]()
    for field, rows in moments.items():
        at = rows.order_by().values_list(field, flat=True)
        value.append(str(at.filter(**{f"{field}__lte": now}).order_by(f"-{field}").first()))
        to_come += at.filter(**{f"{field}__gt": now}).order_by(field)[:1]
    seconds = [(moment - now).total_seconds() for moment in to_come]
    return Stamp(" ".join(value), min([QUARTER - gone, *seconds]))


def _value() -> str:
    return ContentStamp.objects.values_list("value", flat=True).first() or ""


def shown_tables() -> Iterator[str]:
    """Every table whose rows a public page may show."""
    for app in SHOWN_APPS:
        for model in apps.get_app_config(app).get_models(include_auto_created=True):
            if model._meta.managed and model._meta.label not in NOT_SHOWN:
                yield model._meta.db_table


def remove_triggers(using: str, **kwargs: object) -> None:
    """Before each migrate: tables are rebuilt, and the stamp's own may go."""
    connection = connections[using]
    with connection.cursor() as cursor:
        for name, table in _present(cursor, connection.vendor).items():
            _drop(cursor, connection.vendor, name, table)


def keep_triggers_in_step(using: str, **kwargs: object) -> None:
    """After each migrate: a trigger on each table that is shown, none on any other.

    Not in a migration, because SQLite's way to alter a table drops its triggers without a word.
    """
    connection = connections[using]
    tables = connection.introspection.table_names()
    if ContentStamp._meta.db_table not in tables:
        return  # migrated to a time before there was a stamp
    wanted = dict(_triggers(tables, connection.vendor))
    with connection.cursor() as cursor:
        present = _present(cursor, connection.vendor)
        for name in present.keys() - wanted.keys():
            _drop(cursor, connection.vendor, name, present[name])
        missing = wanted.keys() - present.keys()
        if missing and connection.vendor == "postgresql":
            cursor.execute(FUNCTION)
        for name in sorted(missing):
            cursor.execute(wanted[name])
    # Whatever was changed meanwhile, nothing saw it.
    ContentStamp.objects.using(using).update_or_create(pk=1, defaults={"value": uuid4().hex})


def _present(cursor: Any, vendor: str) -> dict[str, str]:
    """The triggers that there are: name and table."""
    cursor.execute(
        "SELECT tgname, relname FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid"
        " WHERE tgname LIKE '%\\_is\\_shown\\_%' AND relnamespace = current_schema()::regnamespace"
        if vendor == "postgresql"
        else "SELECT name, tbl_name FROM sqlite_master"
        " WHERE type = 'trigger' AND name LIKE '%\\_is\\_shown\\_%' ESCAPE '\\'"
    )
    return dict(cursor.fetchall())


def _drop(cursor: Any, vendor: str, name: str, table: str) -> None:
    cursor.execute(f"DROP TRIGGER {name}" + (f" ON {table}" if vendor == "postgresql" else ""))


def _triggers(existing: list[str], vendor: str) -> Iterator[tuple[str, str]]:
    """Name and definition of every trigger there should be."""
    rows = {"insert": ["NEW"], "update": ["OLD", "NEW"], "delete": ["OLD"]}
    for table in set(shown_tables()) & set(existing):
        for event, names in rows.items():
            condition = " OR ".join(
                ONLY_WHEN[table].format(row=row) for row in names if table in ONLY_WHEN
            )
            name = f"{table}_is_shown_{event}"
            of = f" OF {ONLY_COLUMN[table]}" if event == "update" and table in ONLY_COLUMN else ""
            yield (
                name,
                (POSTGRESQL if vendor == "postgresql" else SQLITE).format(
                    name=name,
                    event=f"{event.upper()}{of}",
                    table=table,
                    condition=f"WHEN ({condition})" if condition else "",
                ),
            )
        if vendor == "postgresql":  # SQLite has no TRUNCATE
            name = f"{table}_is_shown_truncate"
            yield name, TRUNCATED.format(name=name, table=table)
