"""Which block of the old text became which of the new one."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from zlib import crc32

from desk.aligning import Budget, aligned
from desk.wording import PIECE, runs
from prose.comparing.blocks import MAX_DEPTH, Block, Piece, merged

# Bounds, so that the largest text is compared in seconds. What exceeds them is shown whole: as one
# block that is gone and another that is new.
MAX_PAIRS = 250_000  # of blocks that may belong together, between two unchanged ones
MAX_LETTERS = 1_000_000  # of changed blocks, to be compared word by word
MAX_BLOCKS = 40_000  # of both texts, to be told one by one

_ALIKE = 0.35  # of their words in common: one block is the other, changed
_BITS = 1024
# The parts of these belong together by their place, where there are as many of them.
_BY_PLACE = frozenset(["tr", "td", "th", "li", "table"])
_KINDS = {"h2": "p", "h3": "p", "ol": "ul", "th": "td"}  # what may become one another


@dataclass(frozen=True)
class TextRun:
    """Pieces that stand in both, in one at the place of the other's, or in other formatting."""

    old: list[Piece]
    new: list[Piece]
    is_formatting: bool = False

    @property
    def is_same(self) -> bool:
        return self.old == self.new


@dataclass(frozen=True)
class Pair:
    """A block in both versions, or in one."""

    old: Block | None
    new: Block | None
    runs: list[TextRun] = field(default_factory=list)  # of a text that changed
    parts: list["Pair"] = field(default_factory=list)  # of a box that changed

    @property
    def is_same(self) -> bool:
        """Whether both read the same: a word may be in bold in one go, or letter by letter."""
        if self.old is None or self.new is None:
            return False
        if self.old.html == self.new.html:
            return True
        if self.old.start != self.new.start:
            return False
        return all(part.is_same for part in self.parts) and all(run.is_same for run in self.runs)


@dataclass
class Limits:
    """What one comparison may still take."""

    work: Budget = field(default_factory=Budget)
    letters: int = MAX_LETTERS

    def allows(self, old: Block, new: Block) -> bool:
        self.letters -= len(old.html) + len(new.html)
        return self.letters >= 0


def paired(old: Sequence[Block], new: Sequence[Block], limits: Limits) -> list[Pair]:
    """All blocks of both, in an order that keeps that of each."""
    found: list[Pair] = []
    stretches = aligned(
        [block.html for block in old], [block.html for block in new], budget=limits.work
    )
    is_coarse = len(old) + len(new) > MAX_BLOCKS
    for one in stretches:
        before, after = old[one.old_from : one.old_to], new[one.new_from : one.new_to]
        if is_coarse:
            both = merged(before), merged(after)
            found += [Pair(*both)] if one.is_same else _apart(*both)
        elif one.is_same:
            found += [Pair(*both) for both in zip(before, after, strict=True)]
        else:
            for gone, come in _matched(before, after):
                found += _compared(gone, come, limits)
    return found


def _apart(old: Block, new: Block) -> list[Pair]:
    return [*([Pair(old, None)] if old.html else []), *([Pair(None, new)] if new.html else [])]


def _compared(old: Block | None, new: Block | None, limits: Limits) -> list[Pair]:
    if old is None or new is None or old.html == new.html:
        return [Pair(old, new)]
    if not limits.allows(old, new):
        return _apart(old, new)
    if old.is_text and (old.is_deep or new.is_deep):
        return _apart(old, new)
    if old.is_text:
        return [Pair(old, new, runs=_text_runs(old, new, limits.work))]
    return [Pair(old, new, parts=paired_parts(old, new, limits))]


def paired_parts(old: Block, new: Block, limits: Limits) -> list[Pair]:
    if new.tag in _BY_PLACE and len(old.children) == len(new.children):
        both = zip(old.children, new.children, strict=True)
        pairs = [pair if may_pair(*pair) else None for pair in both]
        if all(pairs):
            return [one for pair in pairs if pair for one in _compared(*pair, limits)]
    return paired(old.children, new.children, limits)


def may_pair(old: Block, new: Block) -> bool:
    """Whether one may be drawn as the other, changed."""
    return (
        _KINDS.get(old.tag, old.tag) == _KINDS.get(new.tag, new.tag)
        and old.is_text == new.is_text
        and old.depth < MAX_DEPTH
    )


def _matched(
    old: Sequence[Block], new: Sequence[Block]
) -> Iterator[tuple[Block | None, Block | None]]:
    """Those that have the most words in common, together, in the order of both."""
    if not old or not new or len(old) * len(new) > MAX_PAIRS:
        yield from ((block, None) for block in old)
        yield from ((None, block) for block in new)
        return
    best = _best_matches(old, new)
    i = j = 0
    while i < len(old) or j < len(new):
        if i < len(old) and j < len(new) and best[i][j] > max(best[i + 1][j], best[i][j + 1]):
            yield old[i], new[j]
            i, j = i + 1, j + 1
        elif i < len(old) and (j == len(new) or best[i + 1][j] == best[i][j]):
            yield old[i], None
            i += 1
        else:
            yield None, new[j]
            j += 1


def _best_matches(old: Sequence[Block], new: Sequence[Block]) -> list[list[float]]:
    """How much of what is left from each block on can be matched at best."""
    signs, other_signs = [_sign(block) for block in old], [_sign(block) for block in new]
    below = [0.0] * (len(new) + 1)
    table = [below]
    for i in range(len(old) - 1, -1, -1):
        row = [0.0] * (len(new) + 1)
        for j in range(len(new) - 1, -1, -1):
            alike = _likeness(signs[i], other_signs[j])
            together = 0.0
            if (alike >= _ALIKE or old[i].pictures & new[j].pictures) and may_pair(old[i], new[j]):
                together = below[j + 1] + max(alike, _ALIKE)
            row[j] = max(together, below[j], row[j + 1])
        table.append(row)
        below = row
    return table[::-1]


def _sign(block: Block) -> int:
    """A bit for each of its words."""
    found = 0
    for word in {word for word in PIECE.findall(block.text) if not word.isspace()}:
        found |= 1 << crc32(word.encode(errors="replace")) % _BITS
    return found


def _likeness(one: int, other: int) -> float:
    """Two blocks without words are alike."""
    most = max(one.bit_count(), other.bit_count())
    return (one & other).bit_count() / most if most else _ALIKE


def _text_runs(old: Block, new: Block, budget: Budget) -> list[TextRun]:
    before, after = [one.key for one in old.pieces], [one.key for one in new.pieces]
    if new.tag == "pre":
        stretches = [
            (one.is_same, slice(one.old_from, one.old_to), slice(one.new_from, one.new_to))
            for one in aligned(before, after, budget=budget)
        ]
    else:
        stretches = [(*run,) for run in runs(before, after, budget=budget)]
    found: list[TextRun] = []
    for is_same, here, there in stretches:
        if is_same:
            found += _by_formatting(old.pieces[here], new.pieces[there])
        else:
            found.append(TextRun(old.pieces[here], new.pieces[there]))
    return found


def _by_formatting(old: list[Piece], new: list[Piece]) -> Iterator[TextRun]:
    """The same words, cut where their formatting begins and ceases to be the same."""
    begin = 0
    for end in range(1, len(old) + 1):
        if end == len(old) or (old[end] == new[end]) != (old[begin] == new[begin]):
            is_other = old[begin] != new[begin]
            yield TextRun(old[begin:end], new[begin:end], is_formatting=is_other)
            begin = end
