"""What our emails say. Composed from templates/leads/mail/; links lead to the configured site."""

import re
from collections.abc import Sequence
from datetime import datetime
from html import escape
from secrets import token_hex
from typing import Any, NotRequired, TypedDict
from zoneinfo import ZoneInfo

from django.conf import settings
from django.template.defaultfilters import pluralize
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from leads.briefs import hints, sections
from leads.duty.care import Care
from leads.messages import links, recipients
from leads.models import ByHand, Inquiry, Lead
from leads.standing import Standing
from mail.header_text import one_line
from mail.rendering import render_html
from readiness.reports import Report, with_articles
from web.addresses import absolute
from web.memo import remembered

# RFC 3834, section 5: marked as automatic, so that no robot answers it.
AUTOMATIC = {"Auto-Submitted": "auto-replied", "X-Auto-Response-Suppress": "All"}
# Stand in a notification for words, moments and links that differ by recipient. Nobody can guess,
# and so type, them.
WHO_HAS_IT, RECEIVED, ANSWER_BY = (token_hex(16) for _ in range(3))
SPAM_URL, NOT_SPAM_URL, TAKE_URL = (f"https://{token_hex(16)}.invalid/" for _ in range(3))
# Around what stands there only while nobody has it.
FREE, FREE_END = token_hex(16), token_hex(16)
_WHILE_FREE = re.compile(f"{FREE}.*?{FREE_END}", re.DOTALL)


STRANGER = Standing()


class Email(TypedDict):
    """The content of an email, as `mail.outbox.put` takes them."""

    subject: str
    text: str
    html: str
    reply_to: NotRequired[str]
    reply_to_name: NotRequired[str]
    headers: NotRequired[dict[str, str]]


def notification(
    inquiry: Inquiry,
    reports: Sequence[Report] = (),
    standing: Standing = STRANGER,
    *,
    before: int = 0,
) -> Email:
    """Tells sales everything we know, with the assessments that came with it; a reply to it goes
    to the visitor. Composed once for everyone; `notification_for` makes it someone's own.

    `before` is how many inquiries there are on the lead that came earlier. It names no other
    visitor: it is stored as an email about this one.
    """
    name, company = one_line(inquiry.name), one_line(inquiry.company)
    read = inquiry.article.live_revision() if inquiry.article else None
    brief = sections.of_inquiry(inquiry)
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
        "lead_url": _lead_url(inquiry.lead),
        "client": client_text(standing),
        "colleague": standing.colleague,
        "colleague_url": _lead_url(standing.colleague),
        "answer_by": ANSWER_BY if _is_due(inquiry.lead) else "",
        "who_has_it": WHO_HAS_IT,
        "free": FREE,
        "free_end": FREE_END,
        "take_url": TAKE_URL,
        "count_on_lead": 1 + before,
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
    if standing.is_client:
        subject = f"Client: {subject}"
    return {
        "subject": f"May be spam: {subject}" if inquiry.is_doubtful else subject,
        "text": render_to_string("leads/mail/notification.txt", context),
        "html": render_html("leads/mail/notification.html", context),
        "reply_to": inquiry.email,
        "reply_to_name": inquiry.name,
    }


def notification_for(recipient: str, inquiry: Inquiry, email: Email, care: Care) -> Email:
    """The notification as one recipient gets it: with who has it, the moment in their time zone,
    and the links by which they take it or decide about spam.
    """
    zone = recipients.zone_of(recipient, inquiry.office)
    due = inquiry.lead.respond_by if inquiry.lead else None
    theirs = {
        WHO_HAS_IT: care.told(recipient),
        RECEIVED: _moment(inquiry.received_at, zone),
        ANSWER_BY: _moment(due, zone) if due else "",
        SPAM_URL: absolute(links.path(links.SPAM, inquiry.pk, recipient)),
        NOT_SPAM_URL: absolute(links.path(links.NOT_SPAM, inquiry.pk, recipient)),
        TAKE_URL: absolute(links.path(links.TAKE, inquiry.lead_id or 0, recipient)),
    }
    if care.owner:
        text, html = (_WHILE_FREE.sub("", email[part]) for part in ("text", "html"))
    else:
        theirs |= {FREE: "", FREE_END: ""}
        text, html = email["text"], email["html"]
    for placeholder, words in theirs.items():
        text, html = text.replace(placeholder, words), html.replace(placeholder, escape(words))
    return {**email, "text": text, "html": html}


def _is_due(lead: Lead | None) -> bool:
    return bool(lead and lead.is_waiting and lead.respond_by)


def client_text(standing: Standing) -> str:
    """What they were won with, when and by whom; empty for whoever is no client."""
    won = standing.won
    if won is None:
        return ""
    told = f"Client: won {won.amount}" if won.amount else "Client: won"
    if won.closed_at:
        told += f" on {timezone.localtime(won.closed_at):%-d %b %Y}"
    if won.owner:
        told += f" by {won.owner}"
    if count := standing.won_before:
        told += f", and {count} lead{pluralize(count)} before"
    return f"{told}."


def _lead_url(lead: Lead | None) -> str:
    return absolute(lead.get_absolute_url()) if lead else ""


def bare_notification(inquiry: Inquiry) -> Email:
    """Says no more than that there is an inquiry: for when `notification` cannot be composed."""
    return _bare("Inquiry", "We have an inquiry that could not be shown in this email.", inquiry)


def bare_readiness(inquiry: Inquiry) -> Email:
    """Says no more than that there is an assessment: for when `readiness` cannot be composed."""
    return _bare(
        "Assessment", "We have an assessment that could not be shown in this email.", inquiry
    )


def _bare(subject: str, sentence: str, inquiry: Inquiry) -> Email:
    url = absolute(inquiry.get_absolute_url())
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
        "lead_url": _lead_url(inquiry.lead),
    }
    return {
        "subject": f"Readiness result from {name}: {report.result.name}",
        "text": render_to_string("leads/mail/readiness.txt", context),
        "html": render_html("leads/mail/readiness.html", context),
        "reply_to": inquiry.email,
        "reply_to_name": inquiry.name,
    }


def acknowledgment(
    report: Report | None = None, *, promptly: bool = True, by_hand: ByHand | None = None
) -> Email:
    """Tells the visitor we have their words, and what the assessment came to that came with them;
    or, of what a colleague wrote down, that and how. Replies then go to that colleague.

    It names a day for our answer only when written `promptly`: suspected spam has waited for
    someone to look at it. Says none of the words, nor any of the assessment's that were typed and
    not chosen: the address may be a stranger's.
    """
    if by_hand:
        return _to_the_visitor("acknowledgment", None, promptly=promptly, by_hand=by_hand)
    if report is None:
        return _plain_acknowledgment(promptly=promptly)
    return _to_the_visitor("acknowledgment", report, promptly=promptly)


@remembered
def _plain_acknowledgment(*, promptly: bool) -> Email:
    """The same for everyone."""
    return _to_the_visitor("acknowledgment", None, promptly=promptly)


def result(report: Report) -> Email:
    """Tells the visitor what their assessment came to, when that was after the acknowledgment.

    Says no more of theirs than that does.
    """
    return _to_the_visitor("result", report)


def _to_the_visitor(
    template: str,
    report: Report | None,
    *,
    promptly: bool = True,
    by_hand: ByHand | None = None,
) -> Email:
    """Replies go to a person: the first recipient of inquiries, or whom they spoke with."""
    people = [by_hand.by.email] if by_hand else recipients.addresses()
    context = {
        "site_url": settings.SITE_URL,
        "articles_url": absolute(reverse("articles:list")),
        "people": people,
        "promptly": promptly,
        "by_hand": by_hand,
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
    facts = [
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
