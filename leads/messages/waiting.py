"""Inquiries that nobody was notified of."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, OuterRef, Subquery

from leads.messages import compose
from leads.models import Inquiry
from leads.standing import Standing, standings


@dataclass(frozen=True)
class Waiting:
    """An inquiry that nobody was notified of, and what its person is to us."""

    inquiry: Inquiry
    standing: Standing
    before: int = 0  # earlier inquiries on the lead


def awaiting(inquiry_ids: Iterable[int]) -> list[Waiting]:
    """Those of these that nobody was notified of, with all that their emails are made of."""
    theirs = Inquiry.objects.awaiting_notification().filter(pk__in=inquiry_ids)
    with_emails = theirs.prefetch_related("assessments", "notifications__message")
    one_each = with_emails.select_related(
        "contact", "lead", "article", "office", "brief", "by_hand__by"
    )
    genuine = Inquiry.objects.not_spam().filter(lead=OuterRef("lead"))
    earlier = genuine.filter(received_at__lt=OuterRef("received_at"))
    count = earlier.order_by().values("lead").annotate(count=Count("pk")).values("count")
    annotated = one_each.annotate(before=Subquery(count)).order_by("received_at", "pk")
    found: list[Any] = list(annotated)
    known = standings([one.contact for one in found if one.contact])
    return [
        Waiting(one, known.get(one.contact_id or 0, compose.STRANGER), one.before or 0)
        for one in found
    ]
