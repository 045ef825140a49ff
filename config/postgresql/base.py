"""Django's backend for PostgreSQL, which asks `config.postgresql.watch` before it waits."""

import select
import time
from contextlib import closing
from functools import partial
from typing import Any

import psycopg
from django.db.backends.postgresql import base

from config.postgresql import SILENT, watch

PATIENCE = 5  # seconds


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
        watch.suspect(partial(ask, parameters), waited=waited)


def ask(parameters: dict[str, Any]) -> None:
    """Raise unless it answers in time. Through a pooler a connection alone says nothing, and one of
    the pooler's own may be dead: a question that it was handed might be answered in an hour.
    """
    with closing(psycopg.connect(**parameters)) as connection:
        server = connection.pgconn
        ear = select.poll()
        ear.register(server.socket, select.POLLIN)
        until = time.monotonic() + PATIENCE
        server.send_query(b"SELECT 1")
        while server.is_busy():
            if not ear.poll(max(0.0, until - time.monotonic()) * 1000):
                raise psycopg.OperationalError(f"no answer within {PATIENCE} s")
            server.consume_input()
        result = server.get_result()
        if result is None or result.status != psycopg.pq.ExecStatus.TUPLES_OK:
            raise psycopg.OperationalError("it answers with an error")
