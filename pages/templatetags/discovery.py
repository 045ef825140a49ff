"""The head of a page as programs read it: titles, addresses, cards and structured data."""

import json
from typing import Any

from django import template
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from articles.models import Author, Revision, Series, Topic
from offices.models import Office
from pages.context_processors import Site
from pages.discovery import structured_data
from pages.discovery.social_cards import (
    HEIGHT,
    WIDTH,
    SocialCard,
    article_card_path,
    site_card_path,
)
from pages.discovery.structured_data import Node, breadcrumbs
from prose.rendering import RenderedBody
from web.addresses import absolute

register = template.Library()

# Inside a script element nothing is escaped by the browser: “</script>” would end it.
ESCAPED = {ord(character): f"\\u{ord(character):04X}" for character in "<>&"}


@register.simple_block_tag
def also_shared(content: str, name: str) -> SafeString:
    """`{% also_shared site.settings.name %}<title>…</title>{% endalso_shared %}`: the title, and
    what a shared link shows of it (ogp.me). The link names the site on a line of its own."""
    title = content.removeprefix("<title>").removesuffix("</title>").strip()
    short = title.removesuffix(format_html(" · {}", name))
    return format_html(
        '{}\n    <meta property="og:title" content="{}">',
        mark_safe(content),  # noqa: S308 it was escaped as it was rendered
        mark_safe(short),  # noqa: S308 a part of that
    )


@register.simple_tag(takes_context=True)
def canonical(context: template.Context) -> SafeString:
    """The one address of this page, whatever the visitor's has in front of or behind it."""
    page = context.get("page_obj")
    query = f"?page={page.number}" if page is not None and page.number > 1 else ""
    url = absolute(context["request"].path) + query
    return format_html(
        '<link rel="canonical" href="{}">\n    <meta property="og:url" content="{}">', url, url
    )


@register.simple_tag
def card(site: Site, revision: Revision | None = None) -> SafeString:
    """`{% card site revision %}`: the picture for those who share the article, or the site."""
    if revision is None:
        shown = SocialCard.of_site(site.settings)
        path = site_card_path(shown)
    else:
        shown = SocialCard.of_article(revision, site.settings)
        path = article_card_path(revision, shown)
    return format_html(
        '<meta property="og:image" content="{}">\n'
        '    <meta property="og:image:width" content="{}">\n'
        '    <meta property="og:image:height" content="{}">\n'
        '    <meta property="og:image:alt" content="{}">',
        absolute(path),
        WIDTH,
        HEIGHT,
        shown.alt,
    )


@register.simple_tag
def home_data(site: Site) -> SafeString:
    return _script(
        structured_data.organization(site.settings), structured_data.website(site.settings)
    )


@register.simple_tag
def article_data(revision: Revision, body: RenderedBody, site: Site) -> SafeString:
    return _script(
        structured_data.article(revision, body, site.settings),
        breadcrumbs(
            ("Articles", reverse("articles:list")), (revision.title, revision.get_absolute_url())
        ),
        *structured_data.questions(body),
    )


@register.simple_tag
def list_data(grouping: Topic | Series | None = None) -> SafeString:
    """`{% list_data topic %}`, or without it the list of all articles."""
    path = reverse("articles:list")
    if grouping is None:
        return _script(structured_data.collection(path, "Articles"))
    name = str(grouping)
    kind = ("Topics", "articles:topics")
    if isinstance(grouping, Series):
        kind = ("Series", "articles:series_index")
    return _script(
        structured_data.collection(grouping.get_absolute_url(), name, grouping.description),
        breadcrumbs(
            ("Articles", path), (kind[0], reverse(kind[1])), (name, grouping.get_absolute_url())
        ),
    )


@register.simple_tag(takes_context=True)
def index_data(context: template.Context, heading: str) -> SafeString:
    """`{% index_data heading %}`: the index of the topics, series or authors."""
    path = context["request"].path
    return _script(
        structured_data.collection(path, heading),
        breadcrumbs(("Articles", reverse("articles:list")), (heading, path)),
    )


@register.simple_tag
def author_data(author: Author, site: Site) -> SafeString:
    return _script(
        structured_data.profile(author, site.settings),
        breadcrumbs(
            ("Articles", reverse("articles:list")),
            ("Authors", reverse("articles:authors")),
            (author.name, author.get_absolute_url()),
        ),
    )


@register.simple_tag
def offices_data(offices: list[Office], site: Site) -> SafeString:
    return _script(*(structured_data.office(office, site.settings) for office in offices))


@register.simple_tag
def office_data(office: Office, site: Site) -> SafeString:
    return _script(
        structured_data.office(office, site.settings),
        breadcrumbs(("Offices", reverse("offices:list")), (office.name, office.get_absolute_url())),
    )


@register.simple_tag
def contact_data(site: Site) -> SafeString:
    return _script(structured_data.contact_page(site.settings))


@register.simple_tag
def page_data(body: RenderedBody) -> SafeString:
    """Nothing, unless the page answers questions."""
    return _script(*structured_data.questions(body))


def _script(*nodes: Node) -> SafeString:
    """JSON-LD 1.1 in HTML, section 7: one data block with the page's whole graph, or nothing."""
    if not nodes:
        return mark_safe("")
    document: dict[str, Any] = {"@context": "https://schema.org"}
    document |= nodes[0] if len(nodes) == 1 else {"@graph": list(nodes)}
    text = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
    escaped = mark_safe(text.translate(ESCAPED))  # noqa: S308 no tag is left in it
    return format_html('<script type="application/ld+json">{}</script>', escaped)
