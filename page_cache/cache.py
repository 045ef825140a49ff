"""Finished pages, served before Django is entered: a small HTTP cache in front of the site.

A shared cache in the sense of RFC 9111: it keeps responses that say `Cache-Control: public`, and of
these only complete 200s without a cookie. They live in this process, compressed, until the
stamp changes; `page_cache.stamp` says what that is. Without it every page is the same, only
slower.
"""

import logging
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from page_cache.anonymous import HTML, with_conditions
from page_cache.generation import MAX_QUERY_LENGTH, MAX_REMEMBERED, Generation, named_parameters
from page_cache.responses import Entry, Response, Tally, finish
from page_cache.stamp import Stamp

logger = logging.getLogger(__name__)
STAMP_SECONDS = 1.0  # how old what is known of the stamp may be
PATIENCE = 5.0  # seconds that a request waits for another that makes the same page
MAX_PATH_LENGTH = 500  # characters of a path


class PageCache:
    """A WSGI application that answers from its entries if it can, and asks another otherwise.

    `stamp` is asked once a second at most, by one thread at a time, and at once when the clock
    changes it; a page is served only while the stamp is the one that held before it was made.
    When asking fails, the last answer stands: while the database is away nothing can be published,
    and what is known goes on being served. `anonymous` reduces a request to what a page may be made
    from; what it does not reduce is asked of the application as it is. `tally` is called with the
    request of each page that is kept, and says where to count how often it is handed out.
    """

    def __init__(
        self,
        application: WSGIApplication,
        *,
        stamp: Callable[[], Stamp],
        max_bytes: int,
        anonymous: Callable[[WSGIEnvironment], WSGIEnvironment | None],
        tally: Callable[[WSGIEnvironment], Tally] = lambda environ: [0.0],
    ) -> None:
        self._application = application
        self._ask_stamp = stamp
        self._max_bytes = max_bytes
        self._anonymous = anonymous
        self._tally = tally
        self._generation: Generation | None = None
        self._ask_again_at = 0.0
        self._asking = threading.Lock()
        self._making: dict[str, threading.Lock] = {}
        self._uncacheable: set[str] = set()  # paths that nobody waits for

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        asked = self._anonymous(environ)
        if asked is None:
            return self._application(environ, start_response)
        path, query = environ["PATH_INFO"], environ.get("QUERY_STRING", "")
        generation = self._current_generation()
        if generation is None or asked["HTTP_ACCEPT"] != HTML:  # Markdown is rarely asked for
            return self._application(with_conditions(asked, environ), start_response)
        entry = generation.get(path, query)
        if entry is not None:
            entry.tally[0] += 1
            return entry.answer(environ, start_response)
        if asked["REQUEST_METHOD"] == "HEAD" or len(query) > MAX_QUERY_LENGTH:
            return self._application(with_conditions(asked, environ), start_response)
        with self._alone(path):
            entry = generation.get(path, query)
            if entry is not None:  # made by whom we waited for
                entry.tally[0] += 1
            else:
                response = Response(self._application, asked)
                if not response.is_cacheable:
                    # Tomorrow it may be well again, and the next visitor may have it; or it is
                    # another query's answer that is kept.
                    if (
                        not response.status.startswith(("429", "5"))
                        and path not in generation.parameters
                    ):
                        self._note_uncacheable(path)
                    return finish(response, environ, start_response)
                entry = Entry(response, tally=self._tally(asked))
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
