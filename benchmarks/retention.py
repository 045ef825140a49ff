"""A night in which three years of inquiries have become old: how long it takes, and in which turns.

    .venv/bin/python benchmarks/retention.py [LEADS]

Needs what the tests need: a PostgreSQL server on this machine. The database is made and dropped.
"""

import sys
import time
from datetime import timedelta
from pathlib import Path

from django.db import connection
from django.utils import timezone

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.in_process import product_on_postgres


def main() -> None:
    with product_on_postgres():
        measure(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)


def measure(leads: int) -> None:
    from leads.models import Inquiry, Lead  # Django is set up only now
    from privacy import retention
    from privacy.models import Night

    fill(leads)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")  # as autovacuum has done by then
    before = Inquiry.objects.count()
    now, turns, longest, spent = timezone.now(), 0, 0.0, 0.0
    while True:
        began = time.perf_counter()
        night = retention.go_on(now)
        took = time.perf_counter() - began
        if night is None:
            break
        turns, longest, spent = turns + 1, max(longest, took), spent + took
    kept = Lead.objects.count()
    counts = dict(Night.objects.get().counts.values_list("rule", "count"))
    print(f"{before:,} inquiries, of which {before - Inquiry.objects.count():,} were old: {counts}")
    print(
        f"{spent:.1f} s of work in {turns} turns, the longest {longest:.1f} s. {kept:,} leads stay."
    )


def fill(leads: int) -> None:
    """One lead a person, from today back over three years; of each ten, five were lost."""
    from leads.models import Activity, Contact, Inquiry, Lead
    from privacy import wordings

    now, wording = timezone.now(), wordings.live()
    contacts = Contact.objects.bulk_create(
        Contact(name=f"Person {n}", email=f"p{n}@example.com", address=f"p{n}@example.com")
        for n in range(leads)
    )
    moments = [now - timedelta(days=3 * 365 * n / leads) for n in range(leads)]
    made = Lead.objects.bulk_create(
        Lead(
            contact=contact,
            kind="work",
            opened_at=at,
            stage="lost" if n % 2 else "new",
            closed_at=at if n % 2 else None,
            lost_because="price" if n % 2 else "",
        )
        for n, (contact, at) in enumerate(zip(contacts, moments, strict=True))
    )
    Inquiry.objects.bulk_create(
        Inquiry(
            name=lead.contact.name, email=lead.contact.email, message="We need a ledger. " * 20,
            contact=lead.contact, lead=lead, received_at=at, notified_at=at, wording=wording,
            submission_key=f"k{n}", fingerprint=f"f{n}", points=0,
        )
        for n, (lead, at) in enumerate(zip(made, moments, strict=True))
    )  # fmt: skip
    Activity.objects.bulk_create(
        Activity(lead=lead, kind="note", at=at, text="Called")
        for lead, at in zip(made, moments, strict=True)
        for _ in range(5)
    )


if __name__ == "__main__":
    main()
