"""The words of a text for search, and where a text contains the words of a query."""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import islice

from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from lxml import etree
from lxml import html as lxml_html
from lxml.html import HtmlElement

from desk.wording import MARKS
from prose.editor import sanitize

# About 25,000 words. PostgreSQL refuses a tsvector of more than a megabyte.
MAX_TEXT_LENGTH = 150_000
EXCERPT_LENGTH = 230
MAX_EXCERPT_STARTS = 200  # at which an excerpt may begin

# Vowel signs and accents belong to their letter: in Hindi, Tamil or Thai a word has many.
WORD = re.compile(rf"[^\W_](?:[^\W_]|[{MARKS}])*")
# What may be offered in place of a mistyped word: no numbers, no scraps of code, no hashes.
_SPEECH = re.compile(r"[^\W\d_]{3,32}")
_INLINE = {
    *("a", "abbr", "b", "cite", "code", "del", "em", "i", "ins", "kbd", "mark", "q", "s", "samp"),
    *("small", "span", "strong", "sub", "sup", "time", "u", "var", "wbr"),
}

# Too common to be looked for beside other words: PostgreSQL's english.stop.
STOP_WORDS = frozenset(
    WORD.findall(
        "i me my myself we our ours ourselves you your yours yourself yourselves he him his"
        " himself she her hers herself it its itself they them their theirs themselves what which"
        " who whom this that these those am is are was were be been being have has had having do"
        " does did doing a an the and but if or because as until while of at by for with about"
        " against between into through during before after above below to from up down in out on"
        " off over under again further then once here there when where why how all any both each"
        " few more most other some such no nor not only own same so than too very s t can will"
        " just don should now"
    )
)

# Endings of English words: what is left of two forms of a word is mostly the same.
_ENDINGS = re.compile(
    r"(?<=.{3})(?:ations?|ating|ated|ates?|encies|ities|ments?|ional|ency|ance|ence|ally|able|ible"
    r"|ants?|ents?|ions?|ings?|ives?|ity|ers?|ors?|ies|ied|ed|es|al|ly|(?<!s)s|e|y)$"
)


def normal(text: str) -> str:
    """The text as search compares it: one spelling of each letter, and none that nobody sees.

    A soft hyphen or a zero-width joiner (Unicode's category Cf) is no end of a word.
    """
    text = unicodedata.normalize("NFKC", text)
    if text.isascii():
        return text
    return "".join(letter for letter in text if unicodedata.category(letter) != "Cf")


def text_of(element: HtmlElement) -> str:
    """What stands in the element, on one line: whatever begins a line is set apart by a blank."""
    pieces: list[str] = []
    for event, part in etree.iterwalk(element, events=("start", "end")):
        apart = "" if part.tag in _INLINE else " "
        following = "" if part is element else part.tail or ""
        pieces += [apart, (part.text or "") if event == "start" else following]
    return " ".join("".join(pieces).split())


def code_of(block: HtmlElement) -> str:
    """The code in the element as it was written, a line break for each <br>."""
    pieces = [block.text or ""]
    for part in block.iterdescendants():
        pieces.append("\n" if part.tag == "br" else part.text or "")
        pieces.append(part.tail or "")
    return "".join(pieces)


def plain_text(html: str) -> str:
    """The words of stored HTML, each block set apart from the next.

    Code comes last, so that an excerpt is taken from what is said about it, where it can be.
    """
    if not html.strip():
        return ""
    root = lxml_html.fragment_fromstring(sanitize(html), create_parent="div")
    code = list(root.iter("pre"))
    for block in code:
        block.addprevious(lxml_html.Element("hr"))  # what stands around it stays apart
        block.drop_tree()
    text = " ".join(text_of(part) for part in [root, *code])
    return " ".join(normal(text).split())[:MAX_TEXT_LENGTH]


def words_of(text: str) -> list[str]:
    """The words of the text in small letters, without signs."""
    return WORD.findall(normal(text).lower())


def vocabulary(*texts: str) -> list[str]:
    """Each word of the texts that could be meant by a mistyped one, in alphabetical order."""
    words = {word for text in texts for word in words_of(text)}
    return sorted(word for word in words - STOP_WORDS if _SPEECH.fullmatch(word))


def distance(one: str, other: str) -> int:
    """How many letters to change, add, leave out or swap with their neighbor.

    Optimal string alignment: Damerau (1964), "A technique for computer detection and correction
    of spelling errors".
    """
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, letter in enumerate(one, start=1):
        two_before, before, row = before, row, [i]
        for j, its in enumerate(other, start=1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (letter != its))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == its:
                cost = min(cost, two_before[j - 2] + 1)
            row.append(cost)
    return row[-1]


def says(text: str, words: Iterable[str], *, beginning: str = "") -> bool:
    """Whether the text has a form of each of the words; `beginning` may go on in any way.

    Accents do not count: people type names that they do not know how to spell. Made for short
    texts that are asked again and again.
    """
    said, roots = _forms(text)
    return all(
        root_of(folded(word)) in roots
        or (word == beginning and any(one.startswith(folded(word)) for one in said))
        for word in words
    )


@lru_cache(maxsize=2_000)
def _forms(text: str) -> tuple[frozenset[str], frozenset[str]]:
    said = frozenset(folded(word) for word in words_of(text))
    return said, frozenset(map(root_of, said))


# Letters that are none with an accent for Unicode, and are typed without theirs all the same.
_PLAIN = str.maketrans(
    {"ø": "o", "æ": "ae", "œ": "oe", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i"}
)


def folded(word: str) -> str:
    """The word in small letters and without accents."""
    apart = unicodedata.normalize("NFD", word.casefold()).translate(_PLAIN)
    return "".join(letter for letter in apart if not unicodedata.combining(letter))


class Marker:
    """Finds the forms of some words in texts, and marks them there. Another search may find them
    in its own way.
    """

    def __init__(self, words: Iterable[str], *, beginning: str = "") -> None:
        """`beginning` may go on in any way, as a word that is still being typed."""
        self._roots = {root_of(word) for word in words}
        self._beginning = beginning
        stems = sorted({*self._roots, beginning} - {""}, key=len, reverse=True)
        either = "|".join(map(re.escape, stems))
        self._near = re.compile(rf"(?<![^\W_])(?:{either})[^\W_]*", re.I) if stems else None

    def mark(self, text: str) -> SafeString:
        """The text, escaped, with a <mark> around each word that was found."""
        pieces, end = [SafeString()], 0
        for found in self.found_in(text):
            pieces.append(
                format_html("{}<mark>{}</mark>", text[end : found.start()], found.group())
            )
            end = found.end()
        pieces.append(format_html("{}", text[end:]))
        return mark_safe("".join(pieces))  # noqa: S308 each piece is escaped above

    def excerpt(self, text: str) -> SafeString:
        """The part of the text that has most of the words, marked; of several the first.

        Nothing where the text has none of them.
        """
        some = islice(self.found_in(text), MAX_EXCERPT_STARTS)
        places = [(found.start(), root_of(found.group().lower())) for found in some]
        if not places:
            return SafeString()
        begin, best = places[0][0], 0
        for i, (start, _) in enumerate(places):
            near = {root for at, root in places[i : i + 40] if at < start + EXCERPT_LENGTH - 60}
            if len(near) > best:
                begin, best = start, len(near)
        begin = max(0, begin - 50)
        end = min(len(text), begin + EXCERPT_LENGTH)
        # From the beginning of a word to the end of one, unless a word is endless.
        if begin and (gap := text.find(" ", begin, begin + 40)) >= 0:
            begin = gap + 1
        if end < len(text) and (gap := text.rfind(" ", end - 40, end)) >= 0:
            end = gap
        before, after = "… " if begin else "", " …" if end < len(text) else ""
        return format_html("{}{}{}", before, self.mark(text[begin:end]), after)

    def found_in(self, text: str) -> Iterator[re.Match[str]]:
        """Where the text has one of them, from its beginning to its end."""
        if self._near is None:
            return
        for found in self._near.finditer(text):
            word = found.group().lower()
            is_begun = bool(self._beginning) and word.startswith(self._beginning)
            if is_begun or root_of(word) in self._roots:
                yield found


def root_of(word: str) -> str:
    """The word without its ending, always a beginning of the word."""
    if word in STOP_WORDS:  # "they" is no form of "the"
        return word
    return _ENDINGS.sub("", word).rstrip("e")
