#!/usr/bin/env python3
"""How many clicks and keys the commonest jobs of sales take, and how long sixty-four inquiries.

    .venv/bin/python benchmarks/clicks.py

Starts the whole product with the demo's content, does each job in a real browser by mouse and by
keyboard as someone in sales, counts every click and key (what is typed as words aside), and prints
a table. Then it sorts and answers the forty realistic and the twenty-four odd inquiries of
`tests/leads/inquiries.toml` by keys. Needs PostgreSQL, Redis and Chromium to be installed. The
journeys in `tests/journeys/browser/test_inbox.py` do the same, with fewer inquiries, and fail above
what is promised.
"""

import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.demo_site import DemoSite, demo_site
from devtools.services import find_chromium
from tests.browser import Browser, running_chromium
from tests.sales_at_work import (
    JOBS,
    MAX_KEYS_EACH,
    ODD,
    REALISTIC,
    SALES,
    Hands,
    Job,
    receive,
    sort_to_zero,
)

WINDOW = {"width": 1280, "height": 800}


def main() -> None:
    chromium = find_chromium()
    if chromium is None:
        raise SystemExit("Chromium is not installed.")
    with demo_site() as site, running_chromium(str(chromium), site.address) as browser:
        count_jobs(site, browser)
        print()
        count_sorting(site, browser)


def count_jobs(site: DemoSite, browser: Browser) -> None:
    print("| job | promised | by mouse | by keys |")
    print("| --- | ---: | ---: | ---: |")
    for job in JOBS:
        mouse, keys = (presses(site, browser, job, way) for way in ("mouse", "keys"))
        print(f"| {job.name} | {job.promised} | {mouse} | {keys} |", flush=True)


def count_sorting(site: DemoSite, browser: Browser) -> None:
    print(f"| sorted and answered | keys | each ({MAX_KEYS_EACH} promised) | seconds |")
    print("| --- | ---: | ---: | ---: |")
    for name, inquiries in (("40 realistic ones", REALISTIC), ("24 odd ones", ODD)):
        _, suspected = receive(site.stack, inquiries)
        with browser.visitor(viewport=WINDOW) as visitor:
            visitor.sign_in(SALES, site.logins[SALES])
            hands, began = Hands(visitor.page), time.monotonic()
            sort_to_zero(hands, site.address, suspected)
            spent = time.monotonic() - began
        each = hands.presses / len(inquiries)
        print(f"| {name} | {hands.presses} | {each:.2f} | {spent:.0f} |", flush=True)


def presses(site: DemoSite, browser: Browser, job: Job, way: str) -> int:
    """What one job takes, with nothing else in suspected spam."""
    receive(site.stack, [])
    begins = job.prepare(site.stack, way)
    with browser.visitor(viewport=WINDOW) as visitor:
        visitor.sign_in(SALES, site.logins[SALES])
        visitor.open(begins)
        hands = Hands(visitor.page)
        job.do(hands, way)
        return hands.presses


if __name__ == "__main__":
    main()
