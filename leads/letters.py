"""What our letters say. Composed from templates/leads/mail/; links lead to the configured site."""

from typing import NotRequired, TypedDict

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse

from leads import assessments, brief_hints, briefs
from leads.models import Inquiry, Recipient
from mail.words import one_line


class Letter(TypedDict):
    """The words of a letter, as `mail.outbox.put` takes them."""

    subject: str
    text: str
    html: str
    reply_to: NotRequired[str]
    headers: NotRequired[dict[str, str]]


def notice(inquiry: Inquiry) -> Letter:
    """Tells sales everything we know; a reply to it goes to the visitor."""
    name, company = one_line(inquiry.name), one_line(inquiry.company)
    read = inquiry.article.live_revision() if inquiry.article else None
    brief = briefs.of_inquiry(inquiry)
    context = {
        "inquiry": inquiry,
        "name": name,
        "company": company,
        "article_title": read.title if read else "",
        "article_url": _url(inquiry.article.get_absolute_url()) if inquiry.article else "",
        "source_url": _url(inquiry.source_path) if inquiry.source_path else "",
        "lead_url": _url(reverse("admin:leads_lead_change", args=[inquiry.lead_id])),
        "inquiry_url": _url(reverse("admin:leads_inquiry_change", args=[inquiry.pk])),
        "count_on_lead": Inquiry.objects.filter(lead=inquiry.lead_id).count(),
        "facts": _facts(inquiry),
        "reports": assessments.of_inquiry(inquiry),
        "brief": brief,
        "brief_markdown": briefs.markdown(brief) if brief else "",
        "brief_said": briefs.said(brief) if brief else [],
        "open_in_brief": brief_hints.findings(brief) if brief else [],
        "brief_url": _url(reverse("admin:leads_inquiry_brief", args=[inquiry.pk])),
    }
    return {
        "subject": f"Inquiry from {name}, {company}" if company else f"Inquiry from {name}",
        "text": render_to_string("leads/mail/notice.txt", context),
        "html": render_to_string("leads/mail/notice.html", context),
        "reply_to": inquiry.email,
    }


def acknowledgement() -> Letter:
    """Tells the visitor we have their words. Says none of them: the address may be a stranger's.

    A reply to it goes to a person: the first of those who are told of inquiries. RFC 3834,
    section 5: marked as automatic, so that no robot answers it.
    """
    people = Recipient.objects.addresses()
    context = {"site_url": settings.SITE_URL, "privacy_url": _url("/privacy/"), "people": people}
    return {
        "subject": "We have your message",
        "text": render_to_string("leads/mail/acknowledgement.txt", context),
        "html": render_to_string("leads/mail/acknowledgement.html", context),
        "reply_to": people[0] if people else "",
        "headers": {"Auto-Submitted": "auto-replied", "X-Auto-Response-Suppress": "All"},
    }


def _facts(inquiry: Inquiry) -> list[tuple[str, str]]:
    """What came with the inquiry, for the notice: only what is known."""
    facts = [
        ("Sent from", inquiry.source_path),
        ("Came from", inquiry.referrer_host),
        ("Campaign", " / ".join(filter(None, [
            inquiry.utm_source, inquiry.utm_medium, inquiry.utm_campaign
        ]))),
        ("Office", inquiry.office.name if inquiry.office else ""),
        ("Received", f"{inquiry.received_at:%-d %B %Y, %H:%M} UTC"),
    ]  # fmt: skip
    return [(label, one_line(value)) for label, value in facts if value]


def _url(path: str) -> str:
    return f"{settings.SITE_URL}{path}"
