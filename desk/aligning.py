"""Which elements two sequences have in common, in their order.

The standard library's `difflib` decides: it prefers long runs, which read better than the most
matches. Its time can grow with the cube of the length, so each comparison has a budget; once that
is spent, what is left counts as replaced.
"""

from collections.abc import Callable, Hashable, Iterator, Sequence
from difflib import Match, SequenceMatcher
from itertools import accumulate, takewhile
from typing import NamedTuple, TypeVar

Element = TypeVar("Element", bound=Hashable)

MAX_WORK = 1_000_000  # elements looked at: about a quarter of a second


class Stretch(NamedTuple):
    """What both sequences have, or what one has in place of the other's."""

    is_same: bool
    old_from: int
    old_to: int
    new_from: int
    new_to: int


class Budget:
    """How much may still be looked at, by one comparison or by several together."""

    def __init__(self, work: int = MAX_WORK) -> None:
        self.left = work

    def spend(self, work: int) -> bool:
        """Whether so much was left."""
        if work > self.left:
            return False
        self.left -= work
        return True


def aligned(
    old: Sequence[Element],
    new: Sequence[Element],
    *,
    is_junk: Callable[[Element], bool] | None = None,
    budget: Budget | None = None,
) -> list[Stretch]:
    """Both sequences from beginning to end. Junk is never what an alignment begins with."""
    head = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(old, new, strict=False)))
    most = min(len(old), len(new)) - head
    tails = zip(reversed(old), reversed(new), strict=False)
    tail = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip_most(tails, most)))
    old_to, new_to = len(old) - tail, len(new) - tail
    found = [Stretch(True, 0, head, 0, head)] if head else []
    if head < old_to and head < new_to:
        matcher = _Bounded(old[head:old_to], new[head:new_to], is_junk, budget or Budget())
        for what, i, i_end, j, j_end in matcher.get_opcodes():
            ends = (i + head, i_end + head, j + head, j_end + head)
            found.append(Stretch(what == "equal", *ends))
    elif head < old_to or head < new_to:
        found.append(Stretch(False, head, old_to, head, new_to))
    if tail:
        found.append(Stretch(True, old_to, len(old), new_to, len(new)))
    return found


def zip_most(
    pairs: Iterator[tuple[Element, Element]], most: int
) -> Iterator[tuple[Element, Element]]:
    return (pair for _, pair in zip(range(most), pairs, strict=False))


class _Bounded(SequenceMatcher[Element]):
    """Finds no more once its budget is spent."""

    def __init__(
        self,
        old: Sequence[Element],
        new: Sequence[Element],
        is_junk: Callable[[Element], bool] | None,
        budget: Budget,
    ) -> None:
        super().__init__(is_junk, old, new)
        self._budget, self._length = budget, len(old)
        places = self.b2j  # type: ignore[attr-defined]  # typeshed has it not
        works = (1 + len(places.get(one, ())) for one in old)
        self._work = list(accumulate(works, initial=0))

    def find_longest_match(
        self, alo: int = 0, ahi: int | None = None, blo: int = 0, bhi: int | None = None
    ) -> Match:
        to = self._length if ahi is None else ahi
        if not self._budget.spend(self._work[to] - self._work[alo]):
            return Match(alo, blo, 0)
        return super().find_longest_match(alo, to, blo, bhi)
