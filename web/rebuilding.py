"""Tables that SQLite rebuilds keep their triggers, as tables that PostgreSQL alters do.

Django alters a table there by making another, dropping the old one and renaming the new one. With
the old one its triggers go, without a word; and SQLite refuses to rename while a trigger of some
other table names the old one. So all triggers step aside, and come back as they were.
"""

from typing import Any

from django.db.backends.sqlite3.schema import DatabaseSchemaEditor


class KeepsTriggers(DatabaseSchemaEditor):
    def _remake_table(self, *args: Any, **kwargs: Any) -> None:
        with self.connection.cursor() as cursor:
            cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
            triggers = dict(cursor.fetchall())
        for name in triggers:
            self.execute(f"DROP TRIGGER {self.quote_name(name)}")
        super()._remake_table(*args, **kwargs)  # type: ignore[misc]  # not in the stubs
        for statement in triggers.values():
            self.execute(statement, params=None)


def keep_triggers(connection: Any, **kwargs: object) -> None:
    """Of each connection that is made to an SQLite database."""
    if connection.vendor == "sqlite":
        connection.SchemaEditorClass = KeepsTriggers
