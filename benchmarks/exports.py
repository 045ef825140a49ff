#!/usr/bin/env python3
"""How long the export of 20,000 leads and inquiries takes, and how much memory it needs.

    .venv/bin/python benchmarks/exports.py

Starts a PostgreSQL of its own, fills it, and asks for each file with all its columns, each in a
process of its own: all of Django with its middleware, no network. Needs PostgreSQL to be
installed, and touches nothing of it.
"""

import multiprocessing
import resource
import secrets
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from django.db import connections
from django.utils import timezone

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.in_process import product_on_postgres

MANY = 20_000
MESSAGE = "We need a ledger that balances, and somebody who has built one. " * 10


def main() -> None:
    with product_on_postgres():
        fill(MANY)
        print(f"| {MANY:,} rows | file | seconds | memory above an empty export |")
        print("| --- | ---: | ---: | ---: |")
        for name in ("lead", "inquiry"):
            for kind, number in (("CSV", 0), ("XLSX", 1)):
                tell(f"{name}, {kind}", partial(export, name, number))


def fill(count: int) -> None:
    """Leads of one inquiry each, as intake would keep them."""
    from accounts.models import User  # Django is set up only now
    from leads.models import Company, Contact, Inquiry, Lead
    from privacy import wordings

    User.objects.create_superuser("root@desk.example", secrets.token_urlsafe(), name="Root")
    now, wording = timezone.now(), wordings.live()
    names = [f"visitor-{number}" for number in range(count)]
    company = Company.objects.create(name="Engines")
    contacts = Contact.objects.bulk_create(
        Contact(name=name, email=f"{name}@a.example", address=f"{name}@a.example", company=company)
        for name in names
    )
    leads = Lead.objects.bulk_create(Lead(contact=contact, opened_at=now) for contact in contacts)
    Inquiry.objects.bulk_create(
        Inquiry(
            name=contact.name,
            email=contact.email,
            message=MESSAGE,
            received_at=now,
            wording=wording,
            submission_key=contact.name,
            fingerprint=contact.name,
            contact=contact,
            lead=lead,
        )
        for contact, lead in zip(contacts, leads, strict=True)
    )


def tell(what: str, write: Callable[..., int]) -> None:
    _, _, idle = alone(partial(write, query="?q=nobody-at-all"))
    size, seconds, peak = alone(write)
    print(f"| {what} | {size / 1e6:.1f} MB | {seconds:.1f} | {(peak - idle) / 1024:.0f} MB |")


def alone(write: Callable[[], int]) -> tuple[int, float, int]:
    """Bytes, seconds and the highest memory of a new process that does this, in KB."""
    connections.close_all()
    with multiprocessing.get_context("fork").Pool(1) as pool:
        return pool.apply(_measured, (write,))


def _measured(write: Callable[[], int]) -> tuple[int, float, int]:
    began = time.perf_counter()
    size = write()
    return size, time.perf_counter() - began, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def export(name: str, kind: int, query: str = "") -> int:
    """Of the file that the page gives to who chooses everything on it; how long it is."""
    from django.test import Client

    client = Client(headers={"host": "127.0.0.1:8000"})
    client.force_login(_root())
    answer = client.post(
        f"/admin/leads/{name}/export/{query}",
        {"format": kind, **{field: "on" for field in _columns(name)}},
    )
    assert answer.status_code == 200, answer
    return sum(len(chunk) for chunk in answer)


def _columns(name: str) -> list[str]:
    from django.contrib import admin

    owner: Any = admin.site.get_model_admin(_model(name))
    table = owner.table
    return [f"{table.__name__.lower()}_{column}" for column in table().fields]


def _model(name: str) -> Any:
    from django.apps import apps

    return apps.get_model("leads", name)


def _root() -> Any:
    from accounts.models import User

    return User.objects.get(email="root@desk.example")


if __name__ == "__main__":
    main()
