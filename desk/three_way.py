"""What two people made of one text, put together.

What only one of them changed is taken; what both changed in the same way is taken once; what they
changed in two ways is a conflict, which keeps both.
"""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

from desk.aligning import Budget, aligned
from desk.wording import IS_WORD, pieces

Element = TypeVar("Element", bound=Hashable)


class Choice(StrEnum):
    """What becomes of conflicts."""

    BOTH = "both"  # ours, and theirs after it
    OURS = "mine"
    THEIRS = "theirs"


@dataclass(frozen=True)
class Conflict:
    """What one text has at a place, and what the other has there."""

    ours: str
    theirs: str
    both: str

    def chosen(self, choice: Choice) -> str:
        return {Choice.OURS: self.ours, Choice.THEIRS: self.theirs}.get(choice, self.both)


@dataclass(frozen=True)
class Merged:
    """Texts and conflicts, in their order."""

    parts: tuple[str | Conflict, ...]
    end: str = ""  # which is at the end of the parts, and not of the text

    @property
    def conflicts(self) -> list[Conflict]:
        return [part for part in self.parts if isinstance(part, Conflict)]

    def text(self, choice: Choice = Choice.BOTH) -> str:
        parts = (part if isinstance(part, str) else part.chosen(choice) for part in self.parts)
        return "".join(parts).removesuffix(self.end)


@dataclass(frozen=True)
class Chunk(Generic[Element]):
    """A stretch of the base, and what each has in its place."""

    base: Sequence[Element]
    ours: Sequence[Element]
    theirs: Sequence[Element]

    @property
    def is_untouched(self) -> bool:
        return self.base == self.ours == self.theirs

    @property
    def agreed(self) -> Sequence[Element] | None:
        """What stands here after both; None for a conflict."""
        if self.ours in (self.base, self.theirs):
            return self.theirs
        return self.ours if self.theirs == self.base else None


def chunks(
    base: Sequence[Element],
    ours: Sequence[Element],
    theirs: Sequence[Element],
    *,
    is_solid: Callable[[Sequence[Element]], bool],
    budget: Budget | None = None,
) -> list[Chunk[Element]]:
    """From beginning to end. Two changes with nothing solid between them are one."""
    kept, kept_too = _places(base, ours, budget), _places(base, theirs, budget)
    found: list[Chunk[Element]] = []
    i = j = k = 0
    while True:
        begin = i
        while i < len(base) and kept[i] == j + i - begin and kept_too[i] == k + i - begin:
            i += 1
        if i > begin:
            size = i - begin
            found.append(Chunk(base[begin:i], ours[j : j + size], theirs[k : k + size]))
            j, k = j + size, k + size
        if i == len(base) and j == len(ours) and k == len(theirs):
            return _settled(found, is_solid)
        end = i
        while end < len(base) and (kept[end] is None or kept_too[end] is None):
            end += 1
        to = kept[end] if end < len(base) else len(ours)
        to_too = kept_too[end] if end < len(base) else len(theirs)
        found.append(Chunk(base[i:end], ours[j:to], theirs[k:to_too]))
        i, j, k = end, to or 0, to_too or 0


def _places(
    base: Sequence[Element], other: Sequence[Element], budget: Budget | None
) -> list[int | None]:
    """Where the other text has each element of the base."""
    found: list[int | None] = [None] * len(base)
    for one in aligned(base, other, budget=budget):
        if one.is_same:
            found[one.old_from : one.old_to] = range(one.new_from, one.new_to)
    return found


def _settled(
    found: Sequence[Chunk[Element]], is_solid: Callable[[Sequence[Element]], bool]
) -> list[Chunk[Element]]:
    settled: list[Chunk[Element]] = []
    for chunk in found:
        settled.append(chunk)
        while len(settled) > 2 and not settled[-1].is_untouched:
            before, between, after = settled[-3:]
            if not between.is_untouched or is_solid(between.base):
                break
            settled[-3:] = [
                Chunk(
                    [*before.base, *between.base, *after.base],
                    [*before.ours, *between.ours, *after.ours],
                    [*before.theirs, *between.theirs, *after.theirs],
                )
            ]
    return settled


def merge_text(base: str, ours: str, theirs: str) -> Merged:
    """Plain texts: by lines, and by words in a line that both changed."""
    budget = Budget()
    three = [f"{text}\n".splitlines(keepends=True) for text in (base, ours, theirs)]
    parts: list[str | Conflict] = []
    for chunk in chunks(*three, is_solid=lambda lines: bool(lines), budget=budget):
        agreed = chunk.agreed
        if agreed is not None:
            parts.append("".join(agreed))
        elif len(chunk.base) == len(chunk.ours) == len(chunk.theirs):
            lines = zip(chunk.base, chunk.ours, chunk.theirs, strict=True)
            parts += [_merge_line(*line, budget) for line in lines]
        else:
            parts.append(_both("".join(chunk.ours), "".join(chunk.theirs)))
    return Merged(tuple(parts), end="\n")


def _merge_line(base: str, ours: str, theirs: str, budget: Budget) -> str | Conflict:
    found = merge_words(*map(pieces, (base, ours, theirs)), budget=budget)
    return _both(ours, theirs) if found is None else "".join(found)


def merge_words(
    base: Sequence[Element],
    ours: Sequence[Element],
    theirs: Sequence[Element],
    *,
    is_word: Callable[[Element], bool] = lambda piece: bool(IS_WORD.search(str(piece))),
    budget: Budget | None = None,
) -> list[Element] | None:
    """The pieces of one line; None where both changed the same words, or words side by side."""
    found: list[Element] = []
    solid = lambda between: any(map(is_word, between))  # noqa: E731
    for chunk in chunks(base, ours, theirs, is_solid=solid, budget=budget):
        agreed = chunk.agreed
        if agreed is None:
            return None
        found += agreed
    return found


def _both(ours: str, theirs: str) -> Conflict:
    return Conflict(ours, theirs, ours + theirs)
