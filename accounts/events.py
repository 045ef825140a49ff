"""What happened to an account, in one place: a line of the audit log, and an email to its person,
so that they learn of what they did not do themselves. Call these in the transaction that does it.

Sign-ins, passwords and rights reach the audit log by their rows: `accounts.audited`.
"""

import uuid
from collections.abc import Sequence

from django.http import HttpRequest
from django.template.defaultfilters import date
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from accounts.models import PasswordLink, User
from desk import audit
from desk.audit import Kind
from mail import outbox
from mail.rendering import render_html
from web.addresses import absolute, host

NOT_YOU = (
    "If this was not you, choose a new password at once, end your other sessions, and tell an"
    " administrator."
)


def new_browser(user: User, request: HttpRequest, browser: str) -> None:
    _tell(
        user,
        f"New sign-in to {host()}",
        [
            f"{browser} signed in to your account on {_now(user)}. It had not done so before.",
            NOT_YOU,
        ],
    )


def password_changed(user: User, *, how: str = "changed") -> None:
    _tell(
        user,
        f"Your password for {host()} was {how}",
        [
            f"Your password was {how} on {_now(user)}. All of your other sessions have ended.",
            NOT_YOU,
        ],
    )


def factor_added(user: User, *, by: User) -> None:
    audit.record(Kind.CREDENTIALS, "Second factor set up.", by=by, about=user)
    _tell(
        user,
        f"Second factor set up for {host()}",
        [
            f"A second factor was set up for your account on {_now(user)}."
            " From now on, signing in takes a code.",
            NOT_YOU,
        ],
    )


def factor_removed(user: User, *, by: User | None) -> None:
    """By an administrator, or from a shell: nobody removes their own without setting up another."""
    audit.record(Kind.CREDENTIALS, "Second factor reset.", by=by, about=user)
    who = f"{by} reset" if by and by.pk != user.pk else "The operator reset"
    _tell(
        user,
        f"Second factor reset for {host()}",
        [
            f"{who} the second factor of your account on {_now(user)}."
            " At your next sign-in, set up a new one.",
            NOT_YOU,
        ],
    )


def address_changed(user: User, was: str, *, by: User) -> None:
    """To the address that they had."""
    _tell(
        user,
        f"Your address for {host()} was changed",
        [
            f"{by} changed the address of your account from {was} to {user.email} on {_now(user)}.",
            "If you did not expect this, tell an administrator.",
        ],
        to=was,
    )


def recovery_codes_made(user: User, *, by: User) -> None:
    audit.record(Kind.CREDENTIALS, "New recovery codes.", by=by, about=user)
    _tell(
        user,
        f"New recovery codes for {host()}",
        [
            f"New recovery codes were made for your account on {_now(user)}."
            " The earlier ones no longer work.",
            NOT_YOU,
        ],
    )


def recovery_code_used(user: User, request: HttpRequest) -> None:
    audit.record(Kind.CREDENTIALS, "Signed in with a recovery code.", by=user, about=user)
    _tell(
        user,
        f"A recovery code was used at {host()}",
        [f"Someone signed in to your account with a recovery code on {_now(user)}.", NOT_YOU],
    )


def codes_guessed(user: User, request: HttpRequest) -> None:
    """At most one email a day."""
    day = timezone.now().date().isoformat()
    _tell(
        user,
        f"Someone knows your password for {host()}",
        [
            f"On {_now(user)} someone who knows your password entered many wrong codes."
            " They did not get in.",
            "If this was not you, choose a new password at once, and tell an administrator.",
        ],
        key=f"codes guessed {user.pk} {day}",
    )


def invited(user: User, link: str, *, by: User | None) -> None:
    days = PasswordLink.GOOD_FOR[PasswordLink.INVITATION].days
    by_whom = f"{by} has added you" if by else "You were added"
    _tell(
        user,
        f"Choose a password for {host()}",
        [
            f"{by_whom} to the staff of {host()}. Choose a password to sign in with {user.email}.",
            f"The link works once, within {days} days.",
        ],
        link=link,
        link_text="Choose a password",
    )


def reset_asked(user: User, link: str) -> None:
    minutes = int(PasswordLink.GOOD_FOR[PasswordLink.RESET].total_seconds() // 60)
    _tell(
        user,
        f"A new password for {host()}",
        [
            f"You can choose a new password for {user.email}."
            f" The link works once, within {minutes} minutes.",
            "If you did not ask for it, ignore this email: your password stays as it is.",
        ],
        link=link,
        link_text="Choose a new password",
    )


def _tell(
    user: User,
    subject: str,
    paragraphs: Sequence[str],
    *,
    key: str = "",
    to: str = "",
    link: str = "",
    link_text: str = "",
) -> None:
    context = {
        "title": subject,
        "name": user.get_short_name(),
        "paragraphs": paragraphs,
        "link": absolute(link or reverse("admin:account")),
        "link_text": link_text or "Your account",
    }
    outbox.put(
        key=key or f"account {uuid.uuid4()}",
        to=to or user.email,
        subject=subject,
        text=render_to_string("accounts/mail/notice.txt", context),
        html=render_html("accounts/mail/notice.html", context),
        headers={"Auto-Submitted": "auto-generated"},
        is_private=bool(link),
    )


def _now(user: User) -> str:
    now = timezone.localtime(timezone.now(), user.zone)
    return f"{date(now, 'F j')} at {date(now, 'H:i')} ({now.tzname()})"
