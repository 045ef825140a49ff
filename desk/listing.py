"""Pages of long lists, in any order that an index serves, however far down.

A page begins after a row, or ends before one: that row's number stands in the address, and nothing
else of it. Rows come in segments, one after another: those with a value by that value, and then
those without; or those of each value in turn. So one plain index serves either direction, and a
page costs the same wherever it is.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Q, QuerySet


@dataclass(frozen=True)
class Segment:
    """Rows that come together, by a column and their numbers, or by their numbers alone."""

    which: Q
    column: str = ""


@dataclass(frozen=True)
class By:
    """By a column; where it may be empty, what has no value comes last in either direction."""

    column: str
    nullable: bool = False

    def segments(self, *, descending: bool) -> list[Segment]:
        if not self.nullable:
            return [Segment(Q(), self.column)]
        filled, empty = (Q(**{f"{self.column}__isnull": is_empty}) for is_empty in (False, True))
        return [Segment(filled, self.column), Segment(empty)]

    def place(self, value: Any, *, descending: bool) -> int:
        return int(self.nullable and value is None)


@dataclass(frozen=True)
class Among:
    """By a column of few values, in an order of their own; what has none of them comes last."""

    column: str
    values: Callable[[], Sequence[Any]]

    def segments(self, *, descending: bool) -> list[Segment]:
        of_each = [Segment(Q(**{self.column: one})) for one in self._values(descending=descending)]
        return [*of_each, Segment(Q(**{f"{self.column}__isnull": True}))]

    def place(self, value: Any, *, descending: bool) -> int:
        values = self._values(descending=descending)
        return values.index(value) if value in values else len(values)

    def _values(self, *, descending: bool) -> list[Any]:
        values = list(self.values())
        return values[::-1] if descending else values


@dataclass(frozen=True)
class Page:
    """The numbers of some rows of a list, and of those beside which its neighbors are."""

    numbers: list[int]
    before: int | None = None  # there are rows before this one
    after: int | None = None


def page(
    rows: QuerySet[Any],
    order: By | Among,
    *,
    descending: bool,
    size: int,
    after: int | None = None,
    before: int | None = None,
) -> Page:
    """The page after a row, or before one; the first without either, or when that row is gone."""
    segments = list(enumerate(order.segments(descending=descending)))
    anchor = after or before
    known = rows.model._default_manager.filter(pk=anchor) if anchor else rows.none()
    values = list(known.values_list(order.column, flat=True))
    backwards = bool(values and not after)
    if backwards:
        segments.reverse()
    down = descending != backwards
    if values and anchor:
        here = order.place(values[0], descending=descending)
        segments = [one for one in segments if one[0] == here or (one[0] < here) == backwards]
        number, segment = segments[0]
        beyond = segment.which & _beyond(segment.column, values[0], anchor, down=down)
        segments[0] = (number, Segment(beyond, segment.column))
    found = _first(rows, [segment for _, segment in segments], down=down, limit=size + 1)
    numbers, has_more = found[:size], len(found) > size
    if not numbers:
        return Page([])
    if backwards:
        numbers.reverse()
        return Page(numbers, before=numbers[0] if has_more else None, after=numbers[-1])
    return Page(
        numbers,
        before=numbers[0] if values else None,
        after=numbers[-1] if has_more else None,
    )


def _beyond(column: str, value: Any, number: int, *, down: bool) -> Q:
    """Written so that an index finds the place at once."""
    way = "lt" if down else "gt"
    further = Q(**{f"pk__{way}": number})
    if not column:
        return further
    return Q(**{f"{column}__{way}e": value}) & (Q(**{f"{column}__{way}": value}) | further)


def _first(
    rows: QuerySet[Any], segments: Sequence[Segment], *, down: bool, limit: int
) -> list[int]:
    """The numbers of the first rows of the segments, in one query."""
    parts, params = [], list[Any]()
    for place, (sql, values) in enumerate(_queries(rows, segments, down=down, limit=limit)):
        parts.append(f"SELECT {place} AS place, part.* FROM ({sql}) AS part")
        params += values
    if not parts:
        return []
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(parts), params)
        # Rows of a part come in its order; whether the parts do, nobody promises.
        found = sorted(cursor.fetchall(), key=lambda row: row[0])
    return [row[1] for row in found[:limit]]


def _queries(
    rows: QuerySet[Any], segments: Sequence[Segment], *, down: bool, limit: int
) -> Iterator[tuple[str, tuple[Any, ...]]]:
    sign = "-" if down else ""
    for segment in segments:
        names = [f"{sign}{one}" for one in (segment.column, "pk") if one]
        part = rows.filter(segment.which).order_by(*names).values_list("pk")[:limit]
        try:
            yield part.query.sql_with_params()
        except EmptyResultSet:
            continue
