"""Whether the public pages still say what the database says.

The stamp is one row that changes with every transaction that changes what visitors read. Triggers
write it, so no door can forget it: not the admin, not a bulk update, not a line in a shell.
"""

import hashlib
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any, NamedTuple
from uuid import uuid4

from django.db import close_old_connections, connections
from django.db.models import QuerySet
from django.utils import timezone

from page_cache.models import ContentStamp

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


class Table(NamedTuple):
    """A table whose rows public pages show: those of which `only_when` holds, SQL about `{row}`; of
    an update, only one of `only_column`.
    """

    name: str
    only_when: str = ""
    only_column: str = ""


class Stamp(NamedTuple):
    """What holds now: `value` is another text whenever visitors may read something else."""

    value: str
    seconds: float  # until the clock alone changes it


def stamp(moments: Iterable[tuple[QuerySet[Any], str]]) -> Stamp:
    """Ask the database, outside of any request. Raises `DatabaseError` when it does not answer.

    `moments`, rows and a column, change what visitors read when they come: something goes live.
    Besides, each quarter of an hour counts as a change: that is when a year begins or a clock is
    set forward, wherever on earth it hangs.
    """
    close_old_connections()
    now = timezone.now()
    quarter, gone = divmod(now.timestamp(), QUARTER)
    value, to_come = [_value(), str(quarter)], list[datetime]()
    for rows, column in moments:
        at = rows.order_by().values_list(column, flat=True)
        value.append(str(at.filter(**{f"{column}__lte": now}).order_by(f"-{column}").first()))
        to_come += at.filter(**{f"{column}__gt": now}).order_by(column)[:1]
    seconds = [(moment - now).total_seconds() for moment in to_come]
    return Stamp(" ".join(value), min([QUARTER - gone, *seconds]))


def _value() -> str:
    return ContentStamp.objects.values_list("value", flat=True).first() or ""


def remove_triggers(using: str) -> None:
    """Where what they name is about to go."""
    connection = connections[using]
    with connection.cursor() as cursor:
        for name, (table, _) in _present(cursor, connection.vendor).items():
            _drop(cursor, connection.vendor, name, table)


def keep_triggers_in_step(shown: Iterable[Table], using: str) -> None:
    """After each migrate: a trigger on each table that is shown, none on any other. One that is as
    it should be is not touched: to exchange it locks its table even for readers.
    """
    connection = connections[using]
    vendor, tables = connection.vendor, connection.introspection.table_names()
    if ContentStamp._meta.db_table not in tables:
        return  # migrated to a time before there was a stamp
    wanted = dict(_triggers(shown, tables, vendor))
    with connection.cursor() as cursor:
        present = _present(cursor, vendor)
        marks = {name: _mark(definition, vendor) for name, definition in wanted.items()}
        for name, (table, mark) in present.items():
            if mark != marks.get(name):
                _drop(cursor, vendor, name, table)
        missing = [name for name, mark in marks.items() if present.get(name, ("", ""))[1] != mark]
        if missing and vendor == "postgresql":
            cursor.execute(FUNCTION)
        for name in missing:
            cursor.execute(wanted[name])
            if vendor == "postgresql":
                cursor.execute(f"COMMENT ON TRIGGER {name} ON {_table(name)} IS '{marks[name]}'")
    # Whatever was changed meanwhile, nothing saw it.
    ContentStamp.objects.using(using).update_or_create(pk=1, defaults={"value": uuid4().hex})


def _present(cursor: Any, vendor: str) -> dict[str, tuple[str, str]]:
    """The triggers that there are: name, table, and what `_mark` said of the definition."""
    cursor.execute(
        "SELECT tgname, relname, COALESCE(obj_description(pg_trigger.oid, 'pg_trigger'), '')"
        " FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid"
        " WHERE tgname LIKE '%\\_is\\_shown\\_%' AND relnamespace = current_schema()::regnamespace"
        if vendor == "postgresql"
        else "SELECT name, tbl_name, sql FROM sqlite_master"
        " WHERE type = 'trigger' AND name LIKE '%\\_is\\_shown\\_%' ESCAPE '\\'"
    )
    return {name: (table, mark) for name, table, mark in cursor.fetchall()}


def _mark(definition: str, vendor: str) -> str:
    """What tells a trigger from one that is defined otherwise: PostgreSQL keeps a comment with it,
    SQLite its words.
    """
    if vendor == "postgresql":
        return hashlib.sha256(f"{FUNCTION}{definition}".encode()).hexdigest()
    return definition


def _table(trigger: str) -> str:
    return trigger.rpartition("_is_shown_")[0]


def _drop(cursor: Any, vendor: str, name: str, table: str) -> None:
    cursor.execute(f"DROP TRIGGER {name}" + (f" ON {table}" if vendor == "postgresql" else ""))


def _triggers(
    shown: Iterable[Table], existing: list[str], vendor: str
) -> Iterator[tuple[str, str]]:
    """Name and definition of every trigger there should be."""
    rows = {"insert": ["NEW"], "update": ["OLD", "NEW"], "delete": ["OLD"]}
    for table, only_when, only_column in shown:
        if table not in existing:
            continue
        for event, names in rows.items():
            condition = " OR ".join(only_when.format(row=row) for row in names if only_when)
            name = f"{table}_is_shown_{event}"
            of = f" OF {only_column}" if event == "update" and only_column else ""
            yield (
                name,
                (POSTGRESQL if vendor == "postgresql" else SQLITE)
                .format(
                    name=name,
                    event=f"{event.upper()}{of}",
                    table=table,
                    condition=f"WHEN ({condition})" if condition else "",
                )
                .strip(),
            )
        if vendor == "postgresql":  # SQLite has no TRUNCATE
            name = f"{table}_is_shown_truncate"
            yield name, TRUNCATED.format(name=name, table=table)
