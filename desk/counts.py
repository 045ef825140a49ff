"""Counting what waits: exactly while it can be read at a glance, and many lists in one query."""

from collections.abc import Sequence
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet

MAX_EXACT = 999


def counts(querysets: Sequence[QuerySet[Any]]) -> list[int]:
    """How many rows each has, in one query; what has more than MAX_EXACT counts as one more."""
    parts: list[str] = []
    params: list[Any] = []
    for rows in querysets:
        try:
            few = rows.order_by().values("pk")[: MAX_EXACT + 1]
            sql, values = few.query.sql_with_params()
        except EmptyResultSet:
            sql, values = "SELECT 1 WHERE 1 = 0", ()
        parts.append(f"(SELECT COUNT(*) FROM ({sql}) AS counted)")
        params.extend(values)
    if not parts:
        return []
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(parts)}", params)
        return list(cursor.fetchone())


def shown(count: int) -> str:
    """For display: “12”, or “999+”."""
    return str(count) if count <= MAX_EXACT else f"{MAX_EXACT}+"
