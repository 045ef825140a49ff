"""Writing header fields so that what a mail program shows is what was typed.

RFC 5322, section 2.2 and RFC 2047. The standard library leaves the first line of a long encoded
field empty, which some receivers refuse, and passes on what only looks like an encoded word.
"""

import re
from base64 import b64encode
from collections.abc import Iterator

from mail.header_text import one_line

MAX_LINE = 76  # octets, without the line break; an encoded word may have 75
MAX_OCTETS = 998  # RFC 5322, section 2.1.1: no line has more

_NAME = re.compile(r"[!-9;-~]+")
_PLAIN = re.compile(r"[!-~]+(?: [!-~]+)*")
_SAFE_IN_Q = re.compile(r"[A-Za-z0-9!*+/-]")
_CHROME = len("=?utf-8?q??=")


def text_field(name: str, value: str) -> str:
    """A field whose value is free text: a subject."""
    value = one_line(value)
    if _is_plain(value) and max(map(len, value.split(" "))) <= MAX_LINE - len(name) - 2:
        return folded(name, value.split(" "))
    return folded(name, encoded_words(value, used=len(name) + 2))


def token_field(name: str, value: str) -> str:
    """A field that programs read: ids, dates, keywords. Its words stay as they are."""
    if not _PLAIN.fullmatch(value):
        raise ValueError(f"The header field {name} contains characters that programs cannot read.")
    return folded(name, value.split(" "))


def mailbox(address: str, name: str = "") -> list[str]:
    """The words of a field with one mailbox. The address is ASCII and has been checked.

    Quoted whatever the name is, and encoded where a program would read more into it.
    """
    name = one_line(name)
    if not name:
        return [address]
    if not _is_plain(name) or len(name) > MAX_LINE // 2:
        return [*encoded_words(name, used=len("Reply-To: ")), f"<{address}>"]
    escaped = re.sub(r'(["\\])', r"\\\1", name)
    return [f'"{escaped}"', f"<{address}>"]


def encoded_words(text: str, *, used: int = 0) -> list[str]:
    """The text as encoded words, the first of which leaves `used` octets of its line alone.

    Whole characters each. A reader joins neighbors without what stands between them.
    """
    kind = "q" if _q_length(text) <= _b_length(text) else "b"
    encode = _q_encoded if kind == "q" else _b_encoded
    return [f"=?utf-8?{kind}?{encode(part)}?=" for part in _parts(text, kind, used)]


def _parts(text: str, kind: str, used: int) -> Iterator[str]:
    length = _q_length if kind == "q" else _b_length
    room = MAX_LINE - max(used, 1) - _CHROME
    part = ""
    for character in text:
        if part and length(part + character) > room:
            yield part
            part, room = "", MAX_LINE - 1 - _CHROME  # a space begins each further line
        part += character
    yield part


def _q_encoded(text: str) -> str:
    return "".join(map(_q_character, text))


def _q_character(character: str) -> str:
    if character == " ":
        return "_"
    if _SAFE_IN_Q.match(character):
        return character
    return "".join(f"={octet:02X}" for octet in character.encode())


def _q_length(text: str) -> int:
    return sum(len(_q_character(character)) for character in text)


def _b_encoded(text: str) -> str:
    return b64encode(text.encode()).decode()


def _b_length(text: str) -> int:
    return -(-len(text.encode()) // 3) * 4


def _is_plain(value: str) -> bool:
    """Whether it can stay as it is: nothing looks like an encoded word or is invisible."""
    return bool(_PLAIN.fullmatch(value)) and "=?" not in value


def folded(name: str, words: list[str]) -> str:
    """The field with its line breaks. Its first word stands on the line of its name."""
    if not _NAME.fullmatch(name):
        raise ValueError("This is not a valid header field name.")
    lines = [f"{name}: {words[0]}"]
    for word in words[1:]:
        if len(lines[-1]) + 1 + len(word) > MAX_LINE:
            lines.append("")
        lines[-1] += f" {word}"
    if max(map(len, lines)) > MAX_OCTETS:
        raise ValueError(f"The header field {name} is too long for one line.")
    return "\r\n".join(lines) + "\r\n"
