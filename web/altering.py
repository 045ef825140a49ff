"""PostgreSQL's tables, altered without a long wait: `web.migrating` says why."""

from typing import Self

from django.db.backends.postgresql.schema import DatabaseSchemaEditor

from web.migrating import wait_briefly


class WaitsBriefly(DatabaseSchemaEditor):
    def __enter__(self) -> Self:
        entered = super().__enter__()
        if self.atomic_migration:
            wait_briefly(self.connection.alias)
        return entered
