"""The tabs of the inbox: which leads wait for whom, and in what order."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from accounts.models import User
from leads.models import Activity, Inquiry, InquiryQuerySet, Lead, LeadQuerySet, NextStep

# An open lead of which nobody has heard for so long, with nothing planned, has gone quiet.
QUIET_AFTER = timedelta(days=7)


@dataclass(frozen=True)
class Tab:
    """`rows` says for a person and a moment what stands in it."""

    key: str
    label: str
    order: str  # how it is ordered, in words
    empty: str  # said when there is nothing
    rows: Callable[[User, datetime], QuerySet[Any]]
    # The same as the cheapest query for counting them
    counted: Callable[[User, datetime], QuerySet[Any]] | None = None


def mine(user: User, now: datetime) -> LeadQuerySet:
    return _by_due(Lead.objects.unanswered().filter(owner=user))


def unassigned(user: User, now: datetime) -> LeadQuerySet:
    return _by_due(Lead.objects.unanswered().filter(owner=None))


def waiting(user: User, now: datetime) -> LeadQuerySet:
    return _by_due(Lead.objects.unanswered())


def due_today(user: User, now: datetime) -> LeadQuerySet:
    """Answers due by the end of the day that are the person's or nobody's, and their next steps."""
    return _by_due(Lead.objects.filter(pk__in=_numbers_due_today(user, now)))


def _numbers_due_today(user: User, now: datetime) -> QuerySet[Any]:
    """Of these leads. Two short lists by their own indexes, rather than one look at every lead."""
    local = timezone.localtime(now)
    tomorrow = (local + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
    answers = Lead.objects.unanswered().filter(
        Q(owner=user) | Q(owner=None), respond_by__lt=tomorrow
    )
    steps = NextStep.objects.due().filter(owner=user)
    return answers.order_by().values("pk").union(steps.order_by().values("lead"))


def quiet(user: User, now: datetime) -> LeadQuerySet:
    """Answered, open, and neither a sign of life since nor a next step."""
    since = now - QUIET_AFTER
    heard = Activity.objects.filter(lead=OuterRef("pk"), at__gte=since)
    planned = NextStep.objects.open().filter(lead=OuterRef("pk"))
    answered = Lead.objects.work().open().filter(responded_at__lt=since)
    return answered.filter(~Exists(heard), ~Exists(planned)).order_by("responded_at", "pk")


def suspected(user: User, now: datetime) -> InquiryQuerySet:
    return Inquiry.objects.suspected().order_by("received_at", "pk")


def _by_due(leads: LeadQuerySet) -> LeadQuerySet:
    return leads.order_by("respond_by", "pk")


TABS = (
    Tab("mine", "Mine", "Due first", "Nobody is waiting for you.", mine),
    Tab("unassigned", "Unassigned", "Due first", "Every inquiry has an owner.", unassigned),
    Tab("all", "All waiting", "Due first", "Nobody is waiting for an answer.", waiting),
    Tab(
        "today",
        "Due today",
        "Due first",
        "Nothing is due today.",
        due_today,
        counted=_numbers_due_today,
    ),
    Tab("quiet", "Gone quiet", "Quiet for longest first", "No lead has gone quiet.", quiet),
    Tab("suspected", "Suspected spam", "Oldest first", "Nothing looks like spam.", suspected),
)
BY_KEY = {tab.key: tab for tab in TABS}
