"""People as the pages of people and companies list them, each with what they are to us."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import (
    Case,
    Count,
    Exists,
    JSONField,
    Max,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    When,
)
from django.db.models.functions import JSONObject

from leads.inbox.times import moment
from leads.models import Company, Contact, Inquiry, Lead


@dataclass(frozen=True)
class Line:
    pk: int
    name: str
    job_title: str
    standing: str  # “open lead, Qualified, Lone”, “client”, “wrote twice, 2025”
    is_client: bool
    rank: int = 0  # as in `open_ones_first`


def of_company(company: Company) -> Q:
    """Who works there: it is written down, or their address is at its domain."""
    named = Q(company=company.pk)
    return named | Q(company=None, domain=company.domain) if company.domain else named


def lines(people: QuerySet[Contact]) -> list[Line]:
    """In one query, in the order of the queryset."""
    leads = Lead.objects.filter(contact=OuterRef("pk"))
    open_lead = leads.open().work().values(said=JSONObject(stage="stage", owner="owner__name"))
    inquiries = Inquiry.objects.not_spam().filter(contact=OuterRef("pk")).order_by()
    written = inquiries.values("contact").annotate(many=Count("pk"), last=Max("received_at"))
    found = people.annotate(
        open_lead=Subquery(open_lead[:1], output_field=JSONField()),
        is_client=Exists(leads.won()),
        written=Subquery(
            written.values(said=JSONObject(many="many", last="last")), output_field=JSONField()
        ),
    )
    return [
        Line(
            pk=one.pk,
            name=one.name,
            job_title=one.job_title,
            standing=", ".join(filter(None, _standing(one))),
            is_client=one.is_client,
            rank=getattr(one, "rank", 0),
        )
        for one in found
    ]


def open_ones_first(people: QuerySet[Contact]) -> QuerySet[Contact]:
    """Those with an open lead, then who came last."""
    is_open = Exists(Lead.objects.open().work().filter(contact=OuterRef("pk")))
    return people.annotate(rank=Case(When(is_open, then=0), default=1)).order_by("rank", "-pk")


def _standing(one: Any) -> Iterator[str]:
    if one.open_lead:
        yield "open lead"
        yield Lead.Stage(one.open_lead["stage"]).label
        if one.open_lead["owner"]:
            yield one.open_lead["owner"].partition(" ")[0]
    if one.is_client:
        yield "client"
    elif one.written and not one.open_lead:
        many, last = one.written["many"], moment(one.written["last"])
        yield {1: "wrote once", 2: "wrote twice"}.get(many, f"wrote {many} times")
        yield f"{last:%Y}" if last else ""
