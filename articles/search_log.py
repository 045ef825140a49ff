"""What visitors search for: counted by day and search term, with nothing about who searched."""

import logging
import re
from functools import reduce
from operator import or_

from django.db import Error
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from articles.models import SearchCount
from prose.text import words_of
from web.counting import impatient
from web.personal import Named
from web.retention import YEAR, Basis, Rule

# However many random words a bot searches for.
MAX_PER_DAY = 2_000

# Possibly a phone number or a customer number.
_LONG_NUMBER = re.compile(r"\d(?:[\s().+/-]*\d){4,}")

logger = logging.getLogger(__name__)


def record(text: str, *, results: int) -> None:
    """Count a search. Never raises: the visitor gets an answer either way."""
    query = without_personal_data(text)
    if not query:
        return
    try:
        with impatient():
            _count(query, results)
    except Error as error:
        logger.warning("A search could not be counted: %s", error)


RULE = Rule(
    "articles.searches",
    "articles.SearchCount",
    "What visitors search for on this site: how often, with nothing about who searched",
    "the search",
    days=180,
    at_least=30,
    at_most=2 * YEAR,
    due=lambda before: SearchCount.objects.filter(day__lt=timezone.localdate(before)),
    may_be_forever=True,
    why="To write what readers look for.",
    basis=Basis.INTEREST,
)


def naming(person: Named) -> QuerySet[SearchCount]:
    """The searches that name someone."""
    maybe = SearchCount.objects.filter(
        reduce(or_, (Q(query__contains=word) for word in person.words), Q(pk=None))
    ).values_list("pk", "query")
    naming = [pk for pk, query in maybe if person.is_named_in(query)]
    return SearchCount.objects.filter(pk__in=naming)


def without_personal_data(text: str) -> str:
    """The search term, normalized, without email addresses and long numbers."""
    no_addresses = " ".join(part for part in text.split() if "@" not in part)
    query = " ".join(words_of(_LONG_NUMBER.sub(" ", no_addresses)))
    longest = SearchCount.MAX_QUERY_LENGTH
    if len(query) <= longest:
        return query
    return query[: longest + 1].rpartition(" ")[0] or query[:longest]


def _count(query: str, results: int) -> None:
    day = timezone.localdate()
    of_the_day = SearchCount.objects.filter(day=day)
    same = of_the_day.filter(query=query)
    counted = {"count": F("count") + 1, "results": results}
    if same.update(**counted):
        return
    others = of_the_day.count()
    if others < MAX_PER_DAY:
        # Whoever comes second finds the row of whoever came first.
        SearchCount.objects.bulk_create([SearchCount(day=day, query=query)], ignore_conflicts=True)
        same.update(**counted)
