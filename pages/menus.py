"""Targets of menu links: what can be chosen, and what a typed address means."""

import re
from typing import Any
from urllib.parse import unquote

from django.core.exceptions import ValidationError
from django.db.models import Model
from django.urls import Resolver404, resolve

from articles.models import Article, Author, Series, Topic
from offices.models import Office
from pages.models import MAX_SUFFIX, MENU_ROWS, MenuLink, Page, SitePart
from redirects.models import Redirect
from redirects.nearest import nearest
from redirects.paths import normal_target, path_of, with_query, without_query
from redirects.plans import answering
from web import contributions

# By the name of the view that shows them.
ROW_OF_VIEW: dict[str, tuple[str, type[Model]]] = {
    "pages:page": ("page", Page),
    "offices:detail": ("office", Office),
    "articles:topic": ("topic", Topic),
    "articles:series": ("series", Series),
    "articles:author": ("author", Author),
    "articles:detail": ("article", Article),
}
NOWHERE: dict[str, Any] = {**dict.fromkeys(MENU_ROWS), "part": "", "address": "", "suffix": ""}
ELSEWHERE = "address"  # the choice of typing one


def target_of(typed: str) -> dict[str, Any]:
    """What the address leads to, as the fields of a menu link.

    An address of ours is that of a row or of a part of the site, or was: it leads where a reader
    would get. Raises ValidationError, with words for who typed it.
    """
    address = normal_target(typed)
    if not address.startswith("/"):
        return {**NOWHERE, "address": address}
    path, suffix = _parts(address)
    if found := _at(path):
        return _with_suffix(found, suffix)
    if led_to := _led_on(address):
        if not led_to.startswith("/"):
            return {**NOWHERE, "address": led_to}
        path, suffix = _parts(led_to)
        if found := _at(path):
            return _with_suffix(found, suffix)
    said = f"There is no page at {path} that a menu can link to."
    if near := nearest(path):
        raise ValidationError(f"{said} Did you mean {near[0].url}?")
    raise ValidationError(f"{said} Create the page first, or choose another target.")


def choices(link: MenuLink | None = None) -> list[tuple[str, Any]]:
    """For a form: all that a menu may lead to, by kind. Of articles, there may be thousands, only
    that of this link.
    """
    groups: list[tuple[str, Any]] = [
        ("", "Choose…"),
        (
            "Parts of the site",
            [(f"part:{part}", part.label) for part in SitePart]
            + [(f"place:{path}", title) for path, title in _other_places().items()],
        ),
    ]
    kinds = {
        "page": ("Pages", Page.objects.order_by("title")),
        "office": ("Offices", Office.objects.in_order()),
        "topic": ("Topics", Topic.objects.order_by("name")),
        "series": ("Series", Series.objects.order_by("title")),
        "author": ("Authors", Author.objects.order_by("name")),
        "article": (
            "Articles",
            Article.objects.with_titles().filter(pk__in=[link.article_id] if link else []),
        ),
    }
    for kind, (heading, rows) in kinds.items():
        if options := [(f"{kind}:{row.pk}", _named(row)) for row in rows]:
            groups.append((heading, options))
    return [*groups, (ELSEWHERE, "Another address…")]


def choice_of(link: MenuLink) -> str:
    if link.kind:
        return f"{link.kind}:{getattr(link, f'{link.kind}_id')}"
    if link.address in _other_places():
        return f"place:{link.address}"
    return f"part:{link.part}" if link.part else ELSEWHERE


def chosen(choice: str, suffix: str) -> dict[str, Any]:
    """What one of the choices leads to, as the fields of a menu link."""
    kind, _, value = choice.partition(":")
    if kind == "place":
        return {**NOWHERE, "address": value + suffix}
    found = {"part": value} if kind == "part" else {f"{kind}_id": int(value)}
    return {**NOWHERE, **found, "suffix": suffix}


def _other_places() -> dict[str, str]:
    """Path and title of what other apps add to the parts of the site that we know."""
    ours = {part.url for part in SitePart}
    return {place.path: place.title for place in contributions.places() if place.path not in ours}


def _named(row: Any) -> str:
    is_hidden = isinstance(row, Office) and not row.is_listed
    return f"{row} (not listed)" if is_hidden else str(row)


def _parts(address: str) -> tuple[str, str]:
    """The path with one slash at its end, and what follows it."""
    path = re.split("[?#]", address, maxsplit=1)[0]
    suffix = address.removeprefix(path)
    return f"{unquote(path).rstrip('/')}/", suffix


def _at(path: str) -> dict[str, Any] | None:
    for part in SitePart:
        if part.url == path:
            return {"part": part.value}
    if path in _other_places():
        return {"address": path}
    try:
        match = resolve(path)
    except Resolver404:
        return None
    if match.view_name not in ROW_OF_VIEW:
        return None
    kind, model = ROW_OF_VIEW[match.view_name]
    slug = match.kwargs["slug"]
    row = model._default_manager.filter(slug=slug).first()
    if row is None and model is Article:
        row = Article.objects.filter(former_slugs__slug=slug).first()
    return {kind: row} if row else None


def _with_suffix(found: dict[str, Any], suffix: str) -> dict[str, Any]:
    if len(suffix) > MAX_SUFFIX:
        raise ValidationError(f"The part after the path is longer than {MAX_SUFFIX} characters.")
    if "address" in found:  # a constraint keeps its suffix with it
        return {**NOWHERE, "address": found["address"] + suffix}
    return {**NOWHERE, **found, "suffix": suffix}


def _led_on(address: str) -> str:
    """Where a redirect leads from there; empty without one."""
    asked = path_of(address)
    rows = Redirect.objects.in_bulk({asked, without_query(asked)}, field_name="path")
    redirect = answering(asked, rows)
    if redirect is None:
        return ""
    whole, _, fragment = address.partition("#")
    query = "" if redirect.path == asked else whole.partition("?")[2]
    target = with_query(redirect.target, query)
    return f"{target}#{fragment}" if fragment and "#" not in target else target
