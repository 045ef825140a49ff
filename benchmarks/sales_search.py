#!/usr/bin/env python3
"""How long sales wait for what they search for, among 1,000 leads and among 100,000.

    .venv/bin/python benchmarks/sales_search.py [HOW MANY]

Starts a PostgreSQL of its own, fills it with leads (each with a person, an inquiry or two and three
lines of history), asks inside this process, and prints a table: `leads.search.find`, which looks
for people, companies, leads and inquiries at once; and the first page of a list of leads that is
filtered by the same words, with its count. Needs PostgreSQL to be installed, and touches nothing of
it. Takes some minutes. Also: what the index adds to an inquiry.
"""

import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.in_process import product_on_postgres

FEW, MANY = 1_000, int(sys.argv[1]) if sys.argv[1:] else 100_000
COLD, TIMES = 3, 25
POSTS, ROUNDS = 100, 5
PAGE, COUNTED = 100, 1_000
ASKED = {
    "a rare word": "kestrelmark",
    "a common word": "quote",
    "a typo": "reconcilation",
    "a common word with a typo": "integraton",
    "a name": "Freja Mortensen",
    "a name and a word": "freja migration",
    "two common words": "quote integration",
    "the beginning of a word": "reconc",
    "two letters": "in",
    "a part of a phone number": "4011",
    "a campaign": "linkedin",
    "the end of most addresses": "example",
    "nothing to find": "xylophone zeppelins",
}


def main() -> None:
    with product_on_postgres():
        measure()


def measure() -> None:
    from benchmarks.many_leads import ManyLeads  # Django is set up only now

    leads = ManyLeads()
    leads.fill(FEW)
    few = {words: ask(words) for words in ASKED.values()}
    began = time.perf_counter()
    leads.fill(MANY)
    print(f"{MANY:,} leads were written and indexed in {time.perf_counter() - began:.0f} s.\n")
    many = {words: ask(words) for words in ASKED.values()}

    print(
        f"| asked | queries | find, of {FEW:,} | of {MANY:,} | ratio "
        f"| list, of {FEW:,} | of {MANY:,} | ratio |"
    )
    print("| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |")
    for kind, words in ASKED.items():
        (queries, found, listed), (_, found_many, listed_many) = few[words], many[words]
        cells = [f"{kind} (“{words}”)", str(queries)]
        for before, after in [(found, found_many), (listed, listed_many)]:
            cells += [f"{before:.1f} ms", f"{after:.1f} ms", f"{after / before:.2f}"]
        print(f"| {' | '.join(cells)} |")
    print()
    measure_intake()


def ask(words: str) -> tuple[int, float, float]:
    """The queries of one search, and the medians of its milliseconds and of a list's."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from leads import search
    from leads.models import Lead

    def a_list() -> None:
        rows = search.matching(Lead.objects.work(), words)
        list(rows.select_related("contact__company").order_by("-opened_at", "-pk")[:PAGE])
        rows.order_by()[:COUNTED].count()

    with CaptureQueriesContext(connection) as captured:
        search.find(words)
    return len(captured), often(lambda: search.find(words)), often(a_list)


def often(act: Callable[[], Any]) -> float:
    spent = []
    for turn in range(COLD + TIMES):
        began = time.perf_counter()
        act()
        if turn >= COLD:
            spent.append((time.perf_counter() - began) * 1000)
    return median(spent)


def measure_intake() -> None:
    """What PostgreSQL works for an inquiry with the triggers of search and without, in turn."""
    without, with_search = list[float](), list[float]()
    for turn in range(ROUNDS):
        for is_on, spent in [(False, without), (True, with_search)]:
            switch(is_on=is_on)
            spent.append(post(f"{turn}-{is_on}"))
    switch(is_on=True)
    print(
        f"PostgreSQL’s CPU for an inquiry: {median(without):.2f} ms without the index, "
        f"{median(with_search):.2f} ms with it (medians of {ROUNDS} rounds of {POSTS})."
    )


def switch(*, is_on: bool) -> None:
    from django.db import connection

    from leads.search.postgresql_triggers import WATCHED

    with connection.cursor() as cursor:
        word = "ENABLE" if is_on else "DISABLE"
        for table, triggers in WATCHED.items():
            for one in triggers:
                cursor.execute(f"ALTER TABLE leads_{table} {word} TRIGGER {one.name(table)}")


def post(name: str) -> float:
    """Receive inquiries of people who never wrote before; milliseconds of the server for one."""
    import random

    from django.db import connection

    from benchmarks.many_leads import made_words
    from leads.intake import receiving
    from leads.models import Inquiry

    chance, words = random.Random(name), made_words()
    inquiries = [
        Inquiry(
            name=f"Ada {chance.choice(words).title()}",
            email=f"ada-{name}-{number}@example.com",
            company=f"{chance.choice(words).title()} {number % 40} Ltd",
            message=" ".join(chance.choices(words[:5000], k=120)),
            utm_source="linkedin",
        )
        for number in range(POSTS + COLD)
    ]
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        [pid] = cursor.fetchone()
    for inquiry in inquiries[:COLD]:
        receiving.receive(inquiry)
    before = cpu(pid)
    for inquiry in inquiries[COLD:]:
        receiving.receive(inquiry)
    return (cpu(pid) - before) / POSTS


def cpu(pid: int) -> float:
    """Milliseconds that a process has worked."""
    return int(Path(f"/proc/{pid}/schedstat").read_text().split()[0]) / 1e6


if __name__ == "__main__":
    main()
