"""Django's `flush`, on SQLite too: there it deletes row by row, which triggers refuse."""

from typing import Any

from django.core.management.commands import flush
from django.db import connections

from web.undeletable import lifted


class Command(flush.Command):
    def handle(self, **options: Any) -> None:
        if connections[options["database"]].vendor != "sqlite":
            super().handle(**options)
            return
        with lifted(options["database"]):
            super().handle(**options)
