"""Rows that the database refuses to delete, whoever asks: the admin, a shell, a line of SQL.

Triggers, made after each migrate and not by one: SQLite's way to alter a table drops its triggers
without a word. To empty a whole database is another matter. PostgreSQL truncates, which asks no
such trigger; on SQLite our `flush` lifts them.
"""

from collections.abc import Iterable
from typing import NamedTuple

from django.db import connections

POSTGRESQL = """
CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF {when} THEN
        RAISE EXCEPTION '{name}' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN OLD;
END $$
"""
ON_POSTGRESQL = """
CREATE TRIGGER {name} BEFORE DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()
"""
SQLITE = """
CREATE TRIGGER {name} BEFORE DELETE ON {table} WHEN {when}
BEGIN SELECT RAISE(ABORT, '{name}'); END
"""
NOW = {
    "postgresql": "clock_timestamp()",
    "sqlite": "strftime('%Y-%m-%d %H:%M:%f', 'now')",
}
SUFFIX = "_never_deleted"


class Kept(NamedTuple):
    """Rows of a table, all of them or those of which a condition about OLD holds.

    The condition is SQL of both databases; `{now}` is the moment.
    """

    table: str
    when: str = "TRUE"


STAFF = [Kept("accounts_user")]


def keep_staff(using: str, **kwargs: object) -> None:
    """After each migrate. Their log entries, the receipts of erasure among them, would go along."""
    refuse_deletion(STAFF, using)


def refuse_deletion(rows: Iterable[Kept], using: str) -> None:
    """Have the trigger on each table that is there. Repeating it changes and locks nothing."""
    connection = connections[using]
    vendor, tables = connection.vendor, connection.introspection.table_names()
    with connection.cursor() as cursor:
        for table, when in rows:
            if table not in tables:
                continue  # migrated to a time before there was one
            name = f"{table}{SUFFIX}"
            said = {"name": name, "table": table, "when": when.format(now=NOW[vendor])}
            if vendor == "postgresql":
                cursor.execute(POSTGRESQL.format(**said))
                cursor.execute(
                    "SELECT 1 FROM pg_trigger WHERE tgname = %s AND tgrelid = %s::regclass",
                    [name, table],
                )
                if not cursor.fetchone():
                    cursor.execute(ON_POSTGRESQL.format(**said))
            else:
                cursor.execute(f"DROP TRIGGER IF EXISTS {name}")
                cursor.execute(SQLITE.format(**said))
