"""Stored HTML as blocks, and a block's text as pieces, each kept as it is written.

The sanitizer writes well-formed HTML with every attribute in quotes, so that its tags can be read
one by one. What is put together again from these parts is as safe as what it was read from.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from typing import NamedTuple

from desk.wording import JOINED, WORD, count_words

# Boxes within boxes to look into; what lies deeper is compared as a whole.
MAX_DEPTH = 24

TEXTS = frozenset(["p", "h2", "h3", "figcaption"])
_BOXES = frozenset(["ul", "ol", "li", "blockquote", "table", "thead", "tbody", "tr", "td", "th"])
_BLOCKS = TEXTS | _BOXES | {"figure", "pre", "hr"}
# Text in one of these stands in a paragraph, whether that is written or not: the editor writes it.
_OF_PARAGRAPHS = frozenset(["li", "td", "th", "blockquote"])
_VOID = frozenset(["br", "hr", "img"])
_ATTRIBUTES = r"(?:\s[^\s=>]+=\"[^\"]*\")*"
TAG = re.compile(rf"<(/?)([a-z][a-z0-9]*)({_ATTRIBUTES})\s*>")
_BLOCK_TAG = re.compile(rf"<(?:{'|'.join(sorted(_BLOCKS))})\b")
_ANY_TAG = rf"</?[a-z][a-z0-9]*{_ATTRIBUTES}\s*>"
_PIECE = re.compile(rf"{_ANY_TAG}|&#?\w+;|\s++|{WORD}|[^\w\s](?:{JOINED}++[^\w\s<&]?)*+|.", re.S)
_LINE = re.compile(rf"{_ANY_TAG}|[^<\n]*\n|[^<\n]+|.", re.S)
_CODE = re.compile(rf"(<code{_ATTRIBUTES}>)((?:(?!</?code).)*)</code>\Z", re.S)
_FILE = re.compile(r' data-file="(\d+)"')
_SOURCE = re.compile(r' src="([^"]*)"')


class Piece(NamedTuple):
    """A word, a blank, a sign, a line of code or an element without an end, and its formatting."""

    text: str
    marks: tuple[str, ...] = ()  # the tags around it, from the outermost

    @property
    def key(self) -> str:
        """The same for the same word in any formatting, and for the same picture."""
        return f"<img {picture(self.text)}>" if self.text.startswith("<img") else self.text


@dataclass(frozen=True, eq=False)
class Block:
    """An element, or (without a tag) what stands between two of them."""

    html: str
    tag: str
    start: str
    end: str
    depth: int

    @cached_property
    def inner(self) -> str:
        return self.html[len(self.start) : len(self.html) - len(self.end)]

    @cached_property
    def is_text(self) -> bool:
        """Whether it holds pieces; it holds blocks otherwise."""
        if self.depth >= MAX_DEPTH:
            return True
        if self.tag in ("", "pre", "hr"):
            return True
        return self.tag not in _OF_PARAGRAPHS and not _BLOCK_TAG.search(self.inner)

    @cached_property
    def children(self) -> list["Block"]:
        return blocks(self.inner, self.depth + 1, of_paragraphs=self.tag in _OF_PARAGRAPHS)

    @cached_property
    def is_deep(self) -> bool:
        """Whether it is formatted more often, one within the other, than anybody writes."""
        level = 0
        for tag in TAG.finditer(self.inner):
            level += 0 if tag[2] in _VOID else -1 if tag[1] else 1
            if level > MAX_DEPTH:
                return True
        return False

    @cached_property
    def pieces(self) -> list[Piece]:
        return list(_pieces(self.inner, _LINE if self.tag == "pre" else _PIECE))

    @cached_property
    def settled(self) -> str:
        """The same for all that reads the same, however it is written."""
        if self.depth >= MAX_DEPTH or (self.is_text and self.is_deep):
            return self.html
        if self.is_text:
            return f"{self.start}{written(self.pieces)}{self.end}"
        return f"{self.start}{''.join(part.settled for part in self.children)}{self.end}"

    @cached_property
    def text(self) -> str:
        """Its words, blanks between those of two elements."""
        return TAG.sub(lambda tag: " " if _BLOCK_TAG.match(tag[0]) else "", self.inner)

    @cached_property
    def words(self) -> int:
        return count_words(self.text)

    @cached_property
    def pictures(self) -> frozenset[str]:
        return frozenset(picture(tag[0]) for tag in TAG.finditer(self.html) if tag[2] == "img")


def merged(several: Sequence[Block]) -> Block:
    """Many blocks as one, which is not looked into."""
    return Block("".join(block.html for block in several), "", "", "", MAX_DEPTH)


def picture(tag: str) -> str:
    """What an img shows: a picture of the library, or else whatever is at that address."""
    found = _FILE.search(tag) or _SOURCE.search(tag)
    return found[1] if found else ""


def blocks(html: str, depth: int = 0, *, of_paragraphs: bool = False) -> list[Block]:
    """The elements of sanitized HTML, without the blanks between them."""
    found: list[Block] = []
    loose: list[str] = []  # text and inline elements since the last block

    def settle() -> None:
        text = "".join(loose)
        loose.clear()
        if not TAG.sub(_if_void, text).strip():  # bold around nothing is nothing either
            return
        if of_paragraphs:
            found.append(Block(f"<p>{text}</p>", "p", "<p>", "</p>", depth))
        else:
            found.append(Block(text, "", "", "", depth))

    for tag, start, element in _top_level(html):
        if tag in _BLOCKS or (tag and _BLOCK_TAG.search(element)):
            settle()
            found.append(_block(element, tag, start, depth))
        else:
            loose.append(element)
    settle()
    return found


def _if_void(tag: re.Match[str]) -> str:
    return tag[0] if tag[2] in _VOID else ""


def _top_level(html: str) -> Iterator[tuple[str, str, str]]:
    """Each element with its name and its first tag, and each text between two with neither."""
    level, begin, name, start = 0, 0, "", ""
    for tag in TAG.finditer(html):
        is_end, is_void = bool(tag[1]), tag[2] in _VOID
        if is_end:
            level -= 1
        if level == 0 and not is_end:
            if tag.start() > begin:
                yield "", "", html[begin : tag.start()]
            begin, name, start = tag.start(), tag[2], tag[0]
        if not is_end and not is_void:
            level += 1
        if level == 0:
            yield name, start, html[begin : tag.end()]
            begin = tag.end()
    if begin < len(html):
        yield "", "", html[begin:]


def _block(html: str, tag: str, start: str, depth: int) -> Block:
    if tag == "hr":
        return Block(html, tag, "", "", depth)
    end = f"</{tag}>"
    inner = html[len(start) : len(html) - len(end)]
    if tag == "pre" and (code := _CODE.match(inner)):
        start, end = start + code[1], f"</code>{end}"
    return Block(html, tag, start, end, depth)


def _pieces(html: str, pattern: re.Pattern[str]) -> Iterator[Piece]:
    for text, marks in _formatted(html):
        for found in pattern.finditer(text):
            yield Piece(found[0], marks)


def _formatted(html: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Its text and elements without an end, each stretch of one formatting together."""
    for marks, texts in groupby(_stretches(html), key=lambda stretch: stretch[1]):
        yield "".join(text for text, _ in texts), marks


def _stretches(html: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    marks: list[str] = []
    begin = 0
    for tag in TAG.finditer(html):
        if tag.start() > begin:
            yield html[begin : tag.start()], tuple(marks)
        begin = tag.end()
        if tag[2] in _VOID:
            yield tag[0], tuple(marks)
        elif tag[1]:
            del marks[-1:]
        else:
            marks.append(tag[0])
    if begin < len(html):
        yield html[begin:], tuple(marks)


def written(pieces: list[Piece]) -> str:
    """The pieces as HTML again."""
    found: list[str] = []
    open_marks: list[str] = []
    for piece in [*pieces, Piece("")]:
        kept = 0
        for one, other in zip(open_marks, piece.marks, strict=False):
            if one != other:
                break
            kept += 1
        found += [f"</{_name(mark)}>" for mark in reversed(open_marks[kept:])]
        open_marks = [*open_marks[:kept], *piece.marks[kept:]]
        found += [*piece.marks[kept:], piece.text]
    return "".join(found)


def _name(tag: str) -> str:
    found = TAG.match(tag)
    return found[2] if found else ""
