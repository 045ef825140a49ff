"""How `migrate` changes a database that is in use without stopping whoever uses it.

What alters a table waits for whoever reads it, and everybody else queues up behind: a nightly dump
and a migration together stop a site for as long as the dump takes. So no migration waits for longer
than WAIT; the `migrate` of this app then lets all go on, and tries again.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.db import OperationalError, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations import Migration
from django.db.migrations.executor import MigrationExecutor
from django.dispatch import Signal

WAIT = "2s"
# lock_not_available, deadlock_detected: https://www.postgresql.org/docs/current/errcodes-appendix.html
HELD_UP = {"55P03", "40P01"}
ALONE = "migrate"

Plan = Sequence[tuple[Migration, bool]]  # with whether it is taken back

# A migrate has failed in the middle: whoever makes something after each, makes it now, as far as
# its tables are there. Has `using`.
failed = Signal()


def wait_briefly(using: str) -> None:
    """In this transaction, for a lock that somebody else has. PostgreSQL alone has such locks."""
    connection = connections[using]
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL lock_timeout = '{WAIT}'")


def is_held_up(error: OperationalError) -> bool:
    """Whether `error` says that a lock was not to be had within WAIT, or not without a deadlock."""
    return getattr(error.__cause__, "sqlstate", "") in HELD_UP


def is_pending(using: str) -> bool:
    """Whether this code has a migration that the database has not."""
    executor = MigrationExecutor(connections[using])
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))


@contextmanager
def alone(using: str, *, tell: Callable[[], None]) -> Iterator[None]:
    """While no other process migrates this database; `tell` is called before waiting for one.

    The lock is a transaction's, on a connection of its own: behind a pooler that gives each
    transaction another session, a session's lock would outlive us.
    """
    if connections[using].vendor != "postgresql":
        yield
        return
    keeper: BaseDatabaseWrapper = connections[using].copy()
    try:
        keeper.set_autocommit(False)
        with keeper.cursor() as cursor:
            if not _try(cursor):
                tell()
                cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [ALONE])
        yield
    finally:
        keeper.close()


def _try(cursor: Any) -> bool:
    cursor.execute("SELECT pg_try_advisory_xact_lock(hashtext(%s))", [ALONE])
    return bool(cursor.fetchone()[0])


def be_brief(connection: BaseDatabaseWrapper, **kwargs: object) -> None:
    """Of each connection that is made: what it alters waits no longer than WAIT."""
    if connection.vendor == "postgresql":
        from web.altering import WaitsBriefly  # noqa: PLC0415 it needs psycopg, which SQLite does not

        connection.SchemaEditorClass = WaitsBriefly
