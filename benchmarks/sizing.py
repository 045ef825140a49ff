#!/usr/bin/env python3
"""What each process of the site needs: memory at rest and at most, processor time for its work.

    .venv/bin/python benchmarks/sizing.py

Starts the whole product with the demo's content on servers of its own, asks for pages that nobody
has kept, sends inquiries, and lets the emails go out. Memory is PSS: what processes share is
counted once. Needs PostgreSQL and Redis to be installed, and touches neither of them.
"""

import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.demo_site import PAGES, demo_site
from benchmarks.intake import FIELDS, SCRIPT, cpu_seconds
from devtools.environment import PYTHON, ROOT
from devtools.processes import Child, wait_until
from page_cache.generation import MAX_QUERY_LENGTH
from tests.stack import Stack

INQUIRIES, ROUNDS = 1500, 20
SENT = "SELECT count(*) FROM mail_message WHERE state = 'sent'"
UNKEPT = "unkept=" + "x" * MAX_QUERY_LENGTH  # a page is kept for no question as long as this


def main() -> None:
    with demo_site() as site:
        assert site.stack
        measure(site.stack)


def measure(stack: Stack) -> None:
    stack.start("sender")
    at_rest = {name: memory(child) for name, child in stack.children.items()}
    most = dict(at_rest)
    print(f"{ROUNDS} times {len(PAGES)} kinds of page that nobody has kept; {INQUIRIES} inquiries:")

    web = [stack.children["web"]]
    before, began_at = spent_by(web), time.monotonic()
    for _ in range(ROUNDS):
        for path in PAGES.values():
            visit(stack.address, f"{path}{'&' if '?' in path else '?'}{UNKEPT}")
    pages = ROUNDS * len(PAGES)
    report("a page that nobody has kept", spent_by(web) - before, pages, began_at)
    note(stack, most)

    behind = [stack.children[name] for name in ("worker", "sender")]
    before, before_behind, began_at = spent_by(web), spent_by(behind), time.monotonic()
    wanted = stack.execute(SENT)[0][0] + 2 * INQUIRIES
    command = [PYTHON, f"{ROOT}/benchmarks/posting.py", str(stack.port), "/contact/"]
    command += [str(INQUIRIES), "4", "302", ""]
    subprocess.run(
        command, input=json.dumps(FIELDS | SCRIPT), text=True, check=True, stdout=subprocess.DEVNULL
    )
    report("an inquiry, until it is thanked", spent_by(web) - before, INQUIRIES, began_at)

    def all_mailed() -> bool:
        note(stack, most)
        return bool(stack.execute(SENT)[0][0] >= wanted)

    if not wait_until(all_mailed, seconds=300, pause=0.5):
        raise SystemExit(f"Emails still wait.\n{stack.log_tails()}")
    report("its emails and all that follows", spent_by(behind) - before_behind, INQUIRIES)

    print("\n| process | at rest | at most |\n| --- | ---: | ---: |")
    for name, megabytes in most.items():
        print(f"| {name} | {at_rest[name]:.0f} MB | {megabytes:.0f} MB |")


def visit(address: str, path: str) -> None:
    try:
        with urllib.request.urlopen(address + path, timeout=30) as answer:
            answer.read()
    except urllib.error.HTTPError as error:  # among the pages is one that does not exist
        error.read()


def spent_by(children: list[Child]) -> float:
    return sum(map(cpu_seconds, children))


def report(what: str, seconds: float, number: int, began_at: float = 0) -> None:
    rate = f", {number / (time.monotonic() - began_at):.0f} a second" if began_at else ""
    print(f"{what}: {seconds / number * 1000:.1f} ms of CPU{rate}")


def note(stack: Stack, most: dict[str, float]) -> None:
    for name, child in stack.children.items():
        most[name] = max(most[name], memory(child))


def memory(child: Child) -> float:
    """In MB, of a process and of those that it has started."""
    kilobytes = 0
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if os.getpgid(int(folder.name)) == child.pid:
                rollup = (folder / "smaps_rollup").read_text()
                kilobytes += int(rollup.split("Pss:")[1].split()[0])
        except (OSError, IndexError):
            continue  # it ended meanwhile
    return kilobytes / 1024


if __name__ == "__main__":
    main()
