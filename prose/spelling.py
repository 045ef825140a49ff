"""Which words may have been meant by one that nobody says: the one rule for every search."""

from collections.abc import Iterable, Iterator

from prose.text import distance

MIN_MISTYPED_LENGTH, MAX_MISTYPED_LENGTH = 4, 40
LONG = 8  # letters from which on a second one may be wrong
MIN_COMPOUND_LENGTH, MAX_COMPOUND_LENGTH = 5, 30


def may_be_mistyped(word: str) -> bool:
    """A number is what it is, and a very short word is a letter away from many others."""
    return len(word) >= MIN_MISTYPED_LENGTH and word.isalpha()


def letters_wrong(word: str) -> int:
    """How many letters may be wrong where a person would call it a typing error."""
    return 1 if len(word) < LONG else 2


def near(word: str, others: Iterable[str], *, within: int) -> Iterator[tuple[int, str]]:
    """Those of the other words that are at most so many letters away, the nearest first, each with
    how many it is away; of equally near ones those first that come first.

    The first letter is seldom mistyped. Of a short word only a letter too few or in the wrong place
    counts.
    """
    ranked = enumerate(others)
    by_distance = sorted((distance(word, other), place, other) for place, other in ranked)
    for letters, _, other in by_distance:
        if letters > within or other[0] != word[0]:
            continue
        if len(word) == MIN_MISTYPED_LENGTH and set(word) - set(other):
            continue
        yield letters, other


def halves(word: str) -> list[tuple[str, tuple[str, ...]]]:
    """Where the word may be cut in two, the second part as it is and in the other number."""
    if not MIN_COMPOUND_LENGTH <= len(word) <= MAX_COMPOUND_LENGTH or not word.isalpha():
        return []
    cuts = [1] if word.startswith("e") else []  # "email" is "e-mail"
    return [
        (word[:cut], (word[cut:], word[cut:] + "s", word[cut:].removesuffix("s")))
        for cut in [*cuts, *range(3, len(word) - 2)]
    ]
