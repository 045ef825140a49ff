"""Who is on duty, and whose turn it is. Without anyone on duty, nobody is given anything."""

from collections.abc import Collection
from datetime import datetime

from django.db import transaction

from accounts.models import User
from leads.duty.absences import Absences
from leads.models import Duty
from offices.models import Office


class Turns:
    """Whose turn it is, for one lead after another. What was taken is written by `save`.

    Make it in a transaction: until that ends, nobody else takes a turn.
    """

    def __init__(self, absences: Absences, present: Collection[int]) -> None:
        """`present` are the numbers of those in sales."""
        held = Duty.objects.select_related("user").select_for_update(of=("self",))
        self.rows = list(held.order_by("pk"))
        self.absences, self.present = absences, present
        self.last: dict[int, int] = {}
        for row in self.rows:
            self.last[row.user_id] = max(self.last.get(row.user_id, 0), row.turn)
        self.taken: dict[int, Duty] = {}

    def take(self, office: Office | None) -> User | None:
        """Of those on duty for the office who are here, the one whose last turn is longest ago; it
        is theirs now. None without any.
        """
        may = (row for row in self.rows if row.user_id in self.present)
        fit = [row for row in may if takes(row, office, self.absences)]
        if not fit:
            return None
        next_one = min(fit, key=lambda row: (self.last[row.user_id], row.pk))
        next_one.turn = self.last[next_one.user_id] = max(self.last.values()) + 1
        self.taken[next_one.pk] = next_one
        return next_one.user

    def save(self) -> None:
        for row in self.taken.values():
            row.save(update_fields=["turn"])


def takes(row: Duty, office: Office | None, absences: Absences) -> bool:
    """Whether its person is here and on duty for the office."""
    is_theirs = row.office_id is None or (office is not None and row.office_id == office.pk)
    return row.is_on and is_theirs and absences.of(row.user) is None


@transaction.atomic
def switch(
    user: User, office: Office | None, *, is_on: bool, by: User | None, at: datetime
) -> bool:
    """Put someone on duty or off duty, for one office or for every; False when they are."""
    duty, is_new = Duty.objects.get_or_create(
        user=user,
        office=office,
        defaults={"is_on": is_on, "changed_by": by, "changed_at": at},
    )
    if is_new:
        return is_on
    duty = Duty.objects.select_for_update(of=("self",)).get(pk=duty.pk)
    if duty.is_on == is_on:
        return False
    duty.is_on, duty.changed_by, duty.changed_at = is_on, by, at
    duty.save(update_fields=["is_on", "changed_by", "changed_at"])
    return True
