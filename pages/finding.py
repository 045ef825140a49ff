"""What "Find anything" finds of the site's own copy."""

from collections.abc import Collection, Iterable, Iterator

from django.http import HttpRequest
from django.urls import reverse

from desk.matching import excerpt, matching
from pages.models import Page, Service
from prose.text import plain_text
from web.screens import Found, Linked, LinkTarget


def finds(request: HttpRequest, words: str) -> Iterator[Found]:
    if request.user.has_perm("pages.view_page"):
        for page in matching(Page.objects.all(), words, "title", "description", "slug", "body"):
            url = reverse("admin:pages_page_change", args=[page.pk])
            about = excerpt(plain_text(page.body), words) or page.description
            yield Found(page.title, url, "Pages", about)
    if request.user.has_perm("pages.view_service"):
        for service in matching(Service.objects.all(), words, "heading", "text"):
            url = reverse("admin:pages_service_change", args=[service.pk])
            yield Found(service.heading, url, "Services", excerpt(service.text, words))


def targets(numbers: Collection[int]) -> list[LinkTarget]:
    return _targets(Page.objects.filter(pk__in=numbers))


def _linked(request: HttpRequest, words: str) -> list[LinkTarget]:
    if not request.user.has_perm("pages.view_page"):
        return []
    pages = matching(Page.objects.all(), words, "title", "slug") if words else ()
    return _targets(pages)


def _targets(pages: Iterable[Page]) -> list[LinkTarget]:
    return [LinkTarget(f"page:{one.pk}", one.title, one.get_absolute_url()) for one in pages]


LINKED = Linked("page", targets, _linked)
