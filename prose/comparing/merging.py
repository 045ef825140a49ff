"""What two people made of one text, put together block by block.

A paragraph that both changed is put together word by word, unless they changed the same words or
words side by side: that is a conflict, and so is a block that one changed and the other deleted.
With `Choice.BOTH` no word is lost that either wrote. Formatting belongs to the words.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from desk.three_way import Conflict, Merged, chunks, merge_words
from desk.wording import IS_WORD
from prose.comparing.blocks import Block, Piece, blocks, written
from prose.comparing.pairing import MAX_BLOCKS, Limits, Pair, may_pair, paired, paired_parts

# Two of these side by side would be no more what one of them is.
_SINGLE = frozenset(["td", "th", "figcaption", ""])


def merge(base: str, ours: str, theirs: str) -> Merged:
    """Of three sanitized texts."""
    base_blocks, our_blocks, their_blocks = map(blocks, (base, ours, theirs))
    limits = Limits()
    if len(base_blocks) + len(our_blocks) + len(their_blocks) > MAX_BLOCKS:
        return Merged(tuple(_by_stretches(base_blocks, our_blocks, their_blocks, limits)))
    our_pairs = paired(base_blocks, our_blocks, limits)
    their_pairs = paired(base_blocks, their_blocks, limits)
    return Merged(tuple(_merged(base_blocks, our_pairs, their_pairs, limits)))


def _by_stretches(
    base: Sequence[Block], ours: Sequence[Block], theirs: Sequence[Block], limits: Limits
) -> Iterator[str | Conflict]:
    """Without a look into blocks, of which there are too many."""
    three = [[block.html for block in several] for several in (base, ours, theirs)]
    for chunk in chunks(*three, is_solid=bool, budget=limits.work):
        one, other = "".join(chunk.ours), "".join(chunk.theirs)
        agreed = chunk.agreed
        yield Conflict(one, other, one + other) if agreed is None else "".join(agreed)


def common(ours: str, theirs: str) -> str:
    """The blocks that both have, in their order."""
    pairs = paired(blocks(ours), blocks(theirs), Limits())
    return "".join(pair.new.html for pair in pairs if pair.is_same and pair.new)


@dataclass
class _Side:
    """What one person made of the blocks of the base."""

    made: list[Block | None] = field(default_factory=list)  # of each; None of one that is gone
    added: dict[int, list[Block]] = field(default_factory=dict)  # before which

    @classmethod
    def of(cls, pairs: Sequence[Pair]) -> "_Side":
        side = cls()
        for pair in pairs:
            if pair.old is not None:
                side.made.append(pair.new)
            elif pair.new is not None:
                side.added.setdefault(len(side.made), []).append(pair.new)
        return side

    def is_cut(self, place: int) -> bool:
        """Whether a block beside this place is gone."""
        return any(block is None for block in self.made[max(place - 1, 0) : place + 1])


def _merged(
    base: Sequence[Block], our_pairs: Sequence[Pair], their_pairs: Sequence[Pair], limits: Limits
) -> Iterator[str | Conflict]:
    ours, theirs = _Side.of(our_pairs), _Side.of(their_pairs)
    for place in range(len(base) + 1):
        yield from _added(ours, theirs, place)
        if place < len(base):
            yield from _block(base[place], ours.made[place], theirs.made[place], limits)


def _added(ours: _Side, theirs: _Side, place: int) -> Iterator[str | Conflict]:
    """What was added here. Both may have rewritten what stood here: then it is a conflict."""
    one, other = (_html(side.added.get(place, [])) for side in (ours, theirs))
    if not one or not other or one == other:
        yield one or other
    elif ours.is_cut(place) or theirs.is_cut(place):
        yield Conflict(one, other, one + other)
    else:
        yield one + other


def _html(several: Sequence[Block]) -> str:
    return "".join(block.html for block in several)


def _block(
    base: Block, ours: Block | None, theirs: Block | None, limits: Limits
) -> Iterator[str | Conflict]:
    if _same(ours, theirs) or _same(theirs, base):
        yield ours.html if ours else ""
    elif _same(ours, base):
        yield theirs.html if theirs else ""
    elif ours is None or theirs is None:
        one, other = (block.html if block else "" for block in (ours, theirs))
        yield Conflict(one, other, one + other)
    else:
        yield from _both_changed(base, ours, theirs, limits)


def _same(one: Block | None, other: Block | None) -> bool:
    if one is None or other is None:
        return one is other
    return one.html == other.html or one.settled == other.settled


def _both_changed(
    base: Block, ours: Block, theirs: Block, limits: Limits
) -> Iterator[str | Conflict]:
    tags = _tags(base, ours, theirs)
    if not (tags and may_pair(ours, theirs)):
        yield _conflict(ours, theirs)
        return
    start, end = tags
    if base.is_text:
        words = _words(base, ours, theirs, limits)
        yield _conflict(ours, theirs) if words is None else f"{start}{words}{end}"
        return
    yield start
    if sum(len(block.children) for block in (base, ours, theirs)) > MAX_BLOCKS:
        yield from _by_stretches(base.children, ours.children, theirs.children, limits)
    else:
        our_pairs, their_pairs = (paired_parts(base, one, limits) for one in (ours, theirs))
        yield from _merged(base.children, our_pairs, their_pairs, limits)
    yield end


def _tags(base: Block, ours: Block, theirs: Block) -> tuple[str, str] | None:
    """Around the block; None where both changed them, in two ways."""
    if ours.start in (base.start, theirs.start):
        return theirs.start, theirs.end
    return (ours.start, ours.end) if theirs.start == base.start else None


def _words(base: Block, ours: Block, theirs: Block, limits: Limits) -> str | None:
    three = base, ours, theirs
    if any(block.is_deep for block in three) or not limits.allows(ours, theirs):
        return None
    found = merge_words(*(block.pieces for block in three), is_word=_is_word, budget=limits.work)
    return None if found is None else written(found)


def _is_word(piece: Piece) -> bool:
    return bool(IS_WORD.search(piece.text))


def _conflict(ours: Block, theirs: Block) -> Conflict:
    both = ours.html + theirs.html
    if ours.tag in _SINGLE:
        both = f"{ours.start}{ours.inner}<br>{theirs.inner}{ours.end}"
    return Conflict(ours.html, theirs.html, both)
