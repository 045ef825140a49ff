"""What an app adds to the desk: screens, things to do, what can be found, what stands on the home
page. The desk collects them (`desk/navigation.py`, `desk/finding.py`, `desk/site.py`), and shows
each person what that person may use.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import urlencode

# The groups of the navigation, from its top; names of other screens serve as groups, too.
SELLING, WRITING, READINESS, RUNNING, AROUND = (
    "selling",
    "writing",
    "readiness",
    "running",
    "around",
)
GROUPS = (SELLING, WRITING, READINESS, RUNNING, AROUND)
# A count costs one query, which stops counting here.
MAX_COUNT = 999
MAX_ITEMS = 6  # of a list on the home page


def may(request: HttpRequest, permissions: tuple[str, ...]) -> bool:
    """Whether the person has one of these permissions; with none named, all of staff may."""
    return not permissions or any(request.user.has_perm(one) for one in permissions)


@dataclass(frozen=True)
class Screen:
    """A line of the desk's navigation. One whose group is the name of another is a tab of that.

    A screen without an address leads to the first of its tabs that the person may use. `covers`
    names what else belongs to it: models ("articles.Topic") with all their pages, and URL names.
    """

    name: str
    url_name: str = ""
    group: str = RUNNING
    position: int = 50
    permissions: tuple[str, ...] = ()  # one of them is enough
    query: tuple[tuple[str, str], ...] = ()  # of its address: (("answer", "waiting"),)
    covers: tuple[str, ...] = ()
    count: Callable[[HttpRequest], int] | None = None  # one query, at most MAX_COUNT + 1
    words: str = ""  # by which it is found besides its name

    @property
    def url(self) -> str:
        query = f"?{urlencode(self.query)}" if self.query else ""
        return f"{reverse(self.url_name)}{query}" if self.url_name else ""


@dataclass(frozen=True)
class Action:
    """Something to do, found by its name: "Write an article"."""

    name: str
    url_name: str
    permissions: tuple[str, ...] = ()
    words: str = ""  # by which it is found besides its name

    @property
    def url(self) -> str:
        return reverse(self.url_name)


@dataclass(frozen=True)
class Found:
    """Something that the person may see, and what was searched for stands in it."""

    title: str
    url: str
    kind: str  # "People": all of one kind stand together
    about: str = ""


@dataclass(frozen=True)
class LinkTarget:
    """A page of ours that a text can link to. `state` says so where visitors cannot read it."""

    page: str  # "article:12"
    title: str
    path: str
    is_public: bool = True
    state: str = ""


@dataclass(frozen=True)
class Linked:
    """Pages that texts link to by number, so that a link outlives an address.

    `finds` gives those that the person may see and whose title has the words, best first; without
    words the latest.
    """

    kind: str  # "article"
    targets: Callable[[Collection[int]], Iterable[LinkTarget]]
    finds: Callable[[HttpRequest, str], Iterable[LinkTarget]]


@dataclass(frozen=True)
class ListColumns:
    """Columns that an app adds to the list of another: what came of each row, for instance.

    `labels` are those that the person may see, by key; none, and nothing is asked. `cells` gives,
    for rows by number, what each of them says in that order; `ranked` the rows that have something
    in one of them, the most first.
    """

    rows: str  # "articles.Article"
    labels: Callable[[HttpRequest], Mapping[str, str]]
    cells: Callable[[HttpRequest, Sequence[int]], Mapping[int, Sequence[str]]]
    ranked: Callable[[HttpRequest, str], Sequence[int]]


@dataclass(frozen=True)
class Keys:
    """The keys of a screen, for the page that lists them: ("j", "Next")."""

    screen: str
    keys: tuple[tuple[str, str], ...]
    position: int = 50


@dataclass(frozen=True)
class HomeCard:
    """A count on the home page of what needs attention, with a link to it."""

    count: int
    label: str
    url: str
    is_trouble: bool = False

    @property
    def shown(self) -> str:
        return str(self.count) if self.count <= MAX_COUNT else f"{MAX_COUNT}+"


@dataclass(frozen=True)
class Button:
    """Does something at once, by a form that is sent there with these values."""

    label: str
    url: str
    values: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class HomeItem:
    """One line of a list on the home page. `moment` is in words: "1 h 19 left"; `words` are a piece
    of somebody's text.
    """

    title: str
    url: str
    moment: str = ""
    about: str = ""
    is_late: bool = False
    mark: str = ""
    words: str = ""
    button: Button | None = None


@dataclass(frozen=True)
class HomePart:
    """A piece of the home page above its lists: a template with what it needs."""

    template: str
    context: Mapping[str, Any]
    styles: str = ""  # of a stylesheet of its own


@dataclass(frozen=True)
class HomeList:
    """A list on the home page: what waits, what is due, what is new. Empty, it says `empty`.

    With more than `MAX_ITEMS` it leads to the whole list.
    """

    title: str
    items: Sequence[HomeItem]  # at most MAX_ITEMS + 1
    empty: str
    url: str  # of the whole list
    position: int = 50

    @property
    def shown(self) -> Sequence[HomeItem]:
        return self.items[:MAX_ITEMS]

    @property
    def has_more(self) -> bool:
        return len(self.items) > MAX_ITEMS


@dataclass(frozen=True)
class Part:
    """A piece of the sentence that opens the home page."""

    text: str
    url: str = ""
    is_late: bool = False


@dataclass(frozen=True)
class Headline:
    """A sentence for the top of the home page. The first by position stands there."""

    parts: tuple[Part, ...]
    position: int = 50


@dataclass(frozen=True)
class Due:
    """Something on the line of the day: a ball at its moment. A planned one is dotted."""

    title: str
    url: str
    minute: int  # of the day, in the person's zone
    is_late: bool = False
    is_planned: bool = False
    list_url: str = ""  # where it stands among the others, for many at one moment
