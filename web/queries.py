"""What requests and tasks ask of the database: how often, how long, and which statements are slow.

A slow one is a line of the log, with the statement as our code wrote it: places for values instead
of values, so that it quotes nobody.
"""

import logging
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from structlog.contextvars import bound_contextvars

from web.metrics import Counter

logger = logging.getLogger(__name__)

SLOW = Counter(
    "site_slow_queries_total",
    "Statements to the database that took SLOW_QUERY_MS or longer, by page or task.",
    ("route",),
)
MAX_MS = 2_000  # of a statement that only wants to know how things are
NOWHERE = "none"  # a command's, or what belongs to no page
LITERAL = re.compile(r"'(?:[^']|'')*'")
COLUMNS = re.compile(r'(?:"\w+"\."\w+"(?: AS "\w+")?, ){3,}"\w+"\."\w+"')  # a model's, all of them


@dataclass
class Work:
    """What one request or task has asked of the database until now."""

    route: str = NOWHERE
    queries: int = 0
    seconds: float = 0.0


_work: ContextVar[Work | None] = ContextVar("work", default=None)


@contextmanager
def watched(route: str = NOWHERE) -> Iterator[Work]:
    """Gathers what is asked from here on, under the name of a page or a task."""
    work = Work(route)
    token = _work.set(work)
    try:
        yield work
    finally:
        _work.reset(token)


@contextmanager
def bounded() -> Iterator[None]:
    """What is asked in here is broken off when it takes too long: to watch must cost little."""
    if connection.vendor != "postgresql":  # SQLite has no such limit, and no neighbors to disturb
        yield
        return
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL statement_timeout = {MAX_MS}")
        yield


def current_route() -> str:
    """The page or task that this is part of."""
    work = _work.get()
    return work.route if work else NOWHERE


def watch(connection: BaseDatabaseWrapper, **details: Any) -> None:
    """When a connection is made: from now on it is watched."""
    if count not in connection.execute_wrappers:
        connection.execute_wrappers.append(count)


def count(execute: Callable[..., Any], sql: Any, params: Any, many: bool, context: Any) -> Any:
    began = time.perf_counter()
    try:
        return execute(sql, params, many, context)
    finally:
        took = time.perf_counter() - began
        work = _work.get()
        if work is not None:
            work.queries += 1
            work.seconds += took
        if took >= settings.SLOW_QUERY_SECONDS:
            _tell(sql, took, work.route if work else NOWHERE)


def _tell(sql: object, took: float, route: str) -> None:
    SLOW.add(route)
    said = LITERAL.sub("'…'", sql) if isinstance(sql, str) else type(sql).__name__
    said = COLUMNS.sub("…", said)
    with bound_contextvars(route=route, ms=round(took * 1000)):
        logger.warning("Slow query: %s", " ".join(said.split()))
