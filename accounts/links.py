"""Links by which people choose their own password: by an invitation, or because they forgot it.

Each works once, for a while, and ends the one before. The database has a digest of it only; the
email with it is shown to nobody at the desk, and loses its text once it is sent.
"""

import secrets
from contextlib import suppress
from datetime import datetime
from hashlib import sha256

from django.db import transaction
from django.urls import reverse

from accounts import events, sessions, throttle
from accounts.models import PasswordLink, User
from web.limits import CannotCount

INVITATION, RESET = PasswordLink.INVITATION, PasswordLink.RESET


@transaction.atomic
def make(user: User, kind: str, *, at: datetime) -> str:
    """A new link's path. The one that they had works no more."""
    User.objects.select_for_update().get(pk=user.pk)  # two at once: one after the other
    _replace(user)
    said = secrets.token_urlsafe(32)
    PasswordLink.objects.create(
        user=user,
        kind=kind,
        digest=_digest(said),
        made_at=at,
        good_until=at + PasswordLink.GOOD_FOR[kind],
    )
    return reverse("admin:open_link", args=[said])


@transaction.atomic
def invite(user: User, *, by: User | None, at: datetime) -> str:
    """Write to them. Returns the link, for who reads it out in a shell."""
    path = make(user, INVITATION, at=at)
    events.invited(user, path, by=by)
    return path


@transaction.atomic
def send_reset(user: User, *, at: datetime) -> str:
    path = make(user, RESET, at=at)
    events.reset_asked(user, path)
    return path


def find(said: str) -> PasswordLink | None:
    """None for what was cut off, made up, or is older than 30 days."""
    return PasswordLink.objects.select_related("user").filter(digest=_digest(said)).first()


def opened(pk: int | None) -> PasswordLink | None:
    """The one that this browser has opened."""
    return PasswordLink.objects.select_related("user").filter(pk=pk or 0).first()


def why_not(link: PasswordLink | None, *, at: datetime) -> str:
    """Why it does not work, in a sentence; empty if it does."""
    if link is None:
        return "This link is not complete, or not one of ours. Copy the whole of it from the email."
    if link.used_at:
        return "This link was used already. Each works once."
    if link.is_replaced:
        return "This link was replaced by a newer one. Use the latest email."
    if at >= link.good_until:
        return "This link has expired."
    if not (link.user.is_active and link.user.is_staff):
        return "This account is deactivated."
    return ""


@transaction.atomic
def use(link: PasswordLink, password: str, *, at: datetime) -> bool:
    """Their password is this one from now on, and wherever they were signed in they are no more.
    False if somebody used the link in the meantime.
    """
    unused = PasswordLink.objects.filter(
        pk=link.pk, used_at=None, is_replaced=False, good_until__gt=at
    )
    if not unused.update(used_at=at):
        return False
    set_password(link.user, password, how="chosen")
    return True


@transaction.atomic
def set_password(
    user: User, password: str, *, how: str = "changed", session: str | None = None
) -> None:
    """And end their sessions, but for the one named, their links, and what was guessed."""
    user.set_password(password)
    user.save(update_fields=["password"])
    sessions.end(user, but=session)
    _replace(user)
    events.password_changed(user, how=how)
    with suppress(CannotCount):
        throttle.forget(user.email)


def delete_old(*, now: datetime) -> None:
    PasswordLink.objects.filter(good_until__lt=now - PasswordLink.KEPT_FOR).delete()


def _replace(user: User) -> None:
    PasswordLink.objects.filter(user=user, used_at=None).update(is_replaced=True)


def _digest(said: str) -> str:
    return sha256(said.encode()).hexdigest()
