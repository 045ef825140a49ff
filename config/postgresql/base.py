"""Django's backend for PostgreSQL, which asks `config.postgresql.watch` before it waits."""

import time
from typing import Any

import psycopg
from django.db.backends.postgresql import base

from config.postgresql import SILENT, watch


class DatabaseWrapper(base.DatabaseWrapper):
    def get_connection_params(self) -> dict[str, Any]:
        """Where visitors wait, with the options for that."""
        for_visitors = self.settings_dict.get("FOR_VISITORS", {}) if watch.is_on else {}
        return {**super().get_connection_params(), **for_visitors}

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        """Raises at once while the server is known to be silent."""
        if watch.is_silent():
            raise psycopg.OperationalError("not tried: PostgreSQL did not answer a moment ago")
        began = time.monotonic()
        try:
            return super().get_new_connection(conn_params)
        except psycopg.OperationalError:
            waited = time.monotonic() - began
            if waited >= SILENT:
                self._suspect(waited)
            raise

    def is_usable(self) -> bool:
        """False at once while the server is known to be silent."""
        if watch.is_silent():
            return False
        began = time.monotonic()
        is_usable: bool = super().is_usable()
        if not is_usable:
            self._suspect(time.monotonic() - began)
        return is_usable

    def _suspect(self, waited: float) -> None:
        parameters = self.get_connection_params() | {"autocommit": True}

        def ask() -> None:
            # Through a pooler a connection alone says nothing.
            with psycopg.connect(**parameters) as connection:
                connection.execute("SELECT 1")

        watch.suspect(ask, waited=waited)
