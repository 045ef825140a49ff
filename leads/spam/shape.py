"""What a text looks like, whatever it says: links, markup, templates, disguised letters, code.

Each expression repeats one class of letters or is bounded, so that it takes time that grows with
the length of the text alone; and most are tried only where a letter of theirs is there at all.
"""

import re
from collections.abc import Iterator

LINK = re.compile(r"\b(?:https?://|www\.)[^\s<>\"'\])|}]+", re.IGNORECASE)
# Where their links lead is hidden, or leads out of email.
_MESSENGERS = (
    "bit.ly", "tinyurl.com", "t.co", "goo.gl", "cutt.ly", "is.gd", "ow.ly", "rb.gy",
    "shorturl.at", "clck.ru", "t.me", "telegram.me", "wa.me", "api.whatsapp.com",
    "chat.whatsapp.com", "m.me", "line.me", "lin.ee", "telegra.ph", "linktr.ee", "discord.gg",
    "join.skype.com", "calendly.com", "forms.gle",
)  # fmt: skip
_NAMES = (
    "telegram", "whatsapp", "whats app", "wechat", "skype", "viber", "line id", "телеграм", "微信"
)  # fmt: skip
_ACCOUNT = re.compile(rf"\b(?:{'|'.join(_NAMES)})\s?(?:id)?\s?[:@+]")
# A link elsewhere that shows as words.
_MARKUP = re.compile(
    r"<a\s[^<>]{0,60}?href\s{0,3}=\s{0,3}[\"']?\s{0,3}(?:https?:)?//|\[(?:url|link|img)\s?[=\]]"
)
_HTML = re.compile(
    r"</?(?:p|br|b|i|strong|div|span|font|img|h[1-6]|table|ul|li|center)\b[^<>]{0,80}>"
)
# {Hi|Hello}, {{first_name}}, [Company Name], %FIRSTNAME%
_FIELD = (
    r"(?:(?:first|last|full|your|sender|company|business|contact|site|domain|web|recipient|client"
    r"|owner|service|job|my)[\s_.-]?)?"
    r"(?:name|firstname|lastname|company|business|website|domain|url|email|city|niche|industry"
    r"|keywords?|title|phone|signature|link)"
)
_TEMPLATE = re.compile(
    r"\{[^{}|\n]{0,80}(?:\|[^{}|\n]{0,80}){1,9}\}"
    rf"|\{{{{?\s{{0,3}}{_FIELD}\s{{0,3}}\}}|\[\s{{0,3}}{_FIELD}\s{{0,3}}\]|%{_FIELD}%"
    rf"|<<?{_FIELD}>|#{_FIELD}#|\${_FIELD}\$"
)
# What scanners type to see whether anything runs it
_PROBE = re.compile(
    r"<script\b|\bor 1\s?=\s?1\b|\bunion select\b|\$\{\d|\{\{\d|\.\./\.\./|/etc/passwd|\bsleep\(\d"
    r"|\bwaitfor delay\b|javascript:|\bonerror\s?="
)
PRICE = re.compile(
    r"[$€£¥₹₽₩₫]\s?\d|\brp\.?\s?\d"
    r"|\d\s?(?:[$€£¥₹₽₩₫%]|usd|eur|euros?|dollars?|pounds|kr\b|zł|kč|tl\b|\u0440\u0443\u0431|грн|円|元|만원|rp\b)"
)
PICTURES = re.compile("[\U0001f300-\U0001faff\u2705\u2b50\u2728\u26a1\u2757\u2714\u2764\u27a1]")
EXCLAMATIONS = re.compile("[!\uff01]")
PHONE = re.compile(r"(?<![\w/.-])(?:\+|00)?\d(?:[\s().-]{0,2}\d){7,13}(?![\w/-])")

# What a text must have in it before each is tried
_CODE = [
    ("`", re.compile(r"```|`[^`\n]{1,80}`")),
    ("-", re.compile(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d")),
    ("_", re.compile(r"(?<![@/\w])[a-z]\w{0,40}_[a-z]\w{0,40}\b(?!@)")),
    ("()", re.compile(r"\b\w{1,40}\(\)")),
    ("$ ", re.compile(r"\$ [a-z]\w{0,20} ")),
    ("Error", re.compile(r"\b[A-Z]\w{2,40}Error\b")),
    ("Exception", re.compile(r"\b[A-Z]\w{2,40}Exception\b")),
    ("HTTP", re.compile(r"\bHTTP[ /]?\d\d\d\b")),
    ("rror ", re.compile(r"\b[Ee]rror \d{3,5}\b")),
    ("ORA-", re.compile(r"\bORA-\d{4}")),
    ("SELECT", re.compile(r"\bSELECT\s[^;\n]{1,120}\bFROM\b")),
    ("Traceback", re.compile(r"Traceback \(")),
    ("Caused by:", re.compile(r"Caused by:")),
    ('File "', re.compile(r"File \"")),
    ("def ", re.compile(r"\bdef \w{1,40}\(")),
    ("import ", re.compile(r"^\s{0,8}(?:from [\w.]{1,40} )?import [\w.]{1,40}$", re.MULTILINE)),
    ("OR", re.compile(r"\b(?:ERROR|ERRORS|SQLERROR)\b\s?[:\[(=]")),
    ("A", re.compile(r"\b(?:FATAL|WARN|DETAIL|SQLSTATE)\b\s?[:\[(=]")),
    ("INTO", re.compile(r"\bINSERT INTO \w")),
    ("FROM", re.compile(r"\bDELETE FROM \w")),
    ("TABLE", re.compile(r"\b(?:CREATE|ALTER) TABLE \w")),
    (" SET ", re.compile(r"\bUPDATE \w{1,40} SET ")),
    ("EXPLAIN", re.compile(r"\bEXPLAIN \w")),
    ("at ", re.compile(r"^\s{0,8}at [\w.$]{1,80}\(", re.MULTILINE)),
]
_VERSIONED = (
    "postgres", "postgresql", "python", "java", "django", "php", "node", "nodejs", "node.js",
    "mysql", "rails", "ruby", "spring", "kafka", "redis", ".net", "oracle", "ubuntu", "debian",
    "symfony", "laravel", "mariadb", "mongo", "mongodb", "kubernetes", "server",
)  # fmt: skip
_NUMBER = r"\s?v?\d{1,4}(?:\.\d{1,3}){0,2}\b"
_VERSION = re.compile(r"\bv?\d{1,2}\.\d{1,3}\.\d{1,2}\b")

_FORWARDED = re.compile(
    r"^[-_ \t]{0,20}(?:original message|forwarded message|begin forwarded message|weitergeleitete"
    r" nachricht|urspr.ngliche nachricht|message d'origine|message transféré|mensaje original"
    r"|videresendt|wiadomość przekazana|doorgestuurd bericht)\b"
    r"|^(?:from|von|de|fra|od|van|da): .{1,200}$",
    re.MULTILINE | re.IGNORECASE,
)
_QUOTED_LINE = re.compile(r"^[ \t]{0,4}[>|].*$", re.MULTILINE)
_QUOTATION = re.compile(
    r"“[^“”]{40,5000}”|„[^„“”]{40,5000}[“”]|«[^«»]{40,5000}»|\"[^\"]{40,5000}\""
)

_WORD = re.compile(r"[^\W\d_]+")
_UNSEEN = "\u200b\u200c\u200d\u2060\ufeff"
# Between letters of scripts that have no use for them.
_UNSEEN_WITHIN = re.compile(
    rf"(?<=[a-z\u0430-\u044f])[{_UNSEEN}]+(?=[a-z\u0430-\u044f])", re.IGNORECASE
)
_FANCY = re.compile("[\U0001d400-\U0001d7ff\U0001f130-\U0001f189\u24b6-\u24e9]")
_SPACED = re.compile(r"(?<!\w)[^\W\d_]([ .*_-])(?:[^\W\d_]\1){3,40}[^\W\d_](?!\w)")
_LATIN = re.compile("[a-zA-Z]")
_CYRILLIC_OR_GREEK = re.compile("[\u0370-\u03ff\u0400-\u052f]")
_NOT_LATIN = re.compile("[^\\W\\d_\u0041-\u024f\u1e00-\u1eff]")
_LETTER = re.compile(r"[^\W\d_]")
# Their letters that look like Latin ones, each above its double.
_LOOK_ALIKE = str.maketrans(
    "авеіјкмнорстухѕԁԛԝһӏ" + "αβεικνορτυχ",
    "abeijkmhopctyxsdqwhl" + "abeikvoptux",
)
_KEYBOARD = re.compile(
    r"asdf|sdfg|dfgh|fghj|ghjk|hjkl|qwer|wert|zxcv|xcvb|qazw|йцук|фыва", re.IGNORECASE
)
_CONSONANTS = re.compile(r"[bcdfghjklmnpqrstvwxz]{6,}", re.IGNORECASE)
_HUMP = re.compile(r"[a-z][A-Z]")


def own_words(text: str) -> str:
    """Without what is forwarded below, and without quoted lines and passages."""
    if head := _FORWARDED.search(text):
        text = text[: head.start()]
    return _QUOTATION.sub(" ", _QUOTED_LINE.sub("", text))


def messenger(small: str) -> str:
    """A shortened link, or one to a messenger, or an account there. Of a text in small letters."""
    for domain in _MESSENGERS:
        if domain in small and re.search(rf"(?<![\w.-]){re.escape(domain)}(?![\w.-])", small):
            return domain
    found = any(name in small for name in _NAMES) and _ACCOUNT.search(small)
    return found.group() if found else ""


def markup(small: str) -> str:
    """What kind of markup it has: "link", "html" or none. Of a text in small letters."""
    if ("<a" in small or "[" in small) and _MARKUP.search(small):
        return "link"
    return "html" if "<" in small and _HTML.search(small) else ""


def template(small: str) -> str:
    """A field that was not filled in, or a choice of words. Of a text in small letters."""
    if not any(letter in small for letter in "{[%<#$"):
        return ""
    found = _TEMPLATE.search(small)
    return found.group() if found else ""


def probe(small: str) -> str:
    """An attempt to break in. Of a text in small letters."""
    if not any(letter in small for letter in "<={/(:"):
        return ""
    found = _PROBE.search(small)
    return found.group() if found else ""


def code(text: str) -> set[str]:
    """Pieces of code, and of what programs say."""
    return {*_pieces_of_code(text)}


def _pieces_of_code(text: str) -> Iterator[str]:
    for needle, expression in _CODE:
        if needle in text:
            yield from (found.group() for found in expression.finditer(text))


def version(small: str) -> str:
    """The number of a version. Of a text in small letters."""
    for name in _VERSIONED:
        if name in small and (found := re.search(rf"(?<!\w){re.escape(name)}{_NUMBER}", small)):
            return found.group()
    numbered = _VERSION.search(small)
    return numbered.group() if numbered else ""


def as_seen(text: str) -> str:
    """As a reader sees it: without unseen letters, and look-alikes as what they look like."""
    if text.isascii():
        return text
    text = text.translate({ord(letter): None for letter in _UNSEEN})
    if _CYRILLIC_OR_GREEK.search(text) and _LATIN.search(text):
        return _WORD.sub(lambda word: _unmasked(word.group()) or word.group(), text)
    return text


def disguised(text: str) -> str:
    """What hides its letters from programs, if anything: said for staff."""
    if not text.isascii():
        if _CYRILLIC_OR_GREEK.search(text) and _LATIN.search(text):
            masked = next((word for word in _WORD.findall(text) if _unmasked(word)), "")
            if masked:
                return f"“{masked[:40]}” mixes alphabets"
        if len(_UNSEEN_WITHIN.findall(text)) > 1:
            return "unseen ones within words"
        if len(_FANCY.findall(text)) > 5:
            return "fancy type"
    spaced = _SPACED.search(text)
    return f"“{spaced.group()[:40]}”" if spaced else ""


def _unmasked(word: str) -> str:
    """The Latin word that one with some Cyrillic or Greek letters is to be taken for, if any."""
    if word.isascii() or not _LATIN.search(word) or not _CYRILLIC_OR_GREEK.search(word):
        return ""
    plain = word.lower().translate(_LOOK_ALIKE)
    return plain if plain.isascii() else ""


def is_in_another_script(text: str) -> bool:
    """Whether most letters are not Latin, the script of the site's language."""
    if text.isascii():
        return False
    others = len(_NOT_LATIN.findall(text))
    return others > 5 and others * 2 > len(_LETTER.findall(text))


def is_gibberish(said: list[str]) -> bool:
    """Whether words, in their own letters, say nothing."""
    if not said:
        return True
    repeats = len(said) >= 3 and len({word.casefold() for word in said}) == 1
    return repeats or sum(is_mashed(word) for word in said) * 2 >= len(said)


def is_mashed(word: str) -> bool:
    """Whether a word is what random keys or a generator of names makes."""
    if _KEYBOARD.search(word) or (len(word) > 5 and len(set(word)) <= 2):
        return True
    if len(word) < 6 or not word.isascii():
        return False
    return bool(_CONSONANTS.search(word)) or len(_HUMP.findall(word)) >= 2
