"""What a check found, and where in the form it stands."""

import re
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import urlencode


class Kind(StrEnum):
    """What is looked at. The value is the noun to go to: “Go to the picture”."""

    TITLE = "title"
    SUMMARY = "summary"
    TEXT = "text"
    AUTHOR = "author"
    PICTURE = "picture"
    DESCRIPTION = "description of a picture"
    LINK = "link"
    SECRET = "secret"
    PRIVATE = "private name"
    DRAFT_LINK = "link to a draft"
    FOREIGN_PICTURE = "picture of another site"
    HEADING = "heading"
    LONG_SENTENCE = "long sentence"
    LINK_TEXT = "words of a link"
    LANGUAGE = "language of code"
    LENGTH = "length for search results"


CONFIDENTIAL = frozenset({Kind.SECRET, Kind.PRIVATE})


@dataclass(frozen=True)
class Place:
    """A field of the form. In the text an element, the `nth` of its tag, or words, the `nth` time
    that they stand there; both counted from 0.
    """

    field: str
    tag: str = ""
    nth: int = 0
    quote: str = ""
    noun: str = ""

    @property
    def go(self) -> str:
        return f"Go to the {self.noun or self.field}"

    @property
    def anchor(self) -> str:
        """The id of the field in the form."""
        return "bylines-group" if self.field == "bylines" else f"id_{self.field}"

    @property
    def query(self) -> str:
        """For an address of the form: its script leads on from the field to the place in it."""
        said = {"go": self.field, "tag": self.tag, "nth": str(self.nth), "quote": self.quote}
        return urlencode({name: value for name, value in said.items() if value})


@dataclass(frozen=True)
class Finding:
    """`sentence` says what to do. What may be allowed by a person with the right has a `key`, the
    same as long as the passage is the same, and no other's.
    """

    kind: Kind
    is_blocking: bool
    sentence: str
    place: Place
    key: str = ""
    passage: str = ""

    @property
    def short(self) -> str:
        """What is wrong, without what to do about it, to go on from a colon."""
        first = re.split(r"(?<=\.)\s", self.sentence, maxsplit=1)[0]
        return first[:1].lower() + first[1:]
