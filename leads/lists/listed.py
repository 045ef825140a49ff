"""A list as the desk shows it: columns, filters, an order, sums, and pages of rows."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.http import HttpRequest, QueryDict
from django.urls import reverse
from django.utils import timezone

from desk.counts import MAX_EXACT, counts, shown
from desk.listing import Among, By, Page, page
from desk.numbers import row_number
from leads.lists.filters import Filter

ROWS_ON_A_PAGE = 50
SESSION_KEY = "list_columns"


@dataclass(frozen=True)
class Column:
    """What a list can show of its rows. `cell` gives text, or markup that is safe."""

    key: str
    label: str
    cell: Callable[[Any, datetime], str]
    order: By | Among | None = None
    is_shown: bool = True  # unless somebody chose otherwise
    is_amount: bool = False


@dataclass(frozen=True)
class Screen:
    """One of the lists. Its first column names the row, and is always shown."""

    key: str  # of its address: admin:pipeline
    title: str
    one: str  # what a row is, for counting: "lead"
    many: str
    permission: str
    columns: tuple[Column, ...]
    filter_form: type[Filter]
    # The rows of these numbers with all that these columns show
    load: Callable[[Sequence[int], set[str]], QuerySet[Any]]
    address: Callable[[Any], str]  # of the page of a row
    sort: str  # column by which it is sorted at first; "-opened" is the latest first
    nothing_yet: str
    words: Callable[[Any], str] = lambda row: ""  # below the name
    sums: Callable[[QuerySet[Any]], list[str]] = lambda rows: []
    export: str = ""  # URL name of the file of it
    acts: tuple[str, ...] = ()

    @property
    def url(self) -> str:
        return reverse(f"admin:{self.key}")


class Listed:
    """A list for one person, as its address asks for it. What the address says wrongly is left
    aside, and said beside its filter.
    """

    def __init__(self, screen: Screen, request: HttpRequest, query: QueryDict) -> None:
        self.screen, self.request, self.query = screen, request, query
        self.one, self.many = screen.one, screen.many
        self.now = timezone.now()
        self.filter = screen.filter_form(query, user=request.user)
        self.filter.is_valid()
        by_key = {column.key: column for column in screen.columns}
        key = query.get("sort", "")
        if not ((column := by_key.get(key.removeprefix("-"))) and column.order):
            key = screen.sort
        self.sort, self.is_descending = key, key.startswith("-")
        order = by_key[key.removeprefix("-")].order
        assert order
        self.order = order

    @cached_property
    def found(self) -> QuerySet[Any]:
        """Every row that matches, in no order."""
        return self.filter.rows().order_by()

    @cached_property
    def count(self) -> int:
        """At most one more than is counted exactly."""
        return counts([self.found])[0]

    @property
    def count_in_words(self) -> str:
        return f"{shown(self.count)} {self.one if self.count == 1 else self.many}"

    @property
    def is_counted(self) -> bool:
        return self.count <= MAX_EXACT

    @cached_property
    def sums(self) -> list[str]:
        return self.screen.sums(self.found)

    @cached_property
    def columns(self) -> list[Column]:
        """Those that the person has chosen, in the order of the list."""
        chosen = self.request.session.get(SESSION_KEY, {}).get(self.screen.key)
        first, *others = self.screen.columns
        return [first, *(one for one in others if is_chosen(one, chosen))]

    @cached_property
    def page(self) -> Page:
        return page(
            self.found,
            self.order,
            descending=self.is_descending,
            size=ROWS_ON_A_PAGE,
            after=row_number(self.query.get("after")),
            before=row_number(self.query.get("before")),
        )

    @cached_property
    def rows(self) -> list["ShownRow"]:
        keys = {column.key for column in self.columns}
        loaded = {row.pk: row for row in self.screen.load(self.page.numbers, keys)}
        return [ShownRow(self, loaded[number]) for number in self.page.numbers if number in loaded]

    @property
    def heads(self) -> list["Head"]:
        return [Head(self, column) for column in self.columns]

    @property
    def choosable(self) -> list[tuple[Column, bool]]:
        """Columns, and whether each is shown."""
        shown_keys = {column.key for column in self.columns}
        return [(one, one.key in shown_keys) for one in self.screen.columns[1:]]

    @property
    def filters(self) -> str:
        """What narrows the list, as an address says it: no page of it."""
        kept = {
            name: value
            for name, value in self.query.items()
            if value and (name in self.filter.fields or name == "sort")
        }
        return urlencode(kept)

    @property
    def is_narrowed(self) -> bool:
        return any(self.query.get(name) for name in self.filter.fields)

    @property
    def here(self) -> str:
        return f"{self.screen.url}?{self.filters}" if self.filters else self.screen.url

    def address(self, **changed: object) -> str:
        query = QueryDict(self.filters, mutable=True)
        for name, value in changed.items():
            query[name] = str(value)
        return f"{self.screen.url}?{query.urlencode()}"

    @property
    def previous_url(self) -> str:
        return self.address(before=self.page.before) if self.page.before else ""

    @property
    def next_url(self) -> str:
        return self.address(after=self.page.after) if self.page.after else ""

    def act_url(self, name: str) -> str:
        return reverse("admin:list_act", args=[self.screen.key, name])

    @property
    def export_url(self) -> str:
        if not self.screen.export:
            return ""
        return f"{reverse(self.screen.export)}?{self.filters}&list={self.screen.key}"


def is_chosen(column: Column, chosen: object) -> bool:
    return column.key in chosen if isinstance(chosen, list) else column.is_shown


@dataclass(frozen=True)
class Head:
    """A column’s head: what sorts by it, and how it is sorted now."""

    listed: Listed
    column: Column

    @property
    def direction(self) -> str:
        """As ARIA says it; empty where it is not sorted by this."""
        if self.listed.sort.removeprefix("-") != self.column.key:
            return ""
        return "descending" if self.listed.is_descending else "ascending"

    @property
    def url(self) -> str:
        if not self.column.order:
            return ""
        turned = "-" if self.direction == "ascending" else ""
        return self.listed.address(sort=f"{turned}{self.column.key}")


@dataclass(frozen=True)
class ShownRow:
    """A row with what each column says of it."""

    listed: Listed
    row: Any

    @property
    def pk(self) -> int:
        return int(self.row.pk)

    @property
    def name(self) -> str:
        return self.listed.columns[0].cell(self.row, self.listed.now)

    @property
    def url(self) -> str:
        return self.listed.screen.address(self.row)

    @property
    def words(self) -> str:
        return self.listed.screen.words(self.row)

    @property
    def cells(self) -> list[tuple[Column, str]]:
        now = self.listed.now
        return [(column, column.cell(self.row, now)) for column in self.listed.columns[1:]]
