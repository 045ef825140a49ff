"""One history of a lead: what they wrote, what we sent, and what was done."""

from collections.abc import Callable, Iterable, Iterator

from django.db.models import Exists, F, Min, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce, JSONObject
from django.urls import reverse
from django.utils import timezone
from django.utils.text import get_text_list

from accounts.models import User
from articles.models import Revision
from leads.inbox import times
from leads.inbox.paging import Entry, Page, Place, Source, page
from leads.inbox.record import Record
from leads.inbox.times import moment
from leads.languages.names import foreign
from leads.models import Activity, Answer, Inquiry, Notification
from mail.models import Message
from web.rows import Row, Rows, columns, instance

Kind = Activity.Kind
TO_VISITORS = (Notification.Kind.ACKNOWLEDGMENT, Notification.Kind.RESULT)


def history(record: Record, place: Place | None = None) -> Page:
    """Next steps first, then all that happened, the latest first; or what is behind a place."""
    lead = record.lead
    found = page(
        lead,
        [
            inquiries(Q(lead=lead.pk), lambda inquiry, row: _small_print(inquiry, row, record)),
            emails(Q(inquiry__lead=lead.pk)),
            _notified(lead.inquiries.all()),
            lines(Activity.objects.filter(lead=lead.pk), lambda row: line_entry(row)[1]),
        ],
        place,
    )
    return found if place else Page([*_steps(record), *found.entries], found.next)


def _steps(record: Record) -> Iterator[Entry]:
    for step in record.steps:
        yield Entry(
            at=record.now,
            who="Next step",
            text=f"{step.owner.get_short_name() if step.owner else 'Nobody'}: {step.text}",
            style="entry--next",
            step=step,
            is_trouble=step.due_on < timezone.localdate(record.now),
            title=times.due(step.due_on, timezone.localdate(record.now)),
        )


def inquiries(whose: Q, notes: Callable[[Inquiry, Row], Iterable[str]]) -> Source:
    """What they wrote; `notes` are the small print below it."""
    revisions = Revision.objects.filter(article=OuterRef("article")).latest_first()
    answered = Answer.inquiries.through._default_manager.filter(inquiry=OuterRef("pk"))

    def entry(row: Row) -> Entry:
        inquiry = instance(Inquiry, row)
        assert inquiry
        waits = not (row["is_answered"] or row["closed_at"] or row["spam_by"]) and inquiry.lead_id
        path = inquiry.source_path
        source = row["article_title"] or ("the home page" if path == "/" else path) or "the site"
        return Entry(
            at=inquiry.received_at,
            who=f"{inquiry.name} wrote",
            text="from",
            style="entry--waits" if waits else "",
            url=path,
            title=source,
            words=inquiry.message,
            language=inquiry.language or "",
            notes=list(notes(inquiry, row)),
        )

    return Source(
        Inquiry.objects.filter(whose).annotate(is_answered=Exists(answered)),
        "received_at",
        columns(
            Inquiry,
            article_title=Subquery(revisions.values("title")[:1]),
            is_answered=F("is_answered"),
            closed_at=F("lead__closed_at"),
            spam_by=F("spam_mark__by__name"),
            kind=F("sorted_as__kind"),
        ),
        entry,
    )


def emails(whose: Q) -> Source:
    """What we sent to them, with its delivery state."""
    sent = Notification.objects.filter(whose, kind__in=TO_VISITORS)
    return Source(
        sent.annotate(at=Coalesce("message__sent_at", "message__created_at")),
        "at",
        JSONObject(
            id=F("pk"),
            at=F("at"),
            kind=F("kind"),
            message=columns(Message, "message__", without=["text", "html", "headers"]),
        ),
        _email,
    )


def _email(row: Row) -> Entry:
    message = instance(Message, row["message"])
    assert message
    failed = message.state == Message.State.FAILED
    return Entry(
        at=message.sent_at or message.created_at,
        who="Result" if row["kind"] == Notification.Kind.RESULT else "Acknowledgment",
        text=message.delivery.lower(),
        style="entry--sent",
        is_trouble=failed,
        title=message.error if failed else "",
        url=reverse("admin:mail_message_change", args=[message.pk]),
    )


def _notified(theirs: QuerySet[Inquiry]) -> Source:
    """Who in sales was notified of each inquiry: one line."""
    to_sales = Notification.objects.exclude(kind__in=TO_VISITORS).filter(inquiry=OuterRef("pk"))
    first = to_sales.order_by().values("inquiry").annotate(at=Min("message__created_at"))
    told = JSONObject(recipient=F("recipient"), state=F("message__state"))
    return Source(
        theirs.annotate(at=Subquery(first.values("at"))).filter(at__isnull=False),
        "at",
        JSONObject(
            id=F("pk"),
            at=F("at"),
            told=Rows(to_sales.order_by("message__created_at", "pk"), told),
        ),
        _notified_entry,
    )


def _notified_entry(row: Row) -> Entry:
    at, told = moment(row["at"]), row["told"]
    assert at
    failed = any(one["state"] == Message.State.FAILED for one in told)
    whom = get_text_list([one["recipient"] for one in told], "and")
    return Entry(
        at=at,
        text=f"{whom} {'was' if len(told) == 1 else 'were'} notified",
        style="entry--move",
        is_trouble=failed,
        title="failed" if failed else "",
    )


def lines(rows: QuerySet[Activity], entry: Callable[[Row], Entry]) -> Source:
    """What was done. That an inquiry came is told by the inquiry itself."""
    told = rows.exclude(kind=Kind.INQUIRY, by=None)
    return Source(told, "at", columns(Activity, by_name=F("by__name")), entry)


def line_entry(row: Row) -> tuple[Activity, Entry]:
    line = instance(Activity, row)
    assert line
    by = User(name=row["by_name"]).get_short_name() if row["by_name"] else ""
    entry = Entry(at=line.at, who=by, text=line.text, style="entry--move")
    match line.kind:
        case Kind.NOTE:
            entry.text, entry.words = "noted", line.text
            entry.style = "entry--note"
        case Kind.ANSWER if line.text.startswith(("Answered", "Also answered")):
            entry.text, entry.style = line.text.lower(), "entry--sent"
        case Kind.STAGE if "→ Won" in line.text:
            entry.style = "entry--won"
        case Kind.ASSESSMENT:
            entry.who, entry.text, entry.style = "Assessment", line.text, ""
    return line, entry


def _small_print(inquiry: Inquiry, row: Row, record: Record) -> Iterator[str]:
    if row["spam_by"]:
        yield f"Marked as spam by {row['spam_by']}"
    if language := foreign(inquiry.language):
        yield f"In {language}"
    known = record.company.name if record.company else ""
    if inquiry.company and inquiry.company != known:
        yield f"Company: {inquiry.company}"
    if inquiry.is_doubtful:
        yield f"May be spam: {' '.join(inquiry.reasons)}"
    if inquiry.referrer_host:
        yield f"Came from {inquiry.referrer_host}"
    campaign = [inquiry.utm_source, inquiry.utm_medium, inquiry.utm_campaign]
    if any(campaign):
        yield f"Campaign: {' / '.join(filter(None, campaign))}"
