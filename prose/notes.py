"""Notes: a numbered list below "Notes" that ends a text, called in it by `[1]`."""

import re
from collections.abc import Set as AbstractSet

from lxml import html as lxml_html
from lxml.html import HtmlElement

from prose.text import text_of

_HEADINGS = ("notes", "footnotes")
_MARK = re.compile(r"\[(\d{1,3})\]")
# What a mark for a note can't stand in: code is quoted as it is, and links don't hold links.
_NO_MARKS = {"a", "code", "h2", "h3", "pre"}


def mark(root: HtmlElement) -> list[HtmlElement]:
    """The list items that are notes: those of a numbered list that ends the text, below "Notes"."""
    if len(root) < 2 or root[-1].tag != "ol" or (root[-1].tail or "").strip():
        return []
    heading = root[-2]
    if heading.tag not in ("h2", "h3") or (heading.tail or "").strip():
        return []
    if text_of(heading).casefold() not in _HEADINGS:
        return []
    root[-1].set("class", "notes")
    root[-1].attrib.pop("start", None)  # their number is how the text calls them
    return root[-1].findall("li")


def link(root: HtmlElement, notes: list[HtmlElement]) -> None:
    """Turn each `[1]` of the text into a link to its note, and lead from the note back to it."""
    marked: set[int] = set()
    if not notes:
        return
    for element in list(root.iter()):
        if element is root[-1]:
            break  # notes don't call each other
        above = {ancestor.tag for ancestor in element.iterancestors()}
        inside = above | {element.tag}
        if not inside & _NO_MARKS:
            _split(element, element.text, None, inside, len(notes), marked)
        parent = element.getparent()
        if element is not root and parent is not None and not above & _NO_MARKS:
            _split(parent, element.tail, element, above, len(notes), marked)
    for number, note in enumerate(notes, start=1):
        note.set("id", f"note-{number}")
        if number not in marked:
            continue
        back = lxml_html.fromstring(
            f'<a class="notes__back" href="#noted-{number}" role="doc-backlink" '
            f'aria-label="Back to where note {number} is called">↩</a>'
        )
        last = note[-1] if len(note) and note[-1].tag == "p" else note
        last.append(back)


def _split(
    parent: HtmlElement,
    text: str | None,
    after: HtmlElement | None,
    inside: AbstractSet[object],
    count: int,
    marked: set[int],
) -> None:
    """Cut the text in `parent` that follows `after` (None: its first text) at the marks in it."""
    pieces = _MARK.split(text or "")
    if len(pieces) == 1:
        return
    rest = pieces[0]
    for digits, following in zip(pieces[1::2], pieces[2::2], strict=True):
        number = int(digits)
        if not 1 <= number <= count:
            rest += f"[{digits}]{following}"
            continue
        before = rest.rstrip()
        joined = not before and after is not None and (after.tag == "sup" or after.get("role"))
        name = "" if number in marked else f' id="noted-{number}"'
        marked.add(number)
        link = (
            f'<a href="#note-{number}"{name} role="doc-noteref" aria-label="Note {number}">'
            f"{', ' if joined else ''}{number}</a>"
        )
        mark = lxml_html.fromstring(link if "sup" in inside else f"<sup>{link}</sup>")
        if after is None:
            parent.text = before
            parent.insert(0, mark)
        else:
            # By its neighbor: lxml counts children from the first to find a place by its number.
            after.tail = None
            after.addnext(mark)
            after.tail = before
        after, rest = mark, following
    if after is not None:
        after.tail = rest
