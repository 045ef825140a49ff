"""Search: from what visitors typed to articles, with help when little or nothing matches.

All words must match first; then words that no article contains are corrected; then any one word is
enough. Words like "the" count only when there are no others: "the who" is searched as typed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice, pairwise
from typing import Any, Self

from django.db.models import F, Q, QuerySet, Value
from django.utils.safestring import SafeString

from articles import search_indexes
from articles.models import Author, Revision, SearchWord, Series, Topic
from articles.search_indexes import Matches, Term
from desk.unions import each_of
from prose import spelling
from prose.spelling import halves, letters_wrong
from prose.text import STOP_WORDS, Marker, says, words_of

# The rest is ignored: nobody types that much, and each word costs time.
MAX_QUERY_LENGTH = 200
MAX_TERMS = 8
COMPLETIONS = 20
MAX_SUGGESTIONS = 3
MAX_ASKED = 8  # whether they are said: each costs a look into the index
MIN_PREFIX_LENGTH = 2
MAX_NAMES = 1_000  # authors, topics and series that are looked through
AUTHOR, TOPIC, SERIES = "bylines__author", "topics", "series"  # from an article to each
Name = tuple[str, int, str]  # one of these, the key of the row, and what it is called


@dataclass(frozen=True)
class Understood:
    """How a visitor's words are interpreted. If all of them are common words, the only term is the
    whole phrase, and `common` has each word."""

    terms: tuple[Term, ...] = ()
    common: tuple[Term, ...] = ()
    is_cut: bool = False


@dataclass(frozen=True)
class Results:
    """What matched, and which words were searched for in the end.

    `unsaid` are the visitor's words that no article contains; some were replaced by similar ones.
    `is_loose` says that one of the words was enough; `suggestions` are what the visitor may have
    meant when nothing matched.
    """

    understood: Understood
    matches: Matches = field(default_factory=Matches)
    terms: tuple[Term, ...] = ()
    unsaid: tuple[str, ...] = ()
    is_loose: bool = False
    suggestions: list[str] = field(default_factory=list)

    @property
    def topics(self) -> list[tuple[Topic, int]]:
        """The topics of the matches, each with its count, the largest first."""
        topics = Topic.objects.in_bulk(self.matches.by_topic)
        # One may have been deleted since they were counted.
        counted = [
            (topics[pk], count) for pk, count in self.matches.by_topic.items() if pk in topics
        ]
        return sorted(counted, key=lambda one: (-one[1], one[0].name))

    def count(self, topic: Topic | None) -> int:
        """How many matched, in one topic or in all."""
        return self.matches.by_topic.get(topic.pk, 0) if topic else self.matches.total

    def hits(self, ids: Sequence[int]) -> list["Hit"]:
        """Some of the matches, to be shown in this order."""
        begun = next((term.word for term in self.terms if term.is_begun), "")
        looked_for = [
            word
            for term in self.terms
            for phrase in (term.word, *term.others, *term.phrases)
            for word in phrase.split()
        ]
        marker = Marker(looked_for, beginning=begun)
        revisions = Revision.objects.for_listing().select_related("text").in_bulk(ids)
        return [Hit.of(revisions[pk], marker) for pk in ids if pk in revisions]


@dataclass(frozen=True)
class Hit:
    """A revision that matched, with the matching words marked."""

    revision: Revision
    title: SafeString
    excerpt: SafeString

    @classmethod
    def of(cls, revision: Revision, marker: Marker) -> Self:
        excerpt = marker.excerpt(revision.text.body) or marker.mark(revision.summary)
        return cls(revision, marker.mark(revision.title), excerpt)


def search(
    text: str,
    *,
    topic: Topic | None = None,
    may_correct: bool = True,
    among: search_indexes.Among | None = None,
    names: Sequence["Name"] | None = None,
) -> Results:
    """Find live articles, or for staff some of all revisions: see `staff_search`. Any text is a
    search; signs and operators mean nothing in it.

    Words that something else bears in its name are not mistyped: then nothing is corrected.
    `names` are those of `all_names`, which are asked for otherwise.
    """
    understood = understand(text, names)
    index = search_indexes.index(among)
    terms = understood.terms
    if not terms:
        return Results(understood)
    if (matches := index.find(terms, any_of=False, topic=topic)).total:
        return Results(understood, matches, terms)
    if understood.common:  # nobody mistypes these
        matches = index.find(understood.common, any_of=False, topic=topic)
        return Results(understood, matches, understood.common, (terms[0].word,))

    unsaid = _unsaid(index, terms)
    similar = _similar(index, unsaid) if may_correct else {}
    near = {
        word: _near(word, others, within=letters_wrong(word)) for word, others in similar.items()
    }
    # Nearly always what is nearest is said; if not, nothing is found, and only then is it asked.
    meant = {word: others[0] for word, others in near.items() if others}
    corrected = _corrected(terms, meant)
    if meant and (matches := index.find(corrected, any_of=False, topic=topic)).total:
        return Results(understood, matches, corrected, unsaid)
    if (those_said := _first_said(index, near)) != meant:
        corrected = _corrected(terms, those_said)
        if those_said and (matches := index.find(corrected, any_of=False, topic=topic)).total:
            return Results(understood, matches, corrected, unsaid)

    said = tuple(term for term in corrected if term.word not in unsaid)
    if said and (matches := index.find(said, any_of=True, topic=topic)).total:
        return Results(understood, matches, said, unsaid, is_loose=len(said) > 1)
    return Results(understood, unsaid=unsaid, suggestions=_suggested(index, similar))


def understand(text: str, names: Sequence["Name"] | None = None) -> Understood:
    """The terms of a visitor's words; the last of them may go on, unless a space ends it.

    A compound is looked for in two words as well, and two words in one: "timezones".
    """
    begun = text[:MAX_QUERY_LENGTH]
    words = words_of(begun)
    terms = list(dict.fromkeys(word for word in words if word not in STOP_WORDS))
    is_cut = len(terms or words) > MAX_TERMS or bool(text[MAX_QUERY_LENGTH:].strip())
    if words and not terms:
        common = words[:MAX_TERMS]
        each = tuple(map(Term, dict.fromkeys(common)))
        return Understood(tuple(_with_names([Term(" ".join(common))], names)), each, is_cut)
    found = [Term(word) for word in terms[:MAX_TERMS]]
    is_begun = bool(found) and not is_cut and words[-1] == found[-1].word and begun[-1:].isalnum()
    if is_begun and len(found[-1].word) >= MIN_PREFIX_LENGTH:
        found[-1] = replace(found[-1], is_begun=True)
    return Understood(tuple(_with_names(_with_known(found, words), names)), is_cut=is_cut)


def _with_known(terms: list[Term], words: list[str]) -> list[Term]:
    """The terms, each with what it is in two words, and in one together with its neighbor; one
    that is begun with what it may become. One query.

    A stem can be shorter than what was typed of a word: "idempotenc" is longer than what an index
    keeps of "idempotency".
    """
    cuts_of = {term.word: halves(term.word) for term in terms}
    pairs = list(pairwise(words))
    wanted = {half for cuts in cuts_of.values() for left, right in cuts for half in (left, *right)}
    wanted |= {one + other for one, other in pairs}
    begun = next((term.word for term in terms if term.is_begun), "")
    known, longer = _known(wanted, begun)
    terms = [replace(term, others=longer) if term.is_begun else term for term in terms]
    return [
        replace(
            term,
            phrases=tuple(
                f"{left} {end}"
                for left, right in cuts_of[term.word]
                for end in right
                if end in known and (left == "e" or left in known)
            ),
            others=(
                *term.others,
                *(a + b for a, b in pairs if term.word in (a, b) and a + b in known),
            ),
        )
        for term in terms
    ]


def _known(words: set[str], begun: str) -> tuple[set[str], tuple[str, ...]]:
    """Which of the words are said anywhere; and a few that begin like another one."""
    asked = [SearchWord.objects.filter(word__in=words).values_list(Value(0), "word")]
    if begun:
        longer = SearchWord.objects.filter(word__startswith=begun).exclude(word=begun)
        asked.append(longer.order_by("word").values_list(Value(1), "word")[:COMPLETIONS])
    found = each_of(asked)
    return (
        {word for is_longer, word in found if not is_longer},
        tuple(sorted(word for is_longer, word in found if is_longer)),
    )


def all_names() -> list[Name]:
    """Of authors, topics and series, with the way to their articles. One query."""
    kinds: dict[str, QuerySet[Any, Any]] = {
        AUTHOR: Author.objects.annotate(said=F("name")),
        TOPIC: Topic.objects.annotate(said=F("name")),
        SERIES: Series.objects.annotate(said=F("title")),
    }
    return each_of(
        rows.order_by("said").values_list(Value(path), "pk", "said")[:MAX_NAMES]
        for path, rows in kinds.items()
    )


def _with_names(terms: list[Term], names: Sequence[Name] | None) -> list[Term]:
    """The terms, each with the articles whose author, topic or series bears it in its name."""
    names = all_names() if names is None else names
    for place, term in enumerate(terms):
        beginning = term.word if term.is_begun else ""
        bearing = [
            (path, pk)
            for path, pk, name in names
            if says(name, term.word.split(), beginning=beginning)
        ]
        if bearing:
            named = Q()
            for path in (AUTHOR, TOPIC, SERIES):
                named |= Q(**{f"{path}__in": [pk for of, pk in bearing if of == path]})
            terms[place] = replace(term, named=named)
    return terms


def _unsaid(index: search_indexes.Index, terms: Sequence[Term]) -> tuple[str, ...]:
    """The words that nobody says, of terms that nobody says together."""
    asked = [term for term in terms if not term.named]
    if len(terms) == 1:
        return tuple(term.word for term in asked)
    is_said = index.said(asked)
    return tuple(term.word for term, said in zip(asked, is_said, strict=True) if not said)


def _similar(index: search_indexes.Index, words: Sequence[str]) -> dict[str, list[str]]:
    """What resembles those of the words that may be mistyped."""
    asked = list(filter(spelling.may_be_mistyped, words))
    similar = index.similar([word[: spelling.MAX_MISTYPED_LENGTH] for word in asked])
    return dict(zip(asked, similar, strict=True))


def _near(word: str, similar: Sequence[str], *, within: int) -> list[str]:
    """At most so many letters away, the nearest first."""
    return [other for _, other in spelling.near(word, similar, within=within)]


def _corrected(terms: Sequence[Term], meant: Mapping[str, str]) -> tuple[Term, ...]:
    return tuple(Term(meant[term.word]) if term.word in meant else term for term in terms)


def _first_said(index: search_indexes.Index, near: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """Of each word the nearest that is said in what may be found. One query."""
    said = _those_said(index, [other for others in near.values() for other in others])
    firsts = {word: next(filter(said.__contains__, others), "") for word, others in near.items()}
    return {word: first for word, first in firsts.items() if first}


def _suggested(index: search_indexes.Index, similar: Mapping[str, Sequence[str]]) -> list[str]:
    """Words that may be asked about: of a long one every third letter may be wrong."""
    near: list[str] = []
    for word, others in similar.items():
        is_long = len(word) > spelling.LONG
        near += _near(word, others, within=len(word) // 3 if is_long else 1)
    said = _those_said(index, near)
    return list(islice(filter(said.__contains__, near), MAX_SUGGESTIONS))


def _those_said(index: search_indexes.Index, words: Sequence[str]) -> set[str]:
    asked = list(dict.fromkeys(words))[:MAX_ASKED]
    is_said = index.said(list(map(Term, asked)))
    return {word for word, said in zip(asked, is_said, strict=True) if said}
