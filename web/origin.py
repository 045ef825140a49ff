"""Accepts a visitor's form from our own pages only."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase

FORM_TYPES = {"application/x-www-form-urlencoded", "multipart/form-data"}


def refuse_foreign_posts(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Take a form from our own pages only, without a token that would make each page one visitor's.

    The form acts on nobody's behalf, so there is no session to abuse; what is refused is another
    site's page posting through its visitors. Fetch Metadata (W3C), section 2.4; HTML, section
    7.1.1 on `Origin`. Programs that send neither header are judged by the spam rules instead.
    """

    @wraps(view)
    def wrapper(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.method == "POST":
            site = request.headers.get("Sec-Fetch-Site", "")
            origin = request.headers.get("Origin", "")
            if site == "cross-site":
                raise PermissionDenied("The form was sent from another site.")
            if origin == "null":
                if site != "same-origin":
                    raise PermissionDenied("The form was sent from a page of unknown origin.")
            elif origin and origin not in _our_origins(request):
                raise PermissionDenied("The form was sent from another site.")
        return view(request, *args, **kwargs)

    return wrapper


def _our_origins(request: HttpRequest) -> set[str]:
    return {
        f"{request.scheme}://{request.get_host()}",
        "{0.scheme}://{0.netloc}".format(urlsplit(settings.SITE_URL)),
    }
