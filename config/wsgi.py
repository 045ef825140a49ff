"""What the web server runs: `granian --interface wsgi config.wsgi:application`."""

import os
from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

django = get_wsgi_application()

# Only now: they need the models, which the line above has loaded.
from pages import changes  # noqa: E402
from pages.middleware import PRIVATE_PREFIXES  # noqa: E402
from pages.store import PageStore  # noqa: E402


def site(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    """Our site, for requests in UTF-8.

    Django decodes with whatever codec a request names, before any middleware sees it; some of
    Python's codecs (hex, idna, undefined) are none for text and end in an error.
    """
    _, named, charset = environ.get("CONTENT_TYPE", "").lower().partition("charset=")
    if named and charset.partition(";")[0].strip(' "') not in ("utf-8", "utf8"):
        start_response("400 Bad Request", [("Content-Type", "text/plain; charset=utf-8")])
        return [b"Please send this in UTF-8.\n"]
    return django(environ, start_response)


application = site
if settings.PAGE_STORE_BYTES:
    application = PageStore(
        site,
        stamp=changes.stamp,
        most_bytes=settings.PAGE_STORE_BYTES,
        hosts=settings.PAGE_STORE_HOSTS,
        passed=(settings.STATIC_URL, settings.MEDIA_URL, *PRIVATE_PREFIXES),
        private_cookie=settings.SESSION_COOKIE_NAME,
        needs_https=settings.IS_HTTPS,
    )
