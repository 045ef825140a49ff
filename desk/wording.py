"""Which words two versions of a line have apart, so that a person can read it."""

import re
import unicodedata
from collections.abc import Sequence
from typing import NamedTuple

from desk.aligning import Budget, aligned

# Vowel signs and accents belong to their letter, as do joiners and skin tones to their picture.
MARKS = "".join(filter(lambda one: unicodedata.category(one)[0] == "M", map(chr, range(0x10000))))
JOINED = f"[{MARKS}\u200d\U0001f3fb-\U0001f3ff]"
# Written without blanks between words: there each letter stands for itself.
_UNSPACED = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_LETTERS = rf"(?:[^\W{_UNSPACED}]++{JOINED}*+)++"
WORD = rf"\d++(?:[.,:]\d++)++|{_LETTERS}(?:['’]{_LETTERS})*+|[{_UNSPACED}]{JOINED}*+"
PIECE = re.compile(rf"\s++|{WORD}|[^\w\s](?:{JOINED}++[^\w\s]?)*+")
IS_WORD = re.compile(r"\w")


class Run(NamedTuple):
    """A stretch of pieces that stands in both versions, or in one at the place of the other's."""

    is_same: bool
    old: slice
    new: slice


def pieces(text: str) -> list[str]:
    """The words, blanks and signs of a text; joined, they are the text."""
    return PIECE.findall(text)


def count_words(text: str) -> int:
    return sum(1 for piece in PIECE.findall(text) if IS_WORD.search(piece))


def runs(old: Sequence[str], new: Sequence[str], *, budget: Budget | None = None) -> list[Run]:
    """From beginning to end. What two changes have between them counts as changed where it is less
    than they are: a sentence that was written anew reads better whole.
    """
    found = [
        Run(one.is_same, slice(one.old_from, one.old_to), slice(one.new_from, one.new_to))
        for one in aligned(old, new, is_junk=str.isspace, budget=budget)
    ]
    settled: list[Run] = []
    for run in found:
        settled.append(run)
        while len(settled) > 2 and _is_scrap(settled[-3:], old, new):
            before, _, after = settled[-3:]
            settled[-3:] = [_joined(before, after)]
    return settled


def _is_scrap(three: Sequence[Run], old: Sequence[str], new: Sequence[str]) -> bool:
    before, between, after = three
    if before.is_same or not between.is_same or after.is_same:
        return False
    kept = "".join(old[between.old])
    if not IS_WORD.search(kept):
        return True
    return all(len(kept) <= _size(change, old, new) for change in (before, after))


def _size(run: Run, old: Sequence[str], new: Sequence[str]) -> int:
    return max(len("".join(old[run.old])), len("".join(new[run.new])))


def _joined(first: Run, last: Run) -> Run:
    return Run(False, slice(first.old.start, last.old.stop), slice(first.new.start, last.new.stop))
