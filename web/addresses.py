"""The one place where an address for readers elsewhere is made."""

from urllib.parse import urlsplit

from django.conf import settings


def absolute(path: str) -> str:
    """The whole address of a path of this site; from SITE_URL, never from a request.

    An address that is whole already, as a picture's may be, stays as it is.
    """
    if path.startswith("/"):  # also `//x`: it is a path of ours, not another host
        return f"{settings.SITE_URL}{path}"
    if urlsplit(path).scheme in ("http", "https"):
        return path
    return f"{settings.SITE_URL}/{path}"
