"""What each app adds to the whole. The collectors know no app by name.

An app says it in its `contributes.py`, as `contribution = Contribution(...)`, imported when someone
first asks. What is asked of the database stands behind a function: nothing is asked at import.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from importlib import import_module
from typing import Any, TypeVar

from django.apps import apps
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import URLPattern
from django.utils.module_loading import module_has_submodule

from web.diagnosis import Question
from web.files import Advice, Folder, MediaKind
from web.hours import WorkingHours
from web.metrics import Counted, Gauges
from web.personal import Named, NearMatch, Personal, Responsible
from web.public import Place, Rows, SearchHit, Section, Shown
from web.retention import Rule
from web.screens import (
    Action,
    Due,
    Found,
    Headline,
    HomeCard,
    HomeList,
    HomePart,
    Keys,
    Linked,
    ListColumns,
    Screen,
)
from web.texts import TextChecks

Rowset = TypeVar("Rowset", bound=QuerySet[Any])

Changes = Iterable[tuple[str, datetime | None]]  # path, last change
Rights = Mapping[str, str]  # model -> actions: {"page": "add change view"}

AUTHOR, PUBLISHER, SALES, ADMINISTRATOR = "Author", "Publisher", "Sales", "Administrator"
EVERYTHING = "add change delete view"


@dataclass(frozen=True)
class Menu:
    """A heading of the page of all tables, and what stands below it in this order.

    Headings of several apps with one name are one; the smallest `position` of theirs counts.
    """

    heading: str
    models: tuple[str, ...]  # "pages.Page"
    position: int = 50


@dataclass(frozen=True)
class Contribution:
    """Everything an app can add."""

    # Public addresses
    places: tuple[Place, ...] = ()
    rows: tuple[Rows, ...] = ()
    no_pages: tuple[str, ...] = ()  # URL names of public addresses that are no pages to be found
    site_map: Callable[[], Changes] | None = None  # in place of its places and rows
    search: Callable[[], Iterable[SearchHit]] = lambda: ()  # besides its places and rows
    llms: Callable[[], Iterable[Section]] = lambda: ()
    ids: str = ""  # a regular expression for the HTML ids of parts of its pages
    # What public pages show: every model of the app is in one of the two
    shown: tuple[Shown | str, ...] = ()
    not_shown: tuple[str, ...] = ()
    # Moments at which the clock alone changes a page: rows and a column
    moments: Callable[[], Iterable[tuple[QuerySet[Any], str]]] = lambda: ()
    # A regular expression for those of its paths whose answers are one visitor's own
    one_visitors: str = ""
    # Rows of other apps that no statistic counts, by model: "readiness.Assessment"
    not_counted: Mapping[str, Callable[[], QuerySet[Any]]] = field(default_factory=dict)
    # Rows that the database refuses to delete: table, and SQL about OLD with `{now}`
    never_deleted: Mapping[str, str] = field(default_factory=dict)
    # Rows that the database refuses to change: table, and SQL about OLD and NEW
    never_changed: Mapping[str, str] = field(default_factory=dict)
    # A row of `title` and `text` of the page that says what is kept about visitors, if there is one
    privacy_page: Callable[[], QuerySet[Any, Any]] | None = None
    responsible: Callable[[], Responsible] | None = None  # for what it says
    # How many of its rows lead visitors to an address, which is that of a page ("article:12", or
    # none that is linked by number), what one is called, and several
    links_to: Callable[[str, str], Iterable[tuple[int, str, str]]] = lambda path, page: ()
    linked: tuple[Linked, ...] = ()  # pages that texts link to by number
    check_texts: TextChecks | None = None  # of what visitors read
    working_hours: Callable[[], Iterable[WorkingHours]] = lambda: ()  # where people are at work
    # The admin
    navigation: tuple[Menu, ...] = ()
    screens: tuple[Screen, ...] = ()
    actions: tuple[Action, ...] = ()
    keys: tuple[Keys, ...] = ()
    list_columns: tuple[ListColumns, ...] = ()
    # What the person may see and these words stand in, best first; one or two queries a kind
    finds: Callable[[HttpRequest, str], Iterable[Found]] = lambda request, words: ()
    home: Callable[[HttpRequest], Iterable[HomeCard]] = lambda request: ()
    home_lists: Callable[[HttpRequest], Iterable[HomeList]] = lambda request: ()
    home_parts: Callable[[HttpRequest], Iterable[HomePart]] = lambda request: ()
    headline: Callable[[HttpRequest], Headline | None] = lambda request: None
    day: Callable[[HttpRequest], Iterable[Due]] = lambda request: ()
    warnings: Callable[[HttpRequest], Iterable[str]] = lambda request: ()
    admin_urls: Callable[[Any], list[URLPattern]] = lambda site: []
    undo: Any = None  # `desk.acts.Undo`: how what is done at the desk is taken back
    rights: Mapping[str, Rights] = field(default_factory=dict)  # by role
    needs_second_factor: tuple[str, ...] = ()  # permissions, such as "articles.publish_article"
    # Operation: each check says "ok" or what is wrong
    checks: Mapping[str, Callable[[], str]] = field(default_factory=dict)
    questions: tuple[Question, ...] = ()  # what `manage.py doctor` asks of it
    # What /metrics tells: what is counted as it happens, and what is asked at each scrape
    counted: tuple[Counted, ...] = ()
    gauges: tuple[Gauges, ...] = ()
    # Personal data: every model is in one of the two, or another app says that it is personal. A
    # row that only notes which colleague wrote it is not: `accounts.User` says what becomes of
    # colleagues. When a person is erased, rows are locked in this order.
    personal: tuple[Personal, ...] = ()
    impersonal: tuple[str, ...] = ()
    retention: tuple[Rule, ...] = ()  # what is deleted after a time
    # By model, why its table cannot grow without end, where no rule of retention sees to it
    bounded: Mapping[str, str] = field(default_factory=dict)
    media: tuple[MediaKind, ...] = ()  # what it uploads
    folders: tuple[Folder, ...] = ()  # what it writes below VAR_DIR
    advice: tuple[Advice, ...] = ()  # to those who need room on the disk
    # Files of lines below VAR_DIR that a restore needs as they are now, however old its archive:
    # each backup adds their lines to a file of the same name beside the archives.
    beside_backups: tuple[str, ...] = ()
    # Called once a backup was restored and migrated, and these files have the lines again that lay
    # beside the archives; says in sentences what came of it.
    after_restore: Callable[[], Iterable[str]] = lambda: ()
    # Its part of the demo, by name: "articles.demo.part". Only the demo app imports it.
    demo: str = ""
    # Names and addresses in its rows, in pairs: of the person, and those with a text in them
    known_as: Callable[[Named], Iterable[tuple[str, str]]] = lambda person: ()
    people: Callable[[str], Iterable[tuple[str, str]]] = lambda text: ()
    # All addresses in its rows, and when each was last used, if a row tells
    addresses: Callable[[], Iterable[tuple[str, datetime | None]]] = lambda: ()
    # Who may be the same person under another address
    near_matches: Callable[[Named], Iterable[NearMatch]] = lambda person: ()
    # Gives others what is also theirs, before a person's rows are deleted
    hand_on: Callable[[Named], None] = lambda person: None
    # Deletes what is theirs outside the database, once their rows are gone
    delete_files: Callable[[Named], None] = lambda person: None


def contributions() -> dict[str, Contribution]:
    """By app, in the order of INSTALLED_APPS."""
    return _gathered(tuple(config.label for config in apps.get_app_configs()))


@cache
def _gathered(labels: tuple[str, ...]) -> dict[str, Contribution]:
    found = {}
    for label in labels:
        config = apps.get_app_config(label)
        if module_has_submodule(config.module, "contributes"):
            found[label] = import_module(f"{config.name}.contributes").contribution
    return found


def every() -> Iterator[Contribution]:
    yield from contributions().values()


def counted(rows: Rowset) -> Rowset:
    """Without those that an app says no statistic counts."""
    label = rows.model._meta.label
    for one in every():
        if label in one.not_counted:
            rows = rows.exclude(pk__in=one.not_counted[label]().order_by().values("pk"))
    return rows


def site_map() -> Iterator[tuple[str, datetime | None]]:
    """The path of each page that search engines may list, with its last change if it is known."""
    for one in every():
        if one.site_map:
            yield from one.site_map()
            continue
        for place in one.places:
            yield place.path, None
        for rows in one.rows:
            for row in rows.rows():
                yield row.get_absolute_url(), None


def public_rows() -> list[Rows]:
    return [rows for one in every() for rows in one.rows]


def places() -> list[Place]:
    return [place for one in every() for place in one.places]


def shown() -> list[Shown]:
    return [
        each if isinstance(each, Shown) else Shown(each) for one in every() for each in one.shown
    ]


def moments() -> Iterator[tuple[QuerySet[Any], str]]:
    """The rows and columns whose moments change what visitors read."""
    for one in every():
        yield from one.moments()


def one_visitors() -> re.Pattern[str]:
    """Matches the paths of public pages whose answers are one visitor's own."""
    return _either(tuple(one.one_visitors for one in every() if one.one_visitors))


def page_ids() -> re.Pattern[str]:
    """The HTML ids that pages have around a text; no heading of a text may take one."""
    return _either(tuple(one.ids for one in every() if one.ids))


@cache
def _either(patterns: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("|".join(patterns) or r"(?!)", re.DOTALL)
