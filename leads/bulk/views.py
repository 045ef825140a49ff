"""Doing one thing to the selected rows of a list or of the inbox, or to all that match."""

from collections.abc import Callable, Mapping
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse

from accounts.requests import StaffRequest
from desk import bulk
from desk.bulk import Bulk, Rows
from leads.bulk import acts

# What an act needs, unless it is about leads.
PERMISSIONS: Mapping[str, str] = {
    "spam": "leads.decide_inquiry",
    "not-spam": "leads.decide_inquiry",
}


def may_do(request: HttpRequest, names: tuple[str, ...]) -> tuple[str, ...]:
    """Those of the acts that the person may do."""
    needed = ((name, PERMISSIONS.get(name, "leads.change_lead")) for name in names)
    return tuple(name for name, permission in needed if request.user.has_perm(permission))


def bar(
    request: StaffRequest, rows: Rows, names: tuple[str, ...], bound: Bulk | None = None
) -> dict[str, Any]:
    """What the template of the bar needs."""
    return bulk.bar(request, rows, acts.made(may_do(request, names), user=request.user), bound)


def act(
    request: StaffRequest,
    rows: Rows,
    name: str,
    names: tuple[str, ...],
    show: Callable[[Bulk], HttpResponse],
) -> HttpResponse:
    """Does it, as `desk.bulk.act`."""
    if name not in may_do(request, names):
        raise PermissionDenied
    people = acts.people_to_choose(request.user)
    return bulk.act(
        request, rows, acts.ACTS[name](request.POST, user=request.user, people=people), show
    )
