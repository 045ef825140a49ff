#!/usr/bin/env python3
"""What pages cost with web/rows.py, and what they would cost with Django's querysets alone.

    .venv/bin/python benchmarks/rows_or_models.py

Starts a PostgreSQL of its own with a hundred of the demo's articles, and asks for pages inside this
process (all of Django with its middleware, no network, nothing kept of an answer), once in the one
way and once in the other, in turn. The other way stands here: the same parts, fetched with
`select_related` and `prefetch_related`. Needs PostgreSQL to be installed, and touches nothing
of it.
"""

import gc
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from statistics import median
from typing import Any

from django.urls import reverse
from django.utils import timezone

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.in_process import product_on_postgres

ARTICLES, TIMES = 100, 120
PAGES = ["list, first page", "home", "article", "article in a series"]


def main() -> None:
    with product_on_postgres():
        measure()


def measure() -> None:
    from benchmarks.article_site import ArticleSite  # Django is set up only now

    site = ArticleSite()
    site.grow_to(ARTICLES)
    pages = site.pages()
    print("| page | queries by rows | by querysets | by rows | by querysets | saved |")
    print("| --- | ---: | ---: | ---: | ---: | ---: |")
    for name in PAGES:
        path = pages[name]
        ways: tuple[list[float], list[float]] = ([], [])
        for _ in range(5):
            site.ask(path)
        rows = site.queries(path)
        with by_querysets():
            site.ask(path)
            querysets = site.queries(path)
        gc.collect()
        for _ in range(TIMES):
            ways[0].append(site.ask(path))
            with by_querysets():
                ways[1].append(site.ask(path))
        one, other = map(median, ways)
        print(
            f"| {name} | {rows} | {querysets} | {one:.1f} ms | {other:.1f} ms "
            f"| {other - one:.1f} ms |"
        )


@contextmanager
def by_querysets() -> Iterator[None]:
    from articles import reading
    from pages import context_processors

    replaced: list[tuple[Any, str, Callable[..., Any]]] = [
        (reading, "live_revision", _live_revision),
        (reading, "teasers", _teasers),
        (reading, "more_like", _more_like),
        (reading, "part_of_series", _part_of_series),
        (context_processors, "Site", Site),
    ]
    before = [(owner, name, getattr(owner, name)) for owner, name, _ in replaced]
    try:
        for owner, name, way in replaced:
            setattr(owner, name, way)
        yield
    finally:
        for owner, name, way in before:
            setattr(owner, name, way)


def _live_revision(slug: str) -> Any:
    from articles.models import Revision

    return Revision.objects.live().for_reading().filter(article__slug=slug).first()


def _teasers(wanted: Any) -> list[Any]:
    return list(wanted.for_listing().prefetch_related("article__topics"))


def _more_like(article: Any) -> list[Any]:
    from articles.models import MoreArticle, Revision
    from articles.reading import MORE

    others = Revision.objects.live().exclude(article=article).newest_first()
    chosen = MoreArticle.objects.filter(article=article).order_by("position", "pk")
    of_chosen = dict(
        Revision.objects.live()
        .filter(article__in=chosen.values("other"))
        .values_list("article", "pk")
    )
    by_hand = [of_chosen[one.other_id] for one in chosen if one.other_id in of_chosen]
    sharing = others.filter(article__topics__in=article.topics.all()).distinct()[:MORE]
    keys = dict.fromkeys(
        [*by_hand, *(one.pk for one in sharing.only("pk")), *(one.pk for one in others[:MORE])]
    )
    first = list(keys)[:MORE]
    found = {one.pk: one for one in _teasers(Revision.objects.filter(pk__in=first))}
    return [found[key] for key in first]


def _part_of_series(article: Any) -> Any:
    from articles.models import Revision
    from articles.reading import Part, in_order_of_series

    if article.series is None:
        return None
    live = Revision.objects.live().filter(article__series=article.series)
    parts = list(in_order_of_series(live).select_related("article").defer("body"))
    place = next((n for n, part in enumerate(parts) if part.article_id == article.pk), None)
    if place is None or len(parts) < 2:
        return None
    return Part(
        series=article.series,
        number=place + 1,
        count=len(parts),
        previous=parts[place - 1] if place else None,
        next=parts[place + 1] if place + 1 < len(parts) else None,
    )


class Site:
    """The parts around a page, each fetched when a template asks for it."""

    def block(self, name: str) -> Any:
        from django.template.loader import render_to_string

        parts = {"site": self, "services": self.services, "offices": self.offices}
        return render_to_string(name, parts)

    @cached_property
    def settings(self) -> Any:
        from pages.models import SiteSettings

        return SiteSettings.load()

    @cached_property
    def _links(self) -> list[Any]:
        from pages.models import MENU_ROWS, MenuLink

        shown = MenuLink.objects.shown(timezone.now()).in_order()
        return list(shown.select_related(*MENU_ROWS))

    @property
    def header_links(self) -> list[Any]:
        return [link for link in self._links if link.place == "header"]

    @property
    def footer_links(self) -> list[Any]:
        return [link for link in self._links if link.place == "footer"]

    @cached_property
    def pages(self) -> dict[str, str]:
        from pages.models import Page

        named = Page.objects.filter(key__isnull=False).values_list("key", "slug")
        return {
            str(key).replace("-", "_"): reverse("pages:page", args=[slug]) for key, slug in named
        }

    @cached_property
    def services(self) -> list[Any]:
        from pages.models import Service

        return list(Service.objects.order_by("position", "pk").prefetch_related("features"))

    @cached_property
    def offices(self) -> list[Any]:
        from offices.models import Office

        listed = Office.objects.listed().in_order().select_related("image")
        return list(listed.prefetch_related("image__renditions"))


if __name__ == "__main__":
    main()
