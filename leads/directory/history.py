"""The history of a person, and of a company."""

from collections.abc import Iterator

from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import JSONObject
from django.urls import reverse

from accounts.models import User
from leads.inbox import history as of_a_lead
from leads.inbox.paging import Entry, Source
from leads.inbox.times import moment
from leads.models import (
    Activity,
    Change,
    Company,
    Contact,
    Inquiry,
    InquiryAssessment,
)
from leads.models import Kind as InquiryIs
from readiness.models import Assessment
from web.rows import Row, columns, instance

Kind = Activity.Kind


def of_person(contact: Contact, titles: dict[int, str]) -> list[Source]:
    """`titles` are those of their leads, by key."""
    came_along = InquiryAssessment.objects.filter(
        assessment=OuterRef("pk"), inquiry__contact=contact
    )
    lines = Activity.objects.filter(lead__contact=contact)
    # What assessments say themselves.
    lines = lines.exclude(kind=Kind.ASSESSMENT)
    return [
        of_a_lead.inquiries(Q(contact=contact), _small_print),
        of_a_lead.lines(lines, lambda row: _activity(row, titles)),
        _changes(contact.changes.all()),
        of_a_lead.emails(Q(inquiry__contact=contact)),
        Source(
            Assessment.objects.finished().filter(Exists(came_along)),
            "finished_at",
            JSONObject(
                id=F("pk"),
                finished_at=F("finished_at"),
                total=F("total"),
                result=F("rule__result__name"),
            ),
            _assessment,
        ),
    ]


def of_company(company: Company, people: QuerySet[Contact]) -> list[Source]:
    whose = Q(contact__in=people.order_by().values("pk"))
    return [of_a_lead.inquiries(whose, _small_print), _changes(company.changes.all())]


def _changes(rows: QuerySet[Change]) -> Source:
    return Source(rows, "at", columns(Change, by_name=F("by__name")), _change)


def _small_print(inquiry: Inquiry, row: Row) -> Iterator[str]:
    if row["spam_by"]:
        yield f"Marked as spam by {row['spam_by']}"
    if row["kind"] not in (None, InquiryIs.WORK):
        yield f"Sorted as {row['kind']}"


def _activity(row: Row, titles: dict[int, str]) -> Entry:
    line, entry = of_a_lead.line_entry(row)
    if line.kind != Kind.NOTE and len(titles) > 1 and line.lead_id in titles:
        entry.title = titles[line.lead_id]
        entry.url = reverse("admin:lead", args=[line.lead_id])
    return entry


def _change(row: Row) -> Entry:
    change = instance(Change, row)
    assert change
    by = User(name=row["by_name"]).get_short_name() if row["by_name"] else ""
    return Entry(at=change.at, who=by, text=change.text, style="entry--move")


def _assessment(row: Row) -> Entry:
    at = moment(row["finished_at"])
    assert at
    return Entry(at=at, who="Assessment", text=f"{row['result']}, {row['total']:.0f} of 100")
