"""Search: from what visitors typed to articles, with help when little or nothing matches.

All words must match first; then words that no article contains are corrected; then any one word is
enough. Words like "the" count only when there are no others: "the who" is searched as typed.
"""

from collections.abc import Iterator, Sequence
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
from prose.spelling import halves
from prose.text import STOP_WORDS, Marker, says, words_of

# The rest is ignored: nobody types that much, and each word costs time.
MAX_QUERY_LENGTH = 200
MAX_TERMS = 8
COMPLETIONS = 20
MAX_SUGGESTIONS = 3
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

    unsaid = tuple(term.word for term in terms if not (term.named or index.is_said(term)))
    near = {word: meant for word in unsaid if may_correct and (meant := _nearest(index, word))}
    corrected = tuple(Term(near[term.word]) if term.word in near else term for term in terms)
    if near and (matches := index.find(corrected, any_of=False, topic=topic)).total:
        return Results(understood, matches, corrected, unsaid)

    said = tuple(term for term in corrected if term.word not in unsaid)
    if said and (matches := index.find(said, any_of=True, topic=topic)).total:
        return Results(understood, matches, said, unsaid, is_loose=len(said) > 1)
    # Each costs a question to the database: no more are looked for than are shown.
    if not may_correct:
        return Results(understood, unsaid=unsaid)
    near_words = (meant for word in unsaid for meant in _suggested(index, word))
    suggestions = list(islice(near_words, MAX_SUGGESTIONS))
    return Results(understood, unsaid=unsaid, suggestions=suggestions)


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


def _nearest(index: search_indexes.Index, word: str) -> str | None:
    """The word that is said and was most likely meant, if a person would call it a typing error."""
    return next(_near(index, word, within=spelling.letters_wrong(word)), None)


def _suggested(index: search_indexes.Index, word: str) -> Iterator[str]:
    """Words that may be asked about: of a long one every third letter may be wrong."""
    is_long = len(word) > spelling.LONG
    return _near(index, word, within=len(word) // 3 if is_long else 1)


def _near(index: search_indexes.Index, word: str, *, within: int) -> Iterator[str]:
    """Words of live articles, at most so many letters away, the nearest first."""
    if not spelling.may_be_mistyped(word):
        return
    similar = index.similar(word[: spelling.MAX_MISTYPED_LENGTH])
    for _, other in spelling.near(word, similar, within=within):
        if index.is_said(Term(other)):
            yield other
