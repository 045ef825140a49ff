"""A line in the log for each request that Django answers, and its counts.

Finished pages, and what nginx keeps, are in nginx's log alone: it has a line for every request, and
under the same id.
"""

import logging
import time
import uuid
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from structlog.contextvars import bound_contextvars

from web import queries, request_ids
from web.limits import is_trusted_proxy
from web.metrics import Counter, Histogram

logger = logging.getLogger(__name__)

# Asked for by programs every few seconds, or a dozen for each page.
QUIET = ("/healthz", "/readyz", "/metrics", settings.STATIC_URL, settings.MEDIA_URL)

METHODS = ("GET", "HEAD", "POST")  # a visitor can make up others
ROUTE = "web.route"  # in META: the name of the address's pattern, for whoever keeps the answer
REQUESTS = Counter(
    "site_requests_total",
    "Requests that Django answered; finished pages are counted in site_page_cache_hits_total.",
    ("route", "method", "status"),
)
SECONDS = Histogram("site_request_duration_seconds", "How long Django took for them.", ("route",))
QUERIES = Counter("site_request_queries_total", "Statements to the database for them.", ("route",))


def _id_of(request: HttpRequest) -> str:
    """What a trusted proxy calls this request, or an id of our own making: a visitor could send
    the id of someone else, or a text made to look like a line of the log.
    """
    sent = request.headers.get(request_ids.HEADER, "")
    if request_ids.is_one(sent) and is_trusted_proxy(request.META.get("REMOTE_ADDR", "")):
        return sent
    return uuid.uuid4().hex


class RequestLineMiddleware:
    """Gives the request its id, tells it in answers that nobody keeps, counts it, and logs what
    succeeds.

    What is refused and what fails Django logs by itself, with the same facts: `config.log`.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request_id = _id_of(request)
        began = time.perf_counter()
        request.META |= {"web.request_id": request_id, "web.began": began}
        with bound_contextvars(request_id=request_id), queries.watched() as work:
            request.META["web.work"] = work
            response = self.get_response(request)
        if "no-store" in response.get("Cache-Control", ""):  # else it is the same for everyone
            response[request_ids.HEADER] = request_id
        if response.status_code < 400 and not request.path_info.startswith(QUIET):
            facts = {"request": request, "status_code": response.status_code}
            logger.info("%s: %s", response.reason_phrase, request.path, extra=facts)
        _count(request, response, work, time.perf_counter() - began)
        return response

    def process_view(self, request: HttpRequest, *view: Any) -> None:
        """As soon as it is known which page it is: what its queries are counted for."""
        if match := request.resolver_match:
            request.META["web.work"].route = request.META[ROUTE] = match.view_name


def _count(
    request: HttpRequest, response: HttpResponse, work: queries.Work, seconds: float
) -> None:
    is_file = request.path_info.startswith(settings.STATIC_URL)
    route = request.META.get(ROUTE) or ("static" if is_file else queries.NOWHERE)
    method = request.method if request.method in METHODS else "other"
    REQUESTS.add(route, str(method), f"{response.status_code // 100}xx")
    SECONDS.observe(seconds, route)
    if work.queries:
        QUERIES.add(route, much=work.queries)
