"""What a good editor would look at again. Nothing here keeps an article from being published."""

import re
from collections.abc import Iterator

from articles.checking.findings import Finding, Kind, Place
from articles.checking.passages import Body
from prose.code_blocks import language_of
from prose.text import text_of

# What results pages show before they cut.
MAX_TITLE, MAX_DESCRIPTION = 65, 160
MAX_WORDS_IN_SENTENCE = 30
MAX_SHOWN = 60

_SENTENCE_END = re.compile(r"(?<=[.!?…])[”’\"')]*\s+")
_SAYS_NOTHING = frozenset(
    [
        *("here", "click here", "click", "this", "that", "it", "link", "this link", "the link"),
        *("more", "read more", "see more", "learn more", "find out more", "continue"),
        *("this page", "this article", "this post", "page", "article", "website", "site", "url"),
        *("hier", "hier klicken", "mehr", "weiterlesen", "ici", "cliquez ici", "lire la suite"),
        *("aquí", "haz clic aquí", "leer más", "her", "læs mere", "klik her"),
    ]
)
_ADDRESS = re.compile(r"(?:https?://|www\.)\S+")


def check_wording(body: Body) -> Iterator[Finding]:
    """Of the text: heading order, link text, code without language."""
    yield from _headings(body)
    for nth, link in body.each("a"):
        words = text_of(link)
        plain = words.casefold().strip(" .,:;…→»>")
        if plain in _SAYS_NOTHING or (words and _ADDRESS.fullmatch(words)):
            place = Place(body.field, tag="a", nth=nth, quote=words, noun="link")
            yield Finding(
                Kind.LINK_TEXT,
                False,
                f"“{words[:MAX_SHOWN]}” does not say where the link leads. Link the words that do.",
                place,
            )
    for nth, block in body.each("pre"):
        if not language_of(block) and (code := text_of(block)):
            place = Place(body.field, tag="pre", nth=nth, noun="code")
            yield Finding(
                Kind.LANGUAGE,
                False,
                f"The code “{_beginning(code)}” has no language. Choose one, or plain text.",
                place,
            )


def check_lengths(title: str, description: str, *, fields: tuple[str, str]) -> Iterator[Finding]:
    """As search results show them, from those two fields."""
    for text, most, field in zip(
        (title, description), (MAX_TITLE, MAX_DESCRIPTION), fields, strict=True
    ):
        if len(text) > most:
            name = "title" if field.endswith("title") else "summary"
            where = " for search results" if field.startswith("seo") else ""
            what = "title" if name == "title" else "description"
            advice = "Shorten it" + ("" if where else f", or write a {what} for search results")
            yield Finding(
                Kind.LENGTH,
                False,
                f"The {what if where else name}{where} is {len(text)} characters long. Search "
                f"results show about {most}. {advice}.",
                Place(field, noun=name),
            )


def check_sentences(summary: str) -> Iterator[Finding]:
    for sentence in _SENTENCE_END.split(summary.strip()):
        if (count := len(sentence.split())) > MAX_WORDS_IN_SENTENCE:
            yield Finding(
                Kind.LONG_SENTENCE,
                False,
                f"A sentence of the summary has {count} words. Make two of it: "
                f"“{_beginning(sentence)}”.",
                Place("summary", quote=sentence, noun="sentence"),
            )


def _headings(body: Body) -> Iterator[Finding]:
    """Two levels are there to be written; the smaller one belongs below the larger."""
    has_large = False
    for nth, heading in body.each("h2", "h3"):
        has_large = has_large or heading.tag == "h2"
        if heading.tag == "h3" and not has_large:
            text = text_of(heading)
            yield Finding(
                Kind.HEADING,
                False,
                f"“{text[:MAX_SHOWN]}” is a small heading with no heading above it. Make it a "
                "heading, or write one above it.",
                Place(body.field, tag="h2, h3", nth=nth, quote=text, noun="heading"),
            )
            return


def _beginning(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= MAX_SHOWN else f"{text[: MAX_SHOWN - 1].rstrip()}…"
