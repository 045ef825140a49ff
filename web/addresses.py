"""The only place that makes absolute addresses."""

from urllib.parse import urlsplit

from django.conf import settings
from django.urls import NoReverseMatch, is_valid_path, resolve, reverse


def absolute(path: str) -> str:
    """The whole address of a path of this site; from SITE_URL, never from a request.

    An address that is whole already, as a picture's may be, stays as it is.
    """
    if path.startswith("/"):  # also `//x`: it is a path of ours, not another host
        return f"{settings.SITE_URL}{path}"
    if urlsplit(path).scheme in ("http", "https"):
        return path
    return f"{settings.SITE_URL}/{path}"


def host() -> str:
    """Of this site, as people read it: without a scheme."""
    return urlsplit(settings.SITE_URL).netloc


def is_taken(url_name: str, slug: str) -> bool:
    """Whether another part of the site uses the address that a row with this slug would have.

    What is no slug has no page: that is another error.
    """
    try:
        path = reverse(url_name, args=[slug])
    except NoReverseMatch:
        return False
    if path.startswith((settings.STATIC_URL, settings.MEDIA_URL)):
        return True
    found = [resolve(each) for each in (path, path.rstrip("/")) if is_valid_path(each)]
    return any(match.view_name != url_name for match in found)
