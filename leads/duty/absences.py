"""Who is away, and who covers for them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from accounts.models import User
from leads.models import Absence


@dataclass(frozen=True)
class Absences:
    """Of everyone at one moment, in one query: each is away by their own calendar."""

    by_user: Mapping[int, Absence]

    @classmethod
    def at(cls, moment: datetime) -> "Absences":
        found = Absence.objects.around(moment).select_related("user", "cover")
        return cls({one.user_id: one for one in found if is_away(one, moment)})

    def of(self, user: User | None) -> Absence | None:
        return self.by_user.get(user.pk) if user else None

    def stand_in(self, user: User | None) -> User | None:
        """Whoever deals with what is theirs: they themselves, or the one who covers, or who covers
        for that one. None where nobody does: it ends with someone who has left, or in a circle.
        """
        seen: set[int] = set()
        while user and user.is_active and user.pk not in seen:
            absence = self.of(user)
            if absence is None:
                return user
            seen.add(user.pk)
            user = absence.cover
        return None

    def sentence(self, user: User | None) -> str:
        """“Mikkel is away until Fri 4 Dec, Lone covers”; empty for who is here."""
        absence = self.of(user)
        if absence is None:
            return ""
        stand_in = self.stand_in(user)
        covers = f"{stand_in} covers" if stand_in else "nobody covers"
        return f"{user} is {until(absence)}, {covers}"


def until(absence: Absence) -> str:
    return f"away until {absence.last_day:%a %-d %b}"


def away(user: User | None, moment: datetime) -> str:
    """“Mikkel is away until Fri 4 Dec, Lone covers”; empty for who is here. Of many people, ask
    `Absences.at` once.
    """
    return Absences.at(moment).sentence(user) if user else ""


def away_on(user: User, day: date) -> str:
    """“Mikkel is away until Fri 4 Dec, Lone covers”, on that day of theirs."""
    return away(user, datetime.combine(day, time(12), user.zone))


def is_away(absence: Absence, moment: datetime) -> bool:
    return absence.first_day <= today(absence.user, moment) <= absence.last_day


def today(user: User, moment: datetime) -> date:
    """The day that it is for them."""
    return moment.astimezone(user.zone).date()


def add(absence: Absence, *, by: User, at: datetime) -> bool:
    """Save an absence that was checked; False when another for these days came first."""
    absence.set_by, absence.set_at = by, at
    try:
        with transaction.atomic():
            absence.save(force_insert=True)
    except IntegrityError:
        return False
    return True


def meanwhile(absence: Absence) -> QuerySet[Absence]:
    """When whoever covers is away as well."""
    if absence.cover_id is None:
        return Absence.objects.none()
    return Absence.objects.overlapping(absence.cover_id, absence.first_day, absence.last_day)


@transaction.atomic
def end(absence: Absence, *, at: datetime) -> bool:
    """They are back: an absence that has begun ends yesterday, one that has not is canceled. False
    when it was over or canceled already.
    """
    held = Absence.objects.select_for_update(of=("self",)).filter(pk=absence.pk)
    current = held.select_related("user").first()
    if current is None:
        return False
    day = today(current.user, at)
    if current.last_day < day:
        return False
    if current.first_day >= day:
        current.delete()
    else:
        current.last_day = day - timedelta(days=1)
        current.save(update_fields=["last_day"])
    return True
