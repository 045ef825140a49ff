"""Each block of two texts as a row, with the place where a reader finds it."""

from collections import Counter
from collections.abc import Sequence

from desk.differences import Kind, Row
from prose.comparing.blocks import Block, blocks
from prose.comparing.drawing import Drawing
from prose.comparing.naming import kind, name, ordinal, with_article
from prose.comparing.pairing import Limits, Pair, paired

_HEADINGS = ("h2", "h3")
_MIN_WORDS_MOVED = 3  # of a block, to tell that it moved: "Yes." may stand anywhere
_TABLE = '<div class="table-scroll" role="region" aria-label="Table" tabindex="0">{}</div>'
_CODE = '<div class="code">{}</div>'


def rows(old: str, new: str) -> list[Row]:
    """Of two sanitized texts."""
    pairs = paired(blocks(old), blocks(new), Limits())
    moved = _moved(pairs)
    places = _Places()
    return [_row(pair, moved.get(number), places) for number, pair in enumerate(pairs)]


def _row(pair: Pair, moved: Kind | None, places: "_Places") -> Row:
    drawing = Drawing()
    drawing.draw(pair)
    change = moved or _kind(pair)
    where = places.where(pair, change)
    both, old, new = (
        _framed(pair, "".join(one)) for one in (drawing.both, drawing.old, drawing.new)
    )
    if change == Kind.SAME:
        return Row(change, both, old, new)
    if moved:
        drawing.words_added = drawing.words_removed = 0
    notes = tuple(dict.fromkeys(drawing.notes))
    words = drawing.words_added, drawing.words_removed
    return Row(change, both, old, new, where, notes, *words)


def _kind(pair: Pair) -> Kind:
    if pair.old is None:
        return Kind.ADDED
    if pair.new is None:
        return Kind.REMOVED
    return Kind.SAME if pair.is_same else Kind.CHANGED


def _framed(pair: Pair, html: str) -> str:
    """As public pages frame it, so that the same stylesheet draws it."""
    block = pair.new or pair.old
    frame = {"table": _TABLE, "pre": _CODE}.get(block.tag if block else "")
    return frame.format(html) if frame and html else html


def _moved(pairs: Sequence[Pair]) -> dict[int, Kind]:
    """Which of the pairs are one block at two places: the same words, or the same pictures."""
    gone: dict[object, list[int]] = {}
    for number, pair in enumerate(pairs):
        if pair.new is None and pair.old is not None and (sign := _identity(pair.old)):
            gone.setdefault(sign, []).append(number)
    found: dict[int, Kind] = {}
    for number, pair in enumerate(pairs):
        if pair.old is None and pair.new is not None:
            same = gone.get(_identity(pair.new))
            if same:
                found[same.pop(0)] = Kind.LEFT
                found[number] = Kind.MOVED
    return found


def _identity(block: Block) -> object:
    if block.pictures:
        return block.pictures
    return block.html if block.words >= _MIN_WORDS_MOVED else None


class _Places:
    """Counts on from block to block."""

    def __init__(self) -> None:
        self._heading = ""
        self._counts: Counter[str] = Counter()

    def where(self, pair: Pair, change: Kind) -> str:
        block = pair.new or pair.old
        assert block is not None  # a pair has at least one
        if block.tag in _HEADINGS:
            self._heading = name(block)
            self._counts.clear()
            return {
                Kind.ADDED: "A new heading",
                Kind.REMOVED: "A heading removed",
                Kind.MOVED: "A heading moved here",
                Kind.LEFT: "A heading moved from here",
            }.get(change, "Heading")
        what = kind(block)
        if pair.new is not None:
            self._counts[what] += 1
        said = {
            Kind.ADDED: f"a new {what}",
            Kind.REMOVED: f"{with_article(what)} removed",
            Kind.MOVED: f"{with_article(what)} moved here",
            Kind.LEFT: f"{with_article(what)} moved from here",
        }.get(change, f"{ordinal(self._counts[what])} {what}" if self._counts[what] else what)
        return f"{self._heading}, {said}" if self._heading else said[0].upper() + said[1:]
