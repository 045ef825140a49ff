"""Our templates without the indentation that is there for us: a fiftieth of every page."""

import re

from django.template import Origin
from django.template.loaders.filesystem import Loader as FilesystemLoader

_INDENTATION = re.compile(r"^[ \t]+", re.MULTILINE)
# In these elements white space is text.
_KEEPS_WHITE_SPACE = re.compile(r"<(?:pre|textarea)\b")


class Loader(FilesystemLoader):
    """Takes the indentation out of HTML as it is loaded. What is put in later stays as it is, and
    so do the numbers of the lines.
    """

    def get_contents(self, origin: Origin) -> str:
        source = super().get_contents(origin)
        if not str(origin.name).endswith(".html") or _KEEPS_WHITE_SPACE.search(source):
            return source
        return _INDENTATION.sub("", source)
