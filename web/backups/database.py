"""The database as one file, and back. By PostgreSQL's own programs, or SQLite's own copying."""

import hashlib
import os
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from web.backups import BackupError, Table

# The rows as text, whatever their order: sums of the first 60 bits of each row's MD5. It tells
# accidents from copies; against forgery there is the archive's encryption.
DIGEST = """
SELECT count(*), COALESCE(sum(('x' || substr(md5(t::text), 1, 15))::bit(60)::bigint::numeric), 0)
FROM {table} t
"""


def go_past_the_pooler() -> None:
    """What follows has a session of its own: pg_dump and pg_restore change theirs, and a pooler
    would hand it to visitors as they left it. Raises BackupError where there is no such way.
    """
    if settings.DATABASE_DIRECT:
        connection.close()
        connection.settings_dict = {**connection.settings_dict, **settings.DATABASE_DIRECT}
    elif connection.settings_dict.get("POOL_MODE") == "transaction":
        raise BackupError(
            "DATABASE_URL leads to a pooler. Set DATABASE_DIRECT_URL to PostgreSQL itself."
        )


def dump(to: Path) -> dict[str, Table]:
    """Write all of it as it is at one moment, whoever writes meanwhile; returns what is in it."""
    if connection.vendor == "sqlite":
        connection.ensure_connection()
        with closing(sqlite3.connect(to)) as copy:
            connection.connection.backup(copy)
            return _of_sqlite(copy)
    connection.close()
    try:
        connection.set_autocommit(False)
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            cursor.execute("SELECT pg_export_snapshot()")
            snapshot = cursor.fetchone()[0]
            _run(connection, "pg_dump", f"--snapshot={snapshot}", "--format=custom", f"--file={to}")
            return _of_postgresql(connection)
    finally:
        connection.close()


def load(dumped: Path, into: BaseDatabaseWrapper) -> dict[str, Table]:
    """Fill an empty database; returns what is in it then. All of it or nothing."""
    if into.vendor == "sqlite":
        into.close()
        with closing(sqlite3.connect(dumped)) as copy, closing(sqlite3.connect(_file(into))) as own:
            copy.backup(own)
            return _of_sqlite(own)
    options = ("--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges")
    _run(into, "pg_restore", *options, last=[str(dumped)])
    return _of_postgresql(into)


def is_empty(one: BaseDatabaseWrapper) -> bool:
    return not one.introspection.table_names()


def applied_migrations() -> list[str]:
    applied = MigrationRecorder(connection).applied_migrations()
    return sorted(f"{app}.{name}" for app, name in applied)


def known_migrations() -> set[str]:
    """Those of this code."""
    return {f"{app}.{name}" for app, name in MigrationLoader(None).disk_migrations}


@contextmanager
def scratch(name: str) -> Iterator[BaseDatabaseWrapper]:
    """An empty database beside ours, which is gone afterwards."""
    other: BaseDatabaseWrapper = connection.copy()
    if connection.vendor == "sqlite":
        other.settings_dict = {**other.settings_dict, "NAME": str(_file(connection).parent / name)}
        try:
            yield other
        finally:
            other.close()
            Path(other.settings_dict["NAME"]).unlink(missing_ok=True)
        return
    other.settings_dict = {**other.settings_dict, "NAME": name}
    quoted = connection.ops.quote_name(name)
    with connection._nodb_cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {quoted}")
    try:
        yield other
    finally:
        other.close()
        with connection._nodb_cursor() as cursor:
            cursor.execute(f"DROP DATABASE {quoted} WITH (FORCE)")


def _file(one: BaseDatabaseWrapper) -> Path:
    return Path(one.settings_dict["NAME"])


def _run(one: BaseDatabaseWrapper, program: str, *options: str, last: Sequence[str] = ()) -> None:
    """One of PostgreSQL's programs, on that database. The password is not among its arguments."""
    if not shutil.which(program):
        raise BackupError(f"There is no {program} here. Install PostgreSQL's client programs.")
    # As `manage.py dbshell` would call psql, whose options for a connection these share.
    (_, *how, name), given = one.client.settings_to_cmd_args_env(one.settings_dict, [])
    command = [program, *how, f"--dbname={name}", "--no-password", *options, *last]
    environment = {**os.environ, **(given or {})}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        lines = done.stderr.strip().splitlines() or ["it said nothing"]
        raise BackupError(f"{program} failed: {lines[0]}")


def _of_postgresql(one: BaseDatabaseWrapper) -> dict[str, Table]:
    found = {}
    with one.cursor() as cursor:
        for table in sorted(one.introspection.table_names(cursor)):
            cursor.execute(DIGEST.format(table=one.ops.quote_name(table)))
            rows, digest = cursor.fetchone()
            found[table] = Table(rows, str(digest))
    return found


def _of_sqlite(one: Any) -> dict[str, Table]:
    found = {}
    tables = one.execute(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
    ).fetchall()
    for (table,) in sorted(tables):
        rows = total = 0
        for row in one.execute(f'SELECT * FROM "{table}"'):
            rows += 1
            total += int.from_bytes(
                hashlib.md5(repr(row).encode(), usedforsecurity=False).digest()[:8], "big"
            )
        found[table] = Table(rows, str(total))
    return found
