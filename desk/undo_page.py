"""The address of the Undo button."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from desk.acts import take_back
from desk.numbers import row_number


@require_POST
def page(request: HttpRequest) -> HttpResponse:
    """Takes back one act of the person who is signed in, once."""
    number = row_number(request.POST.get("act")) or 0
    said = take_back(number, by=request.user, now=timezone.now())
    for sentence in said:
        messages.info(request, sentence)
    return redirect(back(request))


def back(request: HttpRequest) -> str:
    """Where the form says to go, if that is a page of ours; else the page it came from, or home."""
    for url in (request.POST.get("next", ""), request.headers.get("Referer", "")):
        if url and url_has_allowed_host_and_scheme(
            url, {request.get_host()}, require_https=request.is_secure()
        ):
            return url
    return "admin:index"
