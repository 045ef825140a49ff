"""From stored HTML to what a reader gets: anchors, contents, table headers, code colours, pictures.

Computed at each render and stored nowhere, so a better rule shows in every article at once. What
is stored is not trusted here either: it passes the sanitiser again.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from math import ceil

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import slugify
from lxml import html as lxml_html
from lxml.html import HtmlElement
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexer import Lexer
from pygments.lexers import find_lexer_class_by_name
from pygments.lexers.special import TextLexer
from pygments.util import ClassNotFound

from articles.editor import sanitise
from images.models import Image
from images.pictures import picture

# Brysbaert (2019), "How many words do we read per minute?": 238 for English non-fiction.
WORDS_A_MINUTE = 238
# A contents list helps where a reader cannot see the end; below that it is in the way.
CONTENTS_FROM_WORDS = 600
CONTENTS_FROM_HEADINGS = 3

_PICTURE_ID = re.compile(r'data-file="(\d{1,18})"')
# Ids that templates give to parts of the page around the text.
_TAKEN_IDS = re.compile(r"main|contents|more|our-offices|service-\d+|inquiry(-.*)?")
_BODY_SIZES = "(min-width: 52rem) 44rem, 100vw"
_COLOURS = HtmlFormatter(nowrap=True, classprefix="tok-")
_LANGUAGE_NAMES = {"http": "HTTP", "json": "JSON", "sql": "SQL", "yaml": "YAML", "html": "HTML"}


@dataclass
class Heading:
    """One line of the contents list: `level` is 2 or 3, `anchor` the id it leads to."""

    level: int
    anchor: str
    text: str


@dataclass
class RenderedBody:
    html: SafeString = field(default_factory=SafeString)
    headings: list[Heading] = field(default_factory=list)
    words: int = 0

    @property
    def minutes(self) -> int:
        """Reading time, rounded up, never nought."""
        return max(1, ceil(self.words / WORDS_A_MINUTE))

    @property
    def contents(self) -> list[Heading]:
        """The contents list, empty when the text is short."""
        if self.words < CONTENTS_FROM_WORDS:
            return []
        chapters = [heading for heading in self.headings if heading.level == 2]
        return chapters if len(chapters) >= CONTENTS_FROM_HEADINGS else []


def picture_ids(html: str) -> set[int]:
    """The ids of the library's pictures that the HTML shows."""
    return {int(number) for number in _PICTURE_ID.findall(html)}


def render(html: str, pictures: Iterable[Image] = ()) -> RenderedBody:
    """Stored HTML as readers get it, safe to show whatever was stored.

    `pictures` are the images that the body refers to, their renditions prefetched; a picture that
    is not among them, or that lives on another host, is left out.
    """
    if not html.strip():
        return RenderedBody()
    # A wrapper, so that text outside any element survives, and to have one root to serialise.
    root = lxml_html.fragment_fromstring(sanitise(html), create_parent="div")
    words = len(root.text_content().split())
    _mark_code(root)
    _mark_tables(root)
    _place_pictures(root, {image.pk: image for image in pictures})
    headings = _anchor_headings(root)
    for link in root.iter("a"):
        if link.get("href", "").startswith(("http://", "https://")):
            link.set("rel", "noopener")
    inner = lxml_html.tostring(root, encoding="unicode")
    inner = inner.removeprefix("<div>").removesuffix("</div>")
    inner = inner.replace("</source>", "")  # libxml2 does not know that <source> is void
    return RenderedBody(html=mark_safe(inner), headings=headings, words=words)  # noqa: S308 sanitised above


def _anchor_headings(root: HtmlElement) -> list[Heading]:
    headings: list[Heading] = []
    taken: set[str] = set()
    for element in root.iter("h2", "h3"):
        text = " ".join(element.text_content().split())
        if not text:
            continue
        stem = slugify(text)[:60].strip("-") or "section"
        if _TAKEN_IDS.fullmatch(stem):
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
        headings.append(Heading(level=int(element.tag[1]), anchor=anchor, text=text))
    return headings


def _mark_code(root: HtmlElement) -> None:
    """Colour each block by its language, in classes; the stylesheet knows the colours."""
    for block in list(root.iter("pre")):
        code = block.find("code")
        language = _language(block, code)
        source = block.text_content()
        lexer = _lexer_class(language)
        if lexer is None:
            language, lexer = "", TextLexer
        coloured = highlight(source, lexer(), _COLOURS).rstrip("\n")
        label = (
            f' data-language="{escape(_LANGUAGE_NAMES.get(language, language))}"'
            if language
            else ""
        )
        _replace(block, f'<pre class="code" tabindex="0"{label}><code>{coloured}</code></pre>')


@lru_cache(maxsize=64)
def _lexer_class(language: str) -> type[Lexer] | None:
    """Looked up once each: Pygments goes through all it knows at every question."""
    try:
        return find_lexer_class_by_name(language or "text")
    except ClassNotFound:
        return None


def _language(block: HtmlElement, code: HtmlElement | None) -> str:
    classes = f"{block.get('class', '')} {code.get('class', '') if code is not None else ''}"
    found = re.search(r"\blanguage-([\w+#-]+)", classes)
    return found[1].lower() if found else ""


def _mark_tables(root: HtmlElement) -> None:
    """Give header cells their scope, and let a wide table scroll on its own.

    The editor keeps every row in tbody, each cell's text in a paragraph. HTML, section 4.9.12:
    a first row of nothing but header cells is the table's head.
    """
    for table in list(root.iter("table")):
        rows = list(table.iter("tr"))
        for row in rows:
            for cell in row:
                if len(cell) == 1 and cell[0].tag == "p":
                    cell[0].drop_tag()
        if rows and len(rows[0]) and all(cell.tag == "th" for cell in rows[0]):
            head = lxml_html.fromstring("<table><thead></thead></table>").find("thead")
            for cell in rows[0]:
                cell.set("scope", "col")
            head.append(rows[0])  # moves it out of tbody
            table.insert(0, head)
            rows = rows[1:]
        for row in rows:
            for cell in row.iter("th"):
                cell.set("scope", "row")
        scroller = lxml_html.fromstring(
            '<div class="table-scroll" role="region" aria-label="Table" tabindex="0"></div>'
        )
        scroller.tail, table.tail = table.tail, None
        table.getparent().replace(table, scroller)
        scroller.append(table)


def _place_pictures(root: HtmlElement, pictures: Mapping[int, Image]) -> None:
    for image in list(root.iter("img")):
        number = image.get("data-file", "")
        known = pictures.get(int(number)) if number.isdecimal() and len(number) < 19 else None
        if known is None:
            image.drop_tree()
            continue
        _replace(image, picture(known, sizes=_BODY_SIZES))
    for figure in list(root.iter("figure")):
        figure.attrib.pop("class", None)
        if figure.find(".//img") is None:
            figure.drop_tree()


def _replace(element: HtmlElement, markup: str) -> None:
    """Put the markup where the element stood, keeping the text behind it."""
    new = lxml_html.fragment_fromstring(markup)
    new.tail = element.tail
    element.getparent().replace(element, new)
