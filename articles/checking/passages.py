"""A text in the pieces in which readers get it, each with the way back to its place in the form."""

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from urllib.parse import unquote

from lxml import etree
from lxml import html as lxml_html
from lxml.html import HtmlElement

from articles.checking.findings import Place

# What begins a line. In all else letters run on: a name is not hidden by a tag within it.
_BLOCKS = frozenset(
    [
        *("blockquote", "div", "figcaption", "figure", "h2", "h3", "hr", "li", "ol", "p", "pre"),
        *("table", "tbody", "td", "tfoot", "th", "thead", "tr", "ul"),
    ]
)
_SHOWN_ATTRIBUTES = ("alt", "href", "src", "title", "class")


@dataclass(frozen=True)
class Passage:
    """Words that stand together. Those of an element's attribute have its `tag` and `nth`."""

    field: str
    text: str
    start: int = 0  # of it within all that the field says
    tag: str = ""
    nth: int = 0
    noun: str = "passage"
    whole: str = dataclasses.field(default="", compare=False, repr=False)  # all that the field says
    is_code: bool = False

    def place(self, start: int, end: int) -> Place:
        quote = self.text[start:end]
        if self.tag:
            return Place(self.field, tag=self.tag, nth=self.nth, quote=quote, noun=self.noun)
        before = (self.whole or self.text)[: self.start + start]
        nth = before.count(quote)
        return Place(self.field, nth=nth, quote=quote, noun=self.noun)


class Body:
    """The HTML of a text, read once for all checks; `field` is where it is written."""

    def __init__(self, html: str, field: str = "body") -> None:
        self.html, self.field = html, field
        has_text = bool(html.strip())
        self.root: HtmlElement = lxml_html.fragment_fromstring(
            html if has_text else "<p></p>", create_parent="div"
        )

    def each(self, *tags: str) -> Iterator[tuple[int, HtmlElement]]:
        """Each element of these tags, with its number among them."""
        yield from enumerate(self.root.iter(*tags))

    @cached_property
    def passages(self) -> list[Passage]:
        """What stands in it, block by block, and then what its attributes say."""
        pieces: list[str] = []
        cuts = [0]
        code: set[int] = set()  # where one begins
        said = 0
        for event, part in etree.iterwalk(self.root, events=("start", "end")):
            if part.tag in _BLOCKS:
                cuts.append(said)
            if event == "start" and part.tag == "pre":
                code.add(said)
            if text := self._said_at(event, part):
                pieces.append(text)
                said += len(text)
        all_of_it = "".join(pieces)
        found = [
            Passage(
                self.field,
                all_of_it[begin:end],
                start=begin,
                whole=all_of_it,
                is_code=begin in code,
            )
            for begin, end in pairwise([*cuts, said])
            if all_of_it[begin:end].strip()
        ]
        return [*found, *self._attributes()]

    def _said_at(self, event: str, part: HtmlElement) -> str:
        if event == "end":
            return part.tail or "" if part is not self.root else ""
        if part.tag == "br":
            return "\n"
        return part.text or "" if isinstance(part.tag, str) else ""  # a comment has none

    def _attributes(self) -> Iterator[Passage]:
        nouns = {"img": "picture", "a": "link", "pre": "code"}
        for tag, noun in nouns.items():
            for number, element in self.each(tag):
                told = [element, *(element.iter("code") if tag == "pre" else ())]
                for one in told:
                    for name in _SHOWN_ATTRIBUTES:
                        if value := one.get(name):
                            yield Passage(
                                self.field, unquote(value), tag=tag, nth=number, noun=noun
                            )
