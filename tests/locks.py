"""For races between two connections: until the other one waits for a row that we hold."""

from concurrent.futures import Future, wait

from django.db import connection

from devtools.processes import wait_until


def wait_until_all_are_held_up(acts: list[Future]) -> None:
    """Until each of them, on a connection of its own, waits for a lock, or has ended without."""
    held_up = wait_until(lambda: _waiting() >= sum(not act.done() for act in acts), seconds=60)
    assert held_up, _what_each_does()


def wait_until_held_up(act: Future) -> None:
    """Until `act`, on another connection, waits for a lock of ours, or has ended without.

    SQLite does not tell who waits: its one lock is taken at the start of each transaction, so that
    little can be missed there.
    """
    if connection.vendor != "postgresql":
        wait([act], timeout=0.5)
        return
    assert wait_until(lambda: act.done() or _someone_waits_for_us(), seconds=30)


def _waiting() -> int:
    with connection.cursor() as cursor:
        # In a transaction PostgreSQL goes on showing who was there at the first look (28.2.2).
        cursor.execute("SELECT pg_stat_clear_snapshot()")
        cursor.execute(
            "SELECT count(DISTINCT pid) FROM pg_locks JOIN pg_stat_activity USING (pid)"
            " WHERE NOT granted AND datname = current_database()"
        )
        return cursor.fetchone()[0]


def _what_each_does() -> list[tuple[object, ...]]:
    """For whoever reads why they were not held up."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_clear_snapshot()")
        cursor.execute(
            "SELECT pid, state, wait_event_type, wait_event, left(query, 200) FROM pg_stat_activity"
            " WHERE datname = current_database()"
        )
        return cursor.fetchall()


def _someone_waits_for_us() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted"
            " AND pg_backend_pid() = ANY(pg_blocking_pids(pid)))"
        )
        return cursor.fetchone()[0]
