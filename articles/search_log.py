"""What people look for: counted by day and words, with nothing about who looked."""

import logging
import re
from datetime import timedelta
from functools import reduce
from operator import or_

from django.db import Error
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from articles.models import SearchCount
from prose.text import words_of
from web.contributions import Named
from web.counting import impatient

KEPT_DAYS = 180
# A program that searches for random words fills no more than this.
MOST_A_DAY = 2_000

# May be a telephone number, or that of a customer.
_LONG_NUMBER = re.compile(r"\d(?:[\s().+/-]*\d){4,}")

logger = logging.getLogger(__name__)


def record(text: str, *, found: int) -> None:
    """Count a search. Never raises: whoever searched has their answer whatever becomes of this."""
    words = what_may_be_kept(text)
    if not words:
        return
    try:
        with impatient():
            _count(words, found)
    except Error as error:
        logger.warning("A search could not be counted: %s", error)


def delete_old() -> None:
    SearchCount.objects.filter(day__lt=timezone.localdate() - timedelta(days=KEPT_DAYS)).delete()


def naming(person: Named) -> QuerySet[SearchCount]:
    """The searches that say who somebody is."""
    maybe = SearchCount.objects.filter(
        reduce(or_, (Q(words__contains=word) for word in person.words), Q(pk=None))
    ).values_list("pk", "words")
    found = [pk for pk, words in maybe if person.is_named_in(words)]
    return SearchCount.objects.filter(pk__in=found)


def what_may_be_kept(text: str) -> str:
    """The words of a search in one spelling, without what may tell who looked."""
    no_addresses = " ".join(part for part in text.split() if "@" not in part)
    words = " ".join(words_of(_LONG_NUMBER.sub(" ", no_addresses)))
    longest = SearchCount.LONGEST
    if len(words) <= longest:
        return words
    return words[: longest + 1].rpartition(" ")[0] or words[:longest]


def _count(words: str, found: int) -> None:
    day = timezone.localdate()
    of_the_day = SearchCount.objects.filter(day=day)
    same = of_the_day.filter(words=words)
    counted = {"count": F("count") + 1, "found": found}
    if same.update(**counted):
        return
    others = of_the_day.count()
    if others < MOST_A_DAY:
        # Whoever comes second finds the row of whoever came first.
        SearchCount.objects.bulk_create([SearchCount(day=day, words=words)], ignore_conflicts=True)
        same.update(**counted)
