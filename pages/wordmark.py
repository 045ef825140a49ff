"""The site's name as a drawing: one line of even weight, a letter a few strokes, and a dot.

The letters are ours, so that any name in the settings has a wordmark without a font to load.
"""

import hashlib
import re
import unicodedata
from dataclasses import dataclass
from functools import cached_property, lru_cache
from math import ceil

# Each glyph: how its left and right side are shaped, its width, its strokes. Coordinates are those
# of SVG: small letters reach from 10 down to the baseline at 30. Only "M" names an absolute x.
# Sides: s, a stem; r, round or open.
_GLYPHS = {
    "a": ("rs", 20, "M20 20a10 10 0 1 0-20 0 10 10 0 1 0 20 0V10v20"),
    "b": ("sr", 20, "M0 20a10 10 0 1 0 20 0 10 10 0 1 0-20 0V0v30"),
    "c": ("rr", 17.2, "M17.2 13a10 10 0 1 0 0 14"),
    "d": ("rs", 20, "M20 20a10 10 0 1 0-20 0 10 10 0 1 0 20 0V0v30"),
    "e": ("rr", 20, "M0 20h20a10 10 0 1 0-3.4 7.5"),
    "f": ("rr", 11, "M11.5 0h-1a6 6 0 0 0-6 6V30M0 10h10.5"),
    "g": ("rs", 20, "M20 20a10 10 0 1 0-20 0 10 10 0 1 0 20 0V10v19a9.5 9.5 0 0 1-17.6 5"),
    "h": ("ss", 17, "M0 0v30V18.5a8.5 8.5 0 0 1 17 0V30"),
    "i": ("ss", 0, "M0 10v20M0 1.5v.1"),
    "j": ("rs", 5, "M5 10v22a6.5 6.5 0 0 1-5 6.3M5 1.5v.1"),
    "k": ("sr", 15, "M0 0v30M14 10l-14 11.5M5.6 17.2l9.6 12.8"),
    "l": ("ss", 0, "M0 0v30"),
    "m": ("ss", 29, "M0 10v20V17.2a7.2 7.2 0 0 1 14.5 0V30V17.2a7.2 7.2 0 0 1 14.5 0V30"),
    "n": ("ss", 17, "M0 10v20V18.5a8.5 8.5 0 0 1 17 0V30"),
    "o": ("rr", 20, "M0 20a10 10 0 1 0 20 0 10 10 0 1 0-20 0"),
    "p": ("sr", 20, "M0 20a10 10 0 1 0 20 0 10 10 0 1 0-20 0V10v28.5"),
    "q": ("rs", 20, "M20 20a10 10 0 1 0-20 0 10 10 0 1 0 20 0V10v28.5"),
    "r": ("sr", 9, "M0 10v20V18.5a8.5 8.5 0 0 1 8.5-8.5h.8"),
    "s": (
        "rr",
        11.8,
        "M11.8 13.4c-1-2.2-3-3.4-5.6-3.4h-.6a5 5 0 0 0 0 10h1a5 5 0 0 1 0 10h-.6"
        "c-2.7 0-4.8-1.2-6-3.6",
    ),
    "t": ("rr", 12, "M4.5 2.5V24a6 6 0 0 0 6 6h1.5M0 10h11.5"),
    "u": ("ss", 17, "M0 10v11.5a8.5 8.5 0 0 0 17 0V10v20"),
    "v": ("rr", 18, "M0 10l9 20 9-20"),
    "w": ("rr", 29, "M0 10l7.2 20 7.3-20 7.3 20 7.2-20"),
    "x": ("rr", 16, "M0 10l16 20M16 10l-16 20"),
    "y": ("rr", 18, "M0 10l9 20M18 10l-12.6 28"),
    "z": ("rr", 15, "M0 10h15l-15 20h15.5"),
    "0": ("rr", 18, "M0 15a9 15 0 1 0 18 0 9 15 0 1 0-18 0"),
    "1": ("rs", 7, "M0 5.5l7-5.5v30"),
    "2": ("rr", 17, "M0 8.6a8.4 8.4 0 0 1 16.8 0c0 2.9-1.2 5-3.2 7.2l-13.6 14.2h17.2"),
    "3": ("rr", 17, "M.5 0h15.5l-8.6 11.4a9.3 9.3 0 1 1-7.4 14"),
    "4": ("rr", 18, "M13.5 30V0l-13.5 21.5h18"),
    "5": ("rr", 17, "M15.5 0h-12.4l-1.4 12.6a9.4 9.4 0 1 1-1.7 12.6"),
    "6": ("rr", 19, "M0 20.5a9.5 9.5 0 1 0 19 0 9.5 9.5 0 1 0-19 0c0-8.5 6.6-16 12.6-20.5"),
    "7": ("rr", 17, "M0 0h17l-11 30"),
    "8": (
        "rr",
        17,
        "M1.6 6.9a6.9 6.9 0 1 0 13.8 0 6.9 6.9 0 1 0-13.8 0"
        "M0 21.9a8.1 8.1 0 1 0 17 0 8.1 8.1 0 1 0-17 0",
    ),
    "9": ("rr", 19, "M19 9.5a9.5 9.5 0 1 0-19 0 9.5 9.5 0 1 0 19 0c0 8.5-6.6 16-12.6 20.5"),
    "-": ("rr", 8, "M0 20h8"),
    "+": ("rr", 16, "M0 20h16M8 12v16"),
    "&": (
        "rr",
        20,
        "M20 30l-14.6-17.6a6.6 6.6 0 1 1 10.2-.2c-1.4 1.8-4 3.2-8.2 5.6"
        "a6.6 6.6 0 0 0 3.2 12.2c5.2 0 8.6-3.6 8.9-9",
    ),
    "'": ("ss", 0, "M0 0v5"),
    ".": ("rr", 0, "M0 30v.1"),
}
_GAPS = {"ss": 10.5, "sr": 9.0, "rs": 9.0, "rr": 7.5}
_SPACE = 8.0  # beyond the gap between letters
_X_OF_A_MOVE = re.compile(r"M([\d.]+)")


@dataclass(frozen=True)
class Wordmark:
    """The strokes of the name, those of its descriptor (see `draw`), and where they end."""

    name: str
    descriptor: str
    end: float

    @property
    def width(self) -> int:
        """Whole, because HTML knows no other width of an img."""
        return ceil(self.end + 18)

    @property
    def dot(self) -> float:
        return round(self.end + 11.8, 1)

    @cached_property
    def svg(self) -> str:
        """A file of its own, in the colors of the scheme in which it is shown."""
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 -3 {self.width} 44"'
            f' width="{self.width}" height="44" fill="none" stroke-width="4.4"'
            ' stroke-linecap="round" stroke-linejoin="round">'
            "<style>g{stroke:#1b1d22}.descriptor{stroke:#565b66;stroke-width:2.8}"
            "circle{fill:#b23a12}@media(prefers-color-scheme:dark){g{stroke:#e9e7e1}"
            ".descriptor{stroke:#a3a8b2}circle{fill:#ff8f66}}</style>"
            f'<g><path d="{self.name}"/><path class="descriptor" d="{self.descriptor}"/></g>'
            f'<circle cx="{self.dot}" cy="26.6" r="5.6"/></svg>'
        )

    @cached_property
    def digest(self) -> str:
        return hashlib.sha256(self.svg.encode()).hexdigest()[:8]


@lru_cache(maxsize=8)
def draw(name: str) -> Wordmark | None:
    """The wordmark of this name, or None where a character has no drawing.

    The last of three words or more says what the others do ("Consulting"); it is drawn lighter,
    unless it is tied to them ("Smith & Daughters").
    """
    words = unicodedata.normalize("NFC", name).casefold().replace("’", "'").split()
    if not words or any(letter not in _GLYPHS for letter in "".join(words)):
        return None
    has_descriptor = len(words) > 2 and words[-2] not in ("&", "+", "and")
    strokes: list[list[str]] = [[], []]
    x, side = 2.2, ""  # half a stroke from the edge
    for number, word in enumerate(words):
        x += _SPACE if number else 0
        for letter in word:
            sides, width, path = _GLYPHS[letter]
            x += _GAPS[side + sides[0]] if side else 0
            is_descriptor = has_descriptor and number == len(words) - 1
            strokes[is_descriptor].append(_moved(path, x))
            x, side = x + width, sides[1]
    return Wordmark("".join(strokes[0]), "".join(strokes[1]), round(x, 1))


def _moved(path: str, by: float) -> str:
    return _X_OF_A_MOVE.sub(lambda move: f"M{round(float(move[1]) + by, 1):g}", path)
