"""Abbreviations that a brief uses and does not explain: R37 of INCOSE's guide."""

import re

from leads.briefs.section_text import MAX_IN_A_SECTION, Finding, Text
from leads.briefs.vocabulary import KNOWN_CAPITALS

_ACRONYM = re.compile(r"(?<![\w./&@#-])([A-Z]{2,6})s?(?![\w&@-])(?!\.\w|/\w)")
_SHOUTED = re.compile(r"[A-Z]{2,}[^a-z\n]{1,40}[A-Z]{4,}")
_ADVICE = (
    "Not everyone knows this abbreviation. Spell it out once, with the letters in parentheses."
)


def unexplained(title: str, texts: list[Text]) -> list[Finding]:
    """Each that is neither well known nor explained, where it first appears."""
    explained = _explained("\n".join([title, *(text.typed for text in texts)]))
    found: dict[str, Finding] = {}
    for text in texts:
        for match in _ACRONYM.finditer(text.plain):
            name = match[1]
            if name in found or name in KNOWN_CAPITALS or name in explained:
                continue
            if len(found) == MAX_IN_A_SECTION:
                return list(found.values())
            if not text.has(_SHOUTED, match.start(), text.lines, is_cased=True):
                found[name] = text.finding(_ADVICE, *match.span(1))
    return list(found.values())


_EXPLAINED = (
    re.compile(r"\(([A-Z]{2,6})s?\b"),
    re.compile(
        r"\b([A-Z]{2,6})s? ?(?:\(|=|:|–|—|- |, (?:our|the|an?|which|who)\b|"
        r"(?:is|are) (?:our|the|an?|short)\b| (?:means?|stands? for)\b)"
    ),
    re.compile(
        r"\b(?:status|state|value|flag|type|mode|level|code|set to|changes to|marked|marked as|"
        r"becomes|is|called|named) (?=([A-Z]{2,6})\b)"
    ),
)


def _explained(whole: str) -> set[str]:
    """Those written out beside it, or said what they are; or values, as in "status PAID"."""
    return {match[1] for pattern in _EXPLAINED for match in pattern.finditer(whole)}
