"""From what somebody typed to what is looked for. Any text is a search: signs mean nothing."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from articles import search_indexes
from articles.titles import titled
from leads.search.index import Index, Term, Way
from leads.search.plain import MIN_DIGITS, plain
from mail.addresses import readable
from prose import spelling
from prose.text import STOP_WORDS, normal, root_of, words_of

# The rest is ignored: nobody types that much, and each word costs time.
MAX_QUERY_LENGTH = 200
MAX_TERMS = 8
MIN_PREFIX_LENGTH = 2
MIN_ROOT_LENGTH = 3
MAX_MEANT = 3  # words that are equally near to a mistyped one

# Digits in a row, with whatever people write between those of a phone number.
_NUMBER = re.compile(r"\+?\(?[0-9][0-9 ()./\-\u2010-\u2015]*[0-9]|[0-9]")
_TRUNK = "(0)"  # of the number within its country
# A country code has one to three digits; behind it comes so much of a number.
CODE_LENGTHS, MIN_NATIONAL = (1, 2, 3), 6
MIN_INTERNATIONAL = 10  # digits from which on the first may be a country code


@dataclass(frozen=True)
class Asked:
    """What is looked for: every one of the terms. `corrected` are words that nobody says, each with
    what was most likely meant; with one that has no such, `says_nothing`.
    """

    terms: tuple[Term, ...] = ()
    corrected: tuple[tuple[str, str], ...] = ()
    says_nothing: bool = False

    @property
    def finds_nothing(self) -> bool:
        return self.says_nothing or not self.terms


def understand(text: str, index: Index) -> Asked:
    """The terms of somebody's words. The last may go on, unless a blank or a sign ends it."""
    read = _read(text[:MAX_QUERY_LENGTH])
    known = _known(read, index)
    terms = _with_titles(_forms(read, known))
    unknown = [term for term in terms if term.ways[0].words[0] not in known]
    unsaid = {term for term, said in zip(unknown, index.said(unknown), strict=True) if not said}
    meant = {term: _nearest(term, index) for term in unsaid}
    if None in meant.values():
        return Asked(tuple(terms), says_nothing=True)
    found = [meant.get(term) or term for term in terms]
    corrected = [(term.word, one.word) for term, one in meant.items() if one]
    return Asked(tuple(found), tuple(corrected))


def _read(text: str) -> list[Term]:
    """The words and numbers, each in the way in which it was typed."""
    text = " ".join(map(_in_letters, normal(text).split(" ")))
    terms = list[Term]()
    place = 0
    for number in _NUMBER.finditer(text):
        before, after = text[: number.start()], text[number.end() :]
        if before[-1:].isalnum() or after[:1].isalnum():
            continue  # of a word with digits in it
        terms += _words(text[place : number.start()])
        terms += _number(number.group(), is_begun=not after)
        place = number.end()
    terms += _words(text[place:])
    wanted = [term for term in terms if term.word not in STOP_WORDS] or terms
    return list({term.word: term for term in wanted}.values())[:MAX_TERMS]


def _words(text: str) -> list[Term]:
    words = words_of(text)
    is_begun = text[-1:].isalnum()
    terms = [Term(word, (Way(tuple(plain(word).split())),)) for word in words]
    terms = [term for term in terms if term.ways[0].words]
    if terms and is_begun and len(terms[-1].word) >= MIN_PREFIX_LENGTH:
        terms[-1] = replace(terms[-1], ways=(replace(terms[-1].ways[0], is_begun=True),))
    return terms


def _number(typed: str, *, is_begun: bool) -> list[Term]:
    """However it is spaced, and with a country code or without."""
    groups = tuple(re.findall(r"[0-9]+", typed))
    digits = "".join(re.findall(r"[0-9]+", typed.replace(_TRUNK, " ")))
    bare = digits.lstrip("0")
    spans = {digits, bare}
    if typed[0] == "+" or digits.startswith("00") or len(bare) >= MIN_INTERNATIONAL:
        nationals = {bare[length:].lstrip("0") for length in CODE_LENGTHS}
        spans |= {one for one in nationals if len(one) >= MIN_NATIONAL}
    numbers = [
        Way((f"+{span}",), is_begun=True) for span in sorted(spans) if len(span) >= MIN_DIGITS
    ]
    as_typed = Way(groups, is_begun=is_begun and len(groups[-1]) > 1, anywhere=len(groups) > 1)
    return [Term(" ".join(groups), (as_typed, *numbers))]


def _in_letters(word: str) -> str:
    """An address or a domain as it is kept: with its letters for the A-labels of mail servers."""
    if "xn--" not in word.lower():
        return word
    return readable(word) if "@" in word else readable(f"@{word}")[1:]


def _known(terms: Sequence[Term], index: Index) -> set[str]:
    """Words of the index that the terms or forms of them may be."""
    words = [term.ways[0].words[0] for term in terms if _is_word(term)]
    roots = {root_of(word) for word in words}
    halves = (half for word in words for half in spelling.halves(word))
    parts = {part for left, right in halves for part in (left, *right)}
    return index.known({*words, *parts}, {root for root in roots if len(root) >= MIN_ROOT_LENGTH})


def _forms(terms: Sequence[Term], known: set[str]) -> list[Term]:
    """The terms with the other forms of their words, and with compounds in one word or in two."""
    joined = dict[Term, list[Way]]()
    for one, other in pairwise(terms):
        if _is_word(one) and _is_word(other):
            both = Way((one.ways[0].words[0] + other.ways[0].words[0],))
            joined.setdefault(one, []).append(both)
            joined.setdefault(other, []).append(both)
    found = list[Term]()
    for term in terms:
        ways = [*term.ways, *joined.get(term, ())]
        if _is_word(term):
            word = term.ways[0].words[0]
            ways += _other_forms(word, known)
            ways += [
                Way((left, end))
                for left, right in spelling.halves(word)
                for end in sorted(set(right))
                if end in known and (left == "e" or left in known)
            ]
        found.append(replace(term, ways=tuple(dict.fromkeys(ways))))
    return found


def _is_word(term: Term) -> bool:
    return len(term.ways[0].words) == 1 and term.ways[0].words[0].isalpha()


def _other_forms(word: str, known: Iterable[str]) -> list[Way]:
    root = root_of(word)
    if len(root) < MIN_ROOT_LENGTH:
        return []
    others = (other for other in known if other.startswith(root) and root_of(other) == root)
    return [Way((other,)) for other in sorted(others) if other != word]


def _with_titles(terms: Sequence[Term]) -> list[Term]:
    """The terms, each also as the articles that have it in their title, for whoever came by one."""
    words = [term for term in terms if _is_word(term)]
    articles = titled(
        [search_indexes.Term(term.word, is_begun=term.ways[0].is_begun) for term in words]
    )
    ways = {
        term: tuple(Way((f"@{key}",)) for key in keys)
        for term, keys in zip(words, articles, strict=True)
    }
    return [replace(term, ways=(*term.ways, *ways.get(term, ()))) for term in terms]


def _nearest(term: Term, index: Index) -> Term | None:
    """What was most likely meant by a term that nothing says, if a person would call it a typing
    error. Words that are equally near will all do.
    """
    if not _is_word(term) or not spelling.may_be_mistyped(term.word):
        return None
    word = term.ways[0].words[0][: spelling.MAX_MISTYPED_LENGTH]
    within = spelling.letters_wrong(word)
    similar = index.similar(word)
    if near := _foremost(spelling.near(word, similar, within=within)):
        forms = (way for one in near for way in _other_forms(one, similar))
        ways = dict.fromkeys([*(Way((one,)) for one in near), *forms])
        [whole] = _with_titles([Term(near[0], tuple(ways))])
        return replace(whole, word=" or ".join(near))
    [of_articles] = search_indexes.index().similar([word])
    near = _foremost(spelling.near(word, of_articles, within=within))
    found = _with_titles([Term(one, (Way((one,)),)) for one in near])
    in_titles = [one for one in found if len(one.ways) > 1]
    if not in_titles:
        return None
    ways = dict.fromkeys(way for one in in_titles for way in one.ways)
    return Term(" or ".join(one.word for one in in_titles), tuple(ways))


def _foremost(near: Iterable[tuple[int, str]]) -> list[str]:
    """The nearest, and those that are just as near."""
    ranked = list(near)
    return [other for letters, other in ranked if letters == ranked[0][0]][:MAX_MEANT]
