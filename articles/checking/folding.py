"""Names as they are compared: without case, accents, spaces, hyphens, or what nobody sees."""

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from prose.text import folded

# Between the letters of one name these count for nothing; `&` and `+` make another name.
_JOINTS = frozenset("-_'’`´‘·")  # noqa: RUF001 quotation marks as people type them
_KEPT = frozenset("&+@#")
_END = "\0"  # in place of whatever else ends a name


@dataclass(frozen=True)
class Folded:
    """A text as letters that can be compared, and where in it each of them stood."""

    text: str
    letters: str
    places: tuple[int, ...]

    @classmethod
    def of(cls, text: str) -> "Folded":
        letters: list[str] = []
        places: list[int] = []
        for place, character in enumerate(text):
            for letter in _letters(character) or _end(text, place):
                letters.append(letter)
                places.append(place)
        return cls(text, "".join(letters), tuple(places))


@dataclass(frozen=True)
class Name:
    """What must not be published. `joints` are the letters before which it may be split: where the
    name itself has a space or begins another word, as in NordPay.
    """

    letters: str
    joints: frozenset[int]

    @classmethod
    def of(cls, name: str) -> "Name":
        found = Folded.of(name.strip().replace(".", " ").replace("/", " "))
        places = found.places
        joints = {
            number
            for number in range(1, len(places))
            if places[number] > places[number - 1] + 1
            or _begins_another(found.text, places[number])
        }
        return cls(found.letters.replace(_END, ""), frozenset(joints))

    def found_in(self, folded_text: Folded) -> Iterator[tuple[int, int]]:
        """Where in the text it stands, from the first to behind the last character."""
        start = folded_text.letters.find(self.letters)
        while start >= 0:
            if self._is_here(folded_text, start):
                places = folded_text.places
                yield places[start], places[start + len(self.letters) - 1] + 1
            start = folded_text.letters.find(self.letters, start + 1)

    def _is_here(self, found: Folded, start: int) -> bool:
        text, places = found.text, found.places
        last = start + len(self.letters) - 1
        first_place, end_place = places[start], places[last] + 1
        if start and places[start - 1] == first_place:
            return False  # within what one character comes to, as in ß
        if not (_is_edge(text, first_place) and _is_edge(text, end_place)):
            return False
        for number in range(1, len(self.letters)):
            before, here = places[start + number - 1], places[start + number]
            between = text[before + 1 : here]
            is_split = any(character.isspace() for character in between)
            is_joint = number in self.joints or {text[before], text[here]} & _KEPT
            if is_split and not is_joint and not _is_large(text[here]):
                return False  # "may a" is no Maya
        return True


@lru_cache(maxsize=4_000)
def _letters(character: str) -> str:
    """What it comes to: letters and digits, or nothing."""
    if character.isascii():
        return character.lower() if character.isalnum() or character in _KEPT else ""
    plain = folded(unicodedata.normalize("NFKC", character))
    return "".join(letter for letter in plain if letter.isalnum() or letter in _KEPT)


def _end(text: str, place: int) -> str:
    """The mark for what ends a name; nothing for what may stand within one."""
    character = text[place]
    if character.isspace() or character in _JOINTS or is_unseen(character):
        return ""
    if unicodedata.category(character) == "Pd":  # a dash
        return ""
    if character in "./" and 0 < place < len(text) - 1:
        if text[place - 1].isalnum() and text[place + 1].isalnum():
            return ""  # within a host or an address
        if character == "." and not text[max(0, place - 2) : place - 1].isalnum():
            return ""  # after an initial
    return _END


def is_unseen(character: str) -> bool:
    """A soft hyphen, a zero-width space, an accent that stands apart."""
    return unicodedata.category(character) in ("Cf", "Mn", "Me") or character == "\u115f"


def _is_edge(text: str, place: int) -> bool:
    """Whether a word begins or ends here, or a part of a name as programs write them."""
    before = place - 1
    while before >= 0 and is_unseen(text[before]):
        before -= 1
    while place < len(text) and is_unseen(text[place]):
        place += 1
    if before < 0 or place >= len(text):
        return True
    if not (text[before].isalnum() and text[place].isalnum()):
        return True
    return _begins_another(text, place, before)


def _begins_another(text: str, place: int, before: int | None = None) -> bool:
    last, first = text[place - 1 if before is None else before], text[place]
    return (last.islower() and first.isupper()) or (
        last.isalnum() and first.isalnum() and last.isdigit() != first.isdigit()
    )


def _is_large(character: str) -> bool:
    return character.isupper() or character.isdigit()
