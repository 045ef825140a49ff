"""The picture that an article's draft would be shared with, for those who write it."""

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import condition, require_safe

from articles.models import Revision
from pages.discovery.social_cards import SocialCard, draw
from pages.models import SiteSettings


def _card(pk: int) -> SocialCard:
    revisions = Revision.objects.filter(article=pk).latest_first().defer("body")
    found = revisions.select_related("article").prefetch_related("article__bylines__author")
    return SocialCard.of_article(get_object_or_404(found[:1]), SiteSettings.load())


def _etag(request: HttpRequest, pk: int) -> str:
    if not request.user.has_perm("articles.view_article"):
        raise PermissionDenied
    return f'"{_card(pk).digest}"'


@require_safe
@condition(etag_func=_etag)
def draft_card(request: HttpRequest, pk: int) -> HttpResponse:
    """Drawn anew and not kept: what is kept lies among the files that visitors may open."""
    return HttpResponse(draw(_card(pk)), content_type="image/png")
