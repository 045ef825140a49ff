"""50 of many inquiries are deleted, by retention and with the person who sent them: how long the
statements take, and how long the COMMIT, which forgets the words that nobody else has.

    .venv/bin/python benchmarks/forgetting.py [INQUIRIES]

Needs what the tests need: a PostgreSQL server on this machine. The database is made and dropped.
"""

import random
import sys
import time
from collections.abc import Callable, Iterable
from functools import partial
from itertools import accumulate
from pathlib import Path
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.in_process import product_on_postgres

BATCH = 50
WAITING = 300  # of the newest, which are not sorted into the index yet


def main() -> None:
    with product_on_postgres():
        from benchmarks.many_leads import ManyLeads  # Django is set up only now

        inquiries = int(sys.argv[1]) if len(sys.argv) > 1 else 80_000
        ManyLeads().fill(inquiries * 5 // 6)
        measure()


def measure() -> None:
    from accounts.models import User
    from leads.intake import spam_marks
    from leads.models import Inquiry
    from leads.retention import RULES
    from privacy import erasing
    from privacy.collecting import collect

    [delete] = [rule.delete for rule in RULES if rule.key == "leads.spam"]
    assert delete is not None
    old = [one.pk for one in Inquiry.objects.spam().order_by("pk")[:BATCH]]
    new = receive(f"spam{number}@example.org" for number in range(BATCH))
    with transaction.atomic():
        spam_marks.mark_all(spam_marks.hold(new), by=User.objects.all()[0], at=timezone.now())
    receive(["ida@lund.example"] * BATCH)
    receive(f"person{number}@example.org" for number in range(WAITING))
    spam = {"old": old, "new": [one.pk for one in new]}
    for what, keys in spam.items():
        going = Inquiry.objects.filter(pk__in=keys)
        say(f"{BATCH} {what} inquiries marked as spam", partial(delete, going))
    ida = collect(["ida@lund.example"])
    say(f"a person with {BATCH} inquiries", lambda: erasing.erase(ida, by=None))


def say(what: str, delete: Callable[[], object]) -> None:
    from leads.models import Inquiry

    among, words = Inquiry.objects.count(), vocabulary()
    began = time.perf_counter()
    with transaction.atomic():
        delete()
        asked = time.perf_counter()
    ended = time.perf_counter()
    print(
        f"{what}, among {among:,}: {asked - began:.2f} s of statements,"
        f" {ended - asked:.2f} s of COMMIT, {words - vocabulary():,} words forgotten",
        flush=True,
    )


def vocabulary() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM leads_search_vocabulary")
        return int(cursor.fetchone()[0])


def receive(emails: Iterable[str]) -> list[Any]:
    """Each with 70 words, as frequent as `ManyLeads` has them, and two of its own."""
    from benchmarks.many_leads import made_words
    from leads.intake import receiving
    from leads.models import Inquiry

    words = made_words()
    weights = list(accumulate(1 / (rank + 3) for rank in range(len(words))))
    received = []
    for number, email in enumerate(emails):
        chance = random.Random(f"{email} {number}")
        own = ["".join(chance.choices("bcdfgklmnprstvz", k=12)) for _ in range(2)]
        said = " ".join(chance.choices(words, cum_weights=weights, k=70) + own)
        inquiry = Inquiry(name="Ida Lund", email=email, message=said)
        received.append(receiving.receive(inquiry))
    return received


if __name__ == "__main__":
    main()
