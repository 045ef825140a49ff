"""The daily email that asks a person to decide about suspected spam."""

import logging
from datetime import datetime, time
from typing import Any

from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from desk import zones
from leads.messages import spam_links
from leads.messages.recipients import zone_of
from leads.models import Digest, Inquiry, Recipient
from mail import outbox
from mail.rendering import render_html
from offices.models import Office
from web.addresses import absolute

logger = logging.getLogger(__name__)

SENT_AT = time(7)  # in the headquarters' time zone
MAX_LISTED = 50
EXCERPT_LENGTH = 240


def send_due(now: datetime) -> int:
    """Put today's email into the outbox, one for each recipient; how many are new.

    Nothing before its hour, and nothing while no suspected spam waits. Repeatable: there is one
    email a day for each recipient. What nobody decides is listed again the next day.
    """
    headquarters = Office.objects.headquarters()
    local = now.astimezone(zones.zone(headquarters.timezone if headquarters else ""))
    if local.time() < SENT_AT:
        return 0
    waiting = Inquiry.objects.suspected().order_by("received_at", "pk")
    count = waiting.count()
    if not count:
        return 0
    recipients = Recipient.objects.addresses()
    if not recipients:
        logger.error(
            "%s inquiries are suspected spam, but there is no recipient of inquiries", count
        )
    listed = list(waiting[:MAX_LISTED])
    return sum(_send(to, listed, count=count, day=local) for to in recipients)


def _send(to: str, listed: list[Inquiry], *, count: int, day: datetime) -> bool:
    key = f"suspected spam {day:%Y-%m-%d} {to}"
    if Digest.objects.filter(message__key=key).exists():
        return False
    context = {
        "inquiries": [_shown(inquiry, to) for inquiry in listed],
        "count": count,
        "left_out": count - len(listed),
        "list_url": absolute(f"{reverse('admin:leads_inquiry_changelist')}?spam=suspected"),
    }
    subject = f"{count} inquiries look like spam" if count > 1 else "1 inquiry looks like spam"
    with timezone.override(zone_of(to)):
        text = render_to_string("leads/mail/suspected.txt", context)
        html = render_html("leads/mail/suspected.html", context)
    with transaction.atomic():
        message = outbox.put(
            key=key,
            to=to,
            subject=f"{subject}: please decide",
            text=text,
            html=html,
            headers={"Auto-Submitted": "auto-generated"},
        )
        digest, is_new = Digest.objects.get_or_create(message=message)
        if is_new:
            digest.inquiries.set(listed)
    return is_new


def _shown(inquiry: Inquiry, to: str) -> dict[str, Any]:
    text = " ".join(inquiry.message.split())
    return {
        "inquiry": inquiry,
        "excerpt": f"{text[:EXCERPT_LENGTH]}…" if len(text) > EXCERPT_LENGTH else text,
        "spam_url": absolute(spam_links.path(inquiry, spam_links.SPAM, to)),
        "not_spam_url": absolute(spam_links.path(inquiry, spam_links.NOT_SPAM, to)),
    }
