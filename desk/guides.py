"""Guides for a first visit, in place on a page of the desk: each person dismisses a guide once, on
whatever device, and may have it back.
"""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from desk.models import Dismissal
from desk.undo_page import back

WRITING = "writing"
GUIDES = {WRITING}


def is_wanted(user: Any, guide: str) -> bool:
    return not Dismissal.objects.filter(user=user, guide=guide).exists()


@require_POST
def page(request: HttpRequest, name: str) -> HttpResponse:
    """Dismisses a guide, or shows it `again`."""
    if name not in GUIDES:
        raise Http404("There is no such guide.")
    person: Any = request.user
    if "again" in request.POST:
        Dismissal.objects.filter(user=person, guide=name).delete()
    else:
        Dismissal.objects.get_or_create(user=person, guide=name)
    return redirect(back(request))
