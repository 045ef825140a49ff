"""What two versions have apart, in rows to be shown.

A row is a field, a line of it, or (from `prose.diff`) a block of a text. Whatever is new in it
stands in `<ins>`, whatever is gone in `<del>`. The template is `prose/_diff.html`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import zip_longest

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from desk.aligning import Budget, aligned
from desk.deadlines import in_words
from desk.wording import count_words, pieces, runs


class Kind(StrEnum):
    SAME = "same"
    CHANGED = "changed"
    ADDED = "added"
    REMOVED = "removed"
    MOVED = "moved"  # to this place; where it was before, it is LEFT
    LEFT = "left"


@dataclass(frozen=True)
class Row:
    """A piece of both versions, as HTML that is safe to show."""

    kind: Kind
    both: str
    old: str  # this version alone, what is gone from it marked
    new: str  # this version alone, what is new in it marked
    where: str = ""
    notes: tuple[str, ...] = ()  # what is no word: formatting, a link's address
    words_added: int = 0
    words_removed: int = 0

    @property
    def is_change(self) -> bool:
        """What moved is one change, told where it is now."""
        return self.kind not in (Kind.SAME, Kind.LEFT)

    @property
    def html(self) -> SafeString:
        return mark_safe(self.both)  # noqa: S308 of sanitized or escaped pieces

    @property
    def own_html(self) -> SafeString:
        """The old version beside the new one, as of equal rank: what only it has is marked."""
        own = self.old.replace("<del>", "<ins>").replace("</del>", "</ins>")
        return mark_safe(own)  # noqa: S308 of sanitized or escaped pieces

    @property
    def old_html(self) -> SafeString:
        return mark_safe(self.old)  # noqa: S308 of sanitized or escaped pieces

    @property
    def new_html(self) -> SafeString:
        return mark_safe(self.new)  # noqa: S308 of sanitized or escaped pieces


@dataclass(frozen=True)
class Line:
    """What a page shows: a row, or how many stand here that are the same in both."""

    row: Row | None
    id: str = ""
    skipped: int = 0

    @property
    def said(self) -> str:
        return f"{self.skipped} block{'' if self.skipped == 1 else 's'} as before"


@dataclass(frozen=True)
class Comparison:
    rows: tuple[Row, ...] = ()
    prefix: str = "change"  # of the ids, where a page shows several
    is_whole: bool = False  # shows what is the same, too

    def __bool__(self) -> bool:
        return self.count > 0

    @property
    def count(self) -> int:
        return sum(row.is_change for row in self.rows)

    @property
    def said(self) -> str:
        """“no changes”, “one change”, “three changes”."""
        return f"{in_words(self.count)} change{'' if self.count == 1 else 's'}"

    @property
    def words_added(self) -> int:
        return sum(row.words_added for row in self.rows)

    @property
    def words_removed(self) -> int:
        return sum(row.words_removed for row in self.rows)

    @property
    def lines(self) -> list[Line]:
        """Each change with an id to jump to, one unchanged row at either side of it."""
        found, number, skipped = [], 0, 0
        near = self._near_a_change()
        for row, is_near in zip(self.rows, near, strict=True):
            if not (is_near or self.is_whole):
                skipped += 1
                continue
            if skipped:
                found.append(Line(None, skipped=skipped))
                skipped = 0
            number += row.is_change
            found.append(Line(row, f"{self.prefix}-{number}" if row.is_change else ""))
        return [*found, Line(None, skipped=skipped)] if skipped else found

    @property
    def changes(self) -> list[Line]:
        """To jump to."""
        return [line for line in self.lines if line.id]

    def _near_a_change(self) -> list[bool]:
        is_change = [row.kind != Kind.SAME for row in self.rows]
        around = zip([False, *is_change], is_change, [*is_change[1:], False], strict=False)
        return [any(three) for three in around]


def text_rows(old: str, new: str, *, where: str) -> list[Row]:
    """Two plain texts, line by line."""
    found, budget = [], Budget()
    lines = old.splitlines(), new.splitlines()
    for number, (before, after) in enumerate(_lines(*lines), start=1):
        place = where if max(map(len, lines)) < 2 else f"{where}, line {number}"
        found.append(_line_row(before, after, place, budget))
    return found


def value_rows(old: str, new: str, *, where: str) -> list[Row]:
    """Two values that are no texts, such as a choice or a date."""
    if old == new:
        return []
    return [_row(Kind.CHANGED, _paragraph([(old, new)]), where, 0, 0)]


def _lines(old: Sequence[str], new: Sequence[str]) -> Iterator[tuple[str | None, str | None]]:
    for one in aligned(old, new):
        yield from zip_longest(old[one.old_from : one.old_to], new[one.new_from : one.new_to])


def _line_row(old: str | None, new: str | None, where: str, budget: Budget) -> Row:
    if old == new:
        text = f"<p>{escape(new)}</p>"
        return Row(Kind.SAME, text, text, text, where)
    before, after = pieces(old or ""), pieces(new or "")
    parts = [
        ("".join(before[run.old]), "".join(after[run.new]))
        for run in runs(before, after, budget=budget)
    ]
    kind = Kind.ADDED if old is None else Kind.REMOVED if new is None else Kind.CHANGED
    removed = sum(count_words(one) for one, other in parts if one != other)
    added = sum(count_words(other) for one, other in parts if one != other)
    return _row(kind, _paragraph(parts), where, added, removed)


def _row(kind: Kind, three: tuple[str, str, str], where: str, added: int, removed: int) -> Row:
    both, old, new = three
    return Row(kind, both, old, new, where, words_added=added, words_removed=removed)


def _paragraph(parts: Sequence[tuple[str, str]]) -> tuple[str, str, str]:
    """As both versions, as the old one, and as the new one."""
    both: list[str] = []
    before: list[str] = []
    after: list[str] = []
    for old, new in parts:
        if old == new:
            for side in (both, before, after):
                side.append(escape(old))
            continue
        gone, come = marked("del", escape(old)), marked("ins", escape(new))
        both.append(gone + come)
        before.append(gone)
        after.append(come)
    return _p(both), _p(before), _p(after)


def _p(inner: Sequence[str]) -> str:
    return f"<p>{''.join(inner)}</p>"


def marked(tag: str, html: str) -> str:
    """The HTML as new (`ins`) or as gone (`del`); nothing where there is none."""
    return f"<{tag}>{html}</{tag}>" if html else ""
