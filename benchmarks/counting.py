#!/usr/bin/env python3
"""What it costs to be watched: counting, a finished page, a statement.

    .venv/bin/python benchmarks/counting.py

Needs no server. Times are of this process alone, the best of several rounds.
"""

import os
import re
import secrets
import sys
import tempfile
import time
import timeit
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import django

ROUNDS, TIMES = 9, 100_000
HOST = "127.0.0.1:8000"


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="benchmark-") as folder:
        os.environ.update(
            DJANGO_SETTINGS_MODULE="config.settings",
            READ_DOT_ENV="0",
            SECRET_KEY=secrets.token_urlsafe(50),
            VAR_DIR=folder,
        )
        django.setup()
        measure()


def measure() -> None:
    from web import queries
    from web.metrics import Counter, Histogram
    from web.metrics.shared import numbers

    slot = numbers.slot("site_benchmark_total")
    requests = Counter("site_a_total", "A.", ("route", "method", "status"))
    seconds = Histogram("site_b_seconds", "B.", ("route",))

    def count() -> None:
        slot[0] += 1

    def ask() -> None:
        queries.count(lambda *asked: None, "SELECT 1", (), False, {})

    told = {
        "nothing (a call of a function)": lambda: None,
        "slot[0] += 1": count,
        "Counter.add, three labels": lambda: requests.add("articles:detail", "GET", "2xx"),
        "Histogram.observe": lambda: seconds.observe(0.004, "articles:detail"),
        "a statement watched, and nothing asked": ask,
        "a finished page, counted in a list": page(None),
        "a finished page, counted for /metrics": page(slot),
        "reading all that was counted": numbers.total,
    }
    print("| what | µs |\n| --- | ---: |")
    for name, do in told.items():
        print(f"| {name} | {best(do):.2f} |")


def best(do: Callable[[], Any]) -> float:
    times = TIMES // 100 if do.__name__ == "total" else TIMES
    taken = timeit.repeat(do, number=times, repeat=ROUNDS, timer=time.process_time)
    return min(taken) / times * 1e6


def page(tally: Any) -> Callable[[], Any]:
    """A request for a page that is in memory, of the size of an article."""
    from page_cache.anonymous import AnonymousRequest
    from page_cache.cache import PageCache
    from page_cache.stamp import Stamp

    def application(environ: Any, start_response: Any) -> list[bytes]:
        headers = [("Content-Type", "text/html"), ("Cache-Control", "public"), ("ETag", '"a"')]
        start_response("200 OK", headers)
        return [b"a" * 14_000]

    anonymous = AnonymousRequest(
        hosts=[HOST],
        passed=("/admin/",),
        one_visitors=re.compile(r"(?!)"),
        form_of=lambda accept: "text/html",
        private_cookie="desk_session",
    )
    cache = PageCache(
        application,
        stamp=lambda: Stamp("1", 3600.0),
        max_bytes=10**8,
        anonymous=anonymous,
        tally=lambda environ: [0.0] if tally is None else tally,
    )
    environ = {"REQUEST_METHOD": "GET", "PATH_INFO": "/", "QUERY_STRING": "", "HTTP_HOST": HOST}
    environ |= {"HTTP_ACCEPT": "text/html", "HTTP_ACCEPT_ENCODING": "br"}
    cache(environ, lambda *said: None)  # type: ignore[arg-type]
    return lambda: cache(environ, lambda *said: None)  # type: ignore[arg-type]


if __name__ == "__main__":
    main()
