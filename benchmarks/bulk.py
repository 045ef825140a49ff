#!/usr/bin/env python3
"""How long sales wait for a change of 5,000 leads at once, and for taking it back.

    .venv/bin/python benchmarks/bulk.py

Starts a PostgreSQL of its own, fills it with 100,000 leads (each with a person, an inquiry or two
and three lines of history), does each act to 5,000 of them inside this process, takes it back, and
prints a table. Needs PostgreSQL to be installed, and touches nothing of it. Takes some minutes.
"""

import sys
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.in_process import product_on_postgres

LEADS, CHANGED = 100_000, 5_000


def main() -> None:
    with product_on_postgres():
        measure()


def measure() -> None:
    from django.db import connection, transaction
    from django.test.utils import CaptureQueriesContext
    from django.utils import timezone

    from benchmarks.many_leads import ManyLeads  # Django is set up only now
    from leads.acts import doing, undoing
    from leads.models import Kind, Lead

    made = ManyLeads()
    made.fill(LEADS)
    by, other = made.staff[:2]
    now, due = timezone.now(), timezone.localdate() + timedelta(days=2)
    waiting = Lead.objects.unanswered().exclude(owner=other)
    acts: dict[str, Callable[[list[Lead]], Any]] = {
        "owner": lambda leads: doing.assign(leads, other, by=by, at=now),
        "stage": lambda leads: doing.move(leads, "qualified", by=by, at=now),
        "kind": lambda leads: doing.sort(leads, Kind.PRIVACY, by=by, at=now),
        "next step": lambda leads: doing.add_step(
            leads, "Call about the estimate", due_on=due, owner=None, by=by, at=now
        ),
        "spam": lambda leads: doing.spam(leads, by=by, at=now),
        "answered": lambda leads: doing.answer(leads, by=by, at=now, shown={}),
    }
    print(f"| {CHANGED:,} of {LEADS:,} leads | changed | queries | seconds | undo | queries |")
    print("| --- | ---: | ---: | ---: | ---: | ---: |")
    for name, act in acts.items():
        leads = list(waiting.order_by("-pk")[:CHANGED])
        with CaptureQueriesContext(connection) as doing_it:
            began = time.perf_counter()
            done = act(leads)
            spent = time.perf_counter() - began
        with CaptureQueriesContext(connection) as undoing_it:
            began = time.perf_counter()
            with transaction.atomic():  # as `desk.acts` does
                undoing.take_back(done.act, by, timezone.now())
            undone = time.perf_counter() - began
        print(
            f"| {name} | {done.count:,} | {len(doing_it)} | {spent:.1f} "
            f"| {undone:.1f} | {len(undoing_it)} |"
        )


if __name__ == "__main__":
    main()
