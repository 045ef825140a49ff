"""Those who are notified: in which time zone they read days and hours."""

import zoneinfo

from accounts.models import User
from desk import zones
from leads.models import Recipient
from offices.models import Office
from web.memo import remembered


@remembered
def addresses() -> list[str]:
    """Of everyone who is notified of an inquiry."""
    return Recipient.objects.addresses()


@remembered
def zone_of(address: str, office: Office | None = None) -> zoneinfo.ZoneInfo:
    """Of the member of staff with this address; of any other mailbox, that of the office it is
    about, or else the headquarters'.
    """
    person = User.objects.filter(email__iexact=address, is_active=True).first()
    if person and person.timezone:
        return person.zone
    office = office or Office.objects.headquarters()
    return zones.zone(office.timezone if office else "")
