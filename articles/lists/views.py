"""The page of the list, and the addresses of what is done to many articles."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_POST

from accounts.requests import StaffRequest
from articles.lists.bulk import BULKS
from articles.lists.listed import Listed
from articles.lists.week import week
from desk import bulk
from desk.bulk import Bulk


@require_GET
def show(request: StaffRequest) -> HttpResponse:
    if not request.user.has_perm("articles.view_article"):
        raise PermissionDenied
    return _page(request, Listed(request, request.GET))


@require_POST
def act(request: StaffRequest, name: str) -> HttpResponse:
    """Does one thing to the selected articles, or to all that match, and leads back to the list."""
    if name not in BULKS:
        raise Http404("There is no such act.")
    if not request.user.has_perm("articles.publish_article"):
        raise PermissionDenied
    listed = Listed(request, QueryDict(request.POST.get("filters", "")[:2000]))
    form = BULKS[name](request.POST, user=request.user)
    return bulk.act(request, listed, form, lambda wrong: _page(request, listed, wrong, status=422))


def _page(
    request: StaffRequest, listed: Listed, bound: Bulk | None = None, *, status: int = 200
) -> HttpResponse:
    may_publish = request.user.has_perm("articles.publish_article")
    is_first = not (listed.query.get("after") or listed.query.get("before"))
    acts = [one(user=request.user) for one in BULKS.values()] if may_publish else []
    for one in acts:
        one.know(listed.filter.names)
    context: dict[str, Any] = {
        **admin.site.each_context(request),
        "title": "Articles",
        "listed": listed,
        "part": {"week": week(listed.now) if is_first and not listed.is_narrowed else []},
        **bulk.bar(request, listed, acts, bound),
        "may_write": request.user.has_perm("articles.add_article"),
    }
    return render(request, "articles/desk/list.html", context, status=status)
