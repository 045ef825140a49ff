"""What every request passes before it reaches a view."""

from collections.abc import Callable

from django.conf import settings
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse

from web.limits import Work

PROBES = ("/healthz", "/readyz")


class ProbeMiddleware:
    """Serves health probes whatever host they name: load balancers use the address.

    Its answers say nothing of the host, so the check of hosts guards nothing there.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path_info in PROBES:
            request.META["HTTP_HOST"] = settings.SITE_HOST
        return self.get_response(request)


class NoNulMiddleware:
    """Refuses a NUL in address, query or cookie: PostgreSQL has no place for it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        said = [request.path_info, *request.COOKIES.values()]
        if "%00" in request.META.get("QUERY_STRING", "") or any("\0" in words for words in said):
            raise BadRequest("There is a NUL in the request.")
        return self.get_response(request)


class WorkMiddleware:
    """Counts what a request took, where a view asked `limits.refusal` whether it may."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        work = request.META.get("limits.work")
        if isinstance(work, Work):
            work.end()
        return response
