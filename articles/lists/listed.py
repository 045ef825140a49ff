"""The list of articles for one person, as its address asks for it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.http import HttpRequest, QueryDict
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from articles import staff_search
from articles.lists.filters import ArticleFilter
from articles.lists.shown import Head, Row
from articles.models import Byline, ListedArticle
from desk.counts import MAX_EXACT, counts, shown
from desk.listing import By, Page, page
from desk.numbers import row_number
from web.contributions import every
from web.screens import ListColumns

ROWS_ON_A_PAGE = 50
Rows = QuerySet[ListedArticle]


@dataclass(frozen=True)
class Tab:
    """A part of the list, with the order that suits it."""

    key: str
    name: str
    rows: Callable[[Any, "User | AnonymousUser"], Rows]
    sort: str = "-edited"
    empty: str = "Nothing here."


TABS = (
    Tab("", "All", lambda rows, user: rows, empty="No articles yet. Write the first one."),
    Tab("mine", "Mine", lambda rows, user: rows.of(user), empty="You have written nothing yet."),
    Tab("drafts", "Drafts", lambda rows, user: rows.drafts(), empty="No drafts."),
    Tab("review", "In review", lambda rows, user: rows.in_review(), empty="Nothing is in review."),
    Tab(
        "returned",
        "Returned",
        lambda rows, user: rows.returned_to(user),
        empty="Nothing came back.",
    ),
    Tab(
        "scheduled",
        "Scheduled",
        lambda rows, user: rows.scheduled(),
        sort="planned",
        empty="Nothing is scheduled.",
    ),
    Tab("live", "Live", lambda rows, user: rows.live(), empty="Nothing is live."),
    Tab("unpublished", "Unpublished", lambda rows, user: rows.unpublished()),
    Tab("retired", "Retired", lambda rows, user: rows.retired()),
)
ORDERS = {
    "title": By("title"),
    "live": By("live_since", nullable=True),
    "words": By("words"),
    "edited": By("edited_at"),
    "planned": By("article__planned_for", nullable=True),
}
HOURS = By("last_from", nullable=True)  # what is planned, where all of it is scheduled


class Listed:
    one, many = "article", "articles"

    def __init__(self, request: HttpRequest, query: QueryDict) -> None:
        self.request, self.query = request, query
        self.now = timezone.now()
        self.tab = next((tab for tab in TABS if tab.key == query.get("tab", "")), TABS[0])
        self.filter = ArticleFilter(query)
        self.filter.is_valid()
        asked = query.get("sort", "")
        self.sort = asked if self._is_known(asked.removeprefix("-")) else ""

    def _is_known(self, key: str) -> bool:
        return key in ORDERS or any(key in labels for _, labels in self.others)

    @cached_property
    def others(self) -> list[tuple[ListColumns, dict[str, str]]]:
        """Columns that other apps add, with those labels that the person may see."""
        every_one = [
            columns
            for one in every()
            for columns in one.list_columns
            if columns.rows == "articles.Article"
        ]
        found = [(columns, dict(columns.labels(self.request))) for columns in every_one]
        return [(columns, labels) for columns, labels in found if labels]

    @cached_property
    def labels(self) -> list[str]:
        return [label for _, labels in self.others for label in labels.values()]

    @cached_property
    def tabs(self) -> list[tuple[Tab, str, str]]:
        """With the count of each, and its address. One query."""
        every_row = ListedArticle.objects.all()
        numbers = counts([tab.rows(every_row, self.request.user) for tab in TABS])
        return [
            (tab, shown(number), f"{self.url}?tab={tab.key}" if tab.key else self.url)
            for tab, number in zip(TABS, numbers, strict=True)
        ]

    @cached_property
    def searched(self) -> list[int] | None:
        """The articles that say the words, the best first; None where nothing was searched for."""
        words = self.filter.said("q")
        return staff_search.find(words, self.filter.names) if words else None

    @cached_property
    def found(self) -> Rows:
        """Every row that matches, in no order."""
        rows = self.filter.narrowed(self.tab.rows(ListedArticle.objects.all(), self.request.user))
        if self.searched is not None:
            rows = rows.filter(pk__in=self.searched)
        return rows.order_by()

    @cached_property
    def count(self) -> int:
        if self.searched is not None and not self.order:
            return len(self._matching)
        return counts([self.found])[0] if self.is_narrowed else self._count_of_tab()

    def _count_of_tab(self) -> int:
        number = next(number for tab, number, _ in self.tabs if tab is self.tab)
        return MAX_EXACT + 1 if number.endswith("+") else int(number)

    @property
    def count_in_words(self) -> str:
        return f"{shown(self.count)} {self.one if self.count == 1 else self.many}"

    @property
    def is_counted(self) -> bool:
        return self.count <= MAX_EXACT

    @cached_property
    def order(self) -> str:
        """The column by which it is sorted; "" for the best match first."""
        if self.sort or self.searched is None:
            return self.sort or self.tab.sort
        return ""

    @cached_property
    def page(self) -> Page:
        key, descending = self.order.removeprefix("-"), self.order.startswith("-")
        after, before = (row_number(self.query.get(name)) for name in ("after", "before"))
        if key in ORDERS:
            order = HOURS if key == "planned" and self.tab.key == "scheduled" else ORDERS[key]
            return page(
                self.found, order, descending=descending, size=ROWS_ON_A_PAGE,
                after=after, before=before,
            )  # fmt: skip
        return _of_ranked(self._ranked(key, descending), after, before)

    def _ranked(self, key: str, descending: bool) -> list[int]:
        """All that match: by what another app counts, or the best match first."""
        if not key:
            return [pk for pk in self.searched or [] if pk in self._matching]
        first: Sequence[int] = []
        for columns, labels in self.others:
            if key in labels:
                first = columns.ranked(self.request, key)
        there = list(self.found.order_by("-edited_at", "-pk").values_list("pk", flat=True))
        place = {pk: at for at, pk in enumerate(first)}
        ranked = sorted(there, key=lambda pk: place.get(pk, len(place)))
        return ranked if descending else ranked[::-1]

    @cached_property
    def _matching(self) -> dict[int, ListedArticle]:
        """What was searched for: few enough to be read at once."""
        return self._loaded(self.found)

    def _loaded(self, rows: Rows) -> dict[int, ListedArticle]:
        signed = Byline.objects.filter(article=OuterRef("pk")).order_by("position", "pk")
        count = signed.order_by().values("article").annotate(count=Count("pk")).values("count")
        found = rows.select_related("article", "revision__review__verdict")
        return {
            row.pk: row
            for row in found.defer("revision__body").annotate(
                signer=Subquery(signed.values("author__name")[:1]), signers=Subquery(count)
            )
        }

    @cached_property
    def rows(self) -> list[Row]:
        numbers = self.page.numbers
        is_ranked = self.searched is not None and not self.order
        loaded = (
            self._matching
            if is_ranked
            else self._loaded(ListedArticle.objects.filter(pk__in=numbers))
        )
        told = [columns.cells(self.request, numbers) for columns, _ in self.others]
        return [
            Row(self, loaded[pk], [cell for cells in told for cell in cells.get(pk, ())])
            for pk in numbers
            if pk in loaded
        ]

    @property
    def heads(self) -> list[Head]:
        keys = {"title": "Article", "state": "State", "live": "Live since", "planned": "Planned"}
        heads = [Head(self, key, label) for key, label in keys.items()]
        heads += [Head(self, "words", "Words", is_amount=True), Head(self, "edited", "Edited")]
        return heads + [
            Head(self, key, label, is_amount=True)
            for _, labels in self.others
            for key, label in labels.items()
        ]

    @property
    def url(self) -> str:
        return reverse("admin:article_list")

    @property
    def is_narrowed(self) -> bool:
        return self.filter.is_used

    @property
    def kept(self) -> QueryDict:
        """What the address says, but for the page."""
        kept = QueryDict(mutable=True)
        for name in ("tab", "q", "topic", "author", "sort"):
            if value := self.query.get(name):
                kept[name] = value
        return kept

    @property
    def filters(self) -> str:
        return self.kept.urlencode()

    def address(self, **changed: object) -> str:
        query = self.kept
        for name, value in changed.items():
            query[name] = str(value)
        return f"{self.url}?{query.urlencode()}" if query else self.url

    @property
    def here(self) -> str:
        return self.address()

    def act_url(self, name: str) -> str:
        return reverse("admin:article_list_act", args=[name])

    @property
    def previous_url(self) -> str:
        return self.address(before=self.page.before) if self.page.before else ""

    @property
    def next_url(self) -> str:
        return self.address(after=self.page.after) if self.page.after else ""


def _of_ranked(ranked: list[int], after: int | None, before: int | None) -> Page:
    size, place = ROWS_ON_A_PAGE, {pk: at for at, pk in enumerate(ranked)}
    if after in place:
        begin = place[after] + 1
    elif before in place:
        begin = max(place[before] - size, 0)
    else:
        begin = 0
    numbers = ranked[begin : begin + size]
    has_more = begin + size < len(ranked)
    return Page(
        numbers,
        before=numbers[0] if numbers and begin else None,
        after=numbers[-1] if numbers and has_more else None,
    )
