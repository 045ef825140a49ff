"""Where someone has signed in from before: whoever guesses passwords elsewhere does not keep them
out, and they get an email about a browser that is new.

A browser is known by a cookie of its own, a network address by a digest made with SECRET_KEY. Both
for 30 days after they last signed in there.
"""

import secrets
from collections.abc import Iterable
from datetime import datetime
from hashlib import sha256

from django.conf import settings
from django.core.signing import BadSignature
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import salted_hmac

from accounts.models import Familiar, User
from web.limits import peer

COOKIE = f"{settings.COOKIE_PREFIX}desk_browser"
SALT = "accounts.familiar"


def known_place(request: HttpRequest, address: str, *, now: datetime) -> str:
    """The digest of the browser or, failing that, of the network address from which whoever signs
    in with this address has done so lately; empty for neither. One query, which takes as long for
    an address that is nobody's.
    """
    people = User.objects.of_address(address)
    rows = Familiar.objects.recent(now).filter(user__in=people, digest__in=_digests(request))
    return rows.order_by("-is_browser").values_list("digest", flat=True).first() or ""


def remember(request: HttpRequest, response: HttpResponse, user: User, *, now: datetime) -> bool:
    """They have signed in from here. Returns whether it is a browser that is new for someone who
    has used another one lately.
    """
    token = _token(request) or secrets.token_urlsafe(24)
    digest = _of_browser(token)
    recent = Familiar.objects.recent(now).filter(user=user, is_browser=True)
    is_new = recent.exists() and not recent.filter(digest=digest).exists()
    rows = [Familiar(user=user, digest=digest, is_browser=True, last_at=now)]
    rows += [
        Familiar(user=user, digest=one, is_browser=False, last_at=now)
        for one in _of_address(request)
    ]
    Familiar.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["user", "digest"], update_fields=["last_at"]
    )
    response.set_signed_cookie(
        COOKIE,
        token,
        salt=SALT,
        max_age=Familiar.KEPT_FOR,
        path=settings.SESSION_COOKIE_PATH,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
    return is_new


def delete_old(*, now: datetime) -> None:
    Familiar.objects.filter(last_at__lte=now - Familiar.KEPT_FOR).delete()


def _token(request: HttpRequest) -> str:
    try:
        token = request.get_signed_cookie(COOKIE, "", salt=SALT, max_age=Familiar.KEPT_FOR)
    except BadSignature:
        return ""
    return token or ""


def _digests(request: HttpRequest) -> Iterable[str]:
    token = _token(request)
    return [*([_of_browser(token)] if token else []), *_of_address(request)]


def _of_browser(token: str) -> str:
    return sha256(token.encode()).hexdigest()  # of 192 random bits


def _of_address(request: HttpRequest) -> list[str]:
    address = peer(request)
    return [salted_hmac(SALT, address, algorithm="sha256").hexdigest()] if address else []
