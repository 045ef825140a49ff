"""A line in the log for each request that Django answers.

Finished pages, and what nginx keeps, are in nginx's log alone: it has a line for every request, and
under the same id.
"""

import logging
import time
import uuid
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from structlog.contextvars import bound_contextvars

from web import request_ids
from web.limits import is_trusted_proxy

logger = logging.getLogger(__name__)

# Asked for by programs every few seconds, or a dozen for each page.
QUIET = ("/healthz", "/readyz", settings.STATIC_URL, settings.MEDIA_URL)


def _id_of(request: HttpRequest) -> str:
    """What a trusted proxy calls this request, or an id of our own making: a visitor could send
    the id of someone else, or a text made to look like a line of the log.
    """
    sent = request.headers.get(request_ids.HEADER, "")
    if request_ids.is_one(sent) and is_trusted_proxy(request.META.get("REMOTE_ADDR", "")):
        return sent
    return uuid.uuid4().hex


class RequestLineMiddleware:
    """Gives the request its id, tells it in answers that nobody keeps, and logs what succeeds.

    What is refused and what fails Django logs by itself, with the same facts: `config.log`.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request_id = _id_of(request)
        request.META |= {"web.request_id": request_id, "web.began": time.perf_counter()}
        with bound_contextvars(request_id=request_id):
            response = self.get_response(request)
        if "no-store" in response.get("Cache-Control", ""):  # else it is the same for everyone
            response[request_ids.HEADER] = request_id
        if response.status_code < 400 and not request.path_info.startswith(QUIET):
            facts = {"request": request, "status_code": response.status_code}
            logger.info("%s: %s", response.reason_phrase, request.path, extra=facts)
        return response
