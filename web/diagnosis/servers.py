"""The servers that the site stands on: database, Redis, workers, and whether clocks agree."""

import secrets
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any, TypeVar

from celery import current_app
from django.conf import settings
from django.core.cache import cache
from django.db import DatabaseError, connection
from django.utils import timezone

from web import migrating
from web.diagnosis import Finding, ill, well
from web.jobs import jobs

MAX_APART = 2  # seconds between two clocks: a lease on an email lasts eight
ANSWER = 2  # seconds in which workers say that they are there
Said = TypeVar("Said")


def database() -> Iterator[Finding]:
    began = time.monotonic()
    try:
        connection.ensure_connection()
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        took = (time.monotonic() - began) * 1000
        pending = migrating.is_pending("default")
    except DatabaseError as error:
        yield ill(
            f"The database does not answer ({type(error).__name__}).",
            "Is it running, and is DATABASE_URL right? Its log says more.",
        )
        return
    yield well(f"Database: {connection.display_name} answers in {took:.0f} ms")
    if pending:
        yield ill("Migrations have not been run.", "Run manage.py migrate.")
    else:
        yield well("Migrations: all have been run")
    if connection.vendor == "postgresql":
        yield from _of_postgresql()


def _of_postgresql() -> Iterator[Finding]:
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_encoding")
        if (encoding := cursor.fetchone()[0]) != "UTF8":
            yield ill(
                f"The database is in {encoding}: some names could not be saved.",
                "Make one with ENCODING 'UTF8', and restore a backup into it.",
            )
        yield from _of_pooler(cursor)
        cursor.execute("SELECT clock_timestamp()")
        yield _clock("the database", cursor.fetchone()[0])


def _of_pooler(cursor: Any) -> Iterator[Finding]:
    """One in front gives a session to each transaction, and to us the number of none of them."""
    cursor.execute("SELECT pg_backend_pid(), current_setting('jit')")
    number, jit = cursor.fetchone()
    is_pooled = number != connection.connection.info.backend_pid
    if is_pooled and "POOL_MODE" not in connection.settings_dict:
        yield ill(
            "A pooler is in front of the database, and DATABASE_URL does not say so.",
            "End DATABASE_URL with ?pool_mode=transaction, or =session if that is its mode.",
        )
    if jit == "on":
        yield ill(
            "PostgreSQL compiles queries, which takes longer than running them.",
            "Run once, as the role that we log in as: ALTER ROLE CURRENT_USER SET jit = off",
        )
    if connection.settings_dict.get("POOL_MODE") == "transaction":
        if settings.DATABASE_DIRECT:
            yield well("Pooler: in transaction mode, and backups go past it")
        else:
            yield ill(
                "Backups cannot be made through the pooler.",
                "Set DATABASE_DIRECT_URL to PostgreSQL itself.",
            )


def redis() -> Iterator[Finding]:
    if not settings.REDIS_URL:
        yield well("Redis: none; the queue is a folder of this machine")
        return
    key, value = "doctor", secrets.token_hex(8)
    try:
        cache.set(key, value, 10)
        is_kept = cache.get(key) == value
        cache.delete(key)
        client = cache._cache.get_client(write=True)  # type: ignore[attr-defined]
        seconds, millionths = client.time()
        policy = client.info("memory").get("maxmemory_policy", "noeviction")
    except Exception as error:  # redis-py has many, and none in common
        yield ill(
            f"Redis does not answer ({type(error).__name__}).",
            "Is it running, and is REDIS_URL right? Visitors lose nothing; emails wait up to 10 s.",
        )
        return
    if not is_kept:
        yield ill("Redis forgets what it was just told.", "Is it full, or a read-only replica?")
        return
    yield well("Redis: keeps what it is told")
    if policy.startswith("allkeys"):
        yield ill(
            f"Redis may drop parts of the queue when it is full ({policy}).",
            "Set maxmemory-policy to volatile-lru.",
        )
    yield _clock("Redis", datetime.fromtimestamp(seconds + millionths / 1e6, tz=UTC))


def _clock(whose: str, moment: datetime) -> Finding:
    apart = abs((timezone.now() - moment).total_seconds())
    if apart > MAX_APART:
        return ill(
            f"The clock of {whose} and of this machine are {apart:.0f} s apart.",
            "Have both set by NTP (systemd-timesyncd or chrony).",
        )
    return well(f"Clock: agrees with that of {whose}")


def workers() -> Iterator[Finding]:
    late = [job.name for job in jobs() if job.is_late(timezone.now())]
    if late:
        yield ill(
            f"Jobs are late: {', '.join(late)}.",
            "Start a worker and beat: docs/operator.md, Processes.",
        )
    else:
        yield well("Jobs: none is late")
    if not settings.REDIS_URL:
        return
    inspect = current_app.control.inspect
    queues = ask_workers(
        lambda broker: inspect(timeout=ANSWER, connection=broker).active_queues() or {}
    )
    if queues is None:
        return
    served = {queue["name"] for all_of_one in queues.values() for queue in all_of_one}
    for queue in settings.CELERY_TASK_QUEUES:
        if queue.name not in served:
            yield ill(
                f"No worker takes from the queue “{queue.name}”.",
                f"Start one with --queues {queue.name}: docs/operator.md, Processes.",
            )
    if served:
        yield well(f"Workers: {len(queues)} answer")


def ask_workers(ask: Callable[[Any], Said]) -> Said | None:
    """What they answer over this connection; None, and at once, while the broker is away, of which
    there is a line already.
    """
    try:
        with current_app.connection_for_write() as broker:
            broker.ensure_connection(max_retries=0, timeout=1)
            return ask(broker)
    except Exception:  # redis-py has many, and kombu passes on some of them
        return None
