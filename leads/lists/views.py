"""The pages of the lists, and the addresses of what is done to their rows."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from accounts.requests import StaffRequest
from desk.bulk import Bulk
from desk.undo_page import back
from leads.bulk import views as bulk
from leads.lists.leads import PIPELINE
from leads.lists.listed import SESSION_KEY, Listed, Screen
from leads.lists.others import COMPANIES, INQUIRIES, PEOPLE

SCREENS = {screen.key: screen for screen in (PIPELINE, PEOPLE, COMPANIES, INQUIRIES)}


@require_GET
def show(request: StaffRequest, key: str) -> HttpResponse:
    """A page of a list."""
    screen = _screen(request, key)
    return _page(request, Listed(screen, request, request.GET))


@require_POST
def act(request: StaffRequest, key: str, name: str) -> HttpResponse:
    """Does one thing to the selected rows, or to all that match, and leads back to the list."""
    screen = _screen(request, key)
    listed = Listed(screen, request, QueryDict(request.POST.get("filters", "")[:2000]))
    return bulk.act(
        request, listed, name, screen.acts,
        lambda form: _page(request, listed, bound=form, status=422),
    )  # fmt: skip


@require_POST
def columns(request: StaffRequest, key: str) -> HttpResponse:
    """Keeps which columns the person wants to see, until they sign out."""
    screen = _screen(request, key)
    known = {column.key for column in screen.columns[1:]}
    kept = {**request.session.get(SESSION_KEY, {})}
    if "reset" in request.POST:
        kept.pop(key, None)
    else:
        kept[key] = [name for name in request.POST.getlist("column") if name in known]
    request.session[SESSION_KEY] = kept
    return redirect(back(request))


def _page(
    request: StaffRequest, listed: Listed, *, bound: Bulk | None = None, status: int = 200
) -> HttpResponse:
    screen = listed.screen
    is_of_leads = "owner" in bulk.may_do(request, screen.acts)
    context: dict[str, Any] = {
        **admin.site.each_context(request),
        "title": screen.title,
        "listed": listed,
        "here": listed.here,
        "may_export": bool(screen.export),
        "hand_url": reverse("admin:add_by_hand") if is_of_leads else "",
        **bulk.bar(request, listed, screen.acts, bound),
    }
    return render(request, "leads/lists/list.html", context, status=status)


def _screen(request: HttpRequest, key: str) -> Screen:
    if key not in SCREENS:
        raise Http404("There is no such list.")
    if not request.user.has_perm(SCREENS[key].permission):
        raise PermissionDenied
    return SCREENS[key]
