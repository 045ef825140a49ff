"""Marking what was looked for in the texts of sales: without regard to accents and spacing."""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from leads.search.index import Term
from leads.search.plain import plain
from prose.text import WORD, Marker

_BETWEEN_DIGITS = r"[ ()./\-\u00a0\u2010-\u2015]*"


class PlainMarker(Marker):
    """Finds words as the index compares them."""

    def __init__(self, terms: Sequence[Term]) -> None:
        super().__init__(())
        self._whole, self._begun, rows = set[str](), list[str](), list[str]()
        for term in terms:
            for way in term.ways:
                first = way.words[0]
                if first.startswith("+"):
                    rows.append(_BETWEEN_DIGITS.join(first[1:]))
                elif len(way.words) > 1 and not way.anywhere and not first.isascii():
                    rows.append("".join(map(re.escape, way.words)))  # without blanks in between
                else:
                    self._whole.update(way.words)
                    if way.is_begun:
                        self._begun.append(way.words[-1])
        longest_first = sorted(rows, key=len, reverse=True)
        self._rows = re.compile("|".join(longest_first)) if rows else None

    def found_in(self, text: str) -> Iterator[re.Match[str]]:
        found = [word for word in WORD.finditer(text) if self._is_wanted(word.group())]
        if self._rows is not None:
            found = sorted([*found, *self._rows.finditer(text)], key=re.Match.start)
        end = 0
        for one in found:
            if one.start() >= end:
                yield one
                end = one.end()

    def _is_wanted(self, word: str) -> bool:
        said = _plain(word)
        return said in self._whole or any(said.startswith(begun) for begun in self._begun)


@lru_cache(maxsize=20_000)
def _plain(word: str) -> str:
    return plain(word)
