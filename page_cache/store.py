"""Finished pages, handed out before Django is entered: a small HTTP cache in front of the site.

It keeps what RFC 9111 calls a shared cache's: answers that say `Cache-Control: public`, and of
these only whole 200s without a cookie. What it keeps lives in this process, compressed, until the
stamp changes; `page_cache.stamp` says what that is. With no store every page is the same, only
dearer.
"""

import logging
import threading
import time
import zlib
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qsl, unquote, urlencode

import brotli
from django.utils.http import parse_etags

from page_cache.anonymous import HTML, with_conditions
from page_cache.stamp import Stamp

logger = logging.getLogger(__name__)

Environ = dict[str, Any]
Headers = list[tuple[str, str]]
Wsgi = Callable[[Environ, Any], Iterable[bytes]]
Key = tuple[str, str]  # path and what matters of the query

STAMP_SECONDS = 1.0  # how old what is known of the stamp may be
PATIENCE = 5.0  # seconds that a request waits for another that makes the same page
MOST_BYTES_A_PAGE = 1_000_000
MOST_QUERY = 500  # characters; nothing of ours asks longer questions
MOST_REMEMBERED = 2_000
LONGEST_REMEMBERED = 500  # characters of a path
LONGEST_WISH = 200  # characters of Accept-Encoding that are read
SHORTEST_COMPRESSED = 256  # bytes; below that it does not pay
# Brotli's 11 saves a seventh more than 5 and takes 40 ms instead of one. A page that is kept is
# worth it from its first visitor on: the seventh is what would not fit their first round trip.
BROTLI_ONCE, BROTLI_KEPT = 5, 11
GZIP_LEVEL = 6
TEXTS = ("text/", "application/json", "application/xml", "image/svg+xml")
TEXT_ENDINGS = ("+json", "+xml")
# RFC 9110, section 15.4.5: what a 304 repeats of the 200 it stands for.
KEPT_IN_304 = {"cache-control", "content-location", "date", "etag", "expires", "vary"}


class Answer:
    """What an application said to one request, whole."""

    def __init__(self, application: Wsgi, environ: Environ) -> None:
        self.status, self.headers = "", list[tuple[str, str]]()
        self._written: list[bytes] = []
        chunks = application(environ, self._start)
        try:
            self.body = b"".join([*self._written, *chunks])
        finally:
            if close := getattr(chunks, "close", None):
                close()

    def _start(self, status: str, headers: Headers, exc_info: Any = None) -> Callable:
        self.status, self.headers = status, list(headers)
        return self._written.append

    def header(self, name: str) -> str:
        """The value of a header, its lines joined; empty when there is none."""
        return ", ".join(value for key, value in self.headers if key.lower() == name)

    @property
    def is_text(self) -> bool:
        kind = self.header("content-type").partition(";")[0].strip().lower()
        return kind.startswith(TEXTS) or kind.endswith(TEXT_ENDINGS)

    @property
    def is_public(self) -> bool:
        """Whether everybody may have this very answer."""
        control = self.listed("cache-control")
        return "public" in control and "no-store" not in control and not self.header("set-cookie")

    @property
    def may_be_kept(self) -> bool:
        return (
            self.status.startswith("200")
            and self.is_public
            and self.is_text
            and self.listed("vary") <= {"accept-encoding", "accept"}
            and len(self.body) <= MOST_BYTES_A_PAGE
        )

    def listed(self, name: str) -> set[str]:
        """What stands in a header whose value is a list, in small letters."""
        return {one.strip().lower() for one in self.header(name).split(",")} - {""}

    def encoded(self, encoding: str, *, quality: int = BROTLI_ONCE) -> tuple[Headers, bytes]:
        """Headers and body in a content coding of RFC 9110, section 8.4.1, or as it is."""
        body = self.body
        if encoding == "br":
            body = brotli.compress(body, quality=quality)
        elif encoding == "gzip":
            packer = zlib.compressobj(GZIP_LEVEL, zlib.DEFLATED, 31)
            body = packer.compress(body) + packer.flush()
        headers = [
            (name, _weak(value) if name.lower() == "etag" else value)
            for name, value in self.headers
            if name.lower() != "content-length"
        ]
        if encoding:
            headers.append(("Content-Encoding", encoding))
        return [*headers, ("Content-Length", str(len(body)))], body


class Page:
    """A finished page, in every coding that browsers ask for."""

    __slots__ = ("etag", "not_modified", "size", "variants")

    def __init__(self, answer: Answer) -> None:
        codings = ["", "br", "gzip"] if len(answer.body) >= SHORTEST_COMPRESSED else [""]
        self.variants = {coding: answer.encoded(coding, quality=BROTLI_KEPT) for coding in codings}
        self.etag = _weak(answer.header("etag"))
        plain, _ = self.variants[""]
        self.not_modified = [(key, value) for key, value in plain if key.lower() in KEPT_IN_304]
        self.size = sum(len(body) for _, body in self.variants.values()) + 4_000

    def answer(self, environ: Environ, start_response: Any) -> Iterable[bytes]:
        asked = environ.get("HTTP_IF_NONE_MATCH")
        if asked and self.etag and _matches(asked, self.etag):
            start_response("304 Not Modified", self.not_modified)
            return []
        coding = best_coding(environ.get("HTTP_ACCEPT_ENCODING", "")[:LONGEST_WISH])
        headers, body = self.variants.get(coding) or self.variants[""]
        start_response("200 OK", headers)
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [body]


class Shelf:
    """The pages that hold while the stamp is this one; the least used make room for new ones."""

    def __init__(self, stamp: str, most_bytes: int) -> None:
        self.stamp = stamp
        self.most_bytes = most_bytes
        self.bytes = 0
        self.pages: OrderedDict[Key, Page] = OrderedDict()
        # By path: which parameters of the query make another page. Learned from the answers.
        self.parameters: dict[str, frozenset[str]] = {}
        self._writing = threading.Lock()

    def find(self, path: str, query: str) -> Page | None:
        key = (path, "")
        if query:
            parameters = self.parameters.get(path)
            if parameters is None or len(query) > MOST_QUERY:
                return None
            key = page_key(path, query, parameters)
        page = self.pages.get(key)
        if page is not None:
            with suppress(KeyError):  # it just made room for another
                self.pages.move_to_end(key)
        return page

    def put(self, path: str, query: str, parameters: frozenset[str], page: Page) -> None:
        if page.size > self.most_bytes:
            return
        key = page_key(path, query, parameters)
        with self._writing:
            if before := self.pages.pop(key, None):
                self.bytes -= before.size
            while self.pages and self.bytes + page.size > self.most_bytes:
                self.bytes -= self.pages.popitem(last=False)[1].size
            if len(self.parameters) >= MOST_REMEMBERED:
                self.parameters.clear()
            self.parameters[path] = parameters
            self.pages[key] = page
            self.bytes += page.size


class PageStore:
    """A WSGI application that answers from finished pages what it can, and asks another the rest.

    `stamp` is asked once a second at most, by one thread at a time, and at once when the clock
    changes it; a page is served only while the stamp is the one that held before it was made.
    When asking fails, the last answer stands: while the database is away nothing can be published,
    and what is known goes on being served. `anonymous` reduces a request to what a page may be made
    from; what it does not reduce is asked of the application as it is.
    """

    def __init__(
        self,
        application: Wsgi,
        *,
        stamp: Callable[[], Stamp],
        most_bytes: int,
        anonymous: Callable[[Environ], Environ | None],
    ) -> None:
        self._application = application
        self._ask_stamp = stamp
        self._most_bytes = most_bytes
        self._anonymous = anonymous
        self._shelf: Shelf | None = None
        self._ask_again_at = 0.0
        self._asking = threading.Lock()
        self._making: dict[str, threading.Lock] = {}
        self._never_kept: set[str] = set()  # paths whose answers are not pages: no use to wait

    def __call__(self, environ: Environ, start_response: Any) -> Iterable[bytes]:
        asked = self._anonymous(environ)
        if asked is None:
            return self._application(environ, start_response)
        path, query = environ["PATH_INFO"], environ.get("QUERY_STRING", "")
        shelf = self._current_shelf()
        if shelf is None or asked["HTTP_ACCEPT"] != HTML:  # Markdown is rarely asked for
            return self._application(with_conditions(asked, environ), start_response)
        page = shelf.find(path, query)
        if page is not None:
            return page.answer(environ, start_response)
        if asked["REQUEST_METHOD"] == "HEAD" or len(query) > MOST_QUERY:
            return self._application(with_conditions(asked, environ), start_response)
        with self._alone(path):
            page = shelf.find(path, query)  # made by whom we waited for
            if page is None:
                answer = Answer(self._application, asked)
                if not answer.may_be_kept:
                    # Tomorrow it may be well again; or it is another query's answer that is kept.
                    if not answer.status.startswith("5") and path not in shelf.parameters:
                        self._note_never_kept(path)
                    return _finish(answer, environ, start_response)
                page = Page(answer)
                shelf.put(path, query, named_parameters(answer.header("no-vary-search")), page)
        return page.answer(environ, start_response)

    def _current_shelf(self) -> Shelf | None:
        """The shelf of the stamp that held a second ago or later; None before one is known."""
        if time.monotonic() >= self._ask_again_at and self._asking.acquire(blocking=False):
            holds_for = STAMP_SECONDS
            try:
                stamp = self._ask_stamp()
                holds_for = min(stamp.seconds, STAMP_SECONDS)
                if self._shelf is None or self._shelf.stamp != stamp.value:
                    self._shelf = Shelf(stamp.value, self._most_bytes)
                    self._never_kept = set()
            except Exception as error:  # whatever keeps the database from answering
                logger.warning("Nobody says whether the finished pages still hold: %s", error)
            finally:
                self._ask_again_at = time.monotonic() + holds_for
                self._asking.release()
        return self._shelf

    @contextmanager
    def _alone(self, path: str) -> Iterator[None]:
        """One thread makes a cold page while the others wait for it, but not for ever."""
        if path in self._never_kept:
            yield
            return
        lock = self._making.setdefault(path, threading.Lock())
        is_mine = lock.acquire(timeout=PATIENCE)
        try:
            yield
        finally:
            self._making.pop(path, None)
            if is_mine:
                lock.release()

    def _note_never_kept(self, path: str) -> None:
        if len(self._never_kept) >= MOST_REMEMBERED:
            self._never_kept = set()
        if len(path) <= LONGEST_REMEMBERED:
            self._never_kept.add(path)


def named_parameters(no_vary_search: str) -> frozenset[str]:
    """The query's parameters that make another page, by the header No-Vary-Search.

    draft-ietf-httpbis-no-vary-search: `params` says that none does, `params, except=("a" "b")`
    that only these do. A page that says nothing, or something else, is one page whatever is asked.
    """
    _, has_exceptions, names = no_vary_search.partition("except=(")
    if not has_exceptions:
        return frozenset()
    return frozenset(unquote(name.strip('"')) for name in names.partition(")")[0].split())


def page_key(path: str, query: str, parameters: frozenset[str]) -> Key:
    """What of an address makes the page. Of a name said twice, Django reads the last."""
    if not query or not parameters:
        return path, ""
    said = dict(parse_qsl(query, keep_blank_values=True))
    return path, urlencode(sorted((name, said[name]) for name in parameters & said.keys()))


@lru_cache(maxsize=512)
def best_coding(accepted: str) -> str:
    """The coding to answer in, by Accept-Encoding (RFC 9110, section 12.5.3): br, gzip or none."""
    weights: dict[str, float] = {}
    for part in accepted.lower().split(","):
        name, _, parameters = part.partition(";")
        weight = parameters.replace(" ", "").removeprefix("q=") or "1"
        try:
            weights[name.strip()] = float(weight)
        except ValueError:
            weights[name.strip()] = 0.0
    wanted = {coding: weights.get(coding, weights.get("*", 0.0)) for coding in ("br", "gzip")}
    best = max(wanted, key=lambda coding: wanted[coding])  # the first of equals
    return best if wanted[best] > 0 else ""


def _finish(answer: Answer, environ: Environ, start_response: Any) -> Iterable[bytes]:
    """An answer that is not kept, as this visitor asked for it."""
    etag = _weak(answer.header("etag"))
    asked = environ.get("HTTP_IF_NONE_MATCH")
    headers, body = answer.headers, answer.body
    if asked and etag and answer.status.startswith("200") and _matches(asked, etag):
        kept = [(key, value) for key, value in headers if key.lower() in KEPT_IN_304]
        start_response("304 Not Modified", kept)
        return []
    is_packed = answer.header("content-encoding") or len(body) < SHORTEST_COMPRESSED
    if answer.is_text and not is_packed and not answer.header("set-cookie"):
        headers, body = answer.encoded(
            best_coding(environ.get("HTTP_ACCEPT_ENCODING", "")[:LONGEST_WISH])
        )
        if "accept-encoding" not in answer.listed("vary"):
            varies = ", ".join(filter(None, [answer.header("vary"), "Accept-Encoding"]))
            headers = [(key, value) for key, value in headers if key.lower() != "vary"]
            headers.append(("Vary", varies))
    start_response(answer.status, headers)
    return [body]


def _weak(etag: str) -> str:
    """RFC 9110, section 8.8.3.3: one strong tag may not name two codings; one weak tag may."""
    return etag if not etag or etag.startswith("W/") else f"W/{etag}"


def _matches(asked: str, etag: str) -> bool:
    """Weak comparison, as If-None-Match wants it (RFC 9110, section 13.1.2)."""
    return any(tag == "*" or _weak(tag) == etag for tag in parse_etags(asked))
