"""A pair of blocks as HTML: as both versions, as the old one, and as the new one."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from django.utils.html import escape

from desk.differences import marked
from desk.wording import count_words
from prose.comparing.blocks import TAG, Block, Piece, written
from prose.comparing.naming import block_note, formatting_note
from prose.comparing.pairing import Pair

# Of a box whose words are marked one by one; a larger one is marked as a whole.
MAX_LETTERS_MARKED = 200_000
NOTE = '<small class="diff-note">{}</small>'


@dataclass
class Drawing:
    both: list[str] = field(default_factory=list)
    old: list[str] = field(default_factory=list)
    new: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    words_added: int = 0
    words_removed: int = 0

    def add(self, both: str, old: str, new: str) -> None:
        self.both.append(both)
        self.old.append(old)
        self.new.append(new)

    def draw(self, pair: Pair) -> None:
        old, new = pair.old, pair.new
        if old is not None and new is not None:
            if pair.is_same:
                self.add(new.html, old.html, new.html)
            else:
                self._draw_changed(pair, old, new)
        elif new is not None:
            come = whole(new, "ins")
            self.add(come, "", come)
            self.words_added += new.words
        elif old is not None:
            gone = whole(old, "del")
            self.add(gone, gone, "")
            self.words_removed += old.words

    def _draw_changed(self, pair: Pair, old: Block, new: Block) -> None:
        both = new.start
        if old.start != new.start:
            both = _with(new.start, f' data-was="{escape(old.start)}"')
            self.notes.append(block_note(old, new))
        self.add(both, old.start, new.start)
        for part in pair.parts:
            self.draw(part)
        for run in pair.runs:
            self._draw_run(run.old, run.new, is_formatting=run.is_formatting)
        self.add(new.end, old.end, new.end)

    def _draw_run(self, old: list[Piece], new: list[Piece], *, is_formatting: bool) -> None:
        before, after = written(old), written(new)
        if old == new:
            self.add(after, before, after)
            return
        gone, come = marked("del", before), marked("ins", after)
        note = formatting_note(old, new) if is_formatting else ""
        self.add(gone + come + (NOTE.format(escape(note)) if note else ""), gone, come)
        if not is_formatting:
            self.words_removed += _words(old)
            self.words_added += _words(new)


def whole(block: Block, tag: str) -> str:
    """A block that stands in one version alone, so marked that its words are told as such."""
    start = _classed(block.start, "diff-added" if tag == "ins" else "diff-removed")
    if block.is_text or len(block.html) > MAX_LETTERS_MARKED:
        return f"{start}{marked(tag, block.inner)}{block.end}"
    return f"{start}{''.join(whole(part, tag) for part in block.children)}{block.end}"


def _classed(start: str, name: str) -> str:
    if not start:
        return ""
    found = TAG.match(start)
    if found and ' class="' in found[3]:
        return start.replace(' class="', f' class="{name} ', 1)
    return _with(start, f' class="{name}"')


def _with(start: str, attribute: str) -> str:
    """The tags with one more attribute in the first."""
    found = TAG.match(start)
    end = found.end() - 1 if found else 0
    return f"{start[:end]}{attribute}{start[end:]}"


def _words(pieces: Sequence[Piece]) -> int:
    return sum(count_words(piece.text) for piece in pieces if piece.text[:1] not in ("<", "&"))
