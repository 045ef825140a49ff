import logging
import sys
from typing import Any
from urllib.parse import quote

from django.db import Error, InterfaceError, OperationalError, connection
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseBadRequest,
    HttpResponseNotFound,
    HttpResponsePermanentRedirect,
    HttpResponseServerError,
)
from django.template import loader
from django.urls import reverse
from django.utils.cache import patch_cache_control
from django.views.generic import DetailView, TemplateView

from articles import reading
from articles.models import Revision
from pages.models import Page
from privacy import wordings
from prose.rendering import render
from redirects import missing
from redirects.nearest import nearest
from web.limits import refusal

logger = logging.getLogger(__name__)

LATEST = 5
COST_OF_NOTHING_FOUND = 20  # milliseconds of a processor, at least: a part of it the database's


class Home(TemplateView):
    template_name = "pages/home.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """The one page that exists and has old addresses: other systems' /?p=123.

        What such a parameter leads to is no page to keep, so that nobody can fill the store with
        copies of the home page.
        """
        parameters = missing.parameters_of_home()
        if parameters & request.GET.keys() and (found := missing.leading_on(request)):
            return found
        response = super().get(request, *args, **kwargs)
        if parameters:
            names = " ".join(f'"{quote(name)}"' for name in sorted(parameters))
            response.headers["No-Vary-Search"] = f"params, except=({names})"
        if parameters & request.GET.keys():
            patch_cache_control(response, no_store=True)
        return response

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        latest = reading.teasers(Revision.objects.live().newest_first()[:LATEST])
        return super().get_context_data(latest=latest, **kwargs)


class Services(TemplateView):
    template_name = "pages/services.html"


def to_feed(request: HttpRequest, *guess: str, form: str) -> HttpResponsePermanentRedirect:
    return HttpResponsePermanentRedirect(reverse(f"articles:{form}"))


class PageDetail(DetailView[Page]):
    model = Page
    context_object_name = "page"
    template_name = "pages/page.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        is_privacy = self.object.key == Page.PRIVACY
        text = f"{self.object.body}{wordings.shown()}" if is_privacy else self.object.body
        body = render(text, self.object.pictures.prefetch_related("renditions"))
        return super().get_context_data(body=body, **kwargs)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """The 400 page. It never reads the request: reading the form again would fail again."""
    return HttpResponseBadRequest(loader.get_template("400.html").render())


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """The 404 page: a redirect if staff made one, else suggestions of nearby addresses.

    It comes after everything else, so a redirect never hides a page. It holds while the database
    is down.
    """
    path = request.path_info
    if request.method not in ("GET", "HEAD") or missing.only_lacks_its_slash(path):
        return HttpResponseNotFound(loader.render_to_string("404_bare.html"))
    if refused := refusal(request, cost=COST_OF_NOTHING_FOUND):
        return refused.page()
    try:
        if redirect := missing.leading_on(request):
            return redirect
        missing.count(request)
        near = nearest(path) if missing.is_for_readers(path) else []
        page = loader.render_to_string("404.html", {"nearest": near}, request)
    except Error:
        logger.warning("The page for what is not found had to do without the database.")
        page = loader.render_to_string("404_bare.html")
    return HttpResponseNotFound(page)


def server_error(request: HttpRequest) -> HttpResponse:
    """The 500 page; while the database is away the 503 page, in whose place nginx and others show
    what they have kept (RFC 5861, section 4). It asks nothing of database or request.
    """
    if isinstance(sys.exception(), OperationalError | InterfaceError) and _is_unconnected():
        page = loader.get_template("503.html").render()
        return HttpResponse(page, status=503, headers={"Retry-After": "10"})
    return HttpResponseServerError(loader.get_template("500.html").render())


def _is_unconnected() -> bool:
    """A lost connection stays with the thread until its next request, closed."""
    return connection.connection is None or getattr(connection.connection, "closed", False)
