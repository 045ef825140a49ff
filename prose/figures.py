"""Pictures of the library in a text: which it shows, and each in its place with its caption."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.html import escape
from lxml.html import HtmlElement

from desk.numbers import row_number
from images.models import Image
from images.pictures import picture, source
from prose import elements
from prose.text import text_of

_PICTURE_ID = re.compile(r'data-file="(\d{1,18})"')
_BODY_SIZES = "(min-width: 52rem) 44rem, 92vw"
_COLUMN, _FULL_WIDTH = 704, 1600  # pixels: 44rem; the widest that is cut


@dataclass(frozen=True)
class Shown:
    """A picture as markup; `full`, where it says more than fits a column, leads to all of it."""

    markup: str
    full: str

    @classmethod
    def of(cls, image: Image) -> "Shown":
        is_detailed = image.width > _COLUMN and not image.is_decorative
        full = escape(source(image, _FULL_WIDTH)) if is_detailed else ""
        return cls(picture(image, sizes=_BODY_SIZES), full)


def picture_ids(html: str) -> set[int]:
    """The ids of the library's pictures that the HTML shows."""
    return {int(number) for number in _PICTURE_ID.findall(html)}


def image_id(element: HtmlElement) -> int:
    """The id of the library's picture that an img shows; 0 when it shows none."""
    return row_number(element.get("data-file")) or 0


def place(root: HtmlElement, pictures: Mapping[int, Shown]) -> None:
    for image in list(root.iter("img")):
        known = pictures.get(image_id(image))
        if known is None:
            image.drop_tree()
            continue
        above = {ancestor.tag for ancestor in image.iterancestors()}
        is_linked = known.full and "figure" in above and "a" not in above
        elements.replace(
            image, f'<a href="{known.full}">{known.markup}</a>' if is_linked else known.markup
        )
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
