"""From stored HTML to what a reader gets: anchors, notes, tables, quotes, code colors, pictures.

Stored nowhere, only remembered for a while by each process, so a better rule shows in every
article at the next start. What is stored is not trusted here either: it passes the sanitizer again.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from math import ceil

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import slugify
from lxml import html as lxml_html
from lxml.html import HtmlElement

from images.models import Image
from prose import code_blocks, elements, figures, notes, own_links, tables, typography
from prose.editor import sanitize
from prose.text import text_of
from web.contributions import page_ids
from web.screens import LinkTarget

# Brysbaert (2019), "How many words do we read per minute?": 238 for English non-fiction.
WORDS_A_MINUTE = 238
REMEMBERED = 100  # bodies: about 10 MB with what was made of them
# A contents list helps where a reader cannot see the end; below that it is in the way.
CONTENTS_FROM_WORDS = 600
CONTENTS_FROM_HEADINGS = 3

_OWN_IDS = re.compile(r"(note|noted)-\d+")
_ATTRIBUTION = re.compile(r"\s*[—–―]\s*\S")


@dataclass(frozen=True)
class Heading:
    """One line of the contents list: `level` is 2 or 3, `anchor` the id it leads to."""

    level: int
    anchor: str
    text: str


@dataclass(frozen=True)
class RenderedBody:
    html: SafeString = field(default_factory=SafeString)
    headings: tuple[Heading, ...] = ()
    words: int = 0

    @property
    def minutes(self) -> int:
        """Reading time, rounded up, at least one minute."""
        return max(1, ceil(self.words / WORDS_A_MINUTE))

    @property
    def begins_with_a_heading(self) -> bool:
        return self.html.startswith(("<h2", "<h3"))

    @property
    def contents(self) -> list[Heading]:
        """The contents list, empty when the text is short."""
        if self.words < CONTENTS_FROM_WORDS:
            return []
        chapters = [heading for heading in self.headings if heading.level == 2]
        return chapters if len(chapters) >= CONTENTS_FROM_HEADINGS else []


def render(html: str, pictures: Iterable[Image] = ()) -> RenderedBody:
    """Stored HTML as readers get it, safe to show whatever was stored.

    `pictures` are the images that the body refers to, their renditions prefetched; a picture that
    is not among them, or that lives on another host, is left out.
    """
    if not html.strip():
        return RenderedBody()
    shown = tuple((image.pk, figures.Shown.of(image)) for image in pictures)
    return _rendered(html, shown, tuple(own_links.targets(html).items()))


@lru_cache(maxsize=REMEMBERED)
def _rendered(
    html: str,
    pictures: tuple[tuple[int, figures.Shown], ...],
    linked: tuple[tuple[str, LinkTarget], ...],
) -> RenderedBody:
    # A wrapper, so that text outside any element survives, and to have one root to serialize.
    root = lxml_html.fragment_fromstring(sanitize(html), create_parent="div")
    words = len(text_of(root).split())
    typography.set_quotes(root)
    code_blocks.color(root)
    tables.mark(root)
    figures.place(root, dict(pictures))
    _attribute_quotes(root)
    noted = notes.mark(root)
    headings = _anchor_headings(root)
    places = {heading.anchor for heading in headings}
    own_links.settle(root, dict(linked))
    _settle_links(root, places | {f"note-{number + 1}" for number in range(len(noted))})
    notes.link(root, noted)
    typography.set_directions(root)
    inner = lxml_html.tostring(root, encoding="unicode")
    inner = inner.removeprefix("<div>").removesuffix("</div>")
    inner = inner.replace("</source>", "")  # libxml2 does not know that <source> is void
    return RenderedBody(html=mark_safe(inner), headings=tuple(headings), words=words)  # noqa: S308 sanitized above


def _anchor_headings(root: HtmlElement) -> list[Heading]:
    headings: list[Heading] = []
    taken: set[str] = set()
    for element in root.iter("h2", "h3"):
        text = text_of(element)
        if not text:
            continue
        stem = slugify(text)[:60].strip("-") or "section"
        if page_ids().fullmatch(stem) or _OWN_IDS.fullmatch(stem):
            stem = f"on-{stem}"
        anchor, count = stem, 2
        while anchor in taken:
            anchor, count = f"{stem}-{count}", count + 1
        taken.add(anchor)
        element.set("id", anchor)
        link = lxml_html.fromstring(
            f'<a class="anchor" href="#{anchor}" aria-label="Link to: {escape(text)}">#</a>'
        )
        element.append(link)
        level = 2 if element.tag == "h2" else 3
        headings.append(Heading(level=level, anchor=anchor, text=text))
    return headings


def _attribute_quotes(root: HtmlElement) -> None:
    """A quote whose last paragraph begins with a dash says who is quoted.

    HTML, section 4.4.4: the attribution stands outside the blockquote.
    """
    for quote in list(root.iter("blockquote")):
        if len(quote) < 2 or quote[-1].tag != "p" or not _ATTRIBUTION.match(quote[-1].text or ""):
            continue
        source = quote[-1]
        figure = lxml_html.fromstring('<figure class="quote"></figure>')
        elements.put_in_place(quote, figure)
        source.tag, source.tail = "figcaption", None
        figure.extend([quote, source])


def _settle_links(root: HtmlElement, places: set[str]) -> None:
    """Unlink anchors that the page does not have; mark links to other sites as noopener."""
    for link in list(root.iter("a")):
        href = link.get("href", "")
        if href.startswith(("http://", "https://")):
            link.set("rel", "noopener")
        place = href.removeprefix("#")
        if href.startswith("#") and place not in places and not page_ids().fullmatch(place):
            link.drop_tag()
