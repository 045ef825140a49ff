"""Several questions to the database, asked in one."""

from collections.abc import Iterable, Sequence
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
    return rows_of(" UNION ALL ".join(parts), parameters) if parts else []


def each_answer(statement: str, asked: Sequence[Sequence[Any]]) -> list[list[Any]]:
    """The first column of what a statement finds for each of its parameters, in its order."""
    found: list[list[Any]] = [[] for _ in asked]
    parts = [
        f"SELECT * FROM (SELECT {number}, row_number() OVER (), answer{number}.*"
        f" FROM ({statement}) AS answer{number}) AS part{number}"
        for number in range(len(asked))
    ]
    values = [value for parameters in asked for value in parameters]
    for number, _, first, *_ in sorted(rows_of(" UNION ALL ".join(parts), values) if parts else []):
        found[number].append(first)
    return found


def yes_or_no(questions: Sequence[str], parameters: Sequence[Any]) -> list[bool]:
    """The answers to questions such as EXISTS (…)."""
    if not questions:
        return []
    return list(map(bool, rows_of(f"SELECT {', '.join(questions)}", parameters)[0]))


def rows_of(statement: str, parameters: Sequence[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return list(cursor.fetchall())
