"""What the web server runs: `granian --interface wsgi config.wsgi:application`."""

import os
from collections.abc import Iterable
from typing import Any

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

django = get_wsgi_application()


def application(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    """Our site, for requests in UTF-8.

    Django decodes with whatever codec a request names, before any middleware sees it; some of
    Python's codecs (hex, idna, undefined) are none for text and end in an error.
    """
    _, named, charset = environ.get("CONTENT_TYPE", "").lower().partition("charset=")
    if named and charset.partition(";")[0].strip(' "') not in ("utf-8", "utf8"):
        start_response("400 Bad Request", [("Content-Type", "text/plain; charset=utf-8")])
        return [b"Please send this in UTF-8.\n"]
    return django(environ, start_response)
