"""Which addresses somebody may have meant who asked for one that is not there."""

import re
from dataclasses import dataclass
from difflib import SequenceMatcher

from django.db.models import Case, CharField, IntegerField, Q, QuerySet, Value, When
from django.utils.text import slugify

from articles.models import Article, Author, Revision, Series, Topic
from offices.models import Office
from pages.models import Page, SitePart

SHOWN = 5
NEAR_ENOUGH = 0.6
LONGEST = 120  # characters of an address that are looked at
MOST_WORDS = 3
# How many of a kind are compared in earnest. The database chooses articles by parts of words.
ARTICLES = 40
OTHERS = 300


@dataclass(frozen=True)
class Nearby:
    title: str
    url: str


def nearest(path: str) -> list[Nearby]:
    """The best matches, the best first; none rather than poor ones.

    Bounded: three questions to the database, and a fixed number of comparisons, however much the
    site holds and whatever was asked for.
    """
    *section, end = [part for part in path.split("/") if part] or [""]
    wanted = slugify(re.sub(r"\.\w{1,5}$", "", end[:LONGEST]).replace("_", "-"))
    if len(wanted) < 3:
        return []
    matcher = SequenceMatcher(autojunk=False)
    matcher.set_seq2(wanted)  # the one that it prepares once for all
    found: dict[str, tuple[float, Nearby]] = {}
    for place, slug, title in [*_articles(wanted), *_others()]:
        url = f"{place}{slug}/" if slug else place
        last = slug or slugify(place.strip("/").rpartition("/")[2])
        likeness = max(_likeness(matcher, wanted, name) for name in {last, slugify(title)})
        if section and place.startswith(f"/{section[0]}/"):
            likeness += 0.05
        if likeness >= NEAR_ENOUGH and likeness > found.get(url, (0.0,))[0]:
            found[url] = likeness, Nearby(title, url)
    best = sorted(found.values(), key=lambda pair: (-pair[0], pair[1].url))
    return [nearby for _, nearby in best[:SHOWN]]


def _likeness(matcher: SequenceMatcher, wanted: str, other: str) -> float:
    """From 0 to 1: letters in the same order, or else words in common."""
    matcher.set_seq1(other)
    letters = 0.0
    if matcher.real_quick_ratio() >= NEAR_ENOUGH and matcher.quick_ratio() >= NEAR_ENOUGH:
        letters = matcher.ratio()
    words = _words(wanted)
    shared = len(words & _words(other)) / len(words) if words else 0.0
    return max(letters, 0.9 * shared)


def _words(slug: str) -> set[str]:
    """Those that carry some meaning: not a, of, the."""
    return {word for word in slug.split("-") if len(word) > 3}


def _articles(wanted: str) -> list[tuple[str, str, str]]:
    """Live articles whose slugs share beginnings or ends of its longest words, the most
    shared first.

    A mistyped word seldom has a wrong beginning and a wrong end. Only the slugs of all articles
    are gone through; the rest is asked about a few.
    """
    longest = sorted(set(wanted.split("-")), key=lambda word: (-len(word), word))[:MOST_WORDS]
    parts = {part for word in longest for part in (word[:4], word[-4:]) if len(word) > 2}
    if not parts:
        return []
    holds = [Q(slug__contains=part) for part in sorted(parts)]
    shared = sum(
        (Case(When(hold, then=1), default=0, output_field=IntegerField()) for hold in holds),
        start=Value(0),
    )
    alike = Article.objects.annotate(shared=shared).filter(shared__gt=0)
    pks = alike.order_by("-shared", "-pk").values_list("pk", flat=True)[:ARTICLES]
    found = Revision.objects.live().filter(article__in=list(pks))
    return [
        ("/articles/", slug, title) for slug, title in found.values_list("article__slug", "title")
    ]


def _others() -> list[tuple[str, str, str]]:
    def of(place: str, rows: QuerySet, title: str) -> QuerySet:
        there = Value(place, output_field=CharField())
        return rows.order_by().annotate(there=there).values_list("there", "slug", title)

    every = of("/", Page.objects.all(), "title").union(
        of("/articles/topics/", Topic.objects.all(), "name"),
        of("/articles/series/", Series.objects.all(), "title"),
        of("/articles/authors/", Author.objects.all(), "name"),
        of("/offices/", Office.objects.listed(), "name"),
        all=True,
    )
    return [*((part.url, "", part.label) for part in SitePart), *every[:OTHERS]]
