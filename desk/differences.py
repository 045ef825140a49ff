"""What two versions of a long text have apart, to be read by a person."""

import re
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

_WORD = re.compile(r"\s+|\w+|[^\w\s]")
MAX_WORDS = 2_000  # in one part, to be compared word by word: the time is their square


def between(mine: Sequence[str], theirs: Sequence[str]) -> SafeString:
    """The parts (lines, paragraphs) that differ: mine struck out, theirs underlined. Empty when
    none does.
    """
    found = _changed(mine, theirs)
    return format_html_join("", '<p class="difference__part">{}</p>', ((one,) for one in found))


def _changed(mine: Sequence[str], theirs: Sequence[str]) -> Iterator[SafeString]:
    matcher = SequenceMatcher(None, mine, theirs, autojunk=False)
    for what, i, i_end, j, j_end in matcher.get_opcodes():
        if what == "equal":
            continue
        ours, other = mine[i:i_end], theirs[j:j_end]
        pairs = min(len(ours), len(other))
        for one, another in zip(ours[:pairs], other[:pairs], strict=True):
            yield _by_words(one, another)
        for gone in ours[pairs:]:
            yield _marked("del", gone)
        for added in other[pairs:]:
            yield _marked("ins", added)


def _by_words(mine: str, theirs: str) -> SafeString:
    ours, other = _WORD.findall(mine), _WORD.findall(theirs)
    if max(len(ours), len(other)) > MAX_WORDS:
        return format_html("{}{}", _marked("del", mine), _marked("ins", theirs))
    found = []
    matcher = SequenceMatcher(None, ours, other, autojunk=False)
    for what, i, i_end, j, j_end in matcher.get_opcodes():
        if what == "equal":
            found.append(format_html("{}", "".join(ours[i:i_end])))
        else:
            found += [
                _marked("del", "".join(ours[i:i_end])),
                _marked("ins", "".join(other[j:j_end])),
            ]
    return format_html_join("", "{}", ((one,) for one in found))


def _marked(tag: str, text: str) -> SafeString:
    return format_html(f"<{tag}>{{}}</{tag}>", text) if text else SafeString("")
