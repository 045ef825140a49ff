"""Lists in words."""

from collections.abc import Sequence


def listed(words: Sequence[str]) -> str:
    """“One”, “one and two”, “one, two and three”; empty for none."""
    return " and ".join(filter(None, [", ".join(words[:-1]), *words[-1:]]))
