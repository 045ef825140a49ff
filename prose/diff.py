"""What two stored texts have apart, block by block and word by word.

`compare` never fails on what may be stored, and what it returns is safe to show: it is made of
sanitized HTML and of what is escaped here. A change of formatting shows the words as they were and
as they are, with a note. What is gone without its `<ins>` is the old text; what is new without its
`<del>` is the new one.

Bounds: up to 1,000,000 letters of changed blocks are compared word by word, and up to 250,000 pairs
of changed blocks are weighed between two unchanged ones. Whatever exceeds that, and what stands in
more than 24 boxes within each other, is shown as a block that is gone and one that is new. Of texts
with more than 40,000 blocks together, all that stand between two unchanged ones are shown as one.
"""

from desk.differences import Comparison, Row
from prose.comparing.rows import rows
from prose.editor import sanitize

__all__ = ["compare", "rows_of"]


def rows_of(old: str, new: str) -> list[Row]:
    """Each block of the two texts."""
    return rows(sanitize(old), sanitize(new))


def compare(old: str, new: str, *, prefix: str = "change", is_whole: bool = False) -> Comparison:
    """The two texts side by side; see `Comparison`."""
    return Comparison(tuple(rows_of(old, new)), prefix, is_whole)
