"""How long someone stays signed in, and where they are: Django's sessions, with rows that say whose
they are.

A session ends two hours after its person last did something, and twelve hours after it began,
whatever they do: OWASP ASVS 5, 7.3.1 and 7.3.2; NIST SP 800-63B-4, section 2.2.3. It ends at once
when its row is deleted: by signing out, by "End" on the page "Your account", by a new password or
other rights.

What counts is what someone does: pages, forms, and what is kept of their typing, which is sent only
while they type. A page that says by itself that it is open does not (`request.is_unattended`).
"""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.auth.signals import user_logged_in
from django.contrib.sessions.backends import db
from django.db.models import F
from django.db.models.functions import Least
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone

from accounts.models import Session, User

IDLE = timedelta(hours=2)
ABSOLUTE = timedelta(hours=12)
SEEN_EVERY = timedelta(minutes=1)  # a row is written that often, not at each request

BEGAN, BROWSER = "began_at", "browser"
ENDED = "ended"
CONFIRMED_AT = "confirmed_at"  # when they last said who they are: see `accounts.confirming`
# In this order: what names several names the more particular one first.
BROWSERS = {
    **{"Edg": "Edge", "EdgA": "Edge", "OPR": "Opera", "Firefox": "Firefox", "FxiOS": "Firefox"},
    **{"Chrome": "Chrome", "CriOS": "Chrome", "Safari": "Safari"},
}
SYSTEMS = {
    **{"iPhone": "iPhone", "iPad": "iPad", "Android": "Android", "Windows": "Windows"},
    **{"Mac OS": "macOS", "CrOS": "ChromeOS", "Linux": "Linux"},
}


class SessionStore(db.SessionStore):
    """The engine: each row knows its person, and when it ends."""

    row: Session | None = None

    @classmethod
    def get_model_class(cls) -> type[Session]:
        return Session

    def load(self) -> dict[str, Any]:
        self.row = self._get_session_from_db()  # type: ignore[attr-defined]  # Django's own
        return self.decode(self.row.session_data) if self.row else {}

    def create_model_instance(self, data: dict[str, Any]) -> Session:
        made: Session = super().create_model_instance(data)  # type: ignore[assignment]  # of our model
        now = timezone.now()
        began = data.get(BEGAN)
        made.user_id = int(data[SESSION_KEY]) if data.get(SESSION_KEY) else None
        made.began_at = min(datetime.fromtimestamp(began, UTC), now) if began else now
        made.seen_at = now
        made.expire_date = min(now + IDLE, made.began_at + ABSOLUTE)
        made.browser = data.get(BROWSER, "")
        return made

    def see(self, now: datetime) -> None:
        """Its person did something: the two hours begin anew."""
        if self.row is None or now - self.row.seen_at < SEEN_EVERY:
            return
        rows = Session.objects.filter(session_key=self.session_key, expire_date__gt=now)
        rows.update(seen_at=now, expire_date=Least(now + IDLE, F("began_at") + ABSOLUTE))


class SessionsMiddleware:
    """Notes that someone is at work, and tells whose session has ended why they sign in again."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        session = request.session
        if session.accessed and not getattr(request, "is_unattended", False):
            session.see(timezone.now())  # type: ignore[attr-defined]  # of our engine
        had_one = request.COOKIES.get(settings.SESSION_COOKIE_NAME)
        if had_one and response.status_code == 302 and session.is_empty():
            where, _, query = response["Location"].partition("?")
            if where == reverse(settings.LOGIN_URL) and query.startswith("next="):
                response["Location"] += f"&note={ENDED}"
        return response


@receiver(user_logged_in, dispatch_uid="accounts.sessions.begin")
def begin(sender: Any, request: HttpRequest, user: User, **kwargs: Any) -> None:
    """By Django's own signal, so that no way to sign in is without it."""
    request.session[BEGAN] = request.session[CONFIRMED_AT] = timezone.now().timestamp()
    request.session[BROWSER] = browser(request)


def browser(request: HttpRequest) -> str:
    """Which one, in words that its person knows it by: "Firefox on Windows"."""
    agent = request.headers.get("User-Agent", "")[:500]
    name = next((said for mark, said in BROWSERS.items() if re.search(rf"\b{mark}\b", agent)), "")
    system = next((said for mark, said in SYSTEMS.items() if mark in agent), "")
    return " on ".join(filter(None, (name or "A browser", system)))


def of(user: User) -> list[Session]:
    """Those that have not ended, the latest first."""
    rows = Session.objects.filter(user=user, expire_date__gt=timezone.now())
    found = list(rows.order_by("-seen_at", "session_key"))
    for one in found:
        one.name = name_of(one)  # type: ignore[attr-defined]  # for the page
    return found


def name_of(session: Session) -> str:
    """What a page calls it: its key is a secret."""
    return sha256(session.session_key.encode()).hexdigest()[:16]


def end(user: User, *, but: str | None = None) -> int:
    """End all of theirs, or all but that one. Returns how many there were."""
    return Session.objects.filter(user=user).exclude(session_key=but).delete()[0]


def delete_expired() -> None:
    Session.objects.filter(expire_date__lte=timezone.now()).delete()
