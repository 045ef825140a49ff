"""An article as Markdown: CommonMark 0.31 with GitHub's tables, for readers that are programs.

It is made from the stored body, which the allow-list of `prose.editor` has cleaned: what can
stand in it is known, so a walk over it loses nothing. Where Markdown's own marks would not be read
as marks (CommonMark, section 6.2: it depends on the letters around them), HTML's are used.
"""

import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from urllib.parse import urljoin

from lxml import html as lxml_html
from lxml.html import HtmlElement

from images import pictures
from images.models import Image
from prose import markdown_syntax as syntax
from prose import own_links
from prose.code_blocks import language_of
from prose.editor import sanitize
from prose.figures import image_id
from prose.text import code_of

_EMPHASIS = {"strong": "**", "b": "**", "em": "*", "i": "*", "s": "~~", "del": "~~"}
_HEADINGS = {"h1", "h2", "h3", "h4", "h5", "h6"}
_BLOCKS = _HEADINGS | {
    *("p", "ul", "ol", "li", "blockquote", "pre", "hr", "figure", "figcaption", "div"),
    *("table", "caption", "thead", "tbody", "tfoot", "tr", "th", "td"),
}
_MAX_SPAN = 20  # columns: what is wider than that is no table for reading


def from_html(html: str, *, base: str, images: Mapping[int, Image] | None = None) -> str:
    """The stored HTML as Markdown, ending in a newline; empty for an empty text.

    `base` is the article's address: links are made absolute by it. A picture that is not among
    `images` is left out, as it is on the page.
    """
    if not html.strip():
        return ""
    root = lxml_html.fragment_fromstring(sanitize(html), create_parent="div")
    own_links.settle(root, own_links.targets(html))
    text = _Writer(base, images or {}).blocks(root)
    return f"{text}\n" if text else ""


class _Writer:
    def __init__(self, base: str, images: Mapping[int, Image]) -> None:
        self.base = base
        self.images = images
        self.in_table = False

    # Blocks

    def blocks(self, parent: HtmlElement) -> str:
        """What stands in the element, each block divided from the next by an empty line."""
        written: list[str] = []
        last_list = ""
        for block in self._each_block(parent):
            kind, text = block
            if not text:
                continue
            if kind in ("ul", "ol") and last_list == kind:
                written.append("<!-- -->")  # two lists in a row would be read as one
            written.append(text)
            last_list = kind
        return "\n\n".join(written)

    def _each_block(self, parent: HtmlElement) -> Iterator[tuple[str, str]]:
        """(tag, Markdown) of each block; text between blocks is a paragraph of its own."""
        loose: list[HtmlElement | str] = [parent.text or ""]
        for child in parent:
            if child.tag in _BLOCKS:
                yield "p", self._paragraph(loose)
                yield child.tag, self._block(child)
                loose = []
            else:
                loose.append(child)
            loose.append(child.tail or "")
        yield "p", self._paragraph(loose)

    def _block(self, element: HtmlElement) -> str:
        match element.tag:
            case "h1" | "h2" | "h3" | "h4" | "h5" | "h6" as tag:
                return self._heading(element, level=int(tag[1]))
            case "ul" | "ol":
                return self._list(element)
            case "blockquote":
                return syntax.prefixed(self.blocks(element), "> ", "> ")
            case "pre":
                return syntax.code_block(code_of(element), language_of(element))
            case "hr":
                return "***"
            case "table":
                return self._table(element)
            case "figure":
                return self._figure(element)
            case _:
                return self.blocks(element)

    def _heading(self, element: HtmlElement, *, level: int) -> str:
        text = syntax.heading_end(self._one_line(element))
        return f"{'#' * level} {text}" if text else ""

    def _paragraph(self, parts: list[HtmlElement | str]) -> str:
        lines = self._inline(parts).split("\\\n")
        text = "\\\n".join(line.strip(" ") for line in lines)
        text = re.sub(r"^(\\\n)+|(\\\n)+$", "", text)  # a break that breaks nothing
        return syntax.line_start(text)

    def _list(self, element: HtmlElement) -> str:
        start = element.get("start", "1")
        number = int(start) if start.isdecimal() and len(start) < 9 else 1
        items = []
        for item in element:
            if item.tag != "li":
                continue
            marker = f"{number}. " if element.tag == "ol" else "- "
            # Section 5.2: an item's later lines are indented by the width of its marker.
            items.append(syntax.prefixed(self.blocks(item), marker, " " * len(marker)).rstrip(" "))
            number += 1
        is_loose = any("\n\n" in item for item in items)
        return ("\n\n" if is_loose else "\n").join(items)

    def _figure(self, element: HtmlElement) -> str:
        image = element.find(".//img")
        shown = self._image(image) if image is not None else ""
        caption = element.find(".//figcaption")
        words = self._one_line(caption) if caption is not None else ""
        return "\n\n".join(filter(None, [shown, syntax.line_start(words)]))

    def _table(self, element: HtmlElement) -> str:
        """GFM, section 4.10. Its tables have one head row and no spans: spans leave empty cells."""
        rows = [row for row in element.iter("tr") if next(row.iterancestors("table")) is element]
        rows = [row for row in rows if row.find("td") is not None or row.find("th") is not None]
        if not rows:
            return ""
        was_in_table, self.in_table = self.in_table, True
        texts = self._grid(rows)
        self.in_table = was_in_table
        if not all(cell.tag == "th" for cell in rows[0]):
            texts.insert(0, [])
        return syntax.table(texts)

    def _grid(self, rows: list[HtmlElement]) -> list[list[str]]:
        """The texts of the cells, each in its column (HTML, section 4.9.12.1)."""
        grid: list[list[str]] = []
        taken: dict[int, int] = {}  # by column: how many rows a cell from above still reaches
        for place, row in enumerate(rows):
            texts: list[str] = []
            for cell in row:
                self._pass_over(taken, texts)
                height = _extent(cell, "rowspan", most=len(rows) - place)
                for column in range(_extent(cell, "colspan", most=_MAX_SPAN)):
                    taken[len(texts)] = height - 1
                    texts.append("" if column else self._one_line(cell))
            self._pass_over(taken, texts)
            grid.append(texts)
        return grid

    def _pass_over(self, taken: dict[int, int], texts: list[str]) -> None:
        """Leave the columns empty that the row shares with a cell from above."""
        while taken.get(len(texts), 0):
            taken[len(texts)] -= 1
            texts.append("")

    def _one_line(self, element: HtmlElement) -> str:
        """Everything in the element on one line, for cells, headings and captions."""
        lines: list[str] = []
        loose: list[HtmlElement | str] = [element.text or ""]
        for child in element:
            if child.tag in _BLOCKS:
                lines.append(self._inline(loose))
                loose = []
                if child.tag == "pre":
                    code = code_of(child).strip("\n").split("\n")
                    lines += [syntax.code_span(line, in_table=self.in_table) for line in code]
                else:
                    lines.append(self._one_line(child))
            else:
                loose.append(child)
            loose.append(child.tail or "")
        lines.append(self._inline(loose))
        text = "<br>".join(stripped for line in lines if (stripped := line.strip(" ")))
        return text.replace("\\\n", "<br>")

    # Within a line

    def _inline(self, parts: list[HtmlElement | str], before: str = "") -> str:
        """The parts as they follow `before`: of the blanks between two words one is left."""
        text = ""
        for place, part in enumerate(parts):
            if isinstance(part, str):
                words = syntax.BLANKS.sub(" ", part)
                if (before + text).endswith((" ", "\\\n")) or not before + text:
                    words = words.lstrip(" ")
                text += syntax.escaped_inline(words)
            else:
                after = parts[place + 1] if place + 1 < len(parts) else ""
                text += self._span(part, before=before + text, after=after)
        return text

    def _span(self, element: HtmlElement, *, before: str, after: HtmlElement | str) -> str:
        match element.tag:
            case "br":
                return "\\\n"
            case "img":
                return self._image(element)
            case "code":
                return syntax.code_span(code_of(element), in_table=self.in_table)
        text = self._inline([element.text or "", *_children(element)], before)
        inner = text.strip(" ")
        if not inner:
            return text
        # A blank at the inner edge of a mark stands outside of it: there Markdown reads both.
        lead, trail = text[: text.index(inner)], text[text.index(inner) + len(inner) :]
        marked = self._marked(element, inner, (before + lead)[-1:], trail or after)
        return f"{lead}{marked}{trail}"

    def _marked(
        self, element: HtmlElement, inner: str, before: str, after: HtmlElement | str
    ) -> str:
        match element.tag:
            case "a" if href := element.get("href"):
                return f"[{inner}]({self._link(href)})"
            case "sup" | "sub":
                return f"<{element.tag}>{inner}</{element.tag}>"
            case tag if tag in _EMPHASIS:
                mark = _EMPHASIS[tag]
                if _is_read_as_mark(inner, before, after):
                    return f"{mark}{inner}{mark}"
                return f"<{tag}>{inner}</{tag}>"
        return inner

    def _image(self, element: HtmlElement) -> str:
        image = self.images.get(image_id(element))
        if image is None:
            return ""
        alt = "" if image.is_decorative else syntax.escaped_inline(" ".join(image.alt.split()))
        return f"![{alt}]({self._link(pictures.source(image, 1600))})"

    def _link(self, address: str) -> str:
        with suppress(ValueError):  # “http://[” is no address
            address = urljoin(self.base, address.strip())
        return syntax.destination(address)


def _extent(cell: HtmlElement, name: str, *, most: int) -> int:
    """How many columns or rows the cell takes up; a rowspan of 0 means all that are left."""
    value = cell.get(name, "1")
    if not (value.isdecimal() and len(value) < 6):
        return 1
    return min(int(value) or (most if name == "rowspan" else 1), most)


def _children(element: HtmlElement) -> list[HtmlElement | str]:
    """The element's children, each followed by the text behind it."""
    return [part for child in element for part in (child, child.tail or "")]


def _is_read_as_mark(inner: str, before: str, after: HtmlElement | str) -> bool:
    """Whether * around it would open and close: words inside, blanks or little outside."""
    follows = after[:1] if isinstance(after, str) else "*"
    return (
        inner[0].isalnum()
        and inner[-1].isalnum()
        and (not before or before in " (\n“‘")
        and (not follows or follows in " \n\t.,:;?!)”’")
    )
