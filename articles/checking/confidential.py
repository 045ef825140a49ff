"""The confidentiality guard: what stands on the private list, and what only its owner may know."""

import hashlib
from collections.abc import Iterable, Iterator
from functools import lru_cache

from articles.checking.findings import Finding, Kind
from articles.checking.folding import Folded, Name
from articles.checking.passages import Passage
from articles.checking.secrets import secrets_in
from articles.models import PrivateName

MAX_SHOWN = 60
MAX_FOUND = 50  # of one text: whoever has more has to look at all of it anyway

PRIVATE = (
    "“{}” is private: it must not be published. Say it in another way, or ask an administrator to "
    "allow it here."
)
SECRET = (
    "“{}” looks like a key or a password. Put a made-up one in its place, and revoke it if it is "
    "real."
)


def check_confidential(passages: Iterable[Passage]) -> Iterator[Finding]:
    """One query. What a finding says is the author's own text, never the list's."""
    names = _names(tuple(PrivateName.objects.values_list("name", flat=True).order_by("name")))
    count = 0
    for passage in passages:
        found = [(*span, Kind.SECRET) for span in secrets_in(passage.text)]
        if names:
            folded = Folded.of(passage.text)
            spans = [span for name in names for span in name.found_in(folded)]
            found += [(*span, Kind.PRIVATE) for span in _widest(spans)]
        for start, end, kind in sorted(found):
            yield _finding(passage, start, end, kind)
            count += 1
            if count == MAX_FOUND:
                return


def _finding(passage: Passage, start: int, end: int, kind: Kind) -> Finding:
    words = " ".join(passage.text[start:end].split())
    is_secret = kind is Kind.SECRET
    shown = f"{words[:4]}…" if is_secret else words[:MAX_SHOWN]
    place = passage.place(start, end)
    said = " ".join(passage.text.split())
    key = "\0".join([kind, passage.field, passage.tag, said, words, str(start)])
    return Finding(
        kind,
        True,
        (SECRET if is_secret else PRIVATE).format(shown),
        place,
        key=hashlib.sha256(key.encode()).hexdigest(),
        passage=_around(passage.text, start, end, shown),
    )


@lru_cache(maxsize=4)
def _names(names: tuple[str, ...]) -> list[Name]:
    return [Name.of(name) for name in names]


def _widest(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Without those that stand within another: “Nord Pay” is not “Nord” as well."""
    kept: list[tuple[int, int]] = []
    for start, end in sorted(spans, key=lambda span: (span[0], -span[1])):
        if not kept or start >= kept[-1][1]:
            kept.append((start, end))
    return kept


def _around(text: str, start: int, end: int, shown: str) -> str:
    """The words with some before and after, on one line."""
    begin, stop = max(0, start - 40), min(len(text), end + 40)
    said = " ".join(f"{text[begin:start]}{shown}{text[end:stop]}".split())
    return f"{'…' if begin else ''}{said}{'…' if stop < len(text) else ''}"
