"""Making a stranger's words safe to stand in an email's headers, and the same where they are."""

import re
import unicodedata

# Cc: control characters, line breaks among them. Cf: direction overrides, zero-width blanks.
_UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff]+")
# A joiner, or a non-joiner, belongs to the spelling of names in Persian, Sinhala, Malayalam and
# other scripts, and to emoji; behind any other letter it is invisible and makes two of one name.
_NEEDLESS_JOINER = re.compile(
    r"(?<![\u0600-\u109f\u1780-\u18af\u1a00-\u1cff\u2600-\u27bf\ua800-\uabff\ufb50-\ufdff"
    r"\ufe0f\ufe70-\ufefc\U00010a00-\U00011fff\U0001f000-\U0001faff])[\u200c\u200d]+"
    r"|(?<=[\u200c\u200d])[\u200c\u200d]+"
)


def one_line(words: str) -> str:
    """The words on one line, composed (NFC), without control characters or marks that turn the
    reading direction.

    RFC 5322, section 2.2: a header field is one line; what follows a line break would be another.
    """
    seen = _NEEDLESS_JOINER.sub("", unicodedata.normalize("NFC", _UNSEEN.sub(" ", words)))
    return unicodedata.normalize("NFC", " ".join(seen.split()))


def shortened(words: str, most: int) -> str:
    """The words, or their beginning and a sign that there were more."""
    return words if len(words) <= most else f"{words[: most - 1].rstrip()}…"


def comparison_key(words: str) -> str:
    """The same for words that people read as the same: in any case, composed or not."""
    return unicodedata.normalize("NFC", one_line(words).casefold())
