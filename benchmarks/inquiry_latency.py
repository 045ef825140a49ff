#!/usr/bin/env python3
"""How long a visitor waits for "thank you", with everything well and with Redis in trouble.

    .venv/bin/python benchmarks/inquiry_latency.py

Starts the whole product on servers of its own, sends inquiries one after another, and prints a
table. Needs PostgreSQL and Redis to be installed, and touches neither of them.
"""

import sys
import tempfile
from pathlib import Path
from statistics import median, quantiles

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tests.stack import Stack, visitor

WELL, IN_TROUBLE = 200, 10


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="benchmark-") as folder, Stack(Path(folder)) as stack:
        well = waits(stack, WELL)
        stack.redis.stop()
        refusing = waits(stack, IN_TROUBLE)
        stack.redis.start()
        stack.expect_emails(stack.senders(), within=120)
        stack.redis.pause()
        silent = waits(stack, IN_TROUBLE)
        stack.redis.resume()
        stack.expect_emails(stack.senders(), within=120)

    print("| Redis | inquiries | median | p95 | max |")
    print("| --- | ---: | ---: | ---: | ---: |")
    for name, seconds in [("well", well), ("refusing", refusing), ("silent", silent)]:
        p95 = quantiles(seconds, n=20, method="inclusive")[-1]
        figures = [median(seconds), p95, max(seconds)]
        cells = " | ".join(f"{figure * 1000:.0f} ms" for figure in figures)
        print(f"| {name} | {len(seconds)} | {cells} |")
    print("\nEvery inquiry was answered with thanks, and each of its emails came in.")


def waits(stack: Stack, count: int) -> list[float]:
    """Seconds from the first byte of each form to the last byte of its answer."""
    answers = [stack.send_inquiry(visitor()) for _ in range(count)]
    if not all(answer.is_thanks for answer in answers):
        raise SystemExit(f"Not everyone was thanked.\n{stack.log_tails()}")
    return [answer.seconds for answer in answers]


if __name__ == "__main__":
    main()
