"""Someone on duty, and someone away while a colleague covers."""

from datetime import timedelta

from accounts.models import User
from accounts.roles import ADMINISTRATOR, SALES
from leads.duty.absences import today
from leads.models import Absence, Duty
from web.demo import Demo


def load(demo: Demo) -> None:
    """Of the people of the demo; of nobody else's."""
    seller = User.objects.with_role(SALES).filter(email__endswith=".example").first()
    administrator = User.objects.with_role(ADMINISTRATOR).filter(email__endswith=".example").first()
    if seller is None or administrator is None:
        return
    if not Duty.objects.filter(user=seller).exists():
        demo.once("duty sales", lambda: Duty.objects.create(user=seller, changed_by=seller))
    day = today(administrator, demo.now)
    if not Absence.objects.overlapping(administrator, day, day + timedelta(days=4)).exists():
        demo.once(
            "absence administrator",
            lambda: Absence.objects.create(
                user=administrator,
                first_day=day,
                last_day=day + timedelta(days=4),
                cover=seller,
                set_by=administrator,
            ),
        )
