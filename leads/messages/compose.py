"""What our emails say. Composed from templates/leads/mail/; links lead to the configured site."""

from collections.abc import Sequence
from datetime import datetime
from secrets import token_hex
from typing import Any, NotRequired, TypedDict
from zoneinfo import ZoneInfo

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse

from leads.briefs import hints, sections
from leads.messages import recipients, spam_links
from leads.models import Inquiry, Recipient
from mail.header_text import one_line
from mail.rendering import render_html
from readiness.reports import Report, with_articles
from web.addresses import absolute

# RFC 3834, section 5: marked as automatic, so that no robot answers it.
AUTOMATIC = {"Auto-Submitted": "auto-replied", "X-Auto-Response-Suppress": "All"}
# Stand in a notification for moments and links that differ by recipient. Nobody can guess, and so
# type, them.
RECEIVED, ANSWER_BY = token_hex(16), token_hex(16)
SPAM_URL, NOT_SPAM_URL = (f"https://{token_hex(16)}.invalid/" for _ in range(2))


class Email(TypedDict):
    """The content of an email, as `mail.outbox.put` takes them."""

    subject: str
    text: str
    html: str
    reply_to: NotRequired[str]
    reply_to_name: NotRequired[str]
    headers: NotRequired[dict[str, str]]


def notification(inquiry: Inquiry, reports: Sequence[Report] = ()) -> Email:
    """Tells sales everything we know, with the assessments that came with it; a reply to it goes
    to the visitor. Composed once for everyone; `notification_for` makes it someone's own.
    """
    name, company = one_line(inquiry.name), one_line(inquiry.company)
    read = inquiry.article.live_revision() if inquiry.article else None
    brief = sections.of_inquiry(inquiry)
    earlier = Inquiry.objects.filter(lead=inquiry.lead_id, received_at__lt=inquiry.received_at)
    of_the_article = inquiry.article.get_absolute_url() if inquiry.article else ""
    # The page it was sent from, unless the article is that page.
    source = inquiry.source_path if inquiry.source_path != of_the_article else ""
    context = {
        "inquiry": inquiry,
        "name": name,
        "company": company,
        "article_title": read.title if read else "",
        "article_url": absolute(of_the_article) if of_the_article else "",
        "source_url": absolute(source) if source else "",
        "lead_url": absolute(reverse("admin:leads_lead_change", args=[inquiry.lead_id])),
        "inquiry_url": absolute(reverse("admin:leads_inquiry_change", args=[inquiry.pk])),
        "count_on_lead": 1 + earlier.count(),
        "facts": _facts(inquiry),
        "reports": reports,
        "brief": brief,
        "brief_markdown": sections.markdown(brief) if brief else "",
        "brief_sections": sections.filled(brief) if brief else [],
        "open_in_brief": hints.stored_findings(brief) if brief else [],
        "brief_url": absolute(reverse("admin:leads_inquiry_brief", args=[inquiry.pk])),
    }
    if inquiry.is_doubtful:
        context["spam_url"], context["not_spam_url"] = SPAM_URL, NOT_SPAM_URL
    subject = f"Inquiry from {name}, {company}" if company else f"Inquiry from {name}"
    if brief and (title := one_line(brief.title)):
        subject = f"{subject}: {title}"
    return {
        "subject": f"May be spam: {subject}" if inquiry.is_doubtful else subject,
        "text": render_to_string("leads/mail/notification.txt", context),
        "html": render_html("leads/mail/notification.html", context),
        "reply_to": inquiry.email,
        "reply_to_name": inquiry.name,
    }


def notification_for(recipient: str, inquiry: Inquiry, email: Email) -> Email:
    """The notification as one recipient gets it: with the moment in their time zone, and the links
    by which they decide about spam.
    """
    zone = recipients.zone_of(recipient, inquiry.office)
    due = inquiry.lead.respond_by if inquiry.lead else None
    theirs = {
        RECEIVED: _moment(inquiry.received_at, zone),
        ANSWER_BY: _moment(due, zone) if due else "",
        SPAM_URL: absolute(spam_links.path(inquiry, spam_links.SPAM, recipient)),
        NOT_SPAM_URL: absolute(spam_links.path(inquiry, spam_links.NOT_SPAM, recipient)),
    }
    text, html = email["text"], email["html"]
    for placeholder, words in theirs.items():
        text, html = text.replace(placeholder, words), html.replace(placeholder, words)
    return {**email, "text": text, "html": html}


def bare_notification(inquiry: Inquiry) -> Email:
    """Says no more than that there is an inquiry: for when `notification` cannot be composed."""
    return _bare("Inquiry", "We have an inquiry that could not be shown in this email.", inquiry)


def bare_readiness(inquiry: Inquiry) -> Email:
    """Says no more than that there is an assessment: for when `readiness` cannot be composed."""
    return _bare(
        "Assessment", "We have an assessment that could not be shown in this email.", inquiry
    )


def _bare(subject: str, sentence: str, inquiry: Inquiry) -> Email:
    url = absolute(reverse("admin:leads_inquiry_change", args=[inquiry.pk]))
    return {
        "subject": f"{subject} no. {inquiry.pk}",
        "text": f"{sentence} Open it here:\n{url}\n",
        "html": "",
        "reply_to": inquiry.email,
        "reply_to_name": inquiry.name,
    }


def in_thread(email: Email, earlier: Sequence[str]) -> Email:
    """The same below emails by their Message-IDs, the first of all first (RFC 5322, 3.6.4)."""
    if not earlier:
        return email
    return {**email, "headers": {"In-Reply-To": earlier[-1], "References": " ".join(earlier)}}


def readiness(inquiry: Inquiry, report: Report) -> Email:
    """Tells sales what an assessment came to that was finished after the notification was sent. A
    reply to it goes to the visitor.
    """
    name = one_line(inquiry.name)
    context = {
        "name": name,
        "company": one_line(inquiry.company),
        "email": inquiry.email,
        "report": report,
        "lead_url": absolute(reverse("admin:leads_lead_change", args=[inquiry.lead_id])),
    }
    return {
        "subject": f"Readiness result from {name}: {report.result.name}",
        "text": render_to_string("leads/mail/readiness.txt", context),
        "html": render_html("leads/mail/readiness.html", context),
        "reply_to": inquiry.email,
        "reply_to_name": inquiry.name,
    }


def acknowledgment(report: Report | None = None, *, promptly: bool = True) -> Email:
    """Tells the visitor we have their words, and what the assessment came to that came with them.

    It names a day for our answer only when written `promptly`: suspected spam has waited for
    someone to look at it. Says none of the words, nor any of the assessment's that were typed and
    not chosen: the address may be a stranger's.
    """
    return _to_the_visitor("acknowledgment", report, promptly=promptly)


def result(report: Report) -> Email:
    """Tells the visitor what their assessment came to, when that was after the acknowledgment.

    Says no more of theirs than that does.
    """
    return _to_the_visitor("result", report)


def _to_the_visitor(template: str, report: Report | None, *, promptly: bool = True) -> Email:
    """Replies go to a person: the first recipient of inquiries."""
    people = Recipient.objects.addresses()
    context = {
        "site_url": settings.SITE_URL,
        "articles_url": absolute(reverse("articles:list")),
        "people": people,
        "promptly": promptly,
        "report": report,
        "gaps": _gaps(report) if report else [],
    }
    return {
        "subject": render_to_string(f"leads/mail/{template}_subject.txt", context).strip(),
        "text": render_to_string(f"leads/mail/{template}.txt", context),
        "html": render_html(f"leads/mail/{template}.html", context),
        "reply_to": people[0] if people else "",
        "headers": AUTOMATIC,
    }


def _gaps(report: Report) -> list[dict[str, Any]]:
    """What holds most back, and what to read about it."""
    return [
        {
            "said": said,
            "articles": [(one.title, absolute(one.get_absolute_url())) for one in revisions],
        }
        for said, revisions in with_articles(report.holding_back)
    ]


def _facts(inquiry: Inquiry) -> list[tuple[str, str]]:
    """What came with the inquiry, for the notification: only what is known."""
    due = inquiry.lead.respond_by if inquiry.lead and inquiry.lead.is_waiting else None
    facts = [
        ("Answer by", ANSWER_BY if due else ""),
        ("Came from", inquiry.referrer_host),
        ("Campaign", " / ".join(filter(None, [
            inquiry.utm_source, inquiry.utm_medium, inquiry.utm_campaign
        ]))),
        ("Office", inquiry.office.name if inquiry.office else ""),
        ("Received", RECEIVED),
    ]  # fmt: skip
    return [(label, one_line(value)) for label, value in facts if value]


def _moment(at: datetime, zone: ZoneInfo) -> str:
    local = at.astimezone(zone)
    return f"{local:%A %-d %B %Y, %H:%M} ({local.tzname()})"
