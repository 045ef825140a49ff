"""Replaces one element with another in stored HTML on its way to a page."""

from lxml import html as lxml_html
from lxml.html import HtmlElement


def replace(element: HtmlElement, markup: str) -> None:
    """Put the markup where the element stood, keeping the text behind it."""
    put_in_place(element, lxml_html.fragment_fromstring(markup))


def put_in_place(old: HtmlElement, new: HtmlElement) -> None:
    """Put the new element where the old one stood, before the text behind it."""
    new.tail, old.tail = old.tail, None
    parent = old.getparent()
    assert parent is not None  # the root is never replaced
    parent.replace(old, new)
