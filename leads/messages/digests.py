"""What all recipients are mailed once a day: suspected spam to decide about, and leads that nobody
looks after.

Each is repeatable: there is one email a day for each recipient. What nobody does anything about is
listed again the next day.
"""

import logging
from datetime import datetime
from typing import Any

from django.urls import reverse

from leads.duty.absences import Absences
from leads.duty.unattended import unattended, why
from leads.messages import links
from leads.messages.daily import morning, put_once
from leads.messages.recipients import zone_of
from leads.models import Inquiry, Recipient
from mail.header_text import one_line
from web.addresses import absolute

logger = logging.getLogger(__name__)

MAX_LISTED = 50
EXCERPT_LENGTH = 240


def send_due(now: datetime) -> int:
    """Put today's email about suspected spam into the outbox, one for each recipient; how many are
    new. Nothing before its hour, and nothing while none waits.
    """
    local = morning(now)
    if local is None:
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
    subject = f"{count} inquiries look like spam" if count > 1 else "1 inquiry looks like spam"
    return sum(
        put_once(
            f"suspected spam {local:%Y-%m-%d} {to}",
            to=to,
            subject=f"{subject}: please decide",
            template="suspected",
            context={
                "inquiries": [_suspect(inquiry, to) for inquiry in listed],
                "count": count,
                "left_out": count - len(listed),
                "list_url": absolute(f"{reverse('admin:inbox')}?tab=suspected"),
            },
            zone=zone_of(to),
            inquiries=listed,
        )
        for to in recipients
    )


def send_unattended(now: datetime) -> int:
    """Put today's email about leads that nobody looks after into the outbox, in the same way."""
    local = morning(now)
    if local is None:
        return 0
    absences = Absences.at(now)
    leads = unattended(now, absences)
    count = leads.count()
    if not count:
        return 0
    recipients = Recipient.objects.addresses()
    if not recipients:
        logger.error("Nobody looks after %s leads, and there is no recipient of inquiries", count)
    listed = list(leads.select_related("contact__company", "owner")[:MAX_LISTED])
    subject = f"Nobody looks after {count} lead{'s' if count > 1 else ''}"
    return sum(
        put_once(
            f"unattended {local:%Y-%m-%d} {to}",
            to=to,
            subject=subject,
            template="unattended",
            context={
                "subject": subject,
                "leads": [_unattended(lead, absences, to) for lead in listed],
                "left_out": count - len(listed),
                "list_url": absolute(f"{reverse('admin:leads_lead_changelist')}?care=nobody"),
            },
            zone=zone_of(to),
            inquiries=Inquiry.objects.filter(lead__in=listed),
        )
        for to in recipients
    )


def excerpt(inquiry: Inquiry | None) -> str:
    text = " ".join(inquiry.message.split()) if inquiry else ""
    return f"{text[:EXCERPT_LENGTH]}…" if len(text) > EXCERPT_LENGTH else text


def _suspect(inquiry: Inquiry, to: str) -> dict[str, Any]:
    return {
        "inquiry": inquiry,
        "excerpt": excerpt(inquiry),
        "url": absolute(inquiry.get_absolute_url()),
        "spam_url": absolute(links.path(links.SPAM, inquiry.pk, to)),
        "not_spam_url": absolute(links.path(links.NOT_SPAM, inquiry.pk, to)),
    }


def _unattended(lead: Any, absences: Absences, to: str) -> dict[str, Any]:
    company = lead.contact.company
    is_free = lead.owner is None or not absences.of(lead.owner)
    return {
        "name": one_line(lead.contact.name),
        "company": one_line(company.name) if company else "",
        "since": lead.since,
        "why": why(lead, absences),
        "excerpt": excerpt(lead.inquiries.not_spam().first()),
        "url": absolute(lead.get_absolute_url()),
        # Whoever is away keeps what is theirs: a colleague assigns it.
        "take_url": absolute(links.path(links.TAKE, lead.pk, to)) if is_free else "",
    }
