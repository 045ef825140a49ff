"""What every request passes before it reaches a view."""

from collections.abc import Callable
from contextlib import suppress
from typing import ParamSpec, TypeVar

from csp.decorators import csp_update
from csp.middleware import CSPMiddleware, PolicyParts
from django.conf import settings
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse, HttpResponseBase

from web.limits import PAGES, WORK_OF, CannotCount, Refusal, Started, peer

PROBES = ("/healthz", "/readyz", "/metrics")
# What no page of ours does, and so nothing that gets into one may do: W3C Permissions Policy.
# deploy/nginx.conf says the same.
PERMISSIONS_POLICY = ", ".join(
    f"{feature}=()"
    for feature in (
        "accelerometer", "browsing-topics", "camera", "display-capture", "geolocation", "gyroscope",
        "hid", "magnetometer", "microphone", "midi", "payment", "serial", "usb",
    )
)  # fmt: skip
EMBEDDING = "Cross-Origin-Resource-Policy"
TRUSTED_TYPES = {"require-trusted-types-for": ["'script'"], "trusted-types": ["'none'"]}
P = ParamSpec("P")
R = TypeVar("R", bound=HttpResponseBase)
UNCOUNTED = (*settings.PRIVATE_PATHS, settings.MEDIA_URL, settings.STATIC_URL)


class ProbeMiddleware:
    """Serves health probes and metrics whatever host they name: what asks uses the address.

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


class IsolationMiddleware:
    """Says of each answer, of files as well, that only our own pages may embed it (Fetch, section
    3.7: Cross-Origin-Resource-Policy), and which powers of the browser no page uses. Pictures are
    shown by feed readers and by pages with links to us, so those may be embedded by all.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        is_picture = response.headers.get("Content-Type", "").startswith("image/")
        is_public = is_picture and not request.path_info.startswith(settings.PRIVATE_PATHS)
        response.headers[EMBEDDING] = "cross-origin" if is_public else "same-origin"
        response.headers["Permissions-Policy"] = PERMISSIONS_POLICY
        return response


def trusted_types(view: Callable[P, R]) -> Callable[P, R]:
    """The view, whose pages refuse what public pages refuse: those below /admin/ that strangers
    see and passwords are typed into. None of their scripts turns text into markup.
    """

    # Its type has views of one argument.
    return csp_update(TRUSTED_TYPES)(view)  # type: ignore[arg-type, return-value]


class PublicCSPMiddleware(CSPMiddleware):
    """The Content-Security-Policy, which on public pages also refuses every text that a script
    would turn into markup or code (W3C Trusted Types): none of ours does. The admin's jQuery does,
    so there it is said by `trusted_types` alone.
    """

    def get_policy_parts(
        self, request: HttpRequest, response: HttpResponseBase, report_only: bool = False
    ) -> PolicyParts:
        parts = super().get_policy_parts(request, response, report_only)
        if not request.path_info.startswith("/admin/"):
            parts.update = {**(parts.update or {}), **TRUSTED_TYPES}
        return parts


class WorkMiddleware:
    """Counts what requests take of the processor, and refuses to make pages for whoever has taken
    too much. Finished pages and files cost nothing and never get here; staff are not counted.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.method not in ("GET", "HEAD") or request.path_info.startswith(UNCOUNTED):
            return self._counted(request)
        page = Started(PAGES, peer(request))
        with suppress(CannotCount):
            if page.who and (seconds := PAGES.wait(page.who)):
                return Refusal(seconds).page()
        response = self._counted(request)
        if WORK_OF not in request.META:
            page.end()
        return response

    def _counted(self, request: HttpRequest) -> HttpResponse:
        """Where a view asked for it in `limits.refusal`, that is what it is counted as."""
        response = self.get_response(request)
        if work := request.META.get(WORK_OF):
            work.end()
        return response
