"""What the answers to visitors say about keeping copies."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_cache_control, patch_vary_headers

# 304 among them: what it says about keeping replaces what the copy it confirms came with. Nothing
# else: a redirect may repeat one visitor's query, and what is missing is counted each time.
KEPT = (200, 304)


class PublicPagesMiddleware:
    """Lets everyone keep a copy of a public page, and ask whether it is still the present one.

    A browser asks at each use (RFC 9111, section 5.2.2.1: no age), so that what was published a
    moment ago is what the next reader sees; the ETag makes the answer a short "not modified". A
    cache that many share asks each second (section 5.2.2.10), and may hand out what it has while
    it does (RFC 5861, section 3). What is not a public page is kept by nobody.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.has_header("Cache-Control"):
            return response
        if request.path.startswith(settings.PRIVATE_PATHS) or response.cookies:
            patch_cache_control(response, private=True, no_store=True)
        elif request.method in ("GET", "HEAD") and response.status_code in KEPT:
            patch_cache_control(
                response, public=True, max_age=0, s_maxage=1, stale_while_revalidate=1
            )
            patch_vary_headers(response, ["Accept-Encoding"])
            # draft-ietf-httpbis-no-vary-search: whatever campaign led here, it is the same page.
            response.headers.setdefault("No-Vary-Search", "params")
        else:
            patch_cache_control(response, no_store=True)
        return response
