"""Words and pairs of words, as they are learned by and looked up."""

import unicodedata
from collections.abc import Mapping
from itertools import pairwise

from leads.spam import phrases, shape

MAX_WORDS = 300  # of each message, the first
MAX_LETTERS = 20 * MAX_WORDS
# The strongest so many words of a message count.
STRONGEST = 6


def words_of(message: str) -> set[str]:
    text = shape.own_words(unicodedata.normalize("NFKC", message[:MAX_LETTERS])[:MAX_LETTERS])
    said = phrases.words(phrases.normal(shape.as_seen(text)))[:MAX_WORDS]
    pairs = (f"{one} {other}" for one, other in pairwise(said))
    return {word[:60] for word in (*said, *pairs) if len(word) > 2}


def points_of(message: str, tenths: Mapping[str, int]) -> tuple[int, list[str]]:
    """What was learned about a message, in points, and the words that say so."""
    if not tenths:
        return 0, []
    known = sorted(words_of(message) & tenths.keys(), key=lambda word: (-abs(tenths[word]), word))
    strongest = known[:STRONGEST]
    points = round(sum(tenths[word] for word in strongest) / 10)
    return points, [word for word in strongest if tenths[word] * points > 0]
