"""Several questions to the database, asked in one."""

from collections.abc import Iterable
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet


def each_of(querysets: Iterable[QuerySet[Any, Any]]) -> list[tuple[Any, ...]]:
    """The rows of several in one query, also where each has an order and an end of its own, which
    SQLite does not take in a UNION as Django writes it (sqlite.org/lang_select.html, section 3).
    """
    parts: list[str] = []
    parameters: list[Any] = []
    for number, rows in enumerate(querysets):
        try:
            sql, values = rows.query.sql_with_params()
        except EmptyResultSet:
            continue
        parts.append(f"SELECT * FROM ({sql}) AS part{number}")
        parameters += values
    if not parts:
        return []
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(parts), parameters)
        return list(cursor.fetchall())
