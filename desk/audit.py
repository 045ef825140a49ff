"""The audit log: who did what that matters to security, and when. `record` is its one door.

The database lets no one change a line, nor delete one before its time (`AuditEvent.keep_until`).
A line is written in the transaction that does what it tells of, so that there is never one
without the other. What it may say: names of fields, roles, settings and our own tables; how many;
the number of a record. Never what a visitor wrote, typed or is called: a line cannot be erased.

What is recorded follows OWASP ASVS 5.0, chapter 16.3; that a line cannot be altered, 16.4.2.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from ipaddress import ip_address, ip_network
from typing import Any

from django.db.models import Model
from django.http import HttpRequest, HttpResponse

from desk.models import AuditEvent
from web import limits

Kind = AuditEvent.Kind

# How much of an address is kept: enough to tell one provider or office from another, too little
# to tell one household.
KEPT_BITS = {4: 24, 6: 48}

_request: ContextVar[HttpRequest | None] = ContextVar("request", default=None)


def record(
    kind: AuditEvent.Kind, summary: str, *, by: Any = None, about: Model | None = None
) -> AuditEvent:
    """Write a line: `summary` is a sentence without its subject, "Changed the roles: Sales added."

    `by` is the member of staff who did it; without one it is whoever is signed in to the request
    at hand, and outside of any the site itself. `about` is the row it was done to, of which the
    line keeps the model and the number.
    """
    request = _request.get()
    by = by or _signed_in(request)
    return AuditEvent.objects.create(
        kind=kind,
        summary=summary,
        by=by,
        by_name=str(by) if by else "",
        by_email=by.email if by else "",
        about_model=about._meta.label_lower if about else "",
        about_key=str(about.pk) if about else "",
        network=network(limits.peer(request)) if request else "",
    )


def network(address: str) -> str:
    """The network that a peer is in, such as 192.0.2.0/24 or 2001:db8:5::/48."""
    if not address:
        return ""
    ip = ip_address(address.partition("/")[0])
    return str(ip_network((ip, KEPT_BITS[ip.version]), strict=False))


@contextmanager
def during(request: HttpRequest) -> Iterator[None]:
    """What is recorded meanwhile is done from there, by whoever is signed in to it."""
    token = _request.set(request)
    try:
        yield
    finally:
        _request.reset(token)


class AuditMiddleware:
    """Lets `record` know the request at hand. Asks nothing of it before something is recorded."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with during(request):
            return self.get_response(request)


def _signed_in(request: HttpRequest | None) -> Any:
    user = getattr(request, "user", None)
    return user if user and user.is_authenticated else None
