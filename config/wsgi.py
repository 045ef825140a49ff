"""What the web server runs: `granian --interface wsgi config.wsgi:application`."""

import codecs
import logging
import os
from collections.abc import Iterable
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.utils.http import parse_header_parameters

from config import private_files
from config.checks import check_before_the_start
from config.postgresql import watch

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

django = get_wsgi_application()
private_files.create_privately()  # now that VAR_DIR is there: through it others reach the pictures
check_before_the_start()  # granian runs none
watch.is_on = True
logging.captureWarnings(True)  # Celery does so too

# Only now: they need the models, which the line above has loaded.
from page_cache import stamp
from page_cache.anonymous import AnonymousRequest, with_conditions
from page_cache.cache import PageCache
from page_cache.in_time import InTime
from web import contributions
from web.metrics import page_cache as counted
from web.negotiation import HTML, MARKDOWN, prefers_markdown


def site(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    """Our site, for requests in UTF-8.

    Django decodes address and form with whatever codec a request's type names, before any
    middleware sees it: another one reads another address, or ends in an error. What is only
    asked for has no body, so its type means nothing.
    """
    if environ["REQUEST_METHOD"].upper() in ("GET", "HEAD"):
        environ.pop("CONTENT_TYPE", None)
    elif not is_utf8(environ.get("CONTENT_TYPE", "")):
        start_response("400 Bad Request", [("Content-Type", "text/plain; charset=utf-8")])
        return [b"Please send this in UTF-8.\n"]
    return django(environ, start_response)


def is_utf8(content_type: str) -> bool:
    """Whether Django will read a request of this type as UTF-8."""
    try:
        _, parameters = parse_header_parameters(content_type)  # as Django does
        return codecs.lookup(parameters.get("charset", "utf-8")).name == "utf-8"
    except (LookupError, ValueError):
        return False


anonymous = AnonymousRequest(
    hosts=settings.PAGE_CACHE_HOSTS,
    passed=(settings.STATIC_URL, settings.MEDIA_URL, *settings.PRIVATE_PATHS),
    one_visitors=contributions.one_visitors(),
    form_of=lambda accept: MARKDOWN if prefers_markdown(accept) else HTML,
    private_cookie=settings.SESSION_COOKIE_NAME,
    needs_https=settings.IS_HTTPS,
)


def unkept(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    """The site without a store: a cache in front of it is as easily misled."""
    reduced = anonymous(environ)
    return site(with_conditions(reduced, environ) if reduced else environ, start_response)


application: WSGIApplication = unkept
if settings.PAGE_CACHE_BYTES:
    application = PageCache(
        site,
        stamp=InTime(lambda: stamp.stamp(contributions.moments()), seconds=1),
        max_bytes=settings.PAGE_CACHE_BYTES,
        anonymous=anonymous,
        tally=counted.tally,
    )
