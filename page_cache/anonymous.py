"""What a public page may be made from. Whatever else a visitor sends stays outside."""

import re
from collections.abc import Callable, Iterable
from io import BytesIO
from wsgiref.types import WSGIEnvironment

HTML = "text/html"
# PEP 3333: the address, and what is about the server rather than about the request.
ALLOWED = (
    "SCRIPT_NAME", "PATH_INFO", "QUERY_STRING", "SERVER_NAME", "SERVER_PORT", "SERVER_PROTOCOL",
    "wsgi.version", "wsgi.errors", "wsgi.multithread", "wsgi.multiprocess", "wsgi.run_once",
    # Read where nothing is found: to tell staff where the link stood, and to count for whom we
    # looked. That answer is never kept.
    "HTTP_REFERER", "REMOTE_ADDR", "HTTP_X_FORWARDED_FOR",
    "HTTP_X_REQUEST_ID",  # for the log; no answer that is kept says it
)  # fmt: skip


class AnonymousRequest:
    """Reduces a request for a public page to what the page may depend on.

    An allow-list: method, address, host, scheme, and HTML or Markdown. No cookie, no other header
    and no body gets through, so nobody can send something along that shapes what others get.
    `hosts` are the Host headers that are answered this way; the first of them stands for all.
    `passed` begin the paths that are none of it, `one_visitors` matches those whose answers are one
    visitor's own. `form_of` chooses the media type of the answer by the Accept header: HTML, or
    another one that the site has.
    """

    def __init__(
        self,
        *,
        hosts: Iterable[str],
        passed: tuple[str, ...],
        one_visitors: re.Pattern[str],
        form_of: Callable[[str], str],
        private_cookie: str,
        needs_https: bool = False,
    ) -> None:
        self._host, *_ = self._hosts = list(hosts)
        self._passed = passed
        self._one_visitors = one_visitors
        self._form_of = form_of
        self._private_cookie = f"{private_cookie}="
        self._needs_https = needs_https

    def __call__(self, environ: WSGIEnvironment) -> WSGIEnvironment | None:
        """The reduced request; None for a request that is not everyone's."""
        if not self._is_everyones(environ):
            return None
        reduced = {name: environ[name] for name in ALLOWED if name in environ}
        reduced |= {
            "REQUEST_METHOD": environ["REQUEST_METHOD"],
            "HTTP_HOST": self._host,
            "HTTP_ACCEPT": self._form_of(environ.get("HTTP_ACCEPT", "")),
            "wsgi.url_scheme": "http",
            "wsgi.input": BytesIO(),
        }
        if self._needs_https:
            reduced["HTTP_X_FORWARDED_PROTO"] = "https"
        return reduced

    def _is_everyones(self, environ: WSGIEnvironment) -> bool:
        return (
            environ["REQUEST_METHOD"] in ("GET", "HEAD")
            and environ.get("HTTP_HOST") in self._hosts
            and not environ["PATH_INFO"].startswith(self._passed)
            and not self._one_visitors.match(environ["PATH_INFO"])
            and self._private_cookie not in environ.get("HTTP_COOKIE", "")
            and (not self._needs_https or environ.get("HTTP_X_FORWARDED_PROTO") == "https")
        )


def with_conditions(reduced: WSGIEnvironment, environ: WSGIEnvironment) -> WSGIEnvironment:
    """The reduced request, asking what the visitor has of the page already: for an answer that is
    theirs alone.
    """
    asked = ("HTTP_IF_NONE_MATCH", "HTTP_IF_MODIFIED_SINCE")
    return reduced | {name: environ[name] for name in asked if name in environ}
