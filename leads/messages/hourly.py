"""The inquiries of which sales are told together, once an hour, because there are too many.

Each inquiry is a row for each recipient (`DigestLine`) from the transaction that announced it, and
stands in one digest, however many workers there are and wherever one of them ends.
"""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from leads.messages.digests import excerpt
from leads.messages.recipients import zone_of
from leads.models import Digest, DigestLine
from mail import outbox
from mail.header_text import one_line
from mail.models import Message
from mail.rendering import render_html
from web.addresses import absolute

# The rest comes an hour later: mail servers refuse what is too long.
MAX_LISTED = 1_000
MAX_WITH_EXCERPT = 50


def send_due(now: datetime) -> int:
    """Put the digests of the hours before this one into the outbox, one for each recipient; how
    many are new.
    """
    hour = now.replace(minute=0, second=0, microsecond=0)
    waiting = DigestLine.objects.waiting().filter(created_at__lt=hour)
    recipients = waiting.order_by("recipient").values_list("recipient", flat=True).distinct()
    return sum(_send(to, hour, now) for to in list(recipients))


@transaction.atomic
def _send(to: str, hour: datetime, now: datetime) -> bool:
    """The lines are held until the commit: whoever waits for them finds that they are put."""
    waiting = DigestLine.objects.waiting().filter(recipient=to, created_at__lt=hour)
    held = waiting.select_for_update(of=("self",)).order_by("created_at", "pk")
    numbers = list(held.values_list("pk", flat=True))
    key = f"hourly digest {hour:%Y-%m-%d %H} {to}"
    if not numbers or Message.objects.filter(key=key).exists():
        return False
    lines = DigestLine.objects.filter(pk__in=numbers).order_by("created_at", "pk")
    # Somebody has seen what is marked as spam.
    lines.filter(inquiry__spam_mark__isnull=False).update(put_at=now)
    listed = list(lines.waiting().select_related("inquiry__lead")[:MAX_LISTED])
    if not listed:
        return False
    left_out = lines.waiting().count() - len(listed)
    with timezone.override(zone_of(to)):
        message = outbox.put(key=key, to=to, **_email(listed, left_out))
    digest = Digest.objects.create(message=message)
    digest.inquiries.set([line.inquiry for line in listed])
    DigestLine.objects.filter(pk__in=[line.pk for line in listed]).update(put_at=now, digest=digest)
    return True


def _email(lines: list[DigestLine], left_out: int) -> dict[str, Any]:
    subject = f"{len(lines)} inquiries" if len(lines) > 1 else "1 inquiry"
    context = {
        "subject": subject,
        "inquiries": [
            _listed(line, has_excerpt=number < MAX_WITH_EXCERPT)
            for number, line in enumerate(lines)
        ],
        "left_out": left_out,
        "most": settings.NOTIFICATIONS_PER_HOUR,
        "list_url": absolute(reverse("admin:inbox")),
    }
    return {
        "subject": f"{subject} in one list",
        "text": render_to_string("leads/mail/hourly.txt", context),
        "html": render_html("leads/mail/hourly.html", context),
        "headers": {"Auto-Submitted": "auto-generated"},
    }


def _listed(line: DigestLine, *, has_excerpt: bool) -> dict[str, Any]:
    inquiry = line.inquiry
    return {
        "name": one_line(inquiry.name),
        "company": one_line(inquiry.company),
        "email": inquiry.email,
        "received_at": inquiry.received_at,
        "is_doubtful": inquiry.is_doubtful,
        "excerpt": excerpt(inquiry) if has_excerpt else "",
        "url": absolute((inquiry.lead or inquiry).get_absolute_url()),
    }
