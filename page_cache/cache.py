"""Finished pages, served before Django is entered: a small HTTP cache in front of the site.

A shared cache in the sense of RFC 9111: it keeps responses that say `Cache-Control: public`, and of
these only complete 200s without a cookie. They live in this process, compressed, until the
stamp changes; `page_cache.stamp` says what that is. Without it every page is the same, only
slower.
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
MAX_ENTRY_BYTES = 1_000_000
MAX_QUERY_LENGTH = 500  # characters; nothing of ours asks longer questions
MAX_REMEMBERED = 2_000
MAX_PATH_LENGTH = 500  # characters of a path
MAX_ACCEPT_ENCODING_LENGTH = 200  # characters of Accept-Encoding that are read
MIN_COMPRESSED_BYTES = 256  # bytes; below that it does not pay
# Brotli's 11 saves a seventh more than 5 and takes 40 ms instead of one. A page that is kept is
# worth it from its first visitor on: the seventh is what would not fit their first round trip.
BROTLI_ONCE, BROTLI_KEPT = 5, 11
GZIP_LEVEL = 6
TEXTS = ("text/", "application/json", "application/xml", "image/svg+xml")
TEXT_SUFFIXES = ("+json", "+xml")
# RFC 9110, section 15.4.5: what a 304 repeats of the 200 it stands for.
KEPT_IN_304 = {"cache-control", "content-location", "date", "etag", "expires", "vary"}


class Response:
    """An application's complete response to one request."""

    def __init__(self, application: Wsgi, environ: Environ) -> None:
        self.status, self.headers = "", list[tuple[str, str]]()
        self._written: list[bytes] = []
        chunks = application(environ, self._start)
        try:
            self.body = b"".join([*self._written, *chunks])
        finally:
            if close := getattr(chunks, "close", None):
                close()

    def _start(
        self, status: str, headers: Headers, exc_info: Any = None
    ) -> Callable[[bytes], None]:
        self.status, self.headers = status, list(headers)
        return self._written.append

    def header(self, name: str) -> str:
        """The value of a header, its lines joined; empty when there is none."""
        return ", ".join(value for key, value in self.headers if key.lower() == name)

    @property
    def is_text(self) -> bool:
        kind = self.header("content-type").partition(";")[0].strip().lower()
        return kind.startswith(TEXTS) or kind.endswith(TEXT_SUFFIXES)

    @property
    def is_public(self) -> bool:
        """Whether everybody may have this very response."""
        control = self.listed("cache-control")
        return "public" in control and "no-store" not in control and not self.header("set-cookie")

    @property
    def is_cacheable(self) -> bool:
        return (
            self.status.startswith("200")
            and self.is_public
            and self.is_text
            and self.listed("vary") <= {"accept-encoding", "accept"}
            and len(self.body) <= MAX_ENTRY_BYTES
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


class Entry:
    """A cached page, in every encoding that browsers ask for."""

    __slots__ = ("etag", "not_modified", "size", "variants")

    def __init__(self, response: Response) -> None:
        codings = ["", "br", "gzip"] if len(response.body) >= MIN_COMPRESSED_BYTES else [""]
        self.variants = {
            coding: response.encoded(coding, quality=BROTLI_KEPT) for coding in codings
        }
        self.etag = _weak(response.header("etag"))
        plain, _ = self.variants[""]
        self.not_modified = [(key, value) for key, value in plain if key.lower() in KEPT_IN_304]
        self.size = sum(len(body) for _, body in self.variants.values()) + 4_000

    def answer(self, environ: Environ, start_response: Any) -> Iterable[bytes]:
        asked = environ.get("HTTP_IF_NONE_MATCH")
        if asked and self.etag and _matches(asked, self.etag):
            start_response("304 Not Modified", self.not_modified)
            return []
        coding = best_coding(environ.get("HTTP_ACCEPT_ENCODING", "")[:MAX_ACCEPT_ENCODING_LENGTH])
        headers, body = self.variants.get(coding) or self.variants[""]
        start_response("200 OK", headers)
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [body]


class Generation:
    """The entries that are valid while the stamp is this one; the least recently used make room."""

    def __init__(self, stamp: str, max_bytes: int) -> None:
        self.stamp = stamp
        self.max_bytes = max_bytes
        self.bytes = 0
        self.entries: OrderedDict[Key, Entry] = OrderedDict()
        # By path: which parameters of the query make another page. Learned from the answers.
        self.parameters: dict[str, frozenset[str]] = {}
        self._writing = threading.Lock()

    def get(self, path: str, query: str) -> Entry | None:
        key = (path, "")
        if query:
            parameters = self.parameters.get(path)
            if parameters is None or len(query) > MAX_QUERY_LENGTH:
                return None
            key = entry_key(path, query, parameters)
        entry = self.entries.get(key)
        if entry is not None:
            with suppress(KeyError):  # it just made room for another
                self.entries.move_to_end(key)
        return entry

    def put(self, path: str, query: str, parameters: frozenset[str], entry: Entry) -> None:
        if entry.size > self.max_bytes:
            return
        key = entry_key(path, query, parameters)
        with self._writing:
            if before := self.entries.pop(key, None):
                self.bytes -= before.size
            while self.entries and self.bytes + entry.size > self.max_bytes:
                self.bytes -= self.entries.popitem(last=False)[1].size
            if len(self.parameters) >= MAX_REMEMBERED:
                self.parameters.clear()
            self.parameters[path] = parameters
            self.entries[key] = entry
            self.bytes += entry.size


class PageCache:
    """A WSGI application that answers from its entries if it can, and asks another otherwise.

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
        max_bytes: int,
        anonymous: Callable[[Environ], Environ | None],
    ) -> None:
        self._application = application
        self._ask_stamp = stamp
        self._max_bytes = max_bytes
        self._anonymous = anonymous
        self._generation: Generation | None = None
        self._ask_again_at = 0.0
        self._asking = threading.Lock()
        self._making: dict[str, threading.Lock] = {}
        self._uncacheable: set[str] = set()  # paths that nobody waits for

    def __call__(self, environ: Environ, start_response: Any) -> Iterable[bytes]:
        asked = self._anonymous(environ)
        if asked is None:
            return self._application(environ, start_response)
        path, query = environ["PATH_INFO"], environ.get("QUERY_STRING", "")
        generation = self._current_generation()
        if generation is None or asked["HTTP_ACCEPT"] != HTML:  # Markdown is rarely asked for
            return self._application(with_conditions(asked, environ), start_response)
        entry = generation.get(path, query)
        if entry is not None:
            return entry.answer(environ, start_response)
        if asked["REQUEST_METHOD"] == "HEAD" or len(query) > MAX_QUERY_LENGTH:
            return self._application(with_conditions(asked, environ), start_response)
        with self._alone(path):
            entry = generation.get(path, query)  # made by whom we waited for
            if entry is None:
                response = Response(self._application, asked)
                if not response.is_cacheable:
                    # Tomorrow it may be well again; or it is another query's answer that is kept.
                    if not response.status.startswith("5") and path not in generation.parameters:
                        self._note_uncacheable(path)
                    return _finish(response, environ, start_response)
                entry = Entry(response)
                generation.put(
                    path, query, named_parameters(response.header("no-vary-search")), entry
                )
        return entry.answer(environ, start_response)

    def _current_generation(self) -> Generation | None:
        """The generation of the stamp that held a second ago or later; None before one is known."""
        if time.monotonic() >= self._ask_again_at and self._asking.acquire(blocking=False):
            holds_for = STAMP_SECONDS
            try:
                stamp = self._ask_stamp()
                holds_for = min(stamp.seconds, STAMP_SECONDS)
                if self._generation is None or self._generation.stamp != stamp.value:
                    self._generation = Generation(stamp.value, self._max_bytes)
                    self._uncacheable = set()
            except Exception as error:  # whatever keeps the database from answering
                logger.warning("Could not check whether cached pages are still current: %s", error)
            finally:
                self._ask_again_at = time.monotonic() + holds_for
                self._asking.release()
        return self._generation

    @contextmanager
    def _alone(self, path: str) -> Iterator[None]:
        """One thread makes a missing entry while the others wait for it, but not forever."""
        if path in self._uncacheable:
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

    def _note_uncacheable(self, path: str) -> None:
        if len(self._uncacheable) >= MAX_REMEMBERED:
            self._uncacheable = set()
        if len(path) <= MAX_PATH_LENGTH:
            self._uncacheable.add(path)


def named_parameters(no_vary_search: str) -> frozenset[str]:
    """The query's parameters that make another page, by the header No-Vary-Search.

    draft-ietf-httpbis-no-vary-search: `params` says that none does, `params, except=("a" "b")`
    that only these do. A page that says nothing, or something else, is one page whatever is asked.
    """
    _, has_exceptions, names = no_vary_search.partition("except=(")
    if not has_exceptions:
        return frozenset()
    return frozenset(unquote(name.strip('"')) for name in names.partition(")")[0].split())


def entry_key(path: str, query: str, parameters: frozenset[str]) -> Key:
    """What of an address decides the entry. If a parameter is repeated, Django reads the last."""
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


def _finish(response: Response, environ: Environ, start_response: Any) -> Iterable[bytes]:
    """A response that is not cached, as this visitor asked for it."""
    etag = _weak(response.header("etag"))
    asked = environ.get("HTTP_IF_NONE_MATCH")
    headers, body = response.headers, response.body
    if asked and etag and response.status.startswith("200") and _matches(asked, etag):
        kept = [(key, value) for key, value in headers if key.lower() in KEPT_IN_304]
        start_response("304 Not Modified", kept)
        return []
    is_packed = response.header("content-encoding") or len(body) < MIN_COMPRESSED_BYTES
    if response.is_text and not is_packed and not response.header("set-cookie"):
        headers, body = response.encoded(
            best_coding(environ.get("HTTP_ACCEPT_ENCODING", "")[:MAX_ACCEPT_ENCODING_LENGTH])
        )
        if "accept-encoding" not in response.listed("vary"):
            varies = ", ".join(filter(None, [response.header("vary"), "Accept-Encoding"]))
            headers = [(key, value) for key, value in headers if key.lower() != "vary"]
            headers.append(("Vary", varies))
    start_response(response.status, headers)
    return [body]


def _weak(etag: str) -> str:
    """RFC 9110, section 8.8.3.3: one strong tag may not name two codings; one weak tag may."""
    return etag if not etag or etag.startswith("W/") else f"W/{etag}"


def _matches(asked: str, etag: str) -> bool:
    """Weak comparison, as If-None-Match wants it (RFC 9110, section 13.1.2)."""
    return any(tag == "*" or _weak(tag) == etag for tag in parse_etags(asked))
