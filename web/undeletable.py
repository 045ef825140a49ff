"""Rows that the database refuses to delete or change, from the admin, a shell or SQL.

Triggers, made after each migrate from what the apps say. To empty a whole database is another
matter. PostgreSQL truncates, which asks no such trigger; on SQLite our `flush` lifts them, as
`lifted` does for the demo.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import NamedTuple

from django.db import connections, transaction

POSTGRESQL = """
CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF ({when}){unless_lifted} THEN
        RAISE EXCEPTION '{name}' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN COALESCE(NEW, OLD);
END $$
"""
ON_POSTGRESQL = """
CREATE TRIGGER {name} BEFORE {event} ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()
"""
SQLITE = """
CREATE TRIGGER {name} BEFORE {event} ON {table} WHEN {when}
BEGIN SELECT RAISE(ABORT, '{name}'); END
"""
# What `lifted` sets. It lets rows go, and changes none.
UNLESS_LIFTED = {
    "DELETE": " AND current_setting('site.may_delete', TRUE) IS DISTINCT FROM 'on'",
    "UPDATE": "",
}
NOW = {
    "postgresql": "clock_timestamp()",
    "sqlite": "strftime('%Y-%m-%d %H:%M:%f', 'now')",
}
SUFFIX = "_never_deleted"
UNCHANGED = "_never_changed"


class Kept(NamedTuple):
    """Rows of a table, all of them or those of which a condition about OLD holds (and NEW, where
    it is about a change).

    The condition is SQL of both databases; `{now}` is the moment.
    """

    table: str
    when: str = "TRUE"


def refuse_deletion(rows: Iterable[Kept], using: str) -> None:
    """Create the triggers that are missing. Repeating it changes and locks nothing."""
    _refuse("DELETE", SUFFIX, rows, using)


def refuse_changes(rows: Iterable[Kept], using: str) -> None:
    """The same for any UPDATE of them."""
    _refuse("UPDATE", UNCHANGED, rows, using)


def differs(columns: Iterable[str], *, but_forgets: Iterable[str] = ()) -> str:
    """The condition that a change is more than forgetting: one of `columns` differs, or one of
    `but_forgets` leads elsewhere than nowhere.
    """
    unlike = "COALESCE(CAST(NEW.{0} AS TEXT), '') <> COALESCE(CAST(OLD.{0} AS TEXT), '')"
    parts = [unlike.format(name) for name in columns]
    parts += [f"(NEW.{name} IS NOT NULL AND {unlike.format(name)})" for name in but_forgets]
    return " OR ".join(parts)


def _refuse(event: str, suffix: str, rows: Iterable[Kept], using: str) -> None:
    connection = connections[using]
    vendor, tables = connection.vendor, connection.introspection.table_names()
    with connection.cursor() as cursor:
        for table, when in rows:
            if table not in tables:
                continue  # migrated to a time before there was one
            name = f"{table}{suffix}"
            when = when.format(now=NOW[vendor])
            said = {"name": name, "event": event, "table": table, "when": when}
            if vendor == "postgresql":
                cursor.execute(POSTGRESQL.format(**said, unless_lifted=UNLESS_LIFTED[event]))
                cursor.execute(
                    "SELECT 1 FROM pg_trigger WHERE tgname = %s AND tgrelid = %s::regclass",
                    [name, table],
                )
                if not cursor.fetchone():
                    cursor.execute(ON_POSTGRESQL.format(**said))
            else:
                cursor.execute(f"DROP TRIGGER IF EXISTS {name}")
                cursor.execute(SQLITE.format(**said))


def drop_all(using: str) -> None:
    """All of them, on SQLite."""
    with connections[using].cursor() as cursor:
        found = "SELECT name FROM sqlite_master WHERE type = 'trigger' AND name LIKE %s"
        for suffix in (SUFFIX, UNCHANGED):
            cursor.execute(found, [f"%{suffix}"])
            for (name,) in cursor.fetchall():
                cursor.execute(f"DROP TRIGGER {name}")


@contextmanager
def lifted(using: str) -> Iterator[None]:
    """A transaction in which these rows can be deleted: the demo's, or all there are."""
    connection = connections[using]
    with transaction.atomic(using=using), connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL site.may_delete = 'on'")
            yield
            cursor.execute("SET LOCAL site.may_delete = ''")
            return
        found = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND name LIKE %s"
        cursor.execute(found, [f"%{SUFFIX}"])
        definitions = dict(cursor.fetchall())
        for name in definitions:
            cursor.execute(f"DROP TRIGGER {name}")
        yield
        cursor.execute(found, [f"%{SUFFIX}"])
        for name in definitions.keys() - dict(cursor.fetchall()).keys():
            cursor.execute(definitions[name])
