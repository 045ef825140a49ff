"""A text in its parts, each as a line to be compared with another version's."""

from lxml import html as lxml_html
from lxml.html import HtmlElement

_BLOCKS = frozenset(["p", "h2", "h3", "li", "pre", "tr", "figcaption", "hr", "img"])
_BEFORE = {"h2": "## ", "h3": "### ", "li": "• ", "hr": "– – –"}
_AROUND = {"strong": "**", "em": "*", "code": "`", "s": "~~", "sup": "^", "sub": "~"}


def parts(html: str | None) -> list[str]:
    """The paragraphs, headings, items and pictures, with what formatting and links they have."""
    if not html or not html.strip():
        return []
    root = lxml_html.fragment_fromstring(html, create_parent="div")
    found: list[str] = []
    for block in root.iter(*_BLOCKS):
        if block.tag == "img":
            line = f"[picture: {block.get('alt') or block.get('src') or ''}]"
        else:
            line = _BEFORE.get(str(block.tag), "") + _line(block).strip()
        if line not in ("", "• "):
            found += line.splitlines()
    return found


def _line(element: HtmlElement) -> str:
    pieces = [element.text or ""]
    for child in element:
        if child.tag == "br":
            pieces.append("\n")
        elif child.tag not in _BLOCKS and isinstance(child.tag, str):
            pieces.append(_inline(child))
        if child.tag in ("td", "th"):
            pieces.append(" | ")
        pieces.append(child.tail or "")
    return "".join(pieces)


def _inline(element: HtmlElement) -> str:
    text, mark = _line(element), _AROUND.get(str(element.tag), "")
    if element.tag in ("ul", "ol"):
        return ""  # its items are parts themselves
    if element.tag == "a":
        return f"{text} ({element.get('href', '')})"
    return f"{mark}{text}{mark}"
