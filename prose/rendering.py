"""From stored HTML to what a reader gets: anchors, notes, tables, quotes, code colors, pictures.

Stored nowhere, only remembered for a while by each process, so a better rule shows in every
article at the next start. What is stored is not trusted here either: it passes the sanitizer again.
"""

import re
from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from functools import lru_cache
from math import ceil

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import slugify
from lxml import html as lxml_html
from lxml.html import HtmlElement
from pygments.lexer import Lexer
from pygments.lexers import find_lexer_class_by_name
from pygments.lexers.special import TextLexer
from pygments.token import Comment, Generic, Keyword, Name, Number, Operator, String
from pygments.util import ClassNotFound

from images.models import Image
from images.pictures import picture, source
from prose import typography
from prose.editor import sanitize
from prose.text import code_of, text_of
from web.contributions import page_ids

# Brysbaert (2019), "How many words do we read per minute?": 238 for English non-fiction.
WORDS_A_MINUTE = 238
REMEMBERED = 100  # bodies: about 10 MB with what was made of them
# A contents list helps where a reader cannot see the end; below that it is in the way.
CONTENTS_FROM_WORDS = 600
CONTENTS_FROM_HEADINGS = 3

_PICTURE_ID = re.compile(r'data-file="(\d{1,18})"')
_OWN_IDS = re.compile(r"(note|noted)-\d+")
_BODY_SIZES = "(min-width: 52rem) 44rem, 92vw"
_COLUMN, _FULL_WIDTH = 704, 1600  # pixels: 44rem; the widest that is cut
# The few kinds of words that have a color, by Pygments' names for them; the rest is plain text.
_COLORED = {
    **dict.fromkeys((Keyword, Operator.Word, Generic.Deleted), "key"),
    **dict.fromkeys((String, Generic.Inserted), "text"),
    **dict.fromkeys((Number, Name.Constant), "number"),
    **dict.fromkeys(
        (
            Name.Attribute,
            Name.Builtin,
            Name.Class,
            Name.Decorator,
            Name.Exception,
            Name.Function,
            Name.Tag,
        ),
        "name",
    ),
    **dict.fromkeys((Comment, Generic.Heading, Generic.Subheading), "aside"),
}
_LANGUAGE_NAMES = {
    **{
        name: name.upper() for name in ("css", "html", "http", "json", "sql", "toml", "xml", "yaml")
    },
    **{"javascript": "JavaScript", "typescript": "TypeScript", "ini": "INI", "php": "PHP"},
}
_NOTES_HEADINGS = ("notes", "footnotes")
_NOTE_MARK = re.compile(r"\[(\d{1,3})\]")
# What a mark for a note can't stand in: code is quoted as it is, and links don't hold links.
_NO_NOTE_MARKS = {"a", "code", "h2", "h3", "pre"}
_ATTRIBUTION = re.compile(r"\s*[—–―]\s*\S")
# A number as people write it in a table: sign, currency or unit and separators may stand with it.
_NUMBER = re.compile(
    r"[-–−+±~<>≤≥≈]?\s?[$€£¥]?\s?\d[\d\s.,'’:/]*\s?(%|‰|[A-Za-zµ]{1,3}(/[a-z]{1,3})?)?"
)
_NO_NUMBER = {"", "-", "–", "—", "n/a"}


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
        """Reading time, rounded up, never nought."""
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


@dataclass(frozen=True)
class _Shown:
    """A picture as markup; `full`, where it says more than fits a column, leads to all of it."""

    markup: str
    full: str

    @classmethod
    def of(cls, image: Image) -> "_Shown":
        is_detailed = image.width > _COLUMN and not image.is_decorative
        full = escape(source(image, _FULL_WIDTH)) if is_detailed else ""
        return cls(picture(image, sizes=_BODY_SIZES), full)


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
    shown = tuple((image.pk, _Shown.of(image)) for image in pictures)
    return _rendered(html, shown)


@lru_cache(maxsize=REMEMBERED)
def _rendered(html: str, pictures: tuple[tuple[int, _Shown], ...]) -> RenderedBody:
    # A wrapper, so that text outside any element survives, and to have one root to serialize.
    root = lxml_html.fragment_fromstring(sanitize(html), create_parent="div")
    words = len(text_of(root).split())
    typography.set_quotes(root)
    _mark_code(root)
    _mark_tables(root)
    _place_pictures(root, dict(pictures))
    _attribute_quotes(root)
    notes = _mark_notes(root)
    headings = _anchor_headings(root)
    places = {heading.anchor for heading in headings}
    _settle_links(root, places | {f"note-{number + 1}" for number in range(len(notes))})
    _link_notes(root, notes)
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


def _mark_code(root: HtmlElement) -> None:
    """Color each block by its language, in classes; the stylesheet knows the colors."""
    for block in list(root.iter("pre")):
        code = block.find("code")
        language = _language(block, code)
        source = code_of(block)
        lexer = _lexer_class(language)
        if lexer is None:
            language, lexer = "", TextLexer
        colored = _colored(source, lexer())
        name = escape(_LANGUAGE_NAMES.get(language, language.capitalize()))
        shown = f' data-language="{name}"' if name else ""
        _replace(
            block,
            f'<div class="code"{shown}><pre tabindex="0" role="group" '
            f'aria-label="{name or "Example"} code"><code>{colored}</code></pre></div>',
        )


def _colored(source: str, lexer: Lexer) -> str:
    """The source as HTML, each run of one kind in one span."""
    runs: list[tuple[str, str]] = []
    for token, text in lexer.get_tokens(source):
        while token not in _COLORED and token.parent is not None:
            token = token.parent
        kind = _COLORED.get(token, "")
        if runs and (runs[-1][0] == kind or text.isspace()):
            runs[-1] = (runs[-1][0], runs[-1][1] + text)
        else:
            runs.append((kind, text))
    if runs:
        runs[-1] = (runs[-1][0], runs[-1][1].rstrip("\n"))
    return "".join(
        f'<span class="tok-{kind}">{escape(text)}</span>' if kind else escape(text)
        for kind, text in runs
    )


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
        for cell in (cell for row in rows for cell in row):
            if len(cell) == 1 and cell[0].tag == "p":
                cell[0].drop_tag()
        names = _mark_head(table, rows)
        below = rows[1:] if names else rows
        for cell in (cell for row in below for cell in row.iter("th")):
            cell.set("scope", "row")
        _align_numbers(below, names)
        _let_scroll(table)


def _mark_head(table: HtmlElement, rows: list[HtmlElement]) -> list[HtmlElement]:
    """Make the first row the table's head, if it is one. Its cells, or none."""
    names = list(rows[0]) if rows else []
    if not names or any(cell.tag != "th" for cell in names):
        return []
    for cell in names:
        cell.set("scope", "col")
    head = lxml_html.Element("thead")
    head.append(rows[0])  # moves it out of tbody
    table.insert(0, head)
    return names


def _let_scroll(table: HtmlElement) -> None:
    caption = _caption_below(table)
    scroller = lxml_html.fromstring(
        '<div class="table-scroll" role="region" aria-label="Table" tabindex="0"></div>'
    )
    _put_in_place(table, scroller)
    scroller.append(table)
    if caption is not None:
        scroller.set("aria-label", f"Table: {text_of(caption)}")
        table.insert(0, caption)


def _align_numbers(rows: list[HtmlElement], head: list[HtmlElement]) -> None:
    """Mark the cells of the columns that hold nothing but numbers, with what stands above them."""
    if any(cell.get("colspan") or cell.get("rowspan") for row in rows for cell in row):
        return
    for column in range(max((len(row) for row in rows), default=0)):
        in_column = [row[column] for row in rows if column < len(row)]
        texts = [text_of(cell) for cell in in_column]
        if not all(text in _NO_NUMBER or _NUMBER.fullmatch(text) for text in texts):
            continue
        if not any(text not in _NO_NUMBER for text in texts):
            continue
        for cell in [head[column], *in_column] if column < len(head) else in_column:
            cell.set("class", "number")


def _caption_below(table: HtmlElement) -> HtmlElement | None:
    """The paragraph below a table, taken away, if all of it is in italics: the table's caption."""
    below = table.getnext()
    if below is None or below.tag != "p" or (table.tail or "").strip():
        return None
    if len(below) != 1 or below[0].tag != "em" or not below.text_content().strip():
        return None
    if (below.text or "").strip() or (below[0].tail or "").strip():
        return None
    caption, after = below[0], below.tail
    below.drop_tree()  # leaves its tail behind the table
    table.tail, caption.tail, caption.tag = after, None, "caption"
    return caption


def _attribute_quotes(root: HtmlElement) -> None:
    """A quote whose last paragraph begins with a dash says who is quoted.

    HTML, section 4.4.4: the attribution stands outside the blockquote.
    """
    for quote in list(root.iter("blockquote")):
        if len(quote) < 2 or quote[-1].tag != "p" or not _ATTRIBUTION.match(quote[-1].text or ""):
            continue
        source = quote[-1]
        figure = lxml_html.fromstring('<figure class="quote"></figure>')
        _put_in_place(quote, figure)
        source.tag, source.tail = "figcaption", None
        figure.extend([quote, source])


def _mark_notes(root: HtmlElement) -> list[HtmlElement]:
    """The list items that are notes: those of a numbered list that ends the text, below "Notes"."""
    if len(root) < 2 or root[-1].tag != "ol" or (root[-1].tail or "").strip():
        return []
    heading = root[-2]
    if heading.tag not in ("h2", "h3") or (heading.tail or "").strip():
        return []
    if text_of(heading).casefold() not in _NOTES_HEADINGS:
        return []
    root[-1].set("class", "notes")
    root[-1].attrib.pop("start", None)  # their number is how the text calls them
    return root[-1].findall("li")


def _link_notes(root: HtmlElement, notes: list[HtmlElement]) -> None:
    """Turn each `[1]` of the text into a link to its note, and lead from the note back to it."""
    marked: set[int] = set()
    if not notes:
        return
    for element in list(root.iter()):
        if element is root[-1]:
            break  # notes don't call each other
        above = {ancestor.tag for ancestor in element.iterancestors()}
        inside = above | {element.tag}
        if not inside & _NO_NOTE_MARKS:
            _split(element, element.text, None, inside, len(notes), marked)
        parent = element.getparent()
        if element is not root and parent is not None and not above & _NO_NOTE_MARKS:
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
    pieces = _NOTE_MARK.split(text or "")
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


def _place_pictures(root: HtmlElement, pictures: Mapping[int, _Shown]) -> None:
    for image in list(root.iter("img")):
        number = image.get("data-file", "")
        known = pictures.get(int(number)) if number.isdecimal() and len(number) < 19 else None
        if known is None:
            image.drop_tree()
            continue
        above = {ancestor.tag for ancestor in image.iterancestors()}
        is_linked = known.full and "figure" in above and "a" not in above
        _replace(image, f'<a href="{known.full}">{known.markup}</a>' if is_linked else known.markup)
    for figure in list(root.iter("figure")):
        figure.attrib.pop("class", None)
        if figure.find(".//img") is not None:
            continue
        # What the picture's caption says is still said, as a paragraph.
        for caption in list(figure.iter("figcaption")):
            caption.tag = "p"
            caption.attrib.pop("class", None)
            if not text_of(caption):
                caption.drop_tree()
        figure.drop_tag()


def _settle_links(root: HtmlElement, places: set[str]) -> None:
    """A link to a place that the page has not got is text; one to another site tells it little."""
    for link in list(root.iter("a")):
        href = link.get("href", "")
        if href.startswith(("http://", "https://")):
            link.set("rel", "noopener")
        place = href.removeprefix("#")
        if href.startswith("#") and place not in places and not page_ids().fullmatch(place):
            link.drop_tag()


def _replace(element: HtmlElement, markup: str) -> None:
    """Put the markup where the element stood, keeping the text behind it."""
    _put_in_place(element, lxml_html.fragment_fromstring(markup))


def _put_in_place(old: HtmlElement, new: HtmlElement) -> None:
    """Put the new element where the old one stood, before the text behind it."""
    new.tail, old.tail = old.tail, None
    parent = old.getparent()
    assert parent is not None  # the root is never replaced
    parent.replace(old, new)
