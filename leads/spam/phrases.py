"""Finds phrases of many languages in a text, in time that grows with its length alone.

A table tells by a word's first letters which phrases may start there, so that thousands of phrases
cost little more than one. What a phrase is, and all of them, stands in `phrases.toml`.
"""

import re
import tomllib
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

# A word that is said more often than this says nothing more.
MAX_PLACES = 8
MAX_GAP = 3  # words between two of a phrase, where it has ".."
_STEM = 3  # letters that a word has at least before its "*"

_WORD = re.compile(r"\w+")
_ACCENTS = re.compile("[\u0300-\u036f]+")
_RUNNING = re.compile(
    "[\u0590-\u06ff\u0750-\u077f\u0900-\u0dff\u0e00-\u0eff\u1100-\u11ff\u3040-\u30ff\u3400-\u9fff]"
)


def normal(text: str) -> str:
    """Small letters without accents."""
    if text.isascii():
        return text.lower()
    return _ACCENTS.sub("", unicodedata.normalize("NFKD", text.casefold()))


def words(text: str) -> list[str]:
    """Of a text that is `normal`."""
    return _WORD.findall(text)


@dataclass(frozen=True)
class Part:
    """One word of a phrase, whole or how it begins, after up to so many others."""

    word: str
    is_stem: bool
    gap: int

    def fits(self, word: str) -> bool:
        return word.startswith(self.word) if self.is_stem else word == self.word


@dataclass(frozen=True)
class Phrase:
    theme: str
    parts: tuple[Part, ...]

    def end(self, said: Sequence[str], start: int) -> int | None:
        """Where it ends if its first word stands there."""
        place = start + 1
        for part in self.parts[1:]:
            for at in range(place, min(place + part.gap + 1, len(said))):
                if part.fits(said[at]):
                    place = at + 1
                    break
            else:
                return None
        return place


class Phrases:
    """Phrases by theme."""

    def __init__(self, themes: Mapping[str, Iterable[str]]) -> None:
        self.themes = frozenset(themes)
        # By the first word, and the second one where it has to follow; or by how the first begins.
        self._words: dict[str, dict[str, list[Phrase]]] = {}
        self._stems: dict[str, list[Phrase]] = {}
        # Found within words: with the letters that a text must have.
        self._running: list[tuple[str, str, frozenset[str]]] = []
        for theme, phrases in themes.items():
            for phrase in phrases:
                self._add(theme, normal(phrase))

    def _add(self, theme: str, phrase: str) -> None:
        if _RUNNING.search(phrase):
            self._running.append((theme, phrase, frozenset(phrase)))
            return
        parts, gap = [], 0
        for token in re.findall(r"\w+\*?|\.\.", phrase):
            if token == "..":
                gap = MAX_GAP
            else:
                parts.append(Part(token.rstrip("*"), token.endswith("*"), gap))
                gap = 0
        if not parts or (parts[0].is_stem and len(parts[0].word) < _STEM):
            raise ValueError(f"Nothing could be looked up by this phrase: {phrase}")
        first, entry = parts[0], Phrase(theme, tuple(parts))
        if first.is_stem:
            self._stems.setdefault(first.word[:_STEM], []).append(entry)
            return
        follows = len(parts) > 1 and not parts[1].is_stem and not parts[1].gap
        second = parts[1].word if follows else ""
        self._words.setdefault(first.word, {}).setdefault(second, []).append(entry)

    def find(self, text: str) -> dict[str, list[str]]:
        """What is found in a text that is `normal`, by theme: each once, none within another."""
        said = words(text)
        spans: dict[str, list[tuple[int, int]]] = defaultdict(list)
        for phrase, start in self._starts(said):
            if (end := phrase.end(said, start)) is not None:
                spans[phrase.theme].append((start, end))
        found: dict[str, list[str]] = defaultdict(list)
        for theme, places in spans.items():
            found[theme] += (" ".join(said[start:end]) for start, end in _apart(places))
        if _RUNNING.search(text):
            for theme, said_within in self._found_within(text):
                found[theme].append(unicodedata.normalize("NFC", said_within))
        return {theme: list(dict.fromkeys(phrases)) for theme, phrases in found.items()}

    def _found_within(self, text: str) -> Iterator[tuple[str, str]]:
        letters = frozenset(text)
        for theme, phrase, needed in self._running:
            if needed <= letters and phrase in text:
                yield theme, phrase

    def _starts(self, said: list[str]) -> Iterator[tuple[Phrase, int]]:
        """Where which phrases may start."""
        times: Counter[str] = Counter()
        for place, word in enumerate(said):
            if word not in self._words and word[:_STEM] not in self._stems:
                continue
            times[word] += 1
            if times[word] > MAX_PLACES:
                continue
            first, following = self._words.get(word, {}), said[place + 1 : place + 2]
            for phrase in (*first.get("", ()), *first.get(following[0] if following else "", ())):
                yield phrase, place
            for phrase in self._stems.get(word[:_STEM], ()):
                if word.startswith(phrase.parts[0].word):
                    yield phrase, place


def _apart(places: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Those of these spans that none before them reaches into; of two that begin together, the
    longer one.
    """
    last = 0
    for start, end in sorted(places, key=lambda place: (place[0], -place[1])):
        if start >= last:
            last = end
            yield start, end


def load() -> dict[str, list[str]]:
    """All phrases by theme, as they are written."""
    themes = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))
    return {
        theme: [" ".join(phrase.split()) for phrase in said["phrases"].split(",")]
        for theme, said in themes.items()
    }
