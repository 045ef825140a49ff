"""Texts that visitors read, as they are handed to whoever checks them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.html import escape, linebreaks


@dataclass(frozen=True)
class Text:
    """What one field of a form says: as HTML, or as a line of plain text."""

    field: str
    label: str
    html: str
    is_line: bool = False

    @classmethod
    def line(cls, field: str, label: str, text: str) -> "Text":
        return cls(field, label, text, is_line=True)

    @classmethod
    def plain(cls, field: str, label: str, text: str) -> "Text":
        """Paragraphs with a blank line between them."""
        return cls(field, label, linebreaks(escape(text)) if text.strip() else "")


# Says what was found, an `articles.checking.findings.Checked`.
TextChecks = Callable[[Sequence[Text]], Any]
