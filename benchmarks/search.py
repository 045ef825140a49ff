#!/usr/bin/env python3
"""How long a visitor waits for what they search for, among 100 articles and among 10,000.

    .venv/bin/python benchmarks/search.py

Starts the whole product on servers of its own, fills it with articles of 400 to 1,400 words, asks
over HTTP, and prints a table. Needs PostgreSQL and Redis to be installed, and touches neither of
them. Takes some minutes.
"""

import os
import random
import re
import sys
import tempfile
from datetime import timedelta
from itertools import accumulate
from pathlib import Path
from statistics import median
from urllib.parse import urlencode

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tests.stack import Stack  # noqa: E402  the line above makes it importable

FEW, MANY = 100, 10_000
TIMES = 60
ASKED = {
    "one common word": "database",
    "two words": "queue retries",
    "a rare word": "kestrelmark",
    "a typo": "transacton",
    "a prefix": "idemp",
    "nothing to find": "xylophone zeppelins",
}
# Where each stands in the order of frequency: in most articles, in every tenth, and so on.
PLANTED = {"database": 0.5, "queue": 0.15, "retries": 0.1, "transaction": 0.05, "idempotency": 0.02}


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="benchmark-") as folder, Stack(Path(folder)) as stack:
        os.environ.update(stack.environment, DJANGO_SETTINGS_MODULE="config.settings")
        import django

        django.setup()
        shelves = make_shelves()
        words = make_words()
        fill(0, FEW, shelves, words)
        few = measure(stack)
        fill(FEW, MANY, shelves, words)
        many = measure(stack)

    print(f"| asked | found of {FEW} | median | found of {MANY:,} | median | ratio |")
    print("| --- | ---: | ---: | ---: | ---: | ---: |")
    for name in ASKED:
        (found, before), (found_many, after) = few[name], many[name]
        cells = f"{found} | {before * 1000:.1f} ms | {found_many:,} | {after * 1000:.1f} ms"
        print(f"| {name} (“{ASKED[name]}”) | {cells} | {after / before:.2f} |")


def make_words() -> list[str]:
    """Words of our demo articles, and 20,000 made ones, the most frequent first."""
    chosen = random.Random(1)
    demo = Path(__file__).resolve().parent.parent / "pages" / "demo" / "articles"
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


def make_shelves():
    from articles.models import Author, Topic

    authors = [
        Author.objects.create(name=f"Author {n}", slug=f"author-{n}", job_title="Engineer")
        for n in range(10)
    ]
    topics = [Topic.objects.create(name=f"Topic {n}", slug=f"topic-{n}") for n in range(12)]
    return authors, topics


def fill(begin: int, end: int, shelves, words: list[str]) -> None:
    """Articles number `begin` to `end`, each published an hour after the one before."""
    from django.db import connection
    from django.utils import timezone

    from articles.models import Article, Byline, Revision, RevisionText, SearchWord
    from articles.words import plain_text, vocabulary

    authors, topics = shelves
    weights = list(accumulate(1 / (rank + 3) for rank in range(len(words))))  # Zipf (1935)
    now = timezone.now()
    for first in range(begin, end, 500):
        numbers = range(first, min(first + 500, end))
        articles = Article.objects.bulk_create([Article(slug=f"article-{n}") for n in numbers])
        revisions = []
        for n, article in zip(numbers, articles, strict=True):
            text = write(random.Random(n), n, words, weights)
            published = now - timedelta(hours=MANY - n, minutes=5)
            moments = [published] if n % 10 else [published, now - timedelta(minutes=1)]
            revisions += [
                Revision(
                    article=article,
                    number=number,
                    state="released",
                    live_from=moment,
                    published_at=published,
                    **text,
                )
                for number, moment in enumerate(moments, start=1)
            ]
        Revision.objects.bulk_create(revisions)
        texts = [
            RevisionText(
                revision=one, title=one.title, summary=one.summary, body=plain_text(one.body)
            )
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
        Article.topics.through.objects.bulk_create(
            [
                Article.topics.through(article=one, topic=topic)
                for one in articles
                for topic in random.Random(one.pk).sample(topics, 1 + one.pk % 3)
            ]
        )
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")  # as PostgreSQL does by itself within minutes


def write(chosen: random.Random, number: int, words: list[str], weights: list[float]):
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


def measure(stack: Stack) -> dict[str, tuple[int, float]]:
    """How many articles each search finds, and the median of its seconds."""
    from articles.search import search

    seconds: dict[str, list[float]] = {name: [] for name in ASKED}
    for turn in range(TIMES + 5):
        for name, words in ASKED.items():
            answer = stack.get(f"/articles/search/?{urlencode({'q': words})}")
            if answer.status != 200:
                raise SystemExit(f"“{words}” was answered {answer.status}.\n{stack.last_words()}")
            if turn >= 5:  # the first ones find cold caches
                seconds[name].append(answer.seconds)
    return {name: (search(ASKED[name]).found.total, median(seconds[name])) for name in ASKED}


if __name__ == "__main__":
    main()
