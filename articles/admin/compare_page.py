"""Two revisions of an article, with what changed between them."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse

from articles import comparing
from articles.admin.acts import NUMBER
from articles.models import Article, Revision


def page(model_admin: admin.ModelAdmin[Any], request: HttpRequest, pk: int) -> HttpResponse:
    """`to` is the later revision by its number, or else the latest; `from` the earlier one, or else
    what readers see, if `to` is a draft, or the one before.
    """
    article = get_object_or_404(Article.objects.with_titles(), pk=pk)
    if not model_admin.has_view_permission(request, article):
        raise PermissionDenied
    revisions = list(article.revisions.select_related("edited_by", "cover").order_by("-number"))
    if not revisions:
        raise Http404
    new = _asked(request, "to", revisions) or revisions[0]
    old = _asked(request, "from", revisions) or comparing.before(new) or new
    context = {
        **model_admin.admin_site.each_context(request),
        "title": f"What changed in “{article}”",
        "opts": model_admin.opts,
        "article": article,
        "revisions": revisions,
        "old": old,
        "new": new,
        "comparison": comparing.between(old, new, is_whole="whole" in request.GET),
    }
    return TemplateResponse(request, "articles/desk/compare.html", context)


def _asked(request: HttpRequest, name: str, revisions: list[Revision]) -> Revision | None:
    number = request.GET.get(name, "")
    if not number:
        return None
    for revision in revisions:
        if NUMBER.fullmatch(number) and revision.number == int(number):
            return revision
    raise Http404
