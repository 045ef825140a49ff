#!/usr/bin/env python3
"""How many characters are lost when a browser, a server or a person fails someone who writes.

    .venv/bin/python benchmarks/lost_words.py [--ends 200] [--seed 1]

Types at random into articles, pages, the site's settings and offices, in a real Chromium, and ends
each sitting in one of eight ways: the tab is closed, the browser is killed, a link is followed,
Back is pressed, the session ends, the server is gone, the network is gone, everything is deleted
and saved. Then comes back and counts the characters, typed more than a second before the end, that
are nowhere: not in the form, not offered, not in the history. The promise is 0. Starts a site of
its own; needs PostgreSQL, Redis and Chromium to be installed, and touches none of them.
"""

import argparse
import json
import sys
import tempfile
from collections import defaultdict
from itertools import cycle, islice
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from playwright.sync_api import sync_playwright

from devtools.services import find_chromium
from tests.lost_words import EMAIL, ENDS, FORMS, Sitting, Writer
from tests.stack import Stack


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--ends", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    chromium = find_chromium()
    if not chromium:
        raise SystemExit("Chromium is not installed.")
    with tempfile.TemporaryDirectory(prefix="lost-words-") as folder:
        Path(folder).chmod(0o711)  # PostgreSQL runs as another user, who must pass through
        with Stack(Path(folder)) as stack, sync_playwright() as playwright:
            stack.manage("seed")
            password = json.loads((stack.var / "demo-logins.json").read_text())[EMAIL]
            with Writer(playwright, chromium, stack, password, seed=asked.seed) as writer:
                pairs = islice(zip(cycle(ENDS), cycle(FORMS), strict=False), asked.ends)
                # Each end meets each form: eight and five have no common divisor.
                sittings: list[Sitting] = []
                for end, form in pairs:
                    sittings.append(sit_down(writer, end, form))
                    say_how_far(sittings, asked.ends)
    report(sittings)
    sys.exit(any(one.lost for one in sittings))


def sit_down(writer: Writer, end: str, form: str) -> Sitting:
    sitting = writer.sit_down(end, form)
    if sitting.lost:
        print(f"LOST {sitting.lost}: {end}, {form}, {sitting.field}: {sitting.promised!r}")
    return sitting


def say_how_far(sittings: list[Sitting], of: int) -> None:
    """One line for each end, so that whoever stops it has what was found so far."""
    last = sittings[-1]
    promised, lost = sum(len(one.promised) for one in sittings), sum(one.lost for one in sittings)
    print(
        f"{len(sittings)} of {of}: {last.end}, {last.form}. So far {promised:,} characters, "
        f"{lost} lost",
        file=sys.stderr,
        flush=True,
    )


def report(sittings: list[Sitting]) -> None:
    by_end = defaultdict(list)
    for one in sittings:
        by_end[one.end].append(one)
    print("| end | sittings | characters older than a second | lost |")
    print("| --- | ---: | ---: | ---: |")
    for end, ones in [*by_end.items(), ("all", sittings)]:
        promised = sum(len(one.promised) for one in ones)
        print(f"| {end} | {len(ones)} | {promised:,} | {sum(one.lost for one in ones)} |")


if __name__ == "__main__":
    main()
