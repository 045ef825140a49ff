"""Finding words in what is live, in either database, behind the same three questions; and for
staff in what they work on.

PostgreSQL: a tsvector with weights, and trigrams for what is mistyped. SQLite: FTS5 for both.
The indexes are derived by the database itself from `RevisionText` and `SearchWord`
(see the migration); what is live is asked of `Revision.objects.live()` each time.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import reduce
from operator import or_
from typing import Any, Protocol

from django.db import connection
from django.db.models import Q, QuerySet

from articles.models import Article, Revision, Topic
from desk.unions import each_answer, rows_of, yes_or_no

# Work is bounded however many say a word: so many revisions are looked at and counted, those that
# have the words in their title before those that have them in their summary, the freshest first …
MAX_COUNTED = 500
# … and so many of these, chosen in the same way, are ranked by all they say and can be leafed to.
FOREMOST = 120
SIMILAR = 30
EVERY = 1_000_000


Among = Callable[[], "QuerySet[Revision]"]


@dataclass(frozen=True)
class Term:
    """A word to find, in each of its grammatical forms; or several that follow one another.

    Of one that is still being typed, `is_begun`, whatever begins like it is found as well;
    `others` are whole words that will do as well, `phrases` words that will do in this order.
    `named` are the articles whose author, topic or series has it in its name.
    """

    word: str
    is_begun: bool = False
    others: tuple[str, ...] = ()
    phrases: tuple[str, ...] = ()
    named: Q | None = None


@dataclass(frozen=True)
class Matches:
    """Live revisions, the best `FOREMOST` by id, and how many there are, in all and by topic.
    `articles` are those of the foremost, in the same order.

    With `has_more` there are at least so many: the rest was not looked at.
    """

    foremost: list[int] = field(default_factory=list)
    articles: list[int] = field(default_factory=list)
    total: int = 0
    by_topic: dict[int, int] = field(default_factory=dict)
    has_more: bool = False


class Index(Protocol):
    def find(self, terms: Sequence[Term], *, any_of: bool, topic: Topic | None) -> Matches:
        """The live revisions that say all of the terms, or any of them.

        `topic` narrows those listed, and has all of them looked at; the numbers are those of all
        topics.
        """

    def said(self, terms: Sequence[Term]) -> list[bool]:
        """Of each whether any live revision says it. One query."""

    def similar(self, words: Sequence[str]) -> list[list[str]]:
        """For each at most `SIMILAR` words of any revision that share most with it, the best first.
        One query.
        """


def index(among: Among | None = None) -> Index:
    """Of what is live; or of these revisions, drafts among them, for staff."""
    return PostgreSQL(among) if connection.vendor == "postgresql" else SQLite(among)


# Both databases: from the revisions that say it, live or not, to what is live, listed and counted.
_FOUND = """
    found AS MATERIALIZED (
        SELECT said.*, live.article_id, live.published_at
        FROM said JOIN ({live}) live ON live.id = said.id
    ), listed AS (
        SELECT * FROM found {narrowed}
        ORDER BY in_title DESC, in_lead DESC, published_at DESC, id DESC LIMIT {foremost}
    )"""
_NARROWED = (
    "WHERE article_id IN (SELECT article_id FROM articles_article_topics WHERE topic_id = %s)"
)
_ANSWER = """
    SELECT 'foremost' AS kind, id, row_number() OVER (
        ORDER BY in_title DESC, in_lead DESC, rank DESC, published_at DESC, id DESC
    ) AS number, article_id FROM {ranked}
    UNION ALL
    SELECT 'topic', topic_id, count(*), 0 FROM found
    JOIN articles_article_topics USING (article_id) GROUP BY topic_id
    UNION ALL
    SELECT 'total', 0, count(*), 0 FROM found
    UNION ALL
    SELECT 'said', 0, count(*), 0 FROM said
    ORDER BY number"""


class _Index:
    """`among` are the revisions that may be found: what is live, or what staff work on."""

    def __init__(self, among: Among | None = None) -> None:
        self.with_drafts = among is not None
        self.among = among or Revision.objects.live

    def rows(self) -> tuple[str, tuple[Any, ...]]:
        """Those revisions as a part of a statement, and its parameters."""
        found = self.among().order_by().values("id", "article_id", "published_at")
        return found.query.sql_with_params()

    def named(
        self, terms: Sequence[Term], *, any_of: bool
    ) -> tuple[str, list[Term], list[Any]] | None:
        """Where the articles are that the terms name, as a part of a statement with its
        parameters, and the terms that have to be said in them. None where nothing is named.
        """
        names = [term.named for term in terms if term.named is not None]
        if not names:
            return None
        articles = Article.objects.order_by().values("pk")
        if any_of:
            articles = articles.filter(reduce(or_, names))
        else:
            for name in names:  # each for itself: one article may have several authors and topics
                articles = articles.filter(pk__in=Article.objects.filter(name).values("pk"))
        live, moments = self.rows()
        named, parameters = articles.query.sql_with_params()
        rest = [] if any_of else [term for term in terms if term.named is None]
        return f"({live}) live WHERE article_id IN ({named})", rest, [*moments, *parameters]


class PostgreSQL(_Index):
    def find(self, terms: Sequence[Term], *, any_of: bool, topic: Topic | None) -> Matches:
        live, moments = self.rows()
        whole, words = tsquery(terms, any_of=any_of)
        title, title_words = tsquery(terms, any_of=any_of, weight="A")
        most = EVERY if topic else MAX_COUNTED
        said = f"SELECT * FROM articles_saying({whole}, {title}, %s, {self.with_drafts})"
        asked = [*words, *title_words, most]
        if named := self.named(terms, any_of=any_of):
            by_name, rest, their_parameters = named
            if rest:
                others, other_words = tsquery(rest, any_of=False)
                asked_of = f"{others}, NULL, %s, {self.with_drafts}"
                by_name += f" AND id IN (SELECT id FROM articles_saying({asked_of}))"
                their_parameters += [*other_words, EVERY]
            said = f"""
                SELECT id, bool_or(in_title) AS in_title, bool_or(in_lead) AS in_lead
                FROM ({said} UNION ALL SELECT id, false, true FROM {by_name}) either
                GROUP BY id ORDER BY 2 DESC, 3 DESC, 1 DESC LIMIT %s"""
            asked += [*their_parameters, most]
        statement = f"""
            WITH said AS MATERIALIZED ({said}), {_found(live, topic)}, ranked AS (
                SELECT listed.*, round(ts_rank(text.words, {whole})::numeric, 2) AS rank
                FROM listed JOIN articles_revisiontext text ON text.revision_id = listed.id
            ) {_ANSWER.format(ranked="ranked")}"""
        narrowed = [topic.pk] if topic else []
        return _ask(statement, [*asked, *moments, *narrowed, *words], most)

    def said(self, terms: Sequence[Term]) -> list[bool]:
        live, moments = self.rows()
        asked: list[Any] = []
        questions = []
        for term in terms:
            whole, words = tsquery([term], any_of=False)
            questions.append(f"""EXISTS (
                SELECT FROM articles_saying({whole}, NULL, %s, {self.with_drafts}) said
                JOIN ({live}) live ON live.id = said.id
            )""")
            asked += [*words, EVERY, *moments]
        return yes_or_no(questions, asked)

    def similar(self, words: Sequence[str]) -> list[list[str]]:
        statement = """
            SELECT word FROM articles_searchword WHERE word %% %s
            ORDER BY similarity(word, %s) DESC, word LIMIT %s"""
        return each_answer(statement, [[word, word, SIMILAR] for word in words])


def tsquery(terms: Sequence[Term], *, any_of: bool, weight: str = "") -> tuple[str, list[str]]:
    """An expression of type tsquery and its parameters. Words are letters and digits only."""
    expressions, parameters = [], []
    for term in terms:
        label = f":{weight}" if weight else ""
        expression = "to_tsquery('articles_english', %s)"
        ways = [f"'{word}'{label}" for word in (term.word, *term.others)]
        ways += [
            " <-> ".join(f"'{word}'{label}" for word in phrase.split()) for phrase in term.phrases
        ]
        parameters.append(" | ".join(ways))
        if term.is_begun:
            expression = f"({expression} || to_tsquery('simple', %s))"
            parameters.append(f"'{term.word}':*{weight}")
        expressions.append(expression)
    return (" || " if any_of else " && ").join(expressions), parameters


class SQLite(_Index):
    @property
    def but_drafts(self) -> str:
        drafts = "SELECT revision_id FROM articles_revisiontext WHERE draft_of IS NOT NULL"
        return "" if self.with_drafts else f"AND rowid NOT IN ({drafts})"

    def find(self, terms: Sequence[Term], *, any_of: bool, topic: Topic | None) -> Matches:
        live, moments = self.rows()
        whole = match(terms, any_of=any_of)
        most = EVERY if topic else MAX_COUNTED
        said = f"""
            SELECT rowid AS id, round(-bm25(articles_words, 10, 4, 1), 1) AS rank,
                rowid IN (
                    SELECT rowid FROM articles_words WHERE articles_words MATCH %s
                ) AS in_title,
                rowid IN (
                    SELECT rowid FROM articles_words WHERE articles_words MATCH %s
                ) AS in_lead
            FROM articles_words WHERE articles_words MATCH %s {self.but_drafts}
            ORDER BY in_title DESC, in_lead DESC, rowid DESC LIMIT %s"""
        asked = [f"{{title}} : ({whole})", f"{{title summary}} : ({whole})", whole, most]
        if named := self.named(terms, any_of=any_of):
            by_name, rest, their_parameters = named
            if rest:
                by_name += """
                    AND id IN (SELECT rowid FROM articles_words WHERE articles_words MATCH %s)"""
                their_parameters.append(match(rest, any_of=False))
            said = f"""
                SELECT id, max(rank) AS rank, max(in_title) AS in_title, max(in_lead) AS in_lead
                FROM (
                    SELECT * FROM ({said}) UNION ALL SELECT id, 0, false, true FROM {by_name}
                ) GROUP BY id ORDER BY in_title DESC, in_lead DESC, id DESC LIMIT %s"""
            asked += [*their_parameters, most]
        statement = f"""
            WITH said AS MATERIALIZED ({said}), {_found(live, topic)}
            {_ANSWER.format(ranked="listed")}"""
        narrowed = [topic.pk] if topic else []
        return _ask(statement, [*asked, *moments, *narrowed], most)

    def said(self, terms: Sequence[Term]) -> list[bool]:
        live, moments = self.rows()
        question = f"""EXISTS (
            SELECT 1 FROM articles_words JOIN ({live}) live ON live.id = articles_words.rowid
            WHERE articles_words MATCH %s
        )"""
        asked = [value for one in terms for value in (*moments, match([one], any_of=False))]
        return yes_or_no([question] * len(terms), asked)

    def similar(self, words: Sequence[str]) -> list[list[str]]:
        statement = """
            SELECT rtrim(ltrim(word)) AS word FROM articles_letters
            WHERE articles_letters MATCH %s ORDER BY rank LIMIT %s"""
        return each_answer(statement, [[_trigrams(word), SIMILAR] for word in words])


def _trigrams(word: str) -> str:
    framed = f" {word} "  # so that a first and a last letter count, as they do in PostgreSQL
    trigrams = {framed[i : i + 3] for i in range(len(framed) - 2)}
    return " OR ".join(f'"{trigram}"' for trigram in sorted(trigrams))


def match(terms: Sequence[Term], *, any_of: bool) -> str:
    """The terms in FTS5's language (sqlite.org/fts5.html, section 3)."""
    ways = []
    for term in terms:
        words = [f'"{word}"' for word in (term.word, *term.others, *term.phrases)]
        if term.is_begun:
            words.append(f'"{term.word}" *')
        ways.append(f"({' OR '.join(words)})")
    return (" OR " if any_of else " AND ").join(ways)


def _found(live: str, topic: Topic | None) -> str:
    narrowed = _NARROWED if topic else ""
    return _FOUND.format(live=live, narrowed=narrowed, foremost=FOREMOST)


def _ask(statement: str, parameters: Sequence[Any], most: int) -> Matches:
    """What a statement that ends with `_ANSWER` says."""
    rows = rows_of(statement, parameters)
    numbers = {kind: number for kind, _, number, _ in rows if kind in ("total", "said")}
    return Matches(
        foremost=[id for kind, id, *_ in rows if kind == "foremost"],
        articles=[article for kind, *_, article in rows if kind == "foremost"],
        total=numbers["total"],
        by_topic={id: number for kind, id, number, _ in rows if kind == "topic"},
        has_more=numbers["said"] == most,
    )
