"""What a check found, and where in the form it stands."""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
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
    PLACEHOLDER = "placeholder"
    TABLE = "table"


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


@dataclass(frozen=True)
class Allowed:
    """A passage that a person with the right has allowed, with why."""

    finding: Finding
    by: str
    reason: str


@dataclass(frozen=True)
class Checked:
    findings: tuple[Finding, ...]
    allowed: tuple[Allowed, ...] = ()
    kinds: int = len(Kind)  # of checks that were made

    @property
    def blocking(self) -> list[Finding]:
        return [one for one in self.findings if one.is_blocking]

    @property
    def warnings(self) -> list[Finding]:
        return [one for one in self.findings if not one.is_blocking]

    @property
    def fine(self) -> int:
        """How many of all kinds of checks found nothing."""
        return self.kinds - len({one.kind for one in self.findings})

    @property
    def no_private_names(self) -> bool:
        return not any(one.kind is Kind.PRIVATE for one in self.findings)

    @property
    def said(self) -> str:
        """“1 to fix, 2 to look at”; empty where there is nothing."""
        fix, look = len(self.blocking), len(self.warnings)
        parts = [f"{fix} to fix" if fix else "", f"{look} to look at" if look else ""]
        return ", ".join(filter(None, parts))

    def as_json(self) -> dict[str, Any]:
        """For the history: what stood when it was published, and what had been allowed."""
        return {
            "fine": self.fine,
            "stood": [{"kind": one.kind, "said": one.sentence} for one in self.findings],
            "allowed": [
                {"passage": one.finding.passage, "by": one.by, "reason": one.reason}
                for one in self.allowed
            ],
        }
