"""How the log reads: a line for each event, and nothing in it that opens or names someone."""

import copy
import logging
import re

from django.core.exceptions import BadRequest, PermissionDenied, SuspiciousOperation
from django.http import Http404, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from kombu.exceptions import OperationalError as BrokerError
from redis.exceptions import RedisError

# These say all there is to say. A traceback is for what nobody expected: a fault of ours.
EXPECTED = (
    BadRequest,
    BrokerError,
    ConnectionError,
    Http404,
    MultiPartParserError,
    PermissionDenied,
    RedisError,
    SuspiciousOperation,
    TimeoutError,
    UnreadablePostError,
)

_KEYS = [
    re.compile(r"(/readiness/+(?:resume|result)/+)[^/\s?'\"]+"),
    re.compile(r"([?&](?:key|for)=)[^&\s'\"]+"),
]
# A part of a path. Looking for one with an @ in it from each letter would cost the square of it.
_PART = re.compile(r"[^/\s]+")


class OneLine(logging.Formatter):
    """One line for what was to be expected, with its reason; the traceback too for what was not."""

    def format(self, record: logging.LogRecord) -> str:
        record = copy.copy(record)  # other handlers have it as it was
        text = record.getMessage()
        error = record.exc_info[1] if record.exc_info else None
        if isinstance(error, EXPECTED):
            text, *_ = text.splitlines() or [""]
            if str(error) not in text:
                text = f"{text} ({type(error).__name__}: {error})"
            record.exc_info = record.exc_text = record.stack_info = None
        if record.name.startswith(("django.request", "django.security")):
            text = _PART.sub(_without_address, text)
        record.msg, record.args = _printable(text), None
        return _without_keys(super().format(record))


def _without_address(part: re.Match[str]) -> str:
    return "…@…" if "@" in part[0] or "%40" in part[0] else part[0]


class OncePerRequest(logging.Filter):
    """Django says of a suspicious request why it is refused, and once more that it was."""

    def filter(self, record: logging.LogRecord) -> bool:
        request = getattr(record, "request", None)
        if request is None:
            return True
        if record.name.startswith("django.security"):
            request.is_in_the_log = True
            return True
        return not getattr(request, "is_in_the_log", False)


def _printable(text: str) -> str:
    """Without line breaks and escapes: a visitor's words must not look like lines of ours."""
    return "".join(
        letter if letter.isprintable() else letter.encode("unicode_escape").decode()
        for letter in text
    )


def _without_keys(text: str) -> str:
    for key in _KEYS:
        text = key.sub(r"\1…", text)
    return text
