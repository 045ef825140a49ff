"""How the log reads: a line for each event, and nothing in it that opens or names someone.

Every process writes the same lines, through structlog: as JSON, one object a line, or for people at
a terminal. What visitors type is in none of them. OWASP ASVS 5, 16.2.1 to 16.2.5 and 16.4.1.
"""

import copy
import json
import logging
import re
import time
import traceback
from collections.abc import Mapping, MutableMapping
from datetime import UTC, datetime
from typing import Any

import psycopg
import structlog
from django.core.exceptions import BadRequest, PermissionDenied, SuspiciousOperation
from django.db import Error as DatabaseTrouble
from django.http import Http404, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from kombu.exceptions import OperationalError as BrokerError
from redis.exceptions import RedisError

Facts = MutableMapping[str, Any]  # what structlog calls an event dictionary

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
# SQLSTATE (PostgreSQL's manual, Appendix A) of a server that cannot be reached, ends or is full;
# whoever finds no server at all has none.
AWAY = ("08", "57P", "53300")
# What these say is about our code or the machine. Others may quote what someone typed.
SPEAK_OF_CODE = (AttributeError, ImportError, NameError, NotImplementedError, TypeError)
MAX_LENGTH = 2_000  # characters of one fact
MAX_TRACEBACK = 20_000

_KEYS = [
    re.compile(r"(/readiness/+(?:resume|result)/+)[^/\s?'\"]+"),
    re.compile(r"([?&](?:key|for)=)[^&\s'\"]+"),
    # What opens something is long, and unlike the addresses that we make from words: a signed
    # token, a random key, a token of Django's.
    re.compile(r"(/)(?=[^/\s?.'\"]*[A-Z:])[\w:=-]{20,}"),
    re.compile(r"(/)(?:[0-9a-z]{1,13}-)?[0-9a-f]{32,}(?![\w.])"),
]
# A part of a path. Looking for one with an @ in it from each letter would cost the square of it.
_PART = re.compile(r"[^/\s]+")
_ADDRESS = re.compile(r"[^@]@[^@]|%40|＠|﹫")
_PLAIN = re.compile(r"[\w./:+-]+")
_VALUE = re.compile(r": [\"'].*")


class Line(structlog.stdlib.ProcessorFormatter):
    """One line for what was to be expected, with its reason; the traceback too for what was not."""

    def __init__(self, *, as_json: bool) -> None:
        super().__init__(
            foreign_pre_chain=[structlog.contextvars.merge_contextvars, _described],
            processors=[
                self.remove_processors_meta,
                _cleaned,
                structlog.processors.JSONRenderer() if as_json else _for_people,
            ],
        )

    def format(self, record: logging.LogRecord) -> str:
        record = copy.copy(record)  # other handlers have it as it was
        text = _message(record)
        error = record.exc_info[1] if record.exc_info else None
        if error and is_expected(error):
            text, *_ = text.splitlines() or [""]
            if said_by(error) not in text:
                text = f"{text} ({explained(error)})"
            record.exc_info = None
        record.msg, record.args, record.stack_info = text, (), None
        return super().format(record)


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


def is_expected(error: BaseException) -> bool:
    """Whether it says all there is to say: a refusal, or that a server of ours is away."""
    if isinstance(error, EXPECTED):
        return True
    said = error.__cause__ if isinstance(error, DatabaseTrouble) else error
    if not isinstance(said, psycopg.OperationalError):
        return False
    return said.sqlstate is None or said.sqlstate.startswith(AWAY)


def explained(error: BaseException) -> str:
    """What kind of error it is, and what it says if that cannot be what someone typed."""
    said = said_by(error)
    return f"{type(error).__name__}: {said}" if said else type(error).__name__


def said_by(error: BaseException) -> str:
    match error:
        case DatabaseTrouble() | psycopg.Error():
            # Further lines quote the row, and what follows a colon the value.
            return _VALUE.sub("", next(iter(str(error).splitlines()), ""))
        case OSError(strerror=str(said)) if not isinstance(error, EXPECTED):
            return f"{said}: {error.filename}" if error.filename else said
    if isinstance(error, (*EXPECTED, *SPEAK_OF_CODE)):
        return str(error)
    return ""


def _message(record: logging.LogRecord) -> str:
    """The message of a record, with errors among its parts as far as they may be quoted."""
    if isinstance(record.msg, BaseException):
        return explained(record.msg)
    text = str(record.msg)
    try:
        return text % _quotable(record) if record.args else text
    except (KeyError, TypeError, ValueError):
        return text


def _quotable(record: logging.LogRecord) -> Any:
    if not isinstance(record.args, Mapping):
        return tuple(
            explained(part) if isinstance(part, BaseException) else part
            for part in record.args or ()
        )
    if record.name != "celery.app.trace":
        return record.args
    # Celery says errors, arguments and results of a task as text.
    error = record.exc_info[1] if record.exc_info else None
    what = explained(error) if error else re.split(r"\W", str(record.args.get("exc", "")))[0]
    quoted = dict.fromkeys(("traceback", "args", "kwargs", "return_value"), "…")
    return {**record.args, **quoted, "exc": what}


def _described(logger: Any, method: str, facts: Facts) -> Facts:
    """When, how grave, who says it, and of which request."""
    record: logging.LogRecord = facts["_record"]
    at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
    described: dict[str, Any] = {
        "at": at.replace("+00:00", "Z"),
        "level": record.levelname.lower(),
        "logger": record.name,
        "event": facts.pop("event"),
    }
    request = getattr(record, "request", None)
    if hasattr(request, "META"):
        described |= _of_request(request, getattr(record, "status_code", None))
    if error := (facts.pop("exc_info", None) or (None, None))[1]:
        facts["exception"] = _traceback(error)
    if record.name.startswith("_granian"):  # its tracebacks are text, with all that an error says
        described["event"], *below = described["event"].split("\n")
        if below:
            facts["exception"] = "\n".join(filter(None, map(_place, below)))
    return {**described, **facts}


def _of_request(request: Any, status: int | None) -> dict[str, Any]:
    """The request line of a request that Django has seen: `web.middleware.RequestIdMiddleware`."""
    facts = {"method": request.method, "path": request.path}
    if status:
        facts["status"] = status
    if began := request.META.get("web.began"):
        facts["ms"] = round((time.perf_counter() - began) * 1000, 1)
    if work := request.META.get("web.work"):  # `web.queries`
        facts |= {"queries": work.queries, "db_ms": round(work.seconds * 1000, 1)}
    if request_id := request.META.get("web.request_id"):
        facts["request_id"] = request_id
    return facts


def _traceback(error: BaseException | None) -> str:
    """Where it happened, with all that led to it: lines of our code, and no values."""
    found: list[BaseException] = []
    while error and error not in found:
        found.append(error)
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    lines = [
        line
        for each in reversed(found)
        for line in (
            "Traceback (most recent call last):",
            *"".join(traceback.format_tb(each.__traceback__)).splitlines(),
            printable(explained(each)),
        )
    ]
    return "\n".join(lines)[-MAX_TRACEBACK:]


def _place(line: str) -> str:
    """Of a line of a traceback, where in the code it is or what kind of error."""
    found = re.match(r'  File "[^"]+", line \d+, in \S+$|[A-Za-z_][\w.]*(?=:|$)', line)
    return found[0] if found else ""


def _cleaned(logger: Any, method: str, facts: Facts) -> Facts:
    # Celery's processes are named like addresses: celery@host.
    mask = _without_keys if facts["logger"].startswith("celery") else masked
    for name, value in facts.items():
        if name == "exception":
            facts[name] = "\n".join(printable(masked(line)) for line in value.split("\n"))
        elif isinstance(value, str):
            facts[name] = printable(mask(value[:MAX_LENGTH]))
    return facts


def masked(text: str) -> str:
    """Without keys and email addresses, wherever they stand."""
    return _without_keys(_PART.sub(_without_address, text))


def _without_address(part: re.Match[str]) -> str:
    return "…@…" if _ADDRESS.search(part[0]) else part[0]


def _without_keys(text: str) -> str:
    for key in _KEYS:
        text = key.sub(r"\1…", text)
    return text


def printable(text: str) -> str:
    """Without line breaks and escapes: a visitor's words must not look like lines of ours."""
    if text.isprintable():
        return text
    return "".join(
        letter if letter.isprintable() else letter.encode("unicode_escape").decode()
        for letter in text
    )


def _for_people(logger: Any, method: str, facts: Facts) -> str:
    """A line that begins with the moment; further facts follow the event, a traceback is below it
    and indented, so that none of its lines looks like another event.
    """
    at, level, name, event = (facts.pop(each) for each in ("at", "level", "logger", "event"))
    exception = facts.pop("exception", "")
    facts.pop("path", "")  # the event says it
    pairs = "".join(f" {key}={_pair(value)}" for key, value in facts.items())
    lines = [f"{at} {level.upper()} {name}: {event}{pairs}", *exception.splitlines()]
    return "\n    ".join(lines)


def _pair(value: object) -> str:
    text = str(value)
    return text if _PLAIN.fullmatch(text) else json.dumps(text, ensure_ascii=False)
