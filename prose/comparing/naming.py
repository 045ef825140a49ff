"""What a block is called, and what changed besides words, in words."""

import re
from collections.abc import Iterator
from html import unescape

from prose.comparing.blocks import TAG, Block, Piece

_KINDS = {
    "": "text",
    "p": "paragraph",
    "h2": "heading",
    "h3": "small heading",
    "ul": "list",
    "ol": "numbered list",
    "blockquote": "quote",
    "table": "table",
    "figure": "picture",
    "pre": "code block",
    "hr": "line",
}
_MARKS = {
    "strong": "bold",
    "em": "italic",
    "code": "code",
    "s": "struck through",
    "sup": "superscript",
    "sub": "subscript",
}
_ORDINALS = [
    *("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth"),
    "tenth",
]
_LANGUAGE = re.compile(r"\blanguage-([\w+#-]+)")
_ATTRIBUTE = re.compile(r'\s([^\s=>]+)="([^"]*)"')
MAX_NAME = 60


def kind(block: Block) -> str:
    if block.tag == "" and block.pictures and not block.words:
        return "picture"
    return _KINDS.get(block.tag, "block")


def with_article(name: str) -> str:
    return f"{'an' if name[0] in 'aeiou' else 'a'} {name}"


def ordinal(number: int) -> str:
    """“second”; above ten “11th”."""
    if number <= len(_ORDINALS):
        return _ORDINALS[number - 1]
    ending = "th" if 10 < number % 100 < 14 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"


def name(block: Block) -> str:
    """The text of a heading, cut to fit a line."""
    text = " ".join(unescape(block.text).split())
    return text if len(text) <= MAX_NAME else f"{text[: MAX_NAME - 1].rstrip()}…"


def block_note(old: Block, new: Block) -> str:
    """What else than its words a block changed."""
    if kind(old) != kind(new):
        return f"now {with_article(kind(new))}, was {with_article(kind(old))}"
    if new.tag == "pre":
        return f"language {_language(new)}, was {_language(old)}"
    if new.tag in ("td", "th"):
        return "a cell of the table changed its kind or size"
    return f"the {kind(new)} is set differently"


def formatting_note(old: list[Piece], new: list[Piece]) -> str:
    """How the same words, or the same picture, differ in all but themselves."""
    if not "".join(piece.text for piece in new).strip():
        return ""
    notes = list(dict.fromkeys(_notes(old, new)))
    return "; ".join(notes)


def _notes(old: list[Piece], new: list[Piece]) -> Iterator[str]:
    for before, after in zip(old, new, strict=True):
        if before.text != after.text:
            yield from _picture_notes(before.text, after.text)
        was, now = dict(map(_mark, before.marks)), dict(map(_mark, after.marks))
        for mark in was.keys() | now.keys() if was != now else ():
            yield _mark_note(mark, was, now)
        if was == now and before.marks != after.marks:
            yield "set differently"


def _mark_note(mark: str, was: dict[str, str], now: dict[str, str]) -> str:
    if mark != "a":
        name = _MARKS.get(mark, mark)
        if mark in was and mark in now:
            return f"{name} in another way"
        return f"no longer {name}" if mark in was else f"now {name}"
    if "a" not in now:
        return f"no longer a link to {was['a']}"
    if "a" not in was:
        return f"now a link to {now['a']}"
    return f"link to {now['a']}, was {was['a']}"


def _mark(tag: str) -> tuple[str, str]:
    found = TAG.match(tag)
    if not found:
        return tag, ""
    values: dict[str, str] = dict(_ATTRIBUTE.findall(found[3]))
    return found[2], unescape(values.get("href") or found[3])


def _picture_notes(old: str, new: str) -> Iterator[str]:
    was, now = dict(_ATTRIBUTE.findall(old)), dict(_ATTRIBUTE.findall(new))
    if was.get("alt", "") != now.get("alt", ""):
        before, after = (unescape(one.get("alt", "")) for one in (was, now))
        yield f"description {_quoted(after)}, was {_quoted(before)}"
    if any(was.get(side) != now.get(side) for side in ("width", "height")):
        yield "another size"


def _quoted(text: str) -> str:
    return f"“{text}”" if text else "empty"


def _language(block: Block) -> str:
    found = _LANGUAGE.search(block.start)
    return found[1] if found else "not said"
