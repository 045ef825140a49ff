"""A history by pages, put together from several sources.

A page is one query, whatever it is made of. The next one begins behind the last line of it, by the
line's moment, source and number: lines that come meanwhile move nothing.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import F, Model, Q, QuerySet
from django.db.models.functions import JSONObject
from django.utils.dateparse import parse_datetime

from desk.numbers import row_number
from leads.inbox.times import moment
from leads.models import NextStep
from web.rows import Row, Rows

ON_A_PAGE = 30


@dataclass
class Entry:
    """One line of a history. `style` is one of the stylesheet's."""

    at: datetime
    who: str = ""  # bold, in front
    text: str = ""
    style: str = ""
    url: str = ""  # of what it tells about, with its title
    title: str = ""
    words: str = ""
    language: str = ""  # of the words, for browsers and screen readers
    is_trouble: bool = False
    step: NextStep | None = None
    notes: list[str] = field(default_factory=list)  # small print below the words


@dataclass(frozen=True)
class Source:
    """Rows with a moment, and how each reads as a line."""

    rows: QuerySet[Any]
    at: str  # a column, or an annotation, that `one` has too
    one: JSONObject
    entry: Callable[[Row], Entry]


@dataclass(frozen=True)
class Place:
    """Behind a line of the history."""

    at: datetime
    source: int
    number: int

    def __str__(self) -> str:
        return f"{self.at.isoformat()}~{self.source}~{self.number}"

    @classmethod
    def read(cls, text: str) -> "Place | None":
        """None for what is none."""
        said, _, rest = text.partition("~")
        source, _, number = (row_number(one) for one in rest.partition("~"))
        try:
            at = parse_datetime(said)
        except ValueError:
            return None
        if at is None or at.tzinfo is None or source is None or number is None:
            return None
        return cls(at, source, number)

    def after(self, source: int, at: str) -> Q:
        """What of a source comes behind it."""
        earlier = Q(**{f"{at}__lt": self.at})
        if source < self.source:
            return earlier
        at_once = Q(**{at: self.at})
        return earlier | (at_once & Q(pk__lt=self.number) if source == self.source else at_once)


@dataclass(frozen=True)
class Page:
    entries: list[Entry] = field(default_factory=list)
    next: Place | None = None


def page(of: Model, sources: Sequence[Source], place: Place | None) -> Page:
    """The latest lines, or those behind a place."""
    parts = {}
    for number, source in enumerate(sources):
        rows = source.rows.order_by(F(source.at).desc(), "-pk")
        rows = rows.filter(place.after(number, source.at)) if place else rows
        parts[f"s{number}"] = Rows(rows[: ON_A_PAGE + 1], source.one)
    held = type(of)._default_manager.filter(pk=of.pk).order_by()
    found = held.values_list(JSONObject(**parts), flat=True).first() or {}
    lines = []
    for number, source in enumerate(sources):
        rows_of_it = found.get(f"s{number}", [])
        lines += [
            (at, -number, row["id"], row) for row in rows_of_it if (at := moment(row[source.at]))
        ]
    lines.sort(key=lambda line: line[:3], reverse=True)
    shown = lines[:ON_A_PAGE]
    entries = [sources[-number].entry(row) for _, number, _, row in shown]
    at, last, pk, _ = shown[-1] if shown else (None, 0, 0, None)
    return Page(entries, Place(at, -last, pk) if at and len(lines) > ON_A_PAGE else None)
