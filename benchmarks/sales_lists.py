#!/usr/bin/env python3
"""How long sales wait for the inbox, a record or a list, among 1,000 leads and among 100,000.

    .venv/bin/python benchmarks/sales_lists.py

Starts a PostgreSQL of its own, fills it with leads (each with a person, an inquiry or two and three
lines of history), asks for pages inside this process as someone in sales who is signed in, and
prints a table. Needs PostgreSQL to be installed, and touches nothing of it. Takes some minutes.
"""

import sys
import time
from pathlib import Path
from statistics import median
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.in_process import product_on_postgres

FEW, MANY = 1_000, 100_000
COLD, TIMES = 3, 25
PAGES = {
    "home": "",
    "inbox": "inbox/",
    "inbox, mine": "inbox/?tab=mine",
    "inbox, unassigned": "inbox/?tab=unassigned",
    "inbox, due today": "inbox/?tab=today",
    "inbox, gone quiet": "inbox/?tab=quiet",
    "inbox, suspected spam": "inbox/?tab=suspected",
    "record": "lead/{middle}/",
    "pipeline": "pipeline/",
    "pipeline, oldest first": "pipeline/?sort=opened",
    "pipeline, by name": "pipeline/?sort=name",
    "pipeline, by company": "pipeline/?sort=company",
    "pipeline, by stage": "pipeline/?sort=stage",
    "pipeline, by owner": "pipeline/?sort=owner",
    "pipeline, longest in stage first": "pipeline/?sort=days",
    "pipeline, by value": "pipeline/?sort=-value",
    "pipeline, by answer": "pipeline/?sort=answer",
    "pipeline, by next step": "pipeline/?sort=step",
    "pipeline, far down": "pipeline/?sort=opened&after={middle}",
    "pipeline, mine": "pipeline/?owner=me",
    "pipeline, won": "pipeline/?stage=won",
    "pipeline, overdue": "pipeline/?answer=overdue",
    "pipeline, next step due": "pipeline/?step=due",
    "people": "people/",
    "people, by company": "people/?sort=company",
    "companies": "companies/",
    "inquiries": "inquiries/",
    "inquiries, by name": "inquiries/?sort=name",
}


def main() -> None:
    with product_on_postgres():
        measure()


def measure() -> None:
    from django.contrib.auth.models import Group
    from django.test import Client

    from accounts.roles import SALES
    from benchmarks.many_leads import ManyLeads  # Django is set up only now

    leads = ManyLeads()
    leads.staff[0].groups.add(Group.objects.get(name=SALES))
    client = Client(headers={"host": "127.0.0.1"})
    client.force_login(leads.staff[0])
    found = []
    for count in (FEW, MANY):
        leads.fill(count)
        found.append(
            {name: ask(client, url.format(middle=count // 2)) for name, url in PAGES.items()}
        )
    few, many = found
    print(f"| page | queries | of {FEW:,} | of {MANY:,} | ratio |")
    print("| --- | ---: | ---: | ---: | ---: |")
    for name in PAGES:
        (_, before), (queries, after) = few[name], many[name]
        print(f"| {name} | {queries} | {before:.0f} ms | {after:.0f} ms | {after / before:.2f} |")


def ask(client: Any, url: str) -> tuple[int, float]:
    """The queries of one page, and the median of its milliseconds."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    client.get(f"/admin/{url}")  # the first search stores the texts of all drafts made since
    with CaptureQueriesContext(connection) as captured:
        response = client.get(f"/admin/{url}")
        queries = len(captured)  # before the next request empties the log
    assert response.status_code == 200, (url, response.status_code)
    spent = []
    for turn in range(COLD + TIMES):
        began = time.perf_counter()
        client.get(f"/admin/{url}")
        if turn >= COLD:
            spent.append((time.perf_counter() - began) * 1000)
    return queries, median(spent)


if __name__ == "__main__":
    main()
