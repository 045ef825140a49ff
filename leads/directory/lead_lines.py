"""Leads as the pages of people and companies show them: an arch, or a line."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from statistics import median
from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery
from django.db.models.functions import Left
from django.utils import timezone
from django.utils.text import Truncator

from leads import money
from leads.inbox import times
from leads.models import Brief, Inquiry, Lead
from web.wording import listed

# A lead is called after the brief that came with it, or by the first words that they wrote.
MAX_TITLE = 28
Stage = Lead.Stage


@dataclass(frozen=True)
class Line:
    """A lead in words. `style` is that of its arch."""

    lead: Lead
    title: str
    outcome: str  # “Won 52,000 DKK”, “Lost, no budget”, “Proposal sent, 48,000 EUR”
    when: str  # “Nov 2026”, or how long is left
    owner: str
    style: str
    is_late: bool

    @property
    def is_won(self) -> bool:
        return self.lead.is_won


def with_titles(leads: QuerySet[Lead]) -> QuerySet[Lead]:
    inquiries = Inquiry.objects.filter(lead=OuterRef("pk")).order_by("received_at", "pk")
    briefs = Brief.objects.filter(inquiry__lead=OuterRef("pk")).exclude(title="")
    return leads.annotate(
        brief_title=Subquery(briefs.order_by("-pk").values("title")[:1]),
        first_words=Subquery(inquiries.annotate(words=Left("message", 120)).values("words")[:1]),
    )


def title(lead: Any) -> str:
    """Of a lead loaded `with_titles`."""
    said = " ".join((lead.brief_title or lead.first_words or "").split())
    return Truncator(said).chars(MAX_TITLE) or "Without words"


def line(lead: Any, now: datetime) -> Line:
    """Of a lead loaded `with_titles` and its owner."""
    is_waiting = lead.is_waiting and lead.respond_by is not None
    parts = [lead.get_stage_display()]
    if lead.stage == Stage.LOST:
        parts.append((lead.get_lost_because_display() or lead.lost_reason).lower())
    elif lead.stage == Stage.WON and lead.amount:
        parts = [f"Won {lead.amount}"]
    elif lead.amount:
        parts.append(lead.amount)
    if not lead.is_work:
        parts.append(lead.kind_label.lower())
    moment = timezone.localtime(lead.closed_at or lead.opened_at)
    return Line(
        lead=lead,
        title=title(lead),
        outcome=", ".join(parts),
        when=times.left(lead.respond_by, now) if is_waiting else f"{moment:%b %Y}",
        owner=lead.owner.get_short_name() if lead.owner else "",
        style=f"arch--{'open' if lead.is_open else lead.stage}",
        is_late=is_waiting and lead.respond_by < now,
    )


def amounts(sums: Iterable[tuple[str, Decimal | None]]) -> str:
    """By currency, for display: “52,000 DKK and 8,000 EUR”; empty for none."""
    added: dict[str, Decimal] = defaultdict(Decimal)
    for currency, value in sums:
        added[currency] += value or 0
    return listed(
        [f"{money.display(added[one], one)} {one}" for one in sorted(added) if added[one]]
    )


def first_answer(leads: Iterable[Lead]) -> str:
    """How long they waited for our first answer, half of the time: “1 h 20”; empty for none."""
    waits = [
        (lead.first_responded_at - lead.opened_at).total_seconds()
        for lead in leads
        if lead.first_responded_at
    ]
    return times.amount(timedelta(seconds=median(waits))) if waits else ""
