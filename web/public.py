"""What an app adds to the public site: addresses, rows that have a page, what search finds."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.apps import apps
from django.db.models import Model, QuerySet
from django.urls import reverse


@dataclass(frozen=True)
class SearchHit:
    """A search result other than an article. `kind` says what it is if the title does not."""

    title: str
    url: str
    kind: str = ""
    about: str = ""


@dataclass(frozen=True)
class Place:
    """A public address without a row."""

    url_name: str
    title: str
    about: str = ""  # other words that visitors search for

    @property
    def path(self) -> str:
        return reverse(self.url_name)


@dataclass(frozen=True)
class Rows:
    """Rows with a public page each, at an address that ends on their slug.

    `rows` are those that answer visitors now. `slug` and `title` are lookups from there. Search
    finds them by their title and by what `about` says of one; None leaves search to the app.
    """

    url_name: str
    rows: Callable[[], QuerySet[Any]]
    title: str = "title"
    slug: str = "slug"
    kind: str = ""  # what it is, where the title does not tell: "Office"
    about: Callable[[Any], str] | None = lambda row: ""
    # A table whose rows leave a redirect when a slug changes, what else hangs on it, SQL about OLD.
    table: str = ""
    also: tuple[str, ...] = ()
    only_when: str = ""
    is_suggested: bool = True  # to those who ask for an address nearby
    # So many that only those alike are compared when someone asks for an address nearby.
    is_large: bool = False

    @cached_property
    def before(self) -> str:
        """The path in front of the slug."""
        return self._around(self.url_name)[0]

    @property
    def paths(self) -> list[tuple[str, str]]:
        """What comes before and after the slug in each address built on it."""
        return [self._around(name) for name in (self.url_name, *self.also)]

    def hit(self, row: Any) -> SearchHit:
        """The row as a search result."""
        about = self.about(row) if self.about else ""
        return SearchHit(getattr(row, self.title), row.get_absolute_url(), self.kind, about)

    def _around(self, url_name: str) -> tuple[str, str]:
        before, _, after = reverse(url_name, args=["0-0"]).partition("0-0")
        return before, after


@dataclass(frozen=True)
class Shown:
    """A model whose rows public pages show: they are made again when one changes.

    `only_when` is SQL about `{row}`: other rows are nothing to visitors. `only_column` is the one
    that matters, in a table where others change all the time.
    """

    model: str  # "articles.Article"
    only_when: str = ""
    only_column: str = ""

    @property
    def table(self) -> str:
        model: type[Model] = apps.get_model(self.model)
        return model._meta.db_table


@dataclass(frozen=True)
class Section:
    """A heading of llms.txt with its lines, each a title, a path and what is said about it."""

    heading: str
    lines: Iterable[tuple[str, str, str]]
    position: int = 50
