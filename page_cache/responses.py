"""Responses as the cache sends them: whole, compressed, and as a 304 to those who have them."""

import zlib
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Protocol
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

import brotli
from django.utils.http import parse_etags

Headers = list[tuple[str, str]]
MAX_ENTRY_BYTES = 1_000_000
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


class Tally(Protocol):
    """Where one number is counted: `tally[0] += 1`."""

    def __getitem__(self, at: int, /) -> float: ...
    def __setitem__(self, at: int, number: float, /) -> None: ...


class Response:
    """An application's complete response to one request."""

    def __init__(self, application: WSGIApplication, environ: WSGIEnvironment) -> None:
        self.status, self.headers = "", list[tuple[str, str]]()
        self._written: list[bytes] = []
        chunks = application(environ, self._start)
        try:
            self.body = b"".join([*self._written, *chunks])
        finally:
            if close := getattr(chunks, "close", None):
                close()

    def _start(
        self, status: str, headers: Headers, exc_info: object = None
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
        """Whether everyone may have this very response."""
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

    __slots__ = ("etag", "not_modified", "size", "tally", "variants")

    def __init__(self, response: Response, *, tally: Tally) -> None:
        self.tally = tally  # how often it was handed out, and others of its kind
        codings = ["", "br", "gzip"] if len(response.body) >= MIN_COMPRESSED_BYTES else [""]
        self.variants = {
            coding: response.encoded(coding, quality=BROTLI_KEPT) for coding in codings
        }
        self.etag = _weak(response.header("etag"))
        plain, _ = self.variants[""]
        self.not_modified = [(key, value) for key, value in plain if key.lower() in KEPT_IN_304]
        self.size = sum(len(body) for _, body in self.variants.values()) + 4_000

    def answer(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        asked = environ.get("HTTP_IF_NONE_MATCH")
        if asked and self.etag and _matches(asked, self.etag):
            start_response("304 Not Modified", self.not_modified)
            return []
        coding = best_coding(environ.get("HTTP_ACCEPT_ENCODING", "")[:MAX_ACCEPT_ENCODING_LENGTH])
        headers, body = self.variants.get(coding) or self.variants[""]
        start_response("200 OK", headers)
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [body]


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


def finish(
    response: Response, environ: WSGIEnvironment, start_response: StartResponse
) -> Iterable[bytes]:
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
