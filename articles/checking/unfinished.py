"""What was left in a text to be replaced later, and was not."""

import re
from collections.abc import Iterable, Iterator

from articles.checking.findings import Finding, Kind
from articles.checking.passages import Passage

# Signs that editors use: TK is journalism's "to come" (Chicago Manual of Style, 2.31).
_PLACEHOLDER = re.compile(
    r"\b(?:lorem ipsum|TBD|TBC|TK)\b|\b(?:TODO|FIXME|XXX)\b(?=\s*(?::|$))"
    r"|\[(?:\s*(?:insert|add|your|placeholder|link|name|date|tbd|tk)\b[^\]\n]{0,60}|\.{3}|…)\]"
    r"|\{\{[^}\n]{1,60}\}\}",
)
_LATIN = re.compile(r"lorem ipsum", re.IGNORECASE)
MAX_FOUND = 20


def check_placeholders(passages: Iterable[Passage]) -> Iterator[Finding]:
    """Code may say TODO: it is an example."""
    count = 0
    for passage in passages:
        if passage.tag or passage.is_code:
            continue
        for found in _PLACEHOLDER.finditer(_LATIN.sub("lorem ipsum", passage.text)):
            yield Finding(
                Kind.PLACEHOLDER,
                False,
                f"“{found[0]}” looks like something that was to be replaced. Write what belongs "
                "there, or remove it.",
                passage.place(found.start(), found.end()),
            )
            count += 1
            if count == MAX_FOUND:
                return
