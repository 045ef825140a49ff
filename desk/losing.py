"""Whether a change takes words away that somebody may want back."""

import re
from collections import Counter

_TAG = re.compile(r"<[^>]*>")
# Scripts without spaces between words count by letters, or one more of them would be another word.
_TOKEN = re.compile(r"[\u0e00-\u0eff\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]|\w+|[^\w\s]")
# A change that takes away more than this share of the words is one that somebody may regret.
MAX_GONE = 0.1
MAX_ADDED = 2_000  # new words that are looked at for one that was still being typed


def takes_words_away(before: str, after: str) -> bool:
    """Whether so much of a text is gone that it should be kept for a while. Markup is no words, and
    a word that is still being typed is not gone.
    """
    if before == after:
        return False
    was, now = Counter(_tokens(before)), Counter(_tokens(after))
    added = [*(now - was)][:MAX_ADDED]
    gone = was - now
    count = sum(
        times for word, times in gone.items() if not any(other.startswith(word) for other in added)
    )
    return count > MAX_GONE * was.total()


def _tokens(text: str) -> list[str]:
    return _TOKEN.findall(_TAG.sub(" ", text))
