"""One section of a brief as the hints read it, and the findings with their positions."""

import re
from bisect import bisect_right
from dataclasses import dataclass
from string import ascii_lowercase, ascii_uppercase

from leads.briefs.sections import SECTIONS

MAX_READ = 10_000  # characters of each section; what follows is not looked at
MAX_IN_A_SECTION = 8  # more would not be read; the rest shows once these are fixed

_HEADINGS = {section.name: section.heading for section in SECTIONS}
_LEFT_ALONE = re.compile(
    r"^[ \t]*(?P<fence>`{3,}|~{3,}).*?(?:^[ \t]*(?P=fence)|\Z)"  # a block of code
    r"|`[^`\n]{0,300}`|\"[^\"\n]{0,300}\"|“[^”\n]{0,300}”|«[^»\n]{0,300}»"
    r"|\bhttps?://[^\s<>]+",
    re.MULTILINE | re.DOTALL,
)
# One letter for one: `str.lower` makes two of some.
_SMALL = str.maketrans(ascii_uppercase, ascii_lowercase)
_SENTENCE_END = re.compile(r"(?<=[.!?;])[ \t]+|\n")
_LINE_END = re.compile(r"\n")


@dataclass(frozen=True)
class Finding:
    """One thing to look at: the visitor's words, and those around them; none if it is missing."""

    section: str
    advice: str
    phrase: str = ""
    before: str = ""
    after: str = ""
    count: int = 1
    at: int = 0

    @property
    def heading(self) -> str:
        return _HEADINGS[self.section]

    @property
    def quote(self) -> str:
        return f"{self.before}{self.phrase}{self.after}"


class Text:
    """One section: as typed, and with what is quoted or code blanked out, at the same places."""

    def __init__(self, section: str, text: str) -> None:
        self.section = section
        # One letter for one, so that places stay the same.
        self.typed = text[:MAX_READ].replace("\r\n", " \n").replace("\r", "\n")
        self.plain = _LEFT_ALONE.sub(lambda found: _blank(found[0]), self.typed)
        self.small = self.plain.translate(_SMALL)
        self.lines = [0, *(end.end() for end in _LINE_END.finditer(self.plain))]
        self.sentences = [0, *(end.end() for end in _SENTENCE_END.finditer(self.plain))]
        self._has: dict[tuple[re.Pattern[str], int, int], bool] = {}

    def around(self, at: int, starts: list[int]) -> tuple[int, int]:
        """Where the line or the sentence that holds this place begins and ends."""
        number = bisect_right(starts, at)
        end = starts[number] if number < len(starts) else len(self.plain)
        return starts[number - 1], end

    def has(
        self, pattern: re.Pattern[str], at: int, starts: list[int], *, is_cased: bool = False
    ) -> bool:
        """Whether the pattern is on the line or in the sentence that holds this place.

        Looked for once in each, however many places ask: a line may have thousands of them.
        """
        first, last = self.around(at, starts)
        key = (pattern, first, last)
        if key not in self._has:
            text = self.plain if is_cased else self.small
            self._has[key] = bool(pattern.search(text, first, last))
        return self._has[key]

    def finding(self, advice: str, start: int, end: int) -> Finding:
        first, last = self.around(start, self.sentences)
        before = self.typed[max(first, start - 28) : start]
        after = self.typed[end : min(last, end + 28)]
        if start - 28 > first:
            before = before.partition(" ")[2]
        if end + 28 < last:
            after = after.rpartition(" ")[0]
        return Finding(
            self.section,
            advice,
            self.typed[start:end].strip(),
            before.lstrip("-*•,;:( \t"),
            after.rstrip(",;:) \t\n"),
            at=start,
        )


def _blank(found: str) -> str:
    return "".join(letter if letter == "\n" else " " for letter in found)
