#!/usr/bin/env python3
"""What Lighthouse says of the pages, as on a phone.

    .venv/bin/python benchmarks/lighthouse.py [ADDRESS]

Needs Node and a Chromium (CHROME_PATH); npx fetches Lighthouse. Without an address it starts a
site with the demo's content for the purpose. Prints a table: the median of three runs a page.
"""

import json
import os
import subprocess
import sys
from pathlib import Path
from statistics import median
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.demo_site import PAGES, demo_site
from devtools.services import find_chromium

LIGHTHOUSE = "lighthouse@12.8.2"
RUNS = 3
ASKED = ("home", "article", "articles", "contact", "office")
CATEGORIES = ("performance", "accessibility", "best-practices", "seo")
METRICS = ("first-contentful-paint", "largest-contentful-paint", "total-blocking-time")


def main() -> None:
    print("| page | performance | accessibility | best practices | SEO | FCP | LCP | TBT | CLS |")
    print("| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |")
    with demo_site(*sys.argv[1:2]) as site:
        for name in ASKED:
            reports = [ask(site.address + PAGES[name]) for _ in range(RUNS)]
            scores = [
                median(score(report, category) for report in reports) for category in CATEGORIES
            ]
            times = [median(value(report, metric) for report in reports) for metric in METRICS]
            shift = max(value(report, "cumulative-layout-shift") for report in reports)
            cells = [f"{one:.0f}" for one in scores] + [f"{one:.0f} ms" for one in times]
            print(f"| {name} | {' | '.join(cells)} | {shift:.3f} |", flush=True)


def ask(url: str) -> dict[str, Any]:
    """Its report, at the third attempt at the latest: on a busy machine its own recording fails."""
    flags = "--headless=new --disable-background-networking --disable-component-update"
    if os.geteuid() == 0:
        flags += " --no-sandbox"
    for is_last in (False, False, True):
        done = subprocess.run(
            [
                "npx",
                "--yes",
                LIGHTHOUSE,
                url,
                "--quiet",
                "--output=json",
                f"--chrome-flags={flags}",
            ],
            env={"CHROME_PATH": str(find_chromium() or ""), **os.environ},
            stdout=subprocess.PIPE,
            check=is_last,
        )
        if done.returncode == 0:
            break
    report: dict[str, Any] = json.loads(done.stdout)
    return report


def score(report: dict[str, Any], category: str) -> float:
    return 100 * float(report["categories"][category]["score"] or 0)


def value(report: dict[str, Any], metric: str) -> float:
    return float(report["audits"][metric]["numericValue"])


if __name__ == "__main__":
    main()
