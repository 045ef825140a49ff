"""A text as the search of sales compares it: plain words, and the numbers that may be a phone's.

On SQLite the triggers call this; on PostgreSQL they have the same in SQL (`postgresql.py`), and a
test holds the two together.
"""

import re
import unicodedata

from prose.text import folded, normal, words_of

# Written without blanks: each letter is a word there, and a word is letters in a row.
CJK = "\u3005-\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
DIGITS = "٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹", "01234567890123456789"
MIN_NUMBER, MAX_NUMBER = 6, 24  # digits of what may be a phone number
MIN_DIGITS = 4  # in a row by which such a number is found

# Lines of a history that tell what nothing else does, in SQL: what a next step is, or is again,
# stands in its own row.
SAYS_MORE = """({this}.kind = 'note' OR {this}.kind = 'next_step'
        AND {this}.text NOT LIKE 'Added: %' AND {this}.text NOT LIKE 'Taken back: %')"""

_CJK = re.compile(f"([{CJK}])")
_DIGITS = str.maketrans(*DIGITS)
_NUMBER = re.compile(rf"[0-9][0-9 ]{{{MIN_NUMBER - 2},{MAX_NUMBER - 2}}}[0-9]")


def plain(text: str) -> str:
    """Its words in small letters, without accents and signs, a blank between two."""
    composed = unicodedata.normalize("NFC", folded(normal(text).translate(_DIGITS)))
    return " ".join(words_of(_CJK.sub(r" \1 ", composed)))


def number_tokens(words: str) -> set[str]:
    """Of each longer number among plain words, however it is spaced, all its ends of four digits
    or more, each after a plus: a part of a number is the beginning of one of them.
    """
    numbers = {found.replace(" ", "") for found in _NUMBER.findall(words)}
    return {
        f"+{number[start:]}"
        for number in numbers
        if len(number) >= MIN_NUMBER
        for start in range(len(number) - MIN_DIGITS + 1)
    }


def indexed(*texts: str | None) -> str:
    """The words of the texts and the tokens of their numbers, as SQLite's index takes them."""
    words = plain("\n".join(filter(None, texts)))
    return " ".join([words, *sorted(number_tokens(words))]).strip()
