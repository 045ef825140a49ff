"""Uploaded files, handed out by the site itself: from the folder, or from the bucket.

A bucket is never shown to readers: what stands on our own host is under our own policy, whoever
keeps the files, and moving them changes no address.
"""

import mimetypes
import re

from django.conf import settings
from django.core.files.storage import default_storage
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    StreamingHttpResponse,
)
from django.utils.cache import patch_cache_control
from django.views.decorators.http import require_safe
from django.views.static import serve

from web import media

# As deploy/nginx.conf says of what it hands out: it is ours, encoded anew, and can do nothing.
POLICY = "default-src 'none'; sandbox"
# RFC 9110, section 14.2: a range that we do not know is as if it were not there.
RANGE = re.compile(r"bytes=[0-9]{1,15}-[0-9]{0,15}")
ETAG = re.compile(r'(?:W/)?"[!#-~]{1,200}"')


@require_safe
def stored(request: HttpRequest, path: str) -> HttpResponseBase:
    """An uploaded file. A name that no store can hold is simply not found."""
    try:
        answer = _from_bucket(request, path) if media.is_elsewhere() else _from_disk(request, path)
    except (media.StoreAway, media.StoreRefused):
        answer = HttpResponse("Pictures cannot be shown at the moment.\n", "text/plain", 503)
        answer.headers["Retry-After"] = "5"
        answer.headers["Cache-Control"] = "no-store"
    except (OSError, ValueError) as error:
        raise Http404("There is no such file.") from error
    answer.headers["Content-Security-Policy"] = POLICY
    if answer.status_code < 400 and path.startswith("images/"):
        # Named by their content: other bytes have another name.
        patch_cache_control(answer, public=True, max_age=31_536_000, immutable=True)
    return answer


def _from_disk(request: HttpRequest, path: str) -> HttpResponseBase:
    return serve(request, path, document_root=str(settings.MEDIA_ROOT))


def _from_bucket(request: HttpRequest, path: str) -> HttpResponseBase:
    known = request.headers.get("If-None-Match", "")
    wanted = request.headers.get("Range", "")
    found = default_storage.fetch(  # type: ignore[attr-defined]  # web.s3's
        path,
        # A condition on the range is one more that we need not know: the whole is always right.
        range=wanted if RANGE.fullmatch(wanted) and "If-Range" not in request.headers else "",
        known=known if ETAG.fullmatch(known) else "",
        head=request.method == "HEAD",
    )
    kind, _ = mimetypes.guess_type(path)
    if request.method == "HEAD" or found.status in (304, 416):
        answer: HttpResponseBase = HttpResponse(status=found.status)
    else:
        answer = StreamingHttpResponse(found.chunks, status=found.status)
    for name, value in {
        "Content-Type": kind or "application/octet-stream",
        **found.headers,
    }.items():
        answer.headers[name] = value
    return answer
