"""The list of leads: the pipeline."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery, Sum
from django.db.models.functions import JSONObject, Left
from django.urls import reverse

from desk.listing import Among, By
from leads import money, score
from leads.lists import cells
from leads.lists.filters import LeadFilter, people_and_offices
from leads.lists.listed import Column, Screen
from leads.models import Inquiry, Kind, Lead, NextStep

WORDS = 160  # characters of what they wrote last


def load(numbers: Sequence[int], columns: set[str]) -> QuerySet[Any]:
    rows = Lead.objects.filter(pk__in=numbers)
    rows = rows.select_related("contact__company", "owner", "office")
    theirs = Inquiry.objects.filter(lead=OuterRef("pk")).order_by("-received_at", "-pk")
    planned = NextStep.objects.open().filter(lead=OuterRef("pk")).order_by("due_on", "pk")
    rows = rows.annotate(
        latest_words=Subquery(theirs.values(words=Left("message", WORDS))[:1]),
        step=Subquery(planned.values(said=JSONObject(text="text", due="due_on"))[:1]),
    )
    if columns & {"readiness", "score"}:
        rows = rows.with_inquiries().with_readiness()
    return rows


def sums(rows: QuerySet[Any]) -> list[str]:
    """What they are worth together, by currency."""
    valued = rows.filter(value__isnull=False).order_by().values("currency")
    of_each = valued.annotate(total=Sum("value")).order_by("currency")
    return [
        f"{money.display(one['total'], one['currency'])} {one['currency']}"
        for one in of_each
        if one["total"]
    ]


def _answer(lead: Any, now: datetime) -> str:
    if lead.is_spam():
        return ""
    if not lead.is_waiting:
        return f"answered {cells.day(lead.responded_at, now)}" if lead.responded_at else ""
    if lead.respond_by is None:
        return "waiting"
    is_late = lead.respond_by < now
    said = f"{'since' if is_late else 'by'} {cells.clock(lead.respond_by, now)}"
    return cells.late(said, is_late=is_late)


def _step(lead: Any, now: datetime) -> str:
    if not lead.step:
        return ""
    return cells.step(lead.step["text"], date.fromisoformat(lead.step["due"]), now)


def _readiness(lead: Any, now: datetime) -> str:
    result = lead.known().readiness
    return f"{result.name} {result.total:.0f}" if result else ""


def _kind(lead: Any, now: datetime) -> str:
    return lead.kind_label or "not sorted"


def _owners() -> list[int]:
    """In the order of their names."""
    return [int(pk) for pk, _ in people_and_offices()[0]]


COLUMNS = (
    Column("name", "Who", lambda lead, now: lead.contact.name, By("contact__name")),
    Column(
        "company",
        "Company",
        lambda lead, now: lead.contact.company.name if lead.contact.company else "",
        By("contact__company__name", nullable=True),
    ),
    Column(
        "stage",
        "Stage",
        lambda lead, now: lead.get_stage_display(),
        Among("stage", lambda: Lead.Stage.values),
    ),
    Column(
        "days", "In stage", lambda lead, now: cells.days(lead.stage_since, now), By("stage_since")
    ),
    Column(
        "owner",
        "Owner",
        lambda lead, now: cells.owned(lead.owner, reverse("admin:pipeline")),
        Among("owner", _owners),
    ),
    Column(
        "value",
        "Value",
        lambda lead, now: cells.amount(lead.value, lead.currency),
        By("value", nullable=True),
        is_amount=True,
    ),
    Column("answer", "Answer", _answer, By("respond_by", nullable=True)),
    Column("step", "Next step", _step, By("step_due", nullable=True)),
    Column("opened", "Opened", lambda lead, now: cells.day(lead.opened_at, now), By("opened_at")),
    Column(
        "kind", "Kind", _kind, Among("kind", lambda: ["", *Kind.values, "spam"]), is_shown=False
    ),
    Column(
        "office",
        "Office",
        lambda lead, now: lead.office.name if lead.office else "",
        Among("office", lambda: [int(pk) for pk, _ in people_and_offices()[1]]),
        is_shown=False,
    ),
    Column("email", "Email", lambda lead, now: lead.contact.email, is_shown=False),
    Column("phone", "Phone", lambda lead, now: lead.contact.phone, is_shown=False),
    Column("readiness", "Readiness", _readiness, is_shown=False),
    Column(
        "score",
        "Score",
        lambda lead, now: str(score.score(lead.known()).total),
        is_shown=False,
        is_amount=True,
    ),
    Column(
        "lost",
        "Lost because",
        lambda lead, now: lead.get_lost_because_display(),
        is_shown=False,
    ),
)

PIPELINE = Screen(
    key="pipeline",
    title="Pipeline",
    one="lead",
    many="leads",
    permission="leads.view_lead",
    columns=COLUMNS,
    filter_form=LeadFilter,
    load=load,
    address=lambda lead: reverse("admin:lead", args=[lead.pk]),
    sort="-opened",
    nothing_yet="No leads yet. They come with inquiries, or you add one by hand.",
    words=lambda lead: lead.latest_words or "",
    sums=sums,
    export="admin:leads_lead_export",
    acts=("owner", "stage", "kind", "step", "spam"),
)
