"""What looks like a text that a person reads."""

import re


def is_sentence(text: str) -> bool:
    """Two words in a row, or one with a capital and a full stop. No SQL, CSS, HTML or pattern."""
    bare = re.sub(r"<[^<>]*>|{[^{}]*}", " ", text).strip()
    if re.match(
        r"(SELECT|INSERT|UPDATE|DELETE|CREATE|DROP|ALTER|WITH|PRAGMA|SET|BEGIN|LOCK)\b", bare
    ):
        return False
    if re.search(r"\\[sdwbSDWB]|\(\?|\[\^|--\w|[\w-]+: [\w-]+;|\bvar\(|^[.#]\w|&&|::|=>", bare):
        return False
    return bool(re.search(r"[A-Za-z’']{2,}[,:;.!?…]? [\w“(‘]+|^[A-Z][a-z]+[.!?…]", bare))


def is_word(text: str) -> bool:
    return bool(re.search(r"[A-Za-z]{2,}", text)) and not re.fullmatch(
        r"[\w./:-]*[_/:][\w./:-]*", text
    )
