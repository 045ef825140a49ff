"""Where the links of a text lead, as far as that is on this site: asked of the site itself."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.urls import Resolver404, ResolverMatch, resolve
from django.utils import timezone
from lxml.html import HtmlElement

from articles import history
from articles.checking.findings import Finding, Kind, Place
from articles.checking.passages import Body
from articles.models import Article, FormerSlug
from desk.numbers import row_number
from prose import own_links
from prose.links import can_work
from prose.text import text_of
from redirects.models import Redirect
from redirects.paths import path_of, without_our_origin, without_query
from redirects.plans import answering
from web.contributions import public_rows
from web.public import Rows

ARTICLE = "article:"  # before the number, in a link that is kept by what it leads to
ARTICLE_VIEW = "articles:detail"
MAX_SHOWN = 100  # characters of an address


@dataclass(frozen=True)
class Link:
    nth: int
    words: str
    href: str
    page: str  # of ours, if it is kept by that: "article:12"
    field: str = "body"

    @property
    def article(self) -> int | None:
        is_one = self.page.startswith(ARTICLE)
        return row_number(self.page.removeprefix(ARTICLE)) if is_one else None

    @property
    def path(self) -> str:
        """Of this site, as it would be asked for; empty for another site's."""
        href = without_our_origin(self.href)
        return href if href.startswith("/") and not href.startswith("//") else ""

    @property
    def name(self) -> str:
        return f"The link “{self.words[:60]}”"

    def finding(self, kind: Kind, sentence: str) -> Finding:
        is_blocking = kind is Kind.LINK
        place = Place(self.field, tag="a", nth=self.nth, quote=self.words, noun="link")
        return Finding(kind, is_blocking, sentence, place)


def links_of(body: Body) -> list[Link]:
    return [
        Link(nth, _words(one), one.get("href", ""), one.get(own_links.ATTRIBUTE, ""), body.field)
        for nth, one in body.each("a")
    ]


def check_links(body: Body, *, at: datetime | None = None) -> Iterator[Finding]:
    """`at` is when readers will follow them: what goes live by then is no draft."""
    links = [one for one in links_of(body) if one.words or one.page]
    yield from _to_pages([one for one in links if one.page and not one.article], body)
    links = [one for one in links if one.article or not one.page]
    paths = {link.path for link in links if link.path and not link.page}
    why = _why_unanswered(paths)
    numbers = {link.article for link in links if link.article}
    numbers |= {found for found in why.values() if isinstance(found, int)}
    articles = Article.objects.in_bulk(numbers) if numbers else {}
    shown = set(Article.objects.live(at).filter(pk__in=numbers).values_list("pk", flat=True))
    for link in links:
        reason = why.get(link.path, "")
        number = link.article or (reason if isinstance(reason, int) else None)
        if number:
            if number not in shown:
                yield _to_article(link, articles.get(number))
        elif reason:
            said = f"{link.name} {reason} Correct its address, or remove the link."
            yield link.finding(Kind.LINK, said)
        elif not link.path and not link.href.startswith("#") and not can_work(link.href):
            yield link.finding(
                Kind.LINK,
                f"{link.name} does not work: its address is “{link.href[:MAX_SHOWN]}”. Write it "
                "out, as in https://example.com/page or /contact/, or remove the link.",
            )


def _to_pages(links: list[Link], body: Body) -> Iterator[Finding]:
    """To pages of other kinds that are kept by their number."""
    known = own_links.targets(body.html) if links else {}
    for link in links:
        target = known.get(link.page)
        if target is None or not target.is_public:
            said = "leads to a page that is gone. Choose another one, or remove the link."
            yield link.finding(Kind.LINK, f"{link.name} {said}")


def _to_article(link: Link, article: Article | None) -> Finding:
    """To one that readers cannot open."""
    if article is None:
        is_gone = "has been deleted"
    elif article.off_site_since and article.off_site_since <= timezone.now():
        is_gone = "is retired" if article.retired_at else "is unpublished"
    else:
        scheduled = article.scheduled_revision()
        if scheduled and scheduled.live_from:
            goes_live = f"It goes live on {history.clock(scheduled.live_from)}."
        else:
            goes_live = "Publish that first, or remove the link."
        said = f"“{link.words[:60]}” leads to a draft. {goes_live}"
        return link.finding(Kind.DRAFT_LINK, said)
    return link.finding(
        Kind.LINK,
        f"{link.name} leads to an article that {is_gone}. Choose another one, or remove the link.",
    )


def _words(link: HtmlElement) -> str:
    return text_of(link) or ("picture" if link.find(".//img") is not None else "")


def _why_unanswered(paths: Iterable[str]) -> Mapping[str, str | int]:
    """Of the paths at which readers find no page: why, or the number of the article that has it.

    One query for each kind of page that they lead to, and three for all that seem to be gone.
    """
    matches = {path: _match(path) for path in paths if not _is_file(path)}
    of_desk = {path for path, match in matches.items() if match and "admin" in match.namespaces}
    gone = {path for path, match in matches.items() if match is None}
    gone |= _without_row({path: match for path, match in matches.items() if match})
    gone -= _redirected(gone)
    slugs = {
        path: match.kwargs["slug"]
        for path in gone
        if (match := matches[path]) and match.view_name == ARTICLE_VIEW
    }
    return {
        **dict.fromkeys(of_desk, "leads to the desk, which readers cannot open."),
        **{path: f"leads to {path[:MAX_SHOWN]}, where nothing answers." for path in gone},
        **_articles_at(slugs),
    }


def _without_row(matches: Mapping[str, ResolverMatch]) -> set[str]:
    """Those whose page is made of a row that visitors cannot read, or that is not there."""
    rows_of = _rows_by_view()
    asked: dict[str, dict[str, str]] = defaultdict(dict)  # of a view: slug by path
    for path, match in matches.items():
        if match.view_name in rows_of and match.kwargs:
            asked[match.view_name][path] = str(next(iter(match.kwargs.values())))
    missing = set()
    for view, slugs in asked.items():
        known: set[Any] = set()
        for rows in rows_of[view]:
            found = rows.rows().filter(**{f"{rows.slug}__in": {*slugs.values()}})
            known |= set(found.order_by().values_list(rows.slug, flat=True))
        missing |= {path for path, slug in slugs.items() if slug not in known}
    return missing


def _redirected(paths: set[str]) -> set[str]:
    if not paths:
        return set()
    wanted = {path: path_of(path) for path in paths}
    tried = {*wanted.values(), *map(without_query, wanted.values())}
    rows = Redirect.objects.in_bulk(tried, field_name="path")
    return {path for path, one in wanted.items() if answering(one, rows)}


def _articles_at(slugs: Mapping[str, str]) -> Mapping[str, int]:
    """By path, those that have the address or had it."""
    if not slugs:
        return {}
    every = {*slugs.values()}
    found = dict(FormerSlug.objects.filter(slug__in=every).values_list("slug", "article"))
    found |= dict(Article.objects.filter(slug__in=every).values_list("slug", "pk"))
    return {path: found[slug] for path, slug in slugs.items() if slug in found}


def _rows_by_view() -> dict[str, list[Rows]]:
    found: dict[str, list[Rows]] = defaultdict(list)
    for rows in public_rows():
        for name in (rows.url_name, *rows.also):
            found[name].append(rows)
    return found


def _is_file(path: str) -> bool:
    return path.startswith((settings.STATIC_URL, settings.MEDIA_URL))


def _match(path: str) -> ResolverMatch | None:
    plain = unquote(urlsplit(path).path)
    for tried in (plain, f"{plain.rstrip('/')}/"):
        try:
            return resolve(tried)
        except Resolver404:
            continue
    return None
