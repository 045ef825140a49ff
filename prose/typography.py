"""How text is set: quotation marks, directions, and where a long name may break.

What is stored stays as it was typed; this is for those who read it on a page.
"""

import re
from collections.abc import Iterator

from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe
from lxml import etree
from lxml.html import HtmlElement

# Text that is quoted as it is.
_AS_IT_IS = {"code", "kbd", "pre", "samp", "var"}
_INLINE = {
    "a", "abbr", "b", "cite", "em", "i", "mark", "q", "s", "small", "span", "strong", "sub", "sup",
    "u",
} | _AS_IT_IS - {"pre"}  # fmt: skip
_DIRECTED = {
    "blockquote", "caption", "figcaption", "h2", "h3", "li", "ol", "p", "td", "th", "ul",
}  # fmt: skip
# Hebrew to Arabic, their presentation forms, and the scripts of the first right-to-left plane.
_RIGHT_TO_LEFT = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff]")

_QUOTE = re.compile("[\"']")
# What a quotation mark opens after: nothing, a blank, a bracket, a dash, a slash, another mark.
_OPENS_AFTER = re.compile(r"[\s(\[{<—–\-/=“‘„«¿¡]")
_DECADE = re.compile(r"\d\ds?\b")
_ELISION = re.compile(r"(?:tis|twas|twere|twill|em|til|cause|bout|round)\b", re.IGNORECASE)
_ALWAYS_ELIDED = re.compile(r"(?:tw?(?:is|as|ere|ill)\b|n')", re.IGNORECASE)
_CLOSING_SINGLE = re.compile(r"(?<=\S)'(?!\w)")
_OPENED = {"“": 1, "″": 0, "”": -1}  # quotations that each mark opens
_BREAKS = re.compile(r"(?<=\w[._/:])(?=\w)")


def curly(text: str) -> str:
    """The text with typographic quotation marks, apostrophes and primes for the straight ones.

    As many characters as before. Marks of other kinds („…“, «…») stay as they are.
    """
    if not _QUOTE.search(text):
        return text
    written = list(text)
    open_double = open_single = 0
    for found in _QUOTE.finditer(text):
        at = found.start()
        before, after = (written[at - 1] if at else " "), text[at + 1 : at + 2] or " "
        opens = bool(_OPENS_AFTER.match(before)) and not after.isspace()
        is_number = before.isdecimal()
        if found[0] == '"':
            written[at] = _double_mark(opens=opens, measures=is_number and not open_double)
            open_double = max(0, open_double + _OPENED[written[at]])
        elif opens and not _is_elided(text, at):
            written[at], open_single = "‘", open_single + 1
        elif is_number and not open_single and not after.isalpha():
            written[at] = "′"
        else:
            written[at] = "’"
            closes = not after.isalnum() and not opens
            open_single = max(0, open_single - closes)
    return "".join(written)


def _double_mark(*, opens: bool, measures: bool) -> str:
    """A quotation's, or that of inches."""
    if opens:
        return "“"
    return "″" if measures else "”"


def _is_elided(text: str, at: int) -> bool:
    """Whether the mark stands for letters left out: ’90s, ’tis; or ’em, when nothing closes it."""
    if _DECADE.match(text, at + 1) or _ALWAYS_ELIDED.match(text, at + 1):
        return True
    elided = _ELISION.match(text, at + 1)
    return bool(elided) and not _CLOSING_SINGLE.search(text, at + 1)


def breakable(text: str) -> SafeString:
    """The text, escaped, with a place to break after each dot, underscore, slash and colon within
    a word: `django.db.transaction`.
    """
    pieces = _BREAKS.split(text)
    return mark_safe("<wbr>".join(conditional_escape(piece) for piece in pieces))  # noqa: S308 each piece is escaped


def set_quotes(root: HtmlElement) -> None:
    """`curly` for each run of text below the element. Code and attributes stay as they are."""
    for run in _runs(root):
        text = "".join(piece if is_prose else "x" * len(piece) for _, _, piece, is_prose in run)
        if not _QUOTE.search(text):
            continue
        text, at = curly(text), 0
        for element, place, piece, is_prose in run:
            if is_prose:
                setattr(element, place, text[at : at + len(piece)])
            at += len(piece)


def set_directions(root: HtmlElement) -> None:
    """Let each block with right-to-left letters run as its first letter says."""
    for element in root.iter(*_DIRECTED):
        if _RIGHT_TO_LEFT.search(element.text_content()):
            element.set("dir", "auto")


Piece = tuple[HtmlElement, str, str, bool]


def _runs(root: HtmlElement) -> Iterator[list[Piece]]:
    """The pieces of text that are read in one go: element, its attribute, text, whether prose."""
    run: list[Piece] = []
    as_it_is = 0
    for event, element in etree.iterwalk(root, events=("start", "end")):
        if element.tag not in _INLINE:
            yield run
            run = []
        if event == "start":
            as_it_is += element.tag in _AS_IT_IS
            if element.text:
                run.append((element, "text", element.text, not as_it_is))
        else:
            as_it_is -= element.tag in _AS_IT_IS
            if element.tail and element is not root:
                run.append((element, "tail", element.tail, not as_it_is))
    yield run
