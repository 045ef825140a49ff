"""What comparing and merging two texts costs: `.venv/bin/python benchmarks/comparing.py`.

Prints CPU seconds for an article of 10,000 words under 200 headings, for 5 MB, and for texts that
are made to be slow. Needs no database.
"""

import os
import random
import string
import sys
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
os.environ.setdefault("SECRET_KEY", "benchmark")
os.environ.setdefault("DEMO", "1")

import django

django.setup()

from prose.diff import compare
from prose.merge import merge

dice = random.Random(7)
WORDS = ["".join(dice.choices(string.ascii_lowercase, k=dice.randint(2, 9))) for _ in range(8_000)]
WEIGHTS = [1 / (rank + 1) for rank in range(len(WORDS))]  # as common as words are: Zipf


def words(count: int) -> list[str]:
    return dice.choices(WORDS, WEIGHTS, k=count)


def text(paragraphs: int, *, each: int, with_headings: bool) -> list[str]:
    found = []
    for _ in range(paragraphs):
        if with_headings:
            found.append(f"<h2>{' '.join(words(4))}</h2>")
        found.append(f"<p>{' '.join(words(each))}</p>")
    return found


def edited(blocks: list[str], *, every: int) -> str:
    """With one word changed in each of so many blocks."""
    found = []
    for number, block in enumerate(blocks):
        parts = block.split(" ")
        if number % every == 0 and len(parts) > 2:
            parts[dice.randrange(1, len(parts) - 1)] = dice.choice(WORDS)
        found.append(" ".join(parts))
    return "".join(found)


def cost(name: str, work: Callable[[], object]) -> None:
    began = time.process_time()
    work()
    print(f"{name:60} {time.process_time() - began:6.2f} s")


def main() -> None:
    article = text(200, each=50, with_headings=True)
    old, much, little = "".join(article), edited(article, every=1), edited(article, every=20)
    cost("10,000 words, 200 headings: a change in every block", lambda: compare(old, much))
    cost("10,000 words, 200 headings: twenty changes", lambda: compare(old, little))
    cost("10,000 words, 200 headings: merge of both", lambda: merge(old, much, little))
    large = text(8_000, each=100, with_headings=False)
    whole = "".join(large)
    print(f"{len(whole) / 1e6:.1f} MB in 8,000 paragraphs:")
    cost("  a change in every hundredth", lambda: compare(whole, edited(large, every=100)))
    cost("  a change in each", lambda: compare(whole, edited(large, every=1)))
    cost("  nothing left of it", lambda: compare(whole, ""))
    one = f"<p>{' '.join(words(800_000))}</p>"
    cost("  all in one paragraph", lambda: compare(one, one.replace(" ", " a ", 50)))
    same = "<p>a</p>" * 300_000
    cost("  300,000 blocks that are all the same", lambda: compare(same, f"<p>b</p>{same}"))
    cost("  two words, over and over", lambda: compare(f"<p>{'a b ' * 20_000}</p>", "<p>b a</p>"))


if __name__ == "__main__":
    main()
