"""How the program did at telling spam from inquiries, week by week: what it held and marked, and
where people decided otherwise.

It goes back as far as spam is kept: further back, the weeks would look better than they were.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import cached_property

from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from leads.models import Inquiry, InquiryQuerySet, SpamMark
from leads.spam.weights import DOUBTFUL_FROM, SUSPECTED_FROM
from privacy.retention import kept_for

WEEK = timedelta(weeks=1)
MAX_SIGNS = 12

# What rows can be asked for, by the name it has in addresses; the counts of a week are called so.
WHICH = {
    "held": Q(points__gte=SUSPECTED_FROM),
    "marked": Q(points__gte=DOUBTFUL_FROM, points__lt=SUSPECTED_FROM),
    "wronged": Q(points__gte=DOUBTFUL_FROM, is_real=True),
    "missed": Q(points__lt=DOUBTFUL_FROM, is_marked=True),
}
_REASON = re.compile(r"(?P<sign>[^:]*?)(?:: .*)?\. \((?P<points>[+-]\d+)\)", re.DOTALL)


def judged(inquiries: InquiryQuerySet) -> InquiryQuerySet:
    """Those that were weighed, with what people found each to be: `is_marked` (spam), `is_real`."""
    of_it = Inquiry.objects.filter(pk=OuterRef("pk"))
    return inquiries.filter(points__isnull=False).annotate(
        is_marked=Exists(of_it.spam()), is_real=Exists(of_it.found_real())
    )


@dataclass
class Week:
    """Counts of what was received from this Monday on, each among those before it."""

    monday: date
    came: int = 0
    held: int = 0
    marked: int = 0
    wronged: int = 0  # of those held or marked, found to be real
    missed: int = 0  # of the others, marked as spam by people

    @property
    def sunday(self) -> date:
        return self.monday + WEEK - timedelta(days=1)

    @property
    def starts_at(self) -> datetime:
        return starts_at(self.monday)

    @property
    def ends_at(self) -> datetime:
        return starts_at(self.monday + WEEK)

    @property
    def clear(self) -> int:
        return self.came - self.held - self.marked

    def add(self, inquiry: Inquiry) -> None:
        for name, is_so in _which(inquiry).items():
            setattr(self, name, getattr(self, name) + is_so)


@dataclass
class SignCount:
    sign: str
    wronged: int
    missed: int


@dataclass
class Weeks:
    """The newest first."""

    weeks: Sequence[Week]
    signs: Sequence[SignCount] = field(default_factory=list)

    @cached_property
    def together(self) -> Week:
        whole = Week(self.weeks[-1].monday)
        for week in self.weeks:
            for name in ("came", *WHICH):
                setattr(whole, name, getattr(whole, name) + getattr(week, name))
        return whole

    @cached_property
    def most(self) -> int:
        """In one week, for the length of the bars."""
        return max(week.came for week in self.weeks)


def weeks(now: datetime) -> Weeks:
    """In the time zone that is active."""
    today = timezone.localtime(now).date()
    this_monday = today - timedelta(days=today.weekday())
    whole_weeks = range(kept_for(SpamMark.KEPT_BY) // WEEK)
    found = [Week(this_monday - WEEK * number) for number in whole_weeks]
    by_monday = {week.monday: week for week in found}
    wronged: Counter[str] = Counter()
    missed: Counter[str] = Counter()
    rows = judged(Inquiry.objects.filter(received_at__gte=starts_at(found[-1].monday)))
    for inquiry in rows.only("received_at", "points", "reasons").iterator(chunk_size=500):
        day = timezone.localtime(inquiry.received_at).date()
        if week := by_monday.get(day - timedelta(days=day.weekday())):
            week.add(inquiry)
        which = _which(inquiry)
        if which["wronged"]:
            wronged.update(_signs(inquiry.reasons, speak_for_spam=True))
        elif which["missed"]:
            missed.update(_signs(inquiry.reasons, speak_for_spam=False))
    return Weeks(found, _together(wronged, missed))


def starts_at(monday: date) -> datetime:
    return timezone.make_aware(datetime.combine(monday, time()))


def _which(inquiry: Inquiry) -> dict[str, bool]:
    points = inquiry.points or 0
    is_held, is_doubted = points >= SUSPECTED_FROM, points >= DOUBTFUL_FROM
    return {
        "came": True,
        "held": is_held,
        "marked": is_doubted and not is_held,
        "wronged": is_doubted and getattr(inquiry, "is_real", False),
        "missed": not is_doubted and getattr(inquiry, "is_marked", False),
    }


def _signs(reasons: Iterable[str], *, speak_for_spam: bool) -> set[str]:
    """The signs that misled: those for spam in a real inquiry, those against it in spam."""
    found = (_REASON.fullmatch(reason) for reason in reasons)
    return {one["sign"] for one in found if one and (int(one["points"]) > 0) == speak_for_spam}


def _together(wronged: Counter[str], missed: Counter[str]) -> list[SignCount]:
    counts = [SignCount(one, wronged[one], missed[one]) for one in wronged.keys() | missed.keys()]
    counts.sort(key=lambda one: (-one.wronged - one.missed, one.sign))
    return counts[:MAX_SIGNS]
