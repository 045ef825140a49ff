"""Writes down in which language inquiries are, some at a time, after sales have been notified.

The model is in memory only as long as a batch takes: see `guessing`.
"""

import json
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models.functions import Coalesce, Concat, Left

from leads.languages.names import NAMES
from leads.models import Inquiry

MAX_AT_ONCE = 200
MAX_READ = 2_000  # characters of each
MAX_SECONDS = 40
# Whoever is to be notified of what came so lately goes first.
BURST = timedelta(minutes=1)
MIN_PAUSE, MAX_PAUSE = timedelta(seconds=20), timedelta(hours=1)
FAILURES = (subprocess.CalledProcessError, subprocess.TimeoutExpired)


class Resting(Exception):
    """Nothing is tried for a while: it did not work, and that was not about a text."""


@dataclass
class Pace:
    """What this process has learned from failures."""

    at_once: int = MAX_AT_ONCE
    pause: timedelta = timedelta(0)
    until: datetime | None = None

    def rest(self, now: datetime) -> None:
        self.pause = min(max(self.pause * 2, MIN_PAUSE), MAX_PAUSE)
        self.until = now + self.pause


pace = Pace()


def detect_missing(now: datetime) -> int:
    """Of those that nobody has looked at, the newest first. Returns how many it has looked at.

    Repeatable, in any number of workers. An inquiry whose language cannot be told is not looked at
    again, and neither is one of which the guess itself fails: it is found by trying fewer at once.
    Raises `Resting` while a failure is too recent.
    """
    if pace.until and now < pace.until:
        raise Resting
    if Inquiry.objects.awaiting_notification().filter(received_at__gt=now - BURST).exists():
        return 0
    brief = Coalesce(Concat("brief__title", "brief__context"), "message")
    waiting = Inquiry.objects.filter(language=None).order_by("-received_at", "-pk")
    rows = waiting.values_list("pk", Left("message", MAX_READ), Left(brief, MAX_READ))
    found = list(rows[: pace.at_once])
    if not found:
        return 0
    try:
        codes = _guess([f"{message}\n{brief}" for _, message, brief in found])
    except FAILURES:
        _refuse_unless_it_works(now)
        if len(found) > 1:
            pace.at_once = max(1, len(found) // 8)
            return 0
        codes, pace.at_once = [""], MAX_AT_ONCE
    pace.pause = timedelta(0)
    numbers: dict[str, list[int]] = defaultdict(list)
    for (pk, *_), code in zip(found, codes, strict=True):
        numbers[code].append(pk)
    for code, those in numbers.items():
        Inquiry.objects.filter(pk__in=those, language=None).update(language=code)
    return len(found)


def _refuse_unless_it_works(now: datetime) -> None:
    try:
        _guess([])
    except FAILURES:
        pace.rest(now)
        raise


def _guess(texts: Iterable[str]) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-m", "leads.languages.guessing"],
        input=json.dumps({"languages": list(NAMES), "texts": list(texts)}),
        capture_output=True,
        check=True,
        cwd=settings.BASE_DIR,
        text=True,
        timeout=MAX_SECONDS,
    )
    codes: list[str] = json.loads(done.stdout)
    return codes
