"""A visitor asks for what is theirs: confirmed by a link in an email, then work with a clock."""

import logging
from datetime import datetime, timedelta

from django.conf import settings
from django.core import signing
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from mail import outbox
from mail.addresses import is_written_to, untagged
from mail.models import Suppression
from mail.rendering import render_html
from privacy.models import Request
from web.addresses import absolute

logger = logging.getLogger(__name__)

# Whoever types a stranger's address must not be able to fill their mailbox.
MAX_A_DAY = 3
MAX_A_DAY_SUPPRESSED = 1
_SALT = "privacy.requests"


def ask(address: str, kind: str, *, at: datetime) -> None:
    """Send the link to this address, whether we know it or not: nobody learns it from the answer or
    from its time. Nothing is sent beyond what one mailbox gets in a day, or all of them in an hour.

    A suppressed mailbox gets one a day as well: who wants no email from us has the same rights, and
    cannot use them otherwise.
    """
    if not is_written_to(address):
        return
    with transaction.atomic():
        place = untagged(address)
        of_the_day = Request.objects.filter(mailbox=place, asked_at__gt=at - timedelta(days=1))
        is_suppressed = Suppression.objects.holds(address)
        most = MAX_A_DAY_SUPPRESSED if is_suppressed else MAX_A_DAY
        of_the_hour = Request.objects.filter(asked_at__gt=at - timedelta(hours=1))
        if of_the_day.count() >= most:
            return
        if of_the_hour.count() >= settings.ACKNOWLEDGMENTS_PER_HOUR:
            logger.warning("ACKNOWLEDGMENTS_PER_HOUR is reached: privacy requests get no email")
            return
        request = Request.objects.create(kind=kind, address=address, mailbox=place, asked_at=at)
        _mail_link(request)


def find(token: str, *, at: datetime) -> Request | None:
    """The request of a link that can still be used. None when it is forged, too old, or used."""
    try:
        pk = signing.loads(token, salt=_SALT, max_age=Request.OPEN_FOR)
    except signing.BadSignature:
        return None
    recent = Request.objects.filter(confirmed_at=None, asked_at__gt=at - Request.OPEN_FOR)
    return recent.filter(pk=pk).first()


@transaction.atomic
def confirm(request: Request, *, at: datetime) -> bool:
    """It is work from now on, and staff are told. False if the link was used at the same moment."""
    unused = Request.objects.filter(pk=request.pk, confirmed_at=None)
    if not unused.update(confirmed_at=at, answer_by=at + Request.ANSWERED_WITHIN):
        return False
    request.refresh_from_db()
    for colleague in _who_does_it():
        _mail_colleague(request, colleague)
    return True


def mark_done(requests: "list[int]", *, by: User, at: datetime) -> int:
    """Of those that are confirmed and still open; how many."""
    still_open = Request.objects.filter(pk__in=requests).waiting()
    return still_open.update(done_at=at, done_by=by)


def _who_does_it() -> list[User]:
    staff = User.objects.filter(is_active=True, is_staff=True)
    return [one for one in staff if one.has_perm("privacy.add_erasure")]


def _mail_link(request: Request) -> None:
    path = reverse("privacy:confirm", args=[signing.dumps(request.pk, salt=_SALT)])
    context = {"request": request, "url": absolute(path), "site_url": absolute("/")}
    outbox.put(
        key=f"privacy request {request.pk}",
        to=request.address,
        subject="Please confirm your request about your data",
        text=render_to_string("privacy/mail/confirm.txt", context),
        html=render_html("privacy/mail/confirm.html", context),
        can_wait=True,
        is_private=True,  # the link is theirs: no colleague confirms in their name
    )


def _mail_colleague(request: Request, colleague: User) -> None:
    """Without a word about whom: it may be erased by the time someone reads it."""
    path = reverse("admin:privacy_request_change", args=[request.pk])
    context = {"request": request, "url": absolute(path)}
    outbox.put(
        key=f"privacy request {request.pk} to {colleague.pk}",
        to=colleague.email,
        subject=f"Privacy request: answer by {timezone.localtime(request.answer_by):%-d %B %Y}",
        text=render_to_string("privacy/mail/requested.txt", context),
        html=render_html("privacy/mail/requested.html", context),
    )
