"""What is due by the end of someone's day: their own, and that of those for whom they cover."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db.models import Exists, OuterRef, Q

from accounts.models import User
from leads.duty.absences import Absences, today
from leads.duty.staff import in_sales
from leads.models import Lead, NextStep
from offices.models import Office

WEEKDAYS = "12345"


@dataclass(frozen=True)
class Due:
    """With the latest last: answers by their moment, next steps by their day."""

    whose: Sequence[User]  # they themselves, if they are here, and those for whom they cover
    answers: Sequence[Lead]
    steps: Sequence[NextStep]

    def __bool__(self) -> bool:
        return bool(self.answers or self.steps)


def due_for(user: User, now: datetime, absences: Absences) -> Due:
    """Answers and next steps due today or before, by the user's calendar."""
    whose = [user] if absences.of(user) is None else []
    away = (absence.user for absence in absences.by_user.values())
    whose += [one for one in away if one != user and absences.stand_in(one) == user]
    day = today(user, now)
    night = datetime.combine(day + timedelta(days=1), time(), user.zone)
    answers = Lead.objects.unanswered().filter(owner__in=whose, respond_by__lt=night)
    not_spam = Lead.objects.not_spam().filter(pk=OuterRef("lead"))
    theirs = Q(owner__in=whose) | Q(owner__isnull=True, lead__owner__in=whose)
    steps = NextStep.objects.open().filter(theirs, Exists(not_spam), due_on__lte=day)
    return Due(
        whose,
        list(answers.select_related("contact__company", "owner").order_by("respond_by", "pk")),
        list(
            steps.select_related("lead__contact__company", "lead__owner", "owner").order_by(
                "due_on", "pk"
            )
        ),
    )


def works_on(user: User, day: date) -> bool:
    """By the working days of the office in their time zone, or else of the headquarters."""
    offices = list(Office.objects.in_order())
    near = [one for one in offices if one.timezone == user.zone.key]
    near += [one for one in offices if one.is_headquarters]
    return str(day.isoweekday()) in (near[0].weekdays if near else WEEKDAYS)


def at_work(now: datetime, since: time) -> list[User]:
    """Everyone in sales for whom it is that hour or later, on a day on which they work."""
    found = []
    for user in in_sales():
        local = now.astimezone(user.zone)
        if local.time() >= since and works_on(user, local.date()):
            found.append(user)
    return found
