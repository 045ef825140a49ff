#!/usr/bin/env python3
"""Upgrades and rollbacks of a real site under load: what visitors get, and what becomes of emails.

    .venv/bin/python benchmarks/upgrade.py [--per-second 20] [--rounds 2] [--install]

A copy of this tree is the release that runs, on PostgreSQL, Redis, granian, Celery and an SMTP
server of its own; another copy with a migration more is the next. Each round upgrades, restarts
every process, and goes back. --install has the upgrade make the environment by pip, as on a server.
"""

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from devtools.environment import VENV
from tests.stack import Stack
from tests.under_upgrade import (
    NEXT,
    Visitors,
    change,
    installed,
    next_release,
    serving,
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--per-second", type=float, default=20)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--install", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="upgrade-") as name:
        folder = Path(name)
        folder.chmod(0o711)  # PostgreSQL runs as another user, who must pass through
        stack = Stack(folder)
        try:
            stack.start_servers()
            measure(stack, folder / "site", options)
        finally:
            stack.close()


def measure(stack: Stack, folder: Path, options: argparse.Namespace) -> None:
    folder.mkdir()
    source = next_release(folder / "next")
    venv: list[str | Path] = [] if options.install else ["--venv", VENV]
    with installed(stack, folder) as site:
        first = site.current
        print(f"{options.per_second:.0f} requests a second, every fifth an inquiry", flush=True)
        with Visitors(stack, per_second=options.per_second) as visitors:
            began = time.monotonic()
            for _ in range(options.rounds):
                upgrade: list[str | Path] = [
                    "upgrade",
                    f"v{NEXT}",
                    "--from",
                    source,
                    "--yes",
                    *venv,
                ]
                changes: list[tuple[list[str | Path], str]] = [
                    (upgrade, NEXT),
                    (["restart"], NEXT),
                    (["rollback"], first),
                ]
                for words, version in changes:
                    at = time.monotonic()
                    change(site, *words)
                    assert serving(stack) == version
                    print(f"site {words[0]:9}{time.monotonic() - at:7.1f} s", flush=True)
                subprocess.run(["rm", "-rf", site.root / "releases" / NEXT], check=True)
            took = time.monotonic() - began
        report(stack, visitors, took)


def report(stack: Stack, visitors: Visitors, took: float) -> None:
    emails = stack.expect_emails(visitors.thanked, within=600)
    copies = Counter(max(len(one.sales), len(one.visitor)) for one in emails.values())
    seconds = sorted(answer.seconds for _, answer in visitors.answers)
    saved = stack.senders()
    print(f"requests              {len(seconds):7} in {took:.0f} s")
    print(f"refused or cut off    {sum(status == 0 for _, status in visitors.failures):7}")
    print(f"answered with 4xx/5xx {sum(status > 0 for _, status in visitors.failures):7}")
    print(f"median, 99 %, longest {statistics.median(seconds) * 1000:.0f} ms,", end=" ")
    print(f"{seconds[int(len(seconds) * 0.99)] * 1000:.0f} ms, {seconds[-1] * 1000:.0f} ms")
    print(f"inquiries thanked     {len(visitors.thanked):7}")
    print(f"of them saved         {len(saved & set(visitors.thanked)):7}")
    print(f"notified and acknowledged once {copies[1]:7}, twice {copies[2]}")


if __name__ == "__main__":
    main()
