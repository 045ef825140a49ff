"""A stored text as the editor gets it."""

import re

from images.models import Image
from prose.own_links import with_present_addresses

_IMAGE = re.compile(r'<img((?:\s[^\s=>]+="[^"]*")*)\s*/?>')
_FILE = re.compile(r'\sdata-file="(\d{1,18})"')
_SOURCE = re.compile(r'\ssrc="[^"]*"')


def as_edited(html: str) -> str:
    """The text as an editor gets it: its pictures and its links to our pages as they are now."""
    return with_present_addresses(with_present_pictures(html))


def with_present_pictures(html: str) -> str:
    """The text with each picture of the library as it is now: its file may have been replaced."""
    present = Image.objects.in_bulk({int(number) for number in _FILE.findall(html)})

    def replaced(image: re.Match[str]) -> str:
        file = _FILE.search(image[1])
        known = present.get(int(file[1])) if file else None
        if known is None:
            return image[0]
        return f'<img src="{known.file.url}"{_SOURCE.sub("", image[1])}>'

    return _IMAGE.sub(replaced, html) if present else html
