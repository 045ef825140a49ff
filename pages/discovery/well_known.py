"""What programs request by well-known names: site map, robots.txt, icons, cards.

Every address in these answers is made from SITE_URL, whatever host the request names.
"""

from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any
from xml.sax.saxutils import escape

from django.contrib.staticfiles import finders
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    JsonResponse,
)
from django.shortcuts import get_object_or_404, redirect, render
from django.templatetags.static import static
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from articles.models import Revision
from pages.discovery.social_cards import SocialCard, article_card_path, site_card_path
from pages.models import SiteSettings
from pages.wordmark import draw
from web.addresses import absolute
from web.contributions import every, site_map

# sitemaps.org, protocol: a file names 50,000 addresses at most. Ours are small enough to be kept.
MAX_IN_A_SITEMAP = 5_000
SITEMAP = "http://www.sitemaps.org/schemas/sitemap/0.9"
SECURITY_TXT_HOLDS = timedelta(days=180)  # RFC 9116, section 2.5.5: less than a year

Address = tuple[str, datetime | None]


@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    """RFC 9309. Crawlers have no business in the admin or in search results."""
    lines = [
        "User-agent: *",
        "Disallow: /admin/",
        "Disallow: /articles/search/",
        "",
        f"Sitemap: {absolute(reverse('pages:sitemap'))}",
    ]
    return _text(lines)


@require_safe
def sitemap(request: HttpRequest) -> HttpResponse:
    """All addresses; or, where they are too many for one file, the files that have them."""
    found = list(site_map())
    if len(found) <= MAX_IN_A_SITEMAP:
        return _xml(_urlset(found))
    files = [
        f"<sitemap><loc>{absolute(_part_path(number))}</loc></sitemap>"
        for number in range(1, -(-len(found) // MAX_IN_A_SITEMAP) + 1)
    ]
    return _xml([f'<sitemapindex xmlns="{SITEMAP}">', *files, "</sitemapindex>"])


@require_safe
def sitemap_part(request: HttpRequest, number: int) -> HttpResponse:
    """One of the files that the index names, and at no other spelling of its number."""
    found = list(site_map()) if request.path == _part_path(number) else []
    first = (number - 1) * MAX_IN_A_SITEMAP
    part = found[first : first + MAX_IN_A_SITEMAP] if first >= 0 else []
    if len(found) <= MAX_IN_A_SITEMAP or not part:
        raise Http404("The map has no such part.")
    return _xml(_urlset(part))


def _part_path(number: int) -> str:
    return reverse("pages:sitemap_part", args=[number])


def _urlset(addresses: list[Address]) -> list[str]:
    lines = []
    for path, changed_at in addresses:
        moment = f"<lastmod>{_w3c(changed_at)}</lastmod>" if changed_at else ""
        lines.append(f"<url><loc>{escape(absolute(path))}</loc>{moment}</url>")
    return [f'<urlset xmlns="{SITEMAP}">', *lines, "</urlset>"]


def _w3c(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@require_safe
def llms(request: HttpRequest) -> HttpResponse:
    """llmstxt.org: what the site is, and where each text is without the page around it."""
    sections: dict[str, list[tuple[str, str, str]]] = {}
    parts = [section for one in every() for section in one.llms()]
    for section in sorted(parts, key=lambda section: section.position):
        sections.setdefault(section.heading, []).extend(section.lines)
    context = {"sections": sections}
    return render(request, "pages/llms.txt", context, content_type="text/plain; charset=utf-8")


@require_safe
def security_txt(request: HttpRequest) -> HttpResponse:
    """RFC 9116. The date moves on by itself, once a day."""
    today = timezone.now().astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    response = _text(
        [
            f"Contact: {_security_contact(SiteSettings.load().security_contact)}",
            f"Expires: {_w3c(today + SECURITY_TXT_HOLDS)}",
            "Preferred-Languages: en",
            f"Canonical: {absolute(reverse('pages:security_txt'))}",
        ]
    )
    # It changes without anything being published, so no copy may last.
    response.headers["Cache-Control"] = f"max-age={60 * 60}"
    return response


def _security_contact(contact: str) -> str:
    """A URI (section 2.5.3); by default the contact page, where someone will read it."""
    if not contact:
        return absolute(reverse("leads:contact"))
    return contact if contact.startswith("https://") else f"mailto:{contact}"


@require_safe
def manifest(request: HttpRequest) -> JsonResponse:
    """W3C, Web Application Manifest: how the site looks on a home screen."""
    site = SiteSettings.load()
    icons = [("icon-192.png", 192, "any"), ("icon-512.png", 512, "any")]
    icons.append(("icon-maskable-512.png", 512, "maskable"))
    described: dict[str, Any] = {"description": site.description} if site.description else {}
    return JsonResponse(
        {
            "name": site.name,
            "start_url": "/",
            "scope": "/",
            "display": "browser",
            "background_color": "#fbfaf6",
            "theme_color": "#fbfaf6",
            "icons": [
                {
                    "src": static(f"img/{name}"),
                    "sizes": f"{side}x{side}",
                    "type": "image/png",
                    "purpose": purpose,
                }
                for name, side, purpose in icons
            ],
        }
        | described,
        content_type="application/manifest+json",
    )


@require_safe
def icon(request: HttpRequest, name: str, type: str) -> HttpResponse:
    """An icon at the address where programs look without reading the page."""
    return HttpResponse(_static_file(name), content_type=type)


@cache
def _static_file(name: str) -> bytes:
    found = finders.find(name)
    if not isinstance(found, str):
        raise Http404("There is no such icon.")
    with open(found, "rb") as file:
        return file.read()


@require_safe
def article_card(request: HttpRequest, slug: str, digest: str) -> HttpResponseBase:
    """The picture of a live article. An old address of it leads to the present one."""
    live = Revision.objects.live().select_related("article")
    bylines = live.prefetch_related("article__bylines__author").defer("body")
    revision = get_object_or_404(bylines, article__slug=slug)
    card = SocialCard.of_article(revision, SiteSettings.load())
    return _card(card, digest, article_card_path(revision, card))


@require_safe
def site_card(request: HttpRequest, digest: str) -> HttpResponseBase:
    card = SocialCard.of_site(SiteSettings.load())
    return _card(card, digest, site_card_path(card))


@require_safe
def wordmark(request: HttpRequest, digest: str) -> HttpResponseBase:
    """The name, drawn. An old address of it leads to the present one."""
    drawing = draw(SiteSettings.load().name)
    if drawing is None:
        raise Http404("This name is set in type.")
    if digest != drawing.digest:
        return redirect("pages:wordmark", drawing.digest)
    return _unchanging(HttpResponse(drawing.svg, content_type="image/svg+xml"))


def _card(card: SocialCard, digest: str, path: str) -> HttpResponseBase:
    if digest != card.digest:
        return redirect(path)
    return _unchanging(HttpResponse(card.png(), content_type="image/png"))


def _unchanging(response: HttpResponse) -> HttpResponse:
    """RFC 8246: what the address names never changes."""
    response.headers["Cache-Control"] = f"public, max-age={60 * 60 * 24 * 365}, immutable"
    return response


def _text(lines: list[str]) -> HttpResponse:
    return HttpResponse("\n".join([*lines, ""]), content_type="text/plain; charset=utf-8")


def _xml(lines: list[str]) -> HttpResponse:
    document = ['<?xml version="1.0" encoding="UTF-8"?>', *lines, ""]
    return HttpResponse("\n".join(document), content_type="application/xml; charset=utf-8")
