"""The page as readers would get it: on its own, and in a frame beside the words.

The frame's is the one page of ours that may be framed, and by our own pages alone. Nothing can be
sent from it.
"""

from csp.constants import NONE, SELF
from csp.decorators import csp_replace
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_safe

from articles.article_form import edited_revision
from articles.models import Article, Revision
from articles.views import reading_context


@require_safe
def page(request: HttpRequest, pk: int, number: int | None = None) -> HttpResponse:
    """From the draft, or from the revision with that number."""
    return _page(request, pk, number, is_framed=False)


@csp_replace({"frame-ancestors": [SELF], "form-action": [NONE]})  # type: ignore[arg-type]  # it takes views with arguments, too
@xframe_options_sameorigin
@require_safe
def beside(request: HttpRequest, pk: int) -> HttpResponse:
    """From the draft, for the frame beside the words."""
    return _page(request, pk, None, is_framed=True)


def _page(request: HttpRequest, pk: int, number: int | None, *, is_framed: bool) -> HttpResponse:
    if not request.user.has_perm("articles.view_article"):
        raise PermissionDenied
    revisions = Revision.objects.filter(article=pk).for_reading()
    if number is None:
        article = get_object_or_404(Article, pk=pk)
        revision = get_object_or_404(revisions, pk=getattr(edited_revision(article), "pk", 0))
    else:
        revision = get_object_or_404(revisions, number=number)
    revision.published_at = revision.published_at or timezone.now()
    context = reading_context(revision, is_preview=True) | {"is_framed": is_framed}
    return render(request, "articles/detail.html", context)
