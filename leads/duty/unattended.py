"""Leads that nobody looks after."""

from datetime import datetime, timedelta

from django.db.models import OuterRef, Q, Subquery
from django.db.models.functions import Coalesce

from accounts.models import User
from leads.duty.absences import Absences, today
from leads.duty.staff import in_sales
from leads.models import Activity, Kind, Lead, LeadQuerySet

AFTER = timedelta(days=1)


def unattended(now: datetime, absences: Absences | None = None) -> LeadQuerySet:
    """Work, and whatever waits for an answer, that for more than a day was nobody's, or that of
    someone who is no longer in sales, or who is away while nobody covers. With `since`, the
    longest first.
    """
    absences = absences or Absences.at(now)
    given = Activity.objects.filter(lead=OuterRef("pk"), kind=Activity.Kind.OWNER)
    since = Coalesce(Subquery(given.order_by("-at").values("at")[:1]), "opened_at")
    nobodys = Q(owner__isnull=True) | ~Q(owner__in=in_sales())
    to_do = (
        Lead.objects.open()
        .not_spam()
        .filter(Q(kind__in=["", Kind.WORK]) | Q(responded_at__isnull=True))
    )
    found = to_do.annotate(since=since).filter(
        (nobodys & Q(since__lt=now - AFTER)) | Q(owner__in=_uncovered(absences, now))
    )
    return found.order_by("since", "pk")


def why(lead: Lead, absences: Absences) -> str:
    """In words, of a lead loaded with its owner."""
    if lead.owner is None:
        return "Nobody has it"
    return absences.sentence(lead.owner) or f"{lead.owner} is no longer in sales"


def _uncovered(absences: Absences, now: datetime) -> list[User]:
    return [
        absence.user
        for absence in absences.by_user.values()
        if absences.stand_in(absence.user) is None and absence.first_day < today(absence.user, now)
    ]
