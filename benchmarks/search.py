#!/usr/bin/env python3
"""How long a visitor waits for what they search for, among 100 articles and among 10,000.

    .venv/bin/python benchmarks/search.py

Starts the whole product twice on servers of its own, fills one with 100 and the other with 10,000
articles of 400 to 1,400 words, asks both in turn over HTTP, and prints a table. Needs PostgreSQL
and Redis to be installed, and touches neither of them. Takes some minutes.
"""

import os
import random
import re
import subprocess
import sys
import tempfile
from collections import defaultdict
from datetime import timedelta
from itertools import accumulate
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import django
from django.db import connection
from django.utils import timezone

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from devtools.environment import PYTHON, ROOT
from tests.stack import Stack

if TYPE_CHECKING:  # the models can be imported once Django is set up
    from articles.models import Author, Topic

    Groupings = tuple[list[Author], list[Topic]]

FEW, MANY = 100, 10_000
COLD, TIMES = 5, 60
ASKED = {
    "one common word": "database",
    "two words": "queue retries",
    "a rare word": "kestrelmark",
    "a typo": "transacton",
    "a prefix": "idemp",
    "nothing to find": "xylophone zeppelins",
}
# In what share of the articles each is put, besides where it stands anyway.
PLANTED = {"database": 0.5, "queue": 0.15, "retries": 0.1, "transaction": 0.05, "idempotency": 0.02}


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="benchmark-") as name:
        folders = [Path(name) / "few", Path(name) / "many"]
        for folder in [Path(name), *folders]:
            folder.mkdir(exist_ok=True)
            folder.chmod(0o711)  # PostgreSQL runs as another user, who must pass through
        with Stack(folders[0]) as few, Stack(folders[1]) as many:
            for stack, count in [(few, FEW), (many, MANY)]:
                command = [PYTHON, __file__, "fill", str(count)]
                subprocess.run(command, env=stack.environment, cwd=ROOT, check=True)
            measured = measure(few, many)

    print(f"| asked | found of {FEW} | median | found of {MANY:,} | median | ratio |")
    print("| --- | ---: | ---: | ---: | ---: | ---: |")
    for kind, ((found, before), (found_many, after)) in measured.items():
        cells = f"{found} | {before * 1000:.1f} ms | {found_many} | {after * 1000:.1f} ms"
        print(f"| {kind} (“{ASKED[kind]}”) | {cells} | {after / before:.2f} |")


def measure(*stacks: Stack) -> dict[str, list[tuple[str, float]]]:
    """What each search finds in each of the stacks, and the median of its seconds."""
    seconds: dict[tuple[str, Stack], list[float]] = defaultdict(list)
    found: dict[tuple[str, Stack], str] = {}
    for turn in range(COLD + TIMES):
        for kind, words in ASKED.items():
            for stack in stacks:
                answer = stack.get(f"/articles/search/?{urlencode({'q': words})}")
                status = re.search(r'role="status">\s*(\d+\+?|No results)', answer.text)
                if answer.status != 200 or not status:
                    raise SystemExit(f"“{words}” was answered {answer.status}: {answer.text}")
                found[kind, stack] = status[1]
                if turn >= COLD:
                    seconds[kind, stack].append(answer.seconds)
    return {
        kind: [(found[kind, stack], median(seconds[kind, stack])) for stack in stacks]
        for kind in ASKED
    }


# In a process of its own, which the settings know by the environment of its stack.


def fill(count: int) -> None:
    """So many articles, each published an hour after the one before."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
    django.setup()
    words = make_words()
    groupings = make_topics_and_authors()
    for first in range(0, count, 500):
        publish(range(first, min(first + 500, count)), groupings, words)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")  # as PostgreSQL does by itself within minutes


def make_words() -> list[str]:
    """Words of our demo articles, and 20,000 made ones, the most frequent first."""
    chosen = random.Random(1)
    demo = ROOT / "articles" / "demo" / "texts"
    text = " ".join(re.sub(r"<[^>]+>", " ", path.read_text()) for path in sorted(demo.glob("*")))
    counts: dict[str, int] = {}
    for word in re.findall(r"[a-z]{2,}", text.lower()):
        counts[word] = counts.get(word, 0) + 1
    common = sorted(counts.keys() - PLANTED.keys(), key=lambda word: (-counts[word], word))
    syllables = re.findall("..", "bacodefiguhalomaneporasitovuwezo")
    ends = ["", "s", "ing", "ed", "er", "ation", "ity", "able"]
    made = {
        "".join(chosen.choices(syllables, k=chosen.randint(2, 4))) + chosen.choice(ends)
        for _ in range(20_000)
    }
    return [*common, *sorted(made)]


def make_topics_and_authors() -> "Groupings":
    from articles.models import Author, Topic

    authors = [
        Author.objects.create(name=f"Author {n}", slug=f"author-{n}", job_title="Engineer")
        for n in range(10)
    ]
    topics = [Topic.objects.create(name=f"Topic {n}", slug=f"topic-{n}") for n in range(12)]
    return authors, topics


def publish(numbers: range, groupings: "Groupings", words: list[str]) -> None:
    from articles.models import Article, Byline, Revision, RevisionText, SearchWord
    from prose.text import plain_text, vocabulary

    authors, topics = groupings
    weights = list(accumulate(1 / (rank + 3) for rank in range(len(words))))  # Zipf (1935)
    now = timezone.now()
    articles = Article.objects.bulk_create([Article(slug=f"article-{n}") for n in numbers])
    revisions = []
    for n, article in zip(numbers, articles, strict=True):
        text = write(random.Random(n), n, words, weights)
        published = now - timedelta(hours=MANY - n, minutes=5)
        moments = [published] if n % 10 else [published, now - timedelta(minutes=1)]
        ends = [*moments[1:], None]
        revisions += [
            Revision(
                article=article,
                number=number,
                state="published",
                live_from=moment,
                live_until=end,
                published_at=published,
                **text,
            )
            for number, (moment, end) in enumerate(zip(moments, ends, strict=True), start=1)
        ]
    Revision.objects.bulk_create(revisions)
    texts = [
        RevisionText(revision=one, title=one.title, summary=one.summary, body=plain_text(one.body))
        for one in revisions
    ]
    RevisionText.objects.bulk_create(texts)
    said = vocabulary(*(part for one in texts for part in (one.title, one.summary, one.body)))
    SearchWord.objects.bulk_create(
        [SearchWord(word=word) for word in said], ignore_conflicts=True, batch_size=5000
    )
    Byline.objects.bulk_create(
        [Byline(article=one, author=authors[one.pk % len(authors)]) for one in articles]
    )
    Shelving = Article.topics.through
    Shelving.objects.bulk_create(
        [
            Shelving(article=one, topic=topic)
            for one in articles
            for topic in random.Random(one.pk).sample(topics, 1 + one.pk % 3)
        ]
    )


def write(
    chosen: random.Random, number: int, words: list[str], weights: list[float]
) -> dict[str, str]:
    """The words of one article. Those we ask for come as often as `PLANTED` says."""
    body = chosen.choices(words, cum_weights=weights, k=chosen.randint(400, 1400))
    for word, share in PLANTED.items():
        if chosen.random() < share:
            for _ in range(chosen.randint(1, 5)):
                body.insert(chosen.randrange(len(body)), word)
    title = chosen.choices(words[100:3000], k=5)
    if chosen.random() < 0.1:
        title[2] = chosen.choice(list(PLANTED))
    if number in (7, 70):
        body.insert(50, "kestrelmark")
    paragraphs = [" ".join(body[i : i + 80]) for i in range(0, len(body), 80)]
    return {
        "title": " ".join(title).capitalize(),
        "summary": " ".join(body[:18]).capitalize() + ".",
        "body": "".join(f"<p>{one.capitalize()}.</p>" for one in paragraphs),
    }


if __name__ == "__main__":
    fill(int(sys.argv[2])) if sys.argv[1:2] == ["fill"] else main()
