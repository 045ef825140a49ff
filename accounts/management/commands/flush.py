"""Django's `flush`, on SQLite too: there it deletes row by row, which triggers refuse."""

from django.core.management.commands import flush
from django.db import connections, transaction

from web.undeletable import SUFFIX

TRIGGERS = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND name LIKE %s"


class Command(flush.Command):
    def handle(self, **options) -> None:
        connection = connections[options["database"]]
        if connection.vendor != "sqlite":
            super().handle(**options)
            return
        with transaction.atomic(using=options["database"]), connection.cursor() as cursor:
            cursor.execute(TRIGGERS, [f"%{SUFFIX}"])
            lifted = dict(cursor.fetchall())
            for name in lifted:
                cursor.execute(f"DROP TRIGGER {name}")
            super().handle(**options)
            cursor.execute(TRIGGERS, [f"%{SUFFIX}"])
            for name in lifted.keys() - dict(cursor.fetchall()).keys():
                cursor.execute(lifted[name])
