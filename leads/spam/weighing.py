"""Weighs an inquiry: signs with points and reasons. People decide.

From `weights.SUSPECTED_FROM` points on an inquiry waits for a person to decide, from DOUBTFUL_FROM
on sales get it marked "may be spam"; in neither case does the visitor get an acknowledgment.
Nothing is discarded.
"""

import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from leads.spam import learned, phrases, shape
from leads.spam.weights import MAX_FOR_A_PERSON, MAX_FOR_OFFERS, OFFERS, WEIGHTS

# People need longer than this to write a sentence; programs that fill in forms do not.
FASTEST_PERSON = 3.0
# So many characters say what kind of text it is; the rest costs time and tells no more.
READ, READ_AT_THE_END = 2_000, 500
# In words
LONG, SHORT = 90, 4
ENOUGH_TO_JUDGE = 60
QUOTING_FROM = 10
REPORTING_FROM = 20
MAX_WORDS_BESIDE_A_LINK = 5
# Programs say that they are these.
FAMOUS = frozenset(
    {"google", "facebook", "amazon", "microsoft", "apple", "youtube", "instagram", "netflix"}
)
# Without any of these, nothing speaks for someone who needs us.
ASKING = frozenset(
    {"need", "ours", "trouble", "engineering", "business", "code", "version", "former", "applying",
     "privacy", "matters", "known"}
)  # fmt: skip

_BY_THEME = phrases.load()
_YOU, _WE = (frozenset(_BY_THEME.pop(theme)) for theme in ("you", "we"))
PHRASES = phrases.Phrases(_BY_THEME)


@dataclass(frozen=True)
class Sign:
    """Something that speaks for spam or, below zero points, for a person. In words for staff."""

    points: int
    reason: str
    kind: str = ""
    times: int = 1


@dataclass(frozen=True)
class Past:
    """What people decided about earlier inquiries: whether they are like this one in each way."""

    same_opening: bool = False
    sender: bool = False
    domain: bool = False
    known: bool = False  # the person has been answered, or was found not to be spam
    tenths: Mapping[str, int] = field(default_factory=dict)  # of words: see `lessons`


def signs_of(
    *,
    name: str,
    company: str,
    message: str,
    email: str = "",
    trap: str = "",
    seconds: float | None = None,
    past: Past | None = None,
) -> list[Sign]:
    """What speaks for spam and for a person.

    `seconds` is how long the form was open, as the page's script tells; without script it is None.
    """
    text = unicodedata.normalize("NFKC", _read(message))[: READ + READ_AT_THE_END]
    signs = [
        *_of_the_form(trap, seconds),
        *_of_the_sender(name[:200], company[:200], email),
        *_of_the_text(text),
        *_of_the_past(past or Past(), trapped=bool(trap.strip())),
        *_of_lessons(message, past.tenths if past else {}),
    ]
    if found := shape.disguised(_read(message)):
        signs.append(_sign("disguised", found))
    if _asks_nothing(signs):
        signs.append(_sign("nothing_asked"))
    return signs


def _read(message: str) -> str:
    """How a long message begins and ends."""
    if len(message) <= READ + READ_AT_THE_END:
        return message
    return f"{message[:READ]}\n{message[-READ_AT_THE_END:]}"


def _of_the_text(text: str) -> list[Sign]:
    """People quote spam to us. What speaks for spam then has to be in their own words, unless
    these are hardly any.
    """
    signs = [*_of_the_shape(text), *_of_the_words(text)]
    own = shape.own_words(text)
    if own == text or len(own.split()) < QUOTING_FROM:
        return signs
    their_own = [*_of_the_shape(own), *_of_the_words(own)]
    return [
        *(sign for sign in their_own if sign.points >= 0),
        *(sign for sign in signs if sign.points < 0),
    ]


def _asks_nothing(signs: Iterable[Sign]) -> bool:
    return ASKING.isdisjoint(sign.kind for sign in signs)


def points(signs: Iterable[Sign]) -> int:
    """What they come to. Neither what is offered nor what speaks for a person outweighs all."""
    against = offers = others = 0
    for sign in signs:
        if sign.points < 0:
            against += sign.points
        elif sign.kind in OFFERS:
            offers += sign.points
        else:
            others += sign.points
    return others + min(offers, MAX_FOR_OFFERS) + max(against, -MAX_FOR_A_PERSON)


def reasons(signs: Iterable[Sign]) -> list[str]:
    """For staff, each with its points, the weightiest first."""
    ordered = sorted(signs, key=lambda sign: -sign.points)
    return [f"{sign.reason} ({sign.points:+d})" for sign in ordered]


def _sign(kind: str, found: str = "", *, times: int = 1) -> Sign:
    weight = WEIGHTS[kind]
    reason = f"{weight.reason}: {found}." if found else f"{weight.reason}."
    return Sign(min(times, weight.most) * weight.points, reason, kind, times)


def _of_the_form(trap: str, seconds: float | None) -> Iterator[Sign]:
    if trap.strip():
        yield _sign("trap")
    if seconds is None:
        yield _sign("no_script")
    elif seconds < FASTEST_PERSON:
        yield _sign("fast", f"in {seconds:.1f} seconds")


def _of_the_sender(name: str, company: str, email: str) -> Iterator[Sign]:
    if shape.LINK.search(f"{name} {company}"):
        yield _sign("name_is_a_link")
    if any(shape.is_mashed(word) for word in name.split()):
        yield _sign("mashed_name")
    firm = "".join(phrases.words(phrases.normal(company)))
    if firm in FAMOUS and firm not in email.rpartition("@")[2].lower():
        yield _sign("borrowed_company")


def _of_the_shape(text: str) -> Iterator[Sign]:
    small = text.lower()
    yield from _of_the_links(text, small)
    yield from _of_the_markup(small)
    yield from _of_the_letters(text)
    if shape.PRICE.search(small):
        yield _sign("price")
    if found := shape.version(small):
        yield _sign("version", f"“{found}”")
    if shape.PHONE.search(text):
        yield _sign("phone")


def _of_the_letters(text: str) -> Iterator[Sign]:
    if shape.is_in_another_script(text):
        yield _sign("other_script")
    if pictures := len(shape.PICTURES.findall(text)):
        yield _sign("pictures", times=pictures)
    if len(shape.EXCLAMATIONS.findall(text)) > 2:
        yield _sign("exclamations")
    if "(" in text:
        yield _sign("aside")


def _of_the_links(text: str, small: str) -> Iterator[Sign]:
    links = shape.LINK.findall(text) if "http" in small or "www." in small else []
    bare = shape.LINK.sub("", text) if links else text
    if len(links) > 1:
        yield _sign("links", str(len(links)), times=len(links) - 1)
    if links and len(bare.split()) <= MAX_WORDS_BESIDE_A_LINK:
        yield _sign("only_link")
    if pieces := len(shape.code(bare)):
        yield _sign("code", times=pieces)


def _of_the_markup(small: str) -> Iterator[Sign]:
    if found := shape.messenger(small):
        yield _sign("messenger", f"“{found.strip()}”")
    if kind := shape.markup(small):
        yield _sign("markup" if kind == "link" else "html")
    if found := shape.template(small):
        yield _sign("template", f"“{found[:40]}”")
    # Whoever has found a hole here says so in sentences.
    if (found := shape.probe(small)) and len(small.split()) < REPORTING_FROM:
        yield _sign("probe", f"“{found}”")


def _of_the_words(text: str) -> Iterator[Sign]:
    plain = phrases.normal(shape.as_seen(text))
    for theme, found in PHRASES.find(plain).items():
        times = (len(found) - 1) // 2 if theme == "story" else len(found)
        if times:
            yield _sign(theme, _quoted(found), times=times)
    said = phrases.words(plain)
    if len(said) >= LONG:
        yield _sign("long")
    if len(said) <= SHORT:
        yield _sign("short")
    if shape.is_gibberish(phrases.words(text)[:ENOUGH_TO_JUDGE]):
        yield _sign("gibberish")
    if sum(word in _YOU for word in said) > sum(word in _WE for word in said):
        yield _sign("about_you")


def _of_the_past(past: Past, *, trapped: bool) -> Iterator[Sign]:
    if past.same_opening:
        yield _sign("same_opening")
    if past.sender:
        yield _sign("sender")
    elif past.domain:
        yield _sign("domain")
    if past.known and not trapped:  # a program may use anyone's address
        yield _sign("known")


def _of_lessons(message: str, tenths: Mapping[str, int]) -> Iterator[Sign]:
    points, words = learned.points_of(message, tenths)
    if points:
        yield _sign("learned" if points > 0 else "learned_real", _quoted(words), times=abs(points))


def _quoted(found: Sequence[str]) -> str:
    shown = ", ".join(f"“{phrase[:40]}”" for phrase in found[:4])
    return f"{shown} and {len(found) - 4} more" if len(found) > 4 else shown
