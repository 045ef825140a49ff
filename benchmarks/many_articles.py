#!/usr/bin/env python3
"""What pages cost with a hundred articles and with ten thousand, and what a first request costs.

    .venv/bin/python benchmarks/many_articles.py

Starts a PostgreSQL of its own, fills it with the demo's articles over and over, asks for pages
inside this process (all of Django with its middleware, no network, nothing kept between two
requests), and prints tables. Needs PostgreSQL to be installed, and touches nothing of it.
"""

import sys
from pathlib import Path
from statistics import median, quantiles

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.in_process import product_on_postgres

FEW, MANY = 100, 10_000
REQUESTS, COLD = 60, 300


def main() -> None:
    with product_on_postgres():
        measure()


def measure() -> None:
    from benchmarks.article_site import ArticleSite  # Django is set up only now

    site = ArticleSite()
    site.grow_to(FEW)
    few = {name: site.ask_often(path, REQUESTS) for name, path in site.pages().items()}
    site.grow_to(MANY)
    many = {name: site.ask_often(path, REQUESTS) for name, path in site.pages().items()}
    cold = site.ask_each_once(COLD)

    print(f"| page | queries | with {FEW} articles | with {MANY:,} | ratio |")
    print("| --- | ---: | ---: | ---: | ---: |")
    for name, before in few.items():
        after = many[name]
        ratio = median(after.spent) / median(before.spent)
        figures = f"{median(before.spent):.1f} ms | {median(after.spent):.1f} ms | {ratio:.2f}"
        print(f"| {name} | {max(before.queries, after.queries)} | {figures} |")

    print("\n| first request for an article | articles | queries, at most | median | p95 |")
    print("| --- | ---: | ---: | ---: | ---: |")
    for name, asked in cold.items():
        p95 = quantiles(asked.spent, n=20, method="inclusive")[-1]
        figures = f"{asked.queries} | {median(asked.spent):.1f} ms | {p95:.1f} ms"
        print(f"| {name} | {len(asked.spent)} | {figures} |")


if __name__ == "__main__":
    main()
