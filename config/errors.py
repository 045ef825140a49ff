"""Faults of ours, reported to Sentry where SENTRY_DSN says so. Without it none of this is imported.

What its SDK gathers of a request or a task stays here: a report is made anew of what our log says
of the same error (docs/decisions/0051). That is its kind, its text only where that speaks of code,
the places in the code, the request's id, and which page or task it was.
"""

import logging
from collections.abc import Iterator
from typing import Any

import sentry_sdk
from django.utils.module_loading import import_string
from sentry_sdk.integrations.atexit import AtexitIntegration
from sentry_sdk.integrations.celery import CeleryIntegration
from sentry_sdk.integrations.dedupe import DedupeIntegration
from sentry_sdk.integrations.django import DjangoIntegration
from sentry_sdk.integrations.excepthook import ExcepthookIntegration
from sentry_sdk.integrations.logging import LoggingIntegration
from sentry_sdk.integrations.threading import ThreadingIntegration
from structlog.contextvars import get_contextvars

from config.log import is_expected, masked, said_by

# What of a report says nothing about anyone.
KEPT = (
    "event_id", "timestamp", "level", "platform", "release", "environment", "server_name", "sdk",
    "logger",
)  # fmt: skip
OF_A_PLACE = (
    "filename", "function", "module", "lineno", "in_app", "pre_context", "context_line",
    "post_context",
)  # fmt: skip


def report(dsn: str, *, version: str, site: str) -> None:
    """From now on, and in all that this process forks."""
    sentry_sdk.init(
        dsn=dsn,
        release=version,
        environment=site,
        before_send=_made_anew,
        before_send_transaction=lambda event, hint: None,
        default_integrations=False,
        auto_enabling_integrations=False,
        integrations=[
            DjangoIntegration(
                middleware_spans=False, signals_spans=False, http_methods_to_capture=()
            ),
            CeleryIntegration(propagate_traces=False),
            LoggingIntegration(level=None, event_level=logging.ERROR),
            DedupeIntegration(),
            ExcepthookIntegration(),
            ThreadingIntegration(),
            AtexitIntegration(callback=lambda pending, timeout: None),
        ],
        # None of it would get past `before_send`: so it need not be gathered.
        send_default_pii=False,
        include_local_variables=False,
        max_request_body_size="never",
        max_breadcrumbs=0,
        auto_session_tracking=False,
        send_client_reports=False,
    )


def _made_anew(event: Any, hint: Any) -> Any:
    """The report that is sent; None where nothing is: of what was to be expected."""
    error = (hint.get("exc_info") or (None, None))[1]
    if error is None or is_expected(error):
        return None
    texts = {(type(each).__name__, str(each)): masked(said_by(each)) for each in _chain(error)}
    found = event.get("exception", {}).get("values", [])
    return {
        **{name: event[name] for name in KEPT if name in event},
        "exception": {"values": [_exception(one, texts) for one in found]},
        **_where(),
    }


def _exception(found: dict[str, Any], texts: dict[tuple[str, str], str]) -> dict[str, Any]:
    kind = found.get("type") or ""
    frames = (found.get("stacktrace") or {}).get("frames", [])
    return {
        "type": kind,
        "module": found.get("module"),
        "value": texts.get((kind, found.get("value") or ""), ""),
        "mechanism": {
            name: (found.get("mechanism") or {}).get(name) for name in ("type", "handled")
        },
        "stacktrace": {
            "frames": [
                {name: frame[name] for name in OF_A_PLACE if name in frame} for frame in frames
            ]
        },
    }


def _where() -> dict[str, Any]:
    """Which page or task it was, in our words for it, and the id by which the log has it."""
    route = import_string("web.queries.current_route")()  # by its name: settings are read first
    request_id = get_contextvars().get("request_id", "")
    return {"transaction": route, "tags": {"request_id": request_id, "route": route}}


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    seen: list[BaseException] = []
    waiting = [error]
    while waiting:
        one = waiting.pop()
        if one is None or one in seen:
            continue
        seen.append(one)
        yield one
        waiting += [one.__cause__, one.__context__, *getattr(one, "exceptions", ())]
