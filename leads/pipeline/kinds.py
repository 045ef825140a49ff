"""Saying what inquiries are about. What is not work leaves pipeline, score and win rates."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import transaction

from accounts.models import User
from desk.models import Act
from leads.models import Activity, InquiryKind, Kind, Lead
from leads.pipeline import settling
from leads.pipeline.history import line, log_all
from leads.pipeline.locking import lock


@transaction.atomic
def sort(lead: Lead, kind: Kind, *, by: User, at: datetime) -> bool:
    """Say what the inquiries of a lead are about: see `sort_all`. False when that is said."""
    lock(lead)
    return bool(sort_all([lead], kind, by=by, at=at))


def sort_all(
    leads: Sequence[Lead], kind: Kind, *, by: User, at: datetime, act: Act | None = None
) -> list[Lead]:
    """Say what the inquiries that wait on these leads are about, or of an answered one its latest.
    The leads are held (`locking`); returns those that were not sorted so before.

    An answer that is due gets the time of its kind.
    """
    inquiries, sorted_now, lines = settling.received(leads), [], []
    kinds: dict[int, str] = {}
    for lead in leads:
        theirs = [one for one in settling.meant(inquiries[lead.pk]) if one.kind != kind]
        if not theirs:
            continue
        sorted_now.append(lead)
        kinds |= {one.pk: kind for one in theirs}
        before = {
            "kinds": {one.pk: one.kind for one in theirs},
            "respond_by": lead.respond_by.isoformat() if lead.respond_by else None,
        }
        text = f"Sorted as {Kind(kind).label.lower()}"
        written = line(lead, Activity.Kind.KIND, text, by=by, at=at, act=act, before=before)
        written.inquiry_id = theirs[0].pk if len(theirs) == 1 else None
        lines.append(written)
    put_all(kinds, by=by, at=at)
    settling.settle_all(sorted_now)
    settling.expect_all(sorted_now)
    log_all(lines)
    return sorted_now


def put_all(kinds: Mapping[int, str], *, by: User, at: datetime) -> None:
    """Write down the kinds of inquiries, by their numbers; an empty one means that nobody has
    sorted it.
    """
    unsorted = [pk for pk, kind in kinds.items() if not kind]
    if unsorted:
        InquiryKind.objects.filter(inquiry__in=unsorted).delete()
    InquiryKind.objects.bulk_create(
        [InquiryKind(inquiry_id=pk, kind=kind, by=by, at=at) for pk, kind in kinds.items() if kind],
        update_conflicts=True,
        unique_fields=["inquiry"],
        update_fields=["kind", "by", "at"],
    )
