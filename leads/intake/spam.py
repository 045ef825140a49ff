"""What makes an inquiry look like spam: signs with points and reasons. People decide.

From SUSPECTED_FROM points on an inquiry waits for a person to decide, from DOUBTFUL_FROM on sales
get it marked "may be spam"; in neither case does the visitor get an acknowledgment. Nothing is
discarded.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

SUSPECTED_FROM = 6
DOUBTFUL_FROM = 3

# People need longer than this to write a sentence; programs that fill in forms do not.
FASTEST_PERSON = 3.0
MAX_PHRASE_POINTS = 6
MAX_WEAK_PHRASE_POINTS = 3
MAX_LINK_POINTS = 3
# So much of a text says what kind of text it is; the rest costs time and tells no more.
READ = 10_000

# Points for each sign. One that some real people show is not enough to hold anything.
WEIGHTS = {
    "trap": 6,
    "fast": 2,
    "no_script": 1,
    "link": 1,  # each after the first
    "markup": 4,
    "name_is_a_link": 4,
    "other_script": 3,
    "gibberish": 3,
    "phrase": 3,
    "weak_phrase": 1,
    "same_opening": 6,
    "sender": 6,
    "domain": 3,
    "known": -4,
}

# What people who look for engineers do not write, and those who write to everyone do.
PHRASES = re.compile(
    r"""(?x)
    \b(?:first|1st|top|no\.?\s?1|\#1)\s+(?:page|rank(?:ing)?|position)s?\s+(?:of|on|in)\s+google\b
    | \b(?:rank(?:ing)?s?\s+(?:on|in)\s+google|google\s+(?:search\s+)?rank\w*)\b
    | \b(?:high[\s-]authority|do-?follow|quality)\s+(?:back)?links?\b | \bbacklinks?\b
    | \bguest\s+posts?\b | \blink\s+building\b | \bdomain\s+authority\b
    | \bseo\s+(?:service|package|audit|offer|proposal)\w*
    | \b(?:improve|boost|increase)\s+your\s+(?:website(?:'s)?\s+)?(?:seo|rank\w*|traffic|sales)\b
    | \b(?:b2b|targeted|business)\s+(?:e-?mails?|contacts?|leads)\b
    | \bverified\s+(?:e-?mails?|contacts?|leads)\b
    | \bdear\s+(?:web\s?master|website\s+owner|site\s+owner|beneficiary|friend)\b
    | \b(?:re-?design|rebuild)\s+(?:of\s+)?your\s+(?:web\s?site|site)\b
    | \b(?:web\s?site|web|mobile\s+app|logo)\s+design(?:ing|er|ers)?
        \s+(?:service|compan|agency|package|from|at|starting)\w*
    | \b(?:factory|manufacturer|wholesale)\s+(?:price|direct|supplier)s?\b
    | \bled\s+(?:light|display|screen|panel|bulb|strip|lamp)\w*\b
    | \bcertificate\s+of\s+origin\b
    | \b(?:bitcoin|btc|crypto\w*|usdt|forex)\s+
        (?:invest\w*|profit\w*|trading\s+(?:bot|signal)\w*|wallet\s+recover\w*|giveaway|bonus)
    | \b(?:double|triple)\s+your\s+(?:money|bitcoin|btc|crypto|investment|income)\b
    | \b(?:earn|make)\s+(?:up\s+to\s+)?[$€£]?\s?\d[\d,.]*\s?(?:[$€£]|usd|eur)?\s*
        (?:per|a|each|every)\s+(?:day|week|hour)\b
    | \bguaranteed\s+(?:profit|return|income|ranking)s?\b | \bpassive\s+income\b
    | \b(?:online\s+)?casinos?\s+(?:bonus|online|games?|slots?)\b | \bfree\s+spins\b
    | \b(?:sports?\s+betting|betting\s+(?:site|tips))\b
    | \b(?:viagra|cialis|levitra)\b | \b(?:payday|unsecured|personal|business)\s+loans?\s+offer\w*
    | \bloans?\s+at\s+\d | \b(?:next\s+of\s+kin|inheritance\s+fund|unclaimed\s+fund)s?\b
    | \bbuy\s+(?:followers|likes|subscribers|reviews)\b
    | казино | ставк[иа]\s+на\s+спорт | баз[аыу]\s+(?:e-?mail|данных\s+(?:клиент|e-?mail)|рассыл)
    | рассыл[ок]\w*\s+(?:по|писем|e-?mail|сообщен) | e-?mail[\s-]рассыл | продвижени\w+\s+сайт
    | 赌场 | 博彩 | 代开发票
    """,
    re.IGNORECASE,
)
# Salespeople write these as a rule, and real people now and then.
WEAK_PHRASES = re.compile(
    r"""(?x)
    \b(?:came\s+across|visit(?:ed|ing)|found|noticed|checked|looking\s+at)\s+your
        \s+(?:great\s+)?(?:web\s?site|site)\b
    | \b(?:unsubscribe|opt[\s-]out)\b | \b(?:limited|special|exclusive)[\s-](?:time\s+)?offer\b
    | \bclick\s+(?:here|the\s+link|below)\b | \bfree\s+(?:trial|quote|audit|consultation)\b
    | \b(?:reply|respond)\s+(?:to\s+this\s+email\s+)?with\s+your\b
    | \bour\s+(?:team|developers?|designers?)\s+(?:can|will)\b
    | \baffordable\s+(?:price|rate|cost)s?
    | \bdevelopers?\s+(?:at|from|starting)\s+(?:only\s+)?[$€£]\s?\d
    | \bwe\s+are\s+(?:\w+\s+){0,4}(?:manufacturer|supplier|factory)\b
    | \b(?:e-?mail|mailing|contact)\s+lists?\b | \bbulk\s+e-?mails?\b
    | \bprice\s+list\b | \bmoq\b | \bseo\b
    """,
    re.IGNORECASE,
)
LINK = re.compile(r"\b(?:https?://|www\.)[^\s<>\"'\])]+", re.IGNORECASE)
MARKUP = re.compile(r"<a\s[^<>]{0,40}href|\[(?:url|link)\s?[=\]]|\[img\]", re.IGNORECASE)
KEYBOARD = re.compile(r"asdf|sdfg|dfgh|fghj|ghjk|hjkl|qwer|wert|zxcv|xcvb|йцук|фыва", re.IGNORECASE)
WORD = re.compile(r"\w+")


@dataclass(frozen=True)
class Sign:
    """Something that speaks for spam or, below zero points, against it. In words for staff."""

    points: int
    reason: str


@dataclass(frozen=True)
class Past:
    """What people decided about earlier inquiries: whether they are like this one in each way."""

    same_opening: bool = False
    sender: bool = False
    domain: bool = False
    known: bool = False  # the person has been answered, or was found not to be spam


def signs_of(
    *,
    name: str,
    company: str,
    message: str,
    trap: str = "",
    seconds: float | None = None,
    past: Past | None = None,
) -> list[Sign]:
    """What speaks for spam; nothing for most people.

    `seconds` is how long the form was open, as the page's script tells; without script it is None.
    """
    text = unicodedata.normalize("NFKC", message[:READ])
    return [
        *_of_the_form(trap, seconds),
        *_text_signs(" ".join([name[:200], company[:200]]), text),
        *_of_the_past(past or Past(), trapped=bool(trap.strip())),
    ]


def points(signs: Iterable[Sign]) -> int:
    return sum(sign.points for sign in signs)


def reasons(signs: Iterable[Sign]) -> list[str]:
    """For staff, each with its points, the weightiest first."""
    ordered = sorted(signs, key=lambda sign: -sign.points)
    return [f"{sign.reason} ({sign.points:+d})" for sign in ordered]


def _of_the_form(trap: str, seconds: float | None) -> Iterable[Sign]:
    if trap.strip():
        yield _sign("trap", "The hidden field was filled in.")
    if seconds is None:
        yield _sign("no_script", "The form was sent without JavaScript.")
    elif seconds < FASTEST_PERSON:
        yield _sign("fast", f"The form was filled in within {seconds:.1f} seconds.")


def _text_signs(names: str, text: str) -> Iterable[Sign]:
    links = len(LINK.findall(text))
    if links > 1:
        cost = min((links - 1) * WEIGHTS["link"], MAX_LINK_POINTS)
        yield Sign(cost, f"It contains {links} links.")
    if LINK.search(names):
        yield _sign("name_is_a_link", "The name or company is a link.")
    if MARKUP.search(text):
        yield _sign("markup", "It contains link markup.")
    if _is_in_another_script(text):
        yield _sign("other_script", "Most of it is in a different alphabet from the site’s.")
    if _is_gibberish(text):
        yield _sign("gibberish", "It says nothing: one word repeated, or random keys.")
    strong = _distinct(PHRASES.finditer(text))
    if strong:
        cost = min(len(strong) * WEIGHTS["phrase"], MAX_PHRASE_POINTS)
        yield Sign(cost, f"Common in spam: {_quoted(strong)}.")
    weak = _distinct(WEAK_PHRASES.finditer(text))
    if weak:
        cost = min(len(weak) * WEIGHTS["weak_phrase"], MAX_WEAK_PHRASE_POINTS)
        yield Sign(cost, f"Common in sales pitches: {_quoted(weak)}.")


def _of_the_past(past: Past, *, trapped: bool) -> Iterable[Sign]:
    if past.same_opening:
        yield _sign(
            "same_opening", "An inquiry that starts with the same words was marked as spam."
        )
    if past.sender:
        yield _sign("sender", "An earlier inquiry from this address was marked as spam.")
    elif past.domain:
        yield _sign("domain", "An earlier inquiry from this domain was marked as spam.")
    if past.known and not trapped:  # a program may use anyone's address
        yield _sign("known", "We have answered this person before.")


def _sign(kind: str, reason: str) -> Sign:
    return Sign(WEIGHTS[kind], reason)


def _is_in_another_script(text: str) -> bool:
    """Whether most letters are not Latin, the script of the site's language."""
    letters = [letter for letter in text if letter.isalpha()]
    latin = sum(letter < "\u0250" or "\u1e00" <= letter < "\u1f00" for letter in letters)
    return len(letters) > 10 and latin * 2 < len(letters)


def _is_gibberish(text: str) -> bool:
    words = [word.casefold() for word in WORD.findall(text)]
    if not words:
        return True
    repeats = len(words) >= 3 and len(set(words)) == 1
    mashed = sum(bool(KEYBOARD.search(word)) for word in words)
    return repeats or mashed * 2 >= len(words)


def _distinct(found: Iterable[re.Match[str]]) -> list[str]:
    return list(dict.fromkeys(" ".join(match.group().casefold().split()) for match in found))


def _quoted(phrases: Sequence[str]) -> str:
    shown = ", ".join(f"“{phrase[:40]}”" for phrase in phrases[:4])
    return f"{shown} and {len(phrases) - 4} more" if len(phrases) > 4 else shown
