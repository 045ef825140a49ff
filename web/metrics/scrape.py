"""Everything that is counted or asked, as Prometheus reads it."""

import logging
import threading
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator

from django.db import DatabaseError
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from web import health
from web.contributions import every
from web.metrics import Counted, Gauge, Gauges, Histogram, sample
from web.metrics.gauges import PATIENCE
from web.metrics.shared import numbers

logger = logging.getLogger(__name__)

# How long an answer is handed out again: however many ask, and how often, it costs the same.
SECONDS = 5.0
TYPE = "text/plain; version=0.0.4; charset=utf-8"


@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """For whoever brings STATUS_TOKEN; nobody else learns that it exists."""
    if not health.has_token(request):
        raise Http404("Only with the token.")
    return HttpResponse(_latest.text(), content_type=TYPE)


class Latest:
    """What is counted at this moment, and what was asked a few seconds ago at most."""

    def __init__(self) -> None:
        self._asked = ""
        self._until = 0.0
        self._asking = threading.Lock()

    def text(self) -> str:
        if self._asking.acquire(timeout=PATIENCE):
            try:
                if time.monotonic() >= self._until:
                    self._asked = "".join(f"{line}\n" for line in _lines_of_gauges())
                    self._until = time.monotonic() + SECONDS
            finally:
                self._asking.release()
        return "".join(f"{line}\n" for line in _lines_of_counts()) + self._asked

    def forget(self) -> None:
        self._until = 0.0


_latest = Latest()


def text() -> str:
    """All of it, asked now."""
    _latest.forget()
    return _latest.text()


def counted() -> list[Counted]:
    return [one for each in every() for one in each.counted]


def gauges() -> Iterator[Gauge]:
    """Each that can be asked at this time, in a few seconds."""
    until = time.monotonic() + PATIENCE
    for each in every():
        for ask in each.gauges:
            if time.monotonic() < until:
                yield from _asked(ask)


def _asked(ask: Gauges) -> list[Gauge]:
    try:
        return list(ask())
    except (DatabaseError, OperationalError, RedisError, OSError) as error:
        logger.warning("Could not ask for %s: %s", ask.__name__, type(error).__name__)
        return []


def _lines_of_counts() -> Iterator[str]:
    of_families: dict[str, list[str]] = defaultdict(list)
    for name, value in numbers.total().items():
        of_families[name.partition("{")[0]].append(f"{name} {value:.10g}")
    for one in counted():
        yield from _head(one)
        ends = ("_bucket", "_sum", "_count") if isinstance(one, Histogram) else ("",)
        for end in ends:
            yield from of_families.get(f"{one.name}{end}", ())


def _lines_of_gauges() -> Iterator[str]:
    for one in list(gauges()):  # all are asked before the first is told: samples may come late
        yield from _head(one)
        for values, value in one.samples:
            yield f"{sample(one.name, zip(one.labels, values, strict=True))} {value!r}"


def _head(one: Counted | Gauge) -> Iterable[str]:
    return f"# HELP {one.name} {one.about}", f"# TYPE {one.name} {one.kind}"
