"""Texts in JavaScript."""

import re
from collections.abc import Iterator

from devtools.strings.sentences import is_sentence


def texts_of(source: str) -> Iterator[tuple[int, str]]:
    """String literals that look like a text, or are given to something that shows them."""
    token = r"""//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`(?:\\.|[^`\\])*`"""
    for found in re.finditer(token, source, re.DOTALL):
        if found[0].startswith(("//", "/*")):
            continue
        text = found[0][1:-1]
        before = source[max(0, found.start() - 60) : found.start()].split("\n")[-1]
        is_shown = re.search(r"(textContent|label|title|said|ariaLabel|placeholder)\W*$", before)
        if is_sentence(text) or (
            re.fullmatch(r"[A-Z][a-z]+( [a-z]+)*…?", text)
            and (is_shown or re.search(r"\w+\(\w+, $", before))
        ):
            yield source.count("\n", 0, found.start()) + 1, text
