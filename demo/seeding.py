"""Loading the demo. Each row is made once; loading again adds only what is new in the demo."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from demo.ledger import Ledger


@transaction.atomic
def seed(now: datetime) -> None:
    """Make every row of the demo that is not there yet."""
    ledger = Ledger(now)
    for part in ledger.parts:
        part.load(ledger)


def unseed() -> list[str]:
    """Take away what `seed` made. Returns a sentence for each row that had to stay."""
    return list(Ledger(timezone.now()).remove())
