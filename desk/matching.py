"""Rows that words stand in, for "Find anything" where no index of words is at hand."""

import re
from typing import Any, TypeVar

from django.db.models import Case, Model, Q, QuerySet, When

from desk.finding import MAX_OF_A_KIND

Row = TypeVar("Row", bound=Model)
# What is written in letters that have words with spaces between them
IN_LATIN = re.compile(r"[0-9A-Za-z\u00c0-\u024f]")
AROUND = 32  # characters that an excerpt shows on either side


def matching(rows: QuerySet[Row], words: str, *columns: str) -> QuerySet[Row]:
    """A few rows in which each word begins one in the columns; first those whose first column
    begins with all of them.
    """
    for word in words.split():
        how, pattern = _pattern(word)
        anywhere = Q()
        for column in columns:
            anywhere |= Q(**{f"{column}__{how}": pattern})
        rows = rows.filter(anywhere)
    begins: dict[str, Any] = {f"{columns[0]}__istartswith": words}
    return rows.order_by(Case(When(**begins, then=0), default=1), columns[0], "pk")[:MAX_OF_A_KIND]


def mentions(words: str) -> re.Pattern[str]:
    """Matches the beginnings of a text's words that are one of these."""
    asked = sorted(set(words.split()), key=len, reverse=True)
    each = (rf"(?<!\w){re.escape(one)}" if IN_LATIN.match(one) else re.escape(one) for one in asked)
    return re.compile("|".join(each) or r"(?!)", re.IGNORECASE)


def _pattern(word: str) -> tuple[str, str]:
    """Only the beginnings of words count: nobody who types “led” means “called”."""
    if IN_LATIN.match(word):
        return "iregex", rf"(^|\W){re.escape(word)}"
    return "icontains", word


def excerpt(text: str, words: str) -> str:
    """What stands around the first of the words in the text; empty if none does."""
    if not (found := mentions(words).search(text)):
        return ""
    begin, end = max(found.start() - AROUND, 0), found.start() + AROUND
    piece = " ".join(text[begin:end].split())
    return f"{'…' if begin else ''}{piece}{'…' if end < len(text) else ''}"
