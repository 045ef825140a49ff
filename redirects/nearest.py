"""Guesses which page was meant by an address that does not exist."""

import re
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

from django.db.models import Case, CharField, IntegerField, Q, QuerySet, Value, When
from django.utils.text import slugify

from web.contributions import places, public_rows
from web.public import Rows

SHOWN = 5
NEAR_ENOUGH = 0.6
MAX_LENGTH = 120  # characters of an address that are looked at
MAX_WORDS = 3
# How many of a kind are compared in earnest. Of a large kind, the database chooses them.
MAX_ALIKE = 40
OTHERS = 300


Address = tuple[str, str, str]  # what stands before the slug, the slug, the title


@dataclass(frozen=True)
class Nearby:
    title: str
    url: str


def nearest(path: str) -> list[Nearby]:
    """The best matches, the best first; none rather than poor ones.

    Bounded: one query for the small kinds and one for each large one, and a fixed number of
    comparisons, however much the site holds and whatever was asked for.
    """
    *section, end = [part for part in path.split("/") if part] or [""]
    wanted = slugify(re.sub(r"\.\w{1,5}$", "", end[:MAX_LENGTH]).replace("_", "-"))
    if len(wanted) < 3:
        return []
    matcher = SequenceMatcher(autojunk=False)
    matcher.set_seq2(wanted)  # the one that it prepares once for all
    found: dict[str, tuple[float, Nearby]] = {}
    for place, slug, title in [*_alike(wanted), *_others()]:
        url = f"{place}{slug}/" if slug else place
        last = slug or slugify(place.strip("/").rpartition("/")[2])
        likeness = max(_likeness(matcher, wanted, name) for name in {last, slugify(title)})
        if section and place.startswith(f"/{section[0]}/"):
            likeness += 0.05
        if likeness >= NEAR_ENOUGH and likeness > found.get(url, (0.0,))[0]:
            found[url] = likeness, Nearby(title, url)
    best = sorted(found.values(), key=lambda pair: (-pair[0], pair[1].url))
    return [nearby for _, nearby in best[:SHOWN]]


def _likeness(matcher: SequenceMatcher[str], wanted: str, other: str) -> float:
    """From 0 to 1: letters in the same order, or else words in common."""
    matcher.set_seq1(other)
    letters = 0.0
    if matcher.real_quick_ratio() >= NEAR_ENOUGH and matcher.quick_ratio() >= NEAR_ENOUGH:
        letters = matcher.ratio()
    words = _words(wanted)
    shared = len(words & _words(other)) / len(words) if words else 0.0
    return max(letters, 0.9 * shared)


def _words(slug: str) -> set[str]:
    """The words that carry meaning: not a, of, the."""
    return {word for word in slug.split("-") if len(word) > 3}


def _alike(wanted: str) -> list[Address]:
    """Rows of the large kinds whose slugs share beginnings or ends of its longest words, the most
    shared first.

    A mistyped word seldom has a wrong beginning and a wrong end.
    """
    longest = sorted(set(wanted.split("-")), key=lambda word: (-len(word), word))[:MAX_WORDS]
    parts = {part for word in longest for part in (word[:4], word[-4:]) if len(word) > 2}
    if not parts:
        return []
    found: list[Address] = []
    for kind in public_rows():
        if kind.is_large and kind.is_suggested:
            holds = [Q(**{f"{kind.slug}__contains": part}) for part in sorted(parts)]
            shared = sum(
                (
                    Case(When(hold, then=1), default=0, output_field=IntegerField())
                    for hold in holds
                ),
                start=Value(0),
            )
            alike = kind.rows().alias(shared=shared).filter(shared__gt=0).order_by("-shared", "-pk")
            found += _addresses(kind, alike)[:MAX_ALIKE]
    return found


def _others() -> list[Address]:
    """What has an address of its own, and the rows of the kinds that are few."""
    fixed = [(place.path, "", place.title) for place in places()]
    few = [kind for kind in public_rows() if kind.is_suggested and not kind.is_large]
    first, *rest = [_addresses(kind, kind.rows().order_by()) for kind in few]
    return [*fixed, *first.union(*rest, all=True)[:OTHERS]]


def _addresses(kind: Rows, rows: QuerySet[Any]) -> QuerySet[Any, Address]:
    there = Value(kind.before, output_field=CharField())
    found: QuerySet[Any, Address] = rows.annotate(there=there).values_list(
        "there", kind.slug, kind.title
    )
    return found
