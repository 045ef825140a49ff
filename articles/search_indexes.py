"""Finding words in what is live, in either database, behind the same three questions.

PostgreSQL: a tsvector with weights, and trigrams for what is mistyped. SQLite: FTS5 for both.
The indexes are derived by the database itself from `RevisionText` and `SearchWord`
(migration 0010); what is live is asked of `Revision.objects.live()` each time.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from django.db import connection

from articles.models import Revision, Topic

# So many of those found are ranked word for word and can be leafed through: first those that have
# the words in their title, then in their summary, then the freshest.
FOREMOST = 300
SIMILAR = 30


@dataclass(frozen=True)
class Term:
    """A word to find, in each of its grammatical forms.

    Of one that is still being typed, `is_begun`, whatever begins like it is found as well;
    `others` are whole words that begin like it, which a stem of theirs may not.
    """

    word: str
    is_begun: bool = False
    others: tuple[str, ...] = ()


@dataclass(frozen=True)
class Found:
    """Live revisions, the best `FOREMOST` by id, and how many there are, in all and by topic."""

    foremost: list[int] = field(default_factory=list)
    total: int = 0
    by_topic: dict[int, int] = field(default_factory=dict)


class Index(Protocol):
    def find(self, terms: Sequence[Term], *, any_of: bool, topic: Topic | None) -> Found:
        """The live revisions that say all of the terms, or any of them.

        `topic` narrows those listed; the numbers are those of all topics.
        """

    def is_said(self, term: Term) -> bool:
        """Whether any live revision says it."""

    def similar(self, word: str) -> list[str]:
        """At most `SIMILAR` words of any revision that share most with this one, the best first."""


def index() -> Index:
    return PostgreSQL() if connection.vendor == "postgresql" else SQLite()


# Both databases: from the revisions in `found` to those listed, and the numbers.
_LISTED = """
    listed AS (
        SELECT * FROM found {narrowed}
        ORDER BY in_title DESC, in_lead DESC, published_at DESC, id DESC LIMIT {foremost}
    )"""
_NARROWED = (
    "WHERE article_id IN (SELECT article_id FROM articles_article_topics WHERE topic_id = %s)"
)
_ANSWER = """
    SELECT 'foremost' AS kind, id, row_number() OVER (
        ORDER BY in_title DESC, rank DESC, published_at DESC, id DESC
    ) AS number FROM {ranked}
    UNION ALL
    SELECT 'topic', topic_id, count(*) FROM found
    JOIN articles_article_topics USING (article_id) GROUP BY topic_id
    UNION ALL
    SELECT 'total', 0, count(*) FROM found
    ORDER BY number"""


class PostgreSQL:
    def find(self, terms: Sequence[Term], *, any_of: bool, topic: Topic | None) -> Found:
        live, moments = _live()
        whole, words = _tsquery(terms, any_of=any_of)
        title, title_words = _tsquery(terms, any_of=any_of, weight="A")
        statement = f"""
            WITH found AS MATERIALIZED (
                SELECT live.id, live.article_id, live.published_at,
                    text.lead @@ ({title}) AS in_title, text.lead @@ ({whole}) AS in_lead
                FROM articles_revisiontext text JOIN ({live}) live ON live.id = text.revision_id
                WHERE text.words @@ ({whole})
            ), {_listed(topic)}, ranked AS (
                SELECT listed.*, round(ts_rank(text.words, {whole})::numeric, 2) AS rank
                FROM listed JOIN articles_revisiontext text ON text.revision_id = listed.id
            ) {_ANSWER.format(ranked="ranked")}"""
        narrowed = [topic.pk] if topic else []
        return _ask(statement, [*title_words, *words, *moments, *words, *narrowed, *words])

    def is_said(self, term: Term) -> bool:
        live, moments = _live()
        whole, words = _tsquery([term], any_of=False)
        statement = f"""
            SELECT EXISTS (
                SELECT FROM articles_revisiontext text JOIN ({live}) live
                ON live.id = text.revision_id WHERE text.words @@ ({whole})
            )"""
        return bool(_rows(statement, [*moments, *words])[0][0])

    def similar(self, word: str) -> list[str]:
        statement = """
            SELECT word FROM articles_searchword WHERE word %% %s
            ORDER BY similarity(word, %s) DESC, word LIMIT %s"""
        return [found for (found,) in _rows(statement, [word, word, SIMILAR])]


def _tsquery(terms: Sequence[Term], *, any_of: bool, weight: str = "") -> tuple[str, list[str]]:
    """An expression of type tsquery and its parameters. Words are letters and digits only."""
    expressions, parameters = [], []
    for term in terms:
        label = f":{weight}" if weight else ""
        expression = "to_tsquery('english', %s)"
        parameters.append(" | ".join(f"'{word}'{label}" for word in (term.word, *term.others)))
        if term.is_begun:
            expression = f"({expression} || to_tsquery('simple', %s))"
            parameters.append(f"'{term.word}':*{weight}")
        expressions.append(expression)
    return (" || " if any_of else " && ").join(expressions), parameters


class SQLite:
    def find(self, terms: Sequence[Term], *, any_of: bool, topic: Topic | None) -> Found:
        live, moments = _live()
        whole = _match(terms, any_of=any_of)
        statement = f"""
            WITH found AS MATERIALIZED (
                SELECT live.id, live.article_id, live.published_at,
                    live.id IN (
                        SELECT rowid FROM articles_words WHERE articles_words MATCH %s
                    ) AS in_title,
                    live.id IN (
                        SELECT rowid FROM articles_words WHERE articles_words MATCH %s
                    ) AS in_lead,
                    text.rank
                FROM (
                    SELECT rowid AS id, round(-bm25(articles_words, 10, 4, 1), 1) AS rank
                    FROM articles_words WHERE articles_words MATCH %s
                ) text JOIN ({live}) live ON live.id = text.id
            ), {_listed(topic)} {_ANSWER.format(ranked="listed")}"""
        lead = [f"{{title}} : ({whole})", f"{{title summary}} : ({whole})"]
        narrowed = [topic.pk] if topic else []
        return _ask(statement, [*lead, whole, *moments, *narrowed])

    def is_said(self, term: Term) -> bool:
        live, moments = _live()
        statement = f"""
            SELECT EXISTS (
                SELECT 1 FROM articles_words JOIN ({live}) live ON live.id = articles_words.rowid
                WHERE articles_words MATCH %s
            )"""
        return bool(_rows(statement, [*moments, _match([term], any_of=False)])[0][0])

    def similar(self, word: str) -> list[str]:
        framed = f" {word} "  # so that a first and a last letter count, as they do in PostgreSQL
        trigrams = {framed[i : i + 3] for i in range(len(framed) - 2)}
        statement = """
            SELECT rtrim(ltrim(word)) FROM articles_letters WHERE articles_letters MATCH %s
            ORDER BY rank LIMIT %s"""
        either = " OR ".join(f'"{trigram}"' for trigram in sorted(trigrams))
        return [found for (found,) in _rows(statement, [either, SIMILAR])]


def _match(terms: Sequence[Term], *, any_of: bool) -> str:
    """The terms in FTS5's language (sqlite.org/fts5.html, section 3)."""
    ways = []
    for term in terms:
        words = [f'"{word}"' for word in (term.word, *term.others)]
        if term.is_begun:
            words.append(f'"{term.word}" *')
        ways.append(f"({' OR '.join(words)})")
    return (" OR " if any_of else " AND ").join(ways)


def _live() -> tuple[str, tuple[Any, ...]]:
    """The live revisions as a part of a statement, and its parameters."""
    live = Revision.objects.live().order_by().values("id", "article_id", "published_at")
    return live.query.sql_with_params()


def _listed(topic: Topic | None) -> str:
    return _LISTED.format(narrowed=_NARROWED if topic else "", foremost=FOREMOST)


def _rows(statement: str, parameters: Sequence[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return cursor.fetchall()


def _ask(statement: str, parameters: Sequence[Any]) -> Found:
    """What a statement that ends with `_ANSWER` says."""
    rows = _rows(statement, parameters)
    return Found(
        foremost=[number for kind, number, _ in rows if kind == "foremost"],
        total=sum(count for kind, _, count in rows if kind == "total"),
        by_topic={topic: count for kind, topic, count in rows if kind == "topic"},
    )
