#!/usr/bin/env python3
"""How long the pages of a person and of a company take, with 1,000 leads and with 100,000.

    .venv/bin/python benchmarks/people.py

Starts a PostgreSQL of its own and fills it: a lead, an inquiry and three lines of history for each
person, five people at a company; and beside them a person with 300 inquiries, and a company with
3,000 people. Asks for each page as someone in sales, through all of Django, no network. Then fills
the domains of everyone anew, as the migration does. Needs PostgreSQL to be installed, and touches
nothing of it.
"""

import importlib
import sys
import time
from pathlib import Path
from statistics import median
from typing import Any

from django.apps import apps
from django.db import connection, reset_queries

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.in_process import product_on_postgres

SIZES = (1_000, 100_000)
TIMES = 15
ROWS = """
INSERT INTO leads_company (name, key, domain)
SELECT 'Firm ' || n, 'firm ' || n, 'firm' || n || '.example' FROM generate_series({first}, {last}) n
WHERE n % 5 = 0;
INSERT INTO leads_contact (name, email, address, domain, phone, job_title, timezone, company_id)
SELECT 'Person ' || n, 'p' || n || '@firm' || n - n % 5 || '.example',
    'p' || n || '@firm' || n - n % 5 || '.example', 'firm' || n - n % 5 || '.example',
    '', '', 'Europe/Copenhagen',
    (SELECT id FROM leads_company WHERE name = 'Firm ' || (n - n % 5))
FROM generate_series({first}, {last}) n;
INSERT INTO leads_lead (contact_id, kind, stage, value, currency, opened_at, closed_at, lost_reason,
    lost_because)
SELECT id, '', CASE id % 3 WHEN 0 THEN 'won' ELSE 'new' END, 1000, 'DKK',
    now() - id * interval '1 minute', CASE id % 3 WHEN 0 THEN now() END, '', ''
FROM leads_contact WHERE id NOT IN (SELECT contact_id FROM leads_lead);
INSERT INTO leads_inquiry (name, email, company, message, source_path, referrer_host, utm_source,
    utm_medium, utm_campaign, received_at, submission_key, fingerprint, verdict, reasons,
    contact_id, lead_id, wording_id)
SELECT c.name, c.email, '', repeat('We need a ledger that balances. ', 20), '/contact/', '', '', '',
    '', l.opened_at, 'key ' || c.id, 'print ' || c.id, 'clear', '[]', c.id, l.id, {wording}
FROM leads_contact c JOIN leads_lead l ON l.contact_id = c.id
WHERE c.id NOT IN (SELECT contact_id FROM leads_inquiry);
INSERT INTO leads_activity (kind, at, text, lead_id)
SELECT 'note', l.opened_at + n * interval '1 hour', 'They called about the ledger.', l.id
FROM leads_lead l, generate_series(1, 3) n
WHERE l.id NOT IN (SELECT lead_id FROM leads_activity);
"""


def main() -> None:
    with product_on_postgres():
        print("| leads | page | queries | median |")
        print("| ---: | --- | ---: | ---: |")
        filled = 0
        for size in SIZES:
            fill(filled + 1, size)
            filled = size
            for name, address in addresses().items():
                tell(size, name, address)
        print(f"\nDomains of {filled:,} people filled in {fill_domains():.1f} s.")


def fill(first: int, last: int) -> None:
    from privacy import wordings  # Django is set up only now

    with connection.cursor() as cursor:
        cursor.execute(ROWS.format(first=first, last=last, wording=wordings.live().pk))
        cursor.execute("ANALYZE")


def addresses() -> dict[str, str]:
    """The pages, of rows that are made when there are none."""
    from django.urls import reverse

    from leads.models import Company, Contact, Inquiry, Lead

    one = Contact.objects.exclude(company=None).exclude(name__startswith="Many").order_by("pk")[7]
    large, is_new = Company.objects.get_or_create(name="Large", domain="large.example")
    if is_new:
        many = Contact.objects.bulk_create(
            Contact(name=f"Many {n}", email=f"m{n}@large.example", address=f"m{n}@large.example",
                    company=large)
            for n in range(3_000)
        )  # fmt: skip
        leads = Lead.objects.bulk_create(Lead(contact=each, value=1000) for each in many)
        pattern: dict[str, Any] = {**Inquiry.objects.filter(contact=one).values().get()}
        del pattern["id"]
        for person, lead, number in [
            *((each, lead, 1) for each, lead in zip(many[1:], leads[1:], strict=True)),
            (many[0], leads[0], 300),
        ]:
            Inquiry.objects.bulk_create(
                Inquiry(**pattern | {
                    "contact_id": person.pk, "lead_id": lead.pk, "fingerprint": str(n),
                    "submission_key": f"{person.pk} {n}",
                })
                for n in range(number)
            )  # fmt: skip
    busy = Contact.objects.get(address="m0@large.example")
    return {
        "a person": reverse("admin:person", args=[one.pk]),
        "a person with 300 inquiries": reverse("admin:person", args=[busy.pk]),
        "a company of five": reverse("admin:company", args=[one.company_id]),
        "a company of 3,000": reverse("admin:company", args=[large.pk]),
    }


def tell(size: int, name: str, address: str) -> None:
    client = seller()
    client.get(address)
    taken = []
    for _ in range(TIMES):
        begin = time.perf_counter()
        answer = client.get(address)
        taken.append(time.perf_counter() - begin)
        assert answer.status_code == 200, answer.status_code
    connection.force_debug_cursor = True
    reset_queries()
    client.get(address)
    many = len(connection.queries_log)
    connection.force_debug_cursor = False
    print(f"| {size:,} | {name} | {many} | {median(taken) * 1000:.0f} ms |", flush=True)


def seller() -> Any:
    from django.contrib.auth.models import Group
    from django.test import Client

    from accounts.models import User

    user, is_new = User.objects.get_or_create(email="sales@desk.example", name="Lone")
    if is_new:
        user.groups.add(Group.objects.get(name="Sales"))
    client = Client(headers={"host": "127.0.0.1"})
    client.force_login(user)
    return client


def fill_domains() -> float:
    from leads.models import Contact

    migration = importlib.import_module("leads.migrations.0005_fill_domains_and_keys")
    Contact.objects.update(domain="")
    begin = time.perf_counter()
    with connection.schema_editor() as editor:
        migration.fill(apps, editor)
    return time.perf_counter() - begin


if __name__ == "__main__":
    main()
