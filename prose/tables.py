"""Tables as pages show them: with heads, captions and aligned numbers, scrolling on their own."""

import re

from lxml import html as lxml_html
from lxml.html import HtmlElement

from prose import elements
from prose.text import text_of

# A number as people write it in a table: sign, currency or unit and separators may stand with it.
_NUMBER = re.compile(
    r"[-–−+±~<>≤≥≈]?\s?[$€£¥]?\s?\d[\d\s.,'’:/]*\s?(%|‰|[A-Za-zµ]{1,3}(/[a-z]{1,3})?)?"
)
_NO_NUMBER = {"", "-", "–", "—", "n/a"}


def mark(root: HtmlElement) -> None:
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
    elements.put_in_place(table, scroller)
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
