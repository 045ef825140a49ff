"""Asking the index, in either database, behind the same few questions.

PostgreSQL: tsvectors, and trigrams for what is mistyped. SQLite: FTS5 for both. How they are made,
and what is in them, says `postgresql.py`.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from django.db import connections
from django.db.models import QuerySet
from django.db.models.expressions import RawSQL

# So many of those that match are ranked, the newest.
MAX_RANKED = 1_000
SIMILAR = 30
MAX_FORMS = 200
MAX_ENDING = 8
# What stands in a name counts more than what is known of it, and that more than what was said.
WEIGHTS = {"A": 1.0, "B": 0.4, "C": 0.15, "D": 0.05}


@dataclass(frozen=True)
class Way:
    """Words that will do for a term: one after the other or, `anywhere`, in whatever order. The
    last of them may go on if it `is_begun`.
    """

    words: tuple[str, ...]
    is_begun: bool = False
    anywhere: bool = False


@dataclass(frozen=True)
class Term:
    """What has to be said, in one of these ways; `word` is how people read it."""

    word: str
    ways: tuple[Way, ...]


class Index(Protocol):
    def known(self, words: Collection[str], roots: Collection[str]) -> set[str]:
        """Which of these words are in any entry, and which words there begin with these roots and
        go on for an ending at most.
        """

    def similar(self, word: str) -> list[str]:
        """Words of any entry that share much with this one, the best first."""

    def said(self, terms: Sequence[Term]) -> list[bool]:
        """Of each of the terms, whether any entry says it."""

    def best(
        self, terms: Sequence[Term], rows: Mapping[str, QuerySet[Any]], *, limit: int
    ) -> dict[str, list[int]]:
        """The best of these rows of each kind that say all of the terms: of the `MAX_RANKED` newest
        that do, by what they say it in, and of equals the newest first.
        """

    def saying(self, terms: Sequence[Term], kind: str) -> RawSQL:
        """The keys of all entries of that kind that say all of the terms."""


def index(using: str) -> Index:
    if connections[using].vendor == "postgresql":
        return PostgreSQL(using)
    return SQLite(using)


@dataclass(frozen=True)
class PostgreSQL:
    using: str

    def known(self, words: Collection[str], roots: Collection[str]) -> set[str]:
        statement = "SELECT word FROM leads_search_vocabulary WHERE word = ANY (%s)"
        asked: list[Any] = [list(words)]
        for root in roots:
            statement += f""" UNION (
                SELECT word FROM leads_search_vocabulary
                WHERE word LIKE %s AND length(word) <= %s LIMIT {MAX_FORMS})"""
            asked += [f"{root}%", len(root) + MAX_ENDING]
        return {word for (word,) in _rows(self.using, statement, asked)}

    def similar(self, word: str) -> list[str]:
        statement = """
            SELECT word FROM leads_search_vocabulary WHERE word %% %s
            GROUP BY word ORDER BY similarity(word, %s) DESC, word LIMIT %s"""
        return [found for (found,) in _rows(self.using, statement, [word, word, SIMILAR])]

    def said(self, terms: Sequence[Term]) -> list[bool]:
        if not terms:
            return []
        each = ", ".join("leads_search_says(%s::tsquery)" for _ in terms)
        return list(_rows(self.using, f"SELECT {each}", [_tsquery([term]) for term in terms])[0])

    def best(
        self, terms: Sequence[Term], rows: Mapping[str, QuerySet[Any]], *, limit: int
    ) -> dict[str, list[int]]:
        asked = _tsquery(terms)
        weights = [WEIGHTS[letter] for letter in "DCBA"]
        selections = {
            kind: (
                f"""
                SELECT '{kind}' AS kind, id, row_number() OVER (ORDER BY rank DESC, id DESC) place
                FROM (
                    SELECT entry.id, round(ts_rank(%s::real[], words, %s::tsquery)::numeric, 2) rank
                    FROM leads_search_newest_{kind}(%s::tsquery, {MAX_RANKED}) newest
                    JOIN leads_search_{kind} entry ON entry.id = newest.id
                ) {kind}_ranked WHERE id IN ({{rows}})""",
                [weights, asked, asked],
            )
            for kind in rows
        }
        return _best(self.using, selections, rows, limit)

    def saying(self, terms: Sequence[Term], kind: str) -> RawSQL:
        statement = f"SELECT id FROM leads_search_{kind} WHERE words @@ %s::tsquery"
        return RawSQL(statement, [_tsquery(terms)])


def _tsquery(terms: Sequence[Term]) -> str:
    """In PostgreSQL's language. Words are letters and digits, after a sign of ours at most."""
    return " & ".join(f"({' | '.join(map(_tsquery_way, term.ways))})" for term in terms)


def _tsquery_way(way: Way) -> str:
    words = [f"'{word}'" for word in way.words]
    if way.is_begun:
        words[-1] += ":*"
    return f"({(' & ' if way.anywhere else ' <-> ').join(words)})"


@dataclass(frozen=True)
class SQLite:
    using: str

    KINDS = ("lead", "inquiry", "contact", "company")

    def known(self, words: Collection[str], roots: Collection[str]) -> set[str]:
        conditions = [(f"term IN ({', '.join(['%s'] * len(words))})", list[Any](words))]
        for root in roots:
            condition = "term >= %s AND term < %s AND length(term) <= %s"
            conditions.append((condition, [root, _after(root), len(root) + MAX_ENDING]))
        return self._words(conditions)

    def similar(self, word: str) -> list[str]:
        """All that begin alike and are about as long: there are few enough of them."""
        condition = "term >= %s AND term < %s AND length(term) BETWEEN %s AND %s"
        asked = [word[0], _after(word[0]), len(word) - 2, len(word) + 2]
        return sorted(filter(str.isalpha, self._words([(condition, asked)])))

    def _words(self, conditions: Sequence[tuple[str, list[Any]]]) -> set[str]:
        """Those of which one of the conditions holds, each with its parameters."""
        statements = [
            (f"SELECT term FROM leads_search_{kind}_vocabulary WHERE {condition}", asked)
            for kind in self.KINDS
            for condition, asked in conditions
        ]
        whole = " UNION ".join(statement for statement, _ in statements)
        return {
            word
            for (word,) in _rows(
                self.using, whole, [one for _, asked in statements for one in asked]
            )
        }

    def said(self, terms: Sequence[Term]) -> list[bool]:
        if not terms:
            return []
        one = " OR ".join(
            f"EXISTS (SELECT 1 FROM leads_search_{kind} WHERE leads_search_{kind} MATCH %s)"
            for kind in self.KINDS
        )
        each = ", ".join(f"({one})" for _ in terms)
        asked = [_match([term]) for term in terms for _ in self.KINDS]
        return [bool(said) for said in _rows(self.using, f"SELECT {each}", asked)[0]]

    def best(
        self, terms: Sequence[Term], rows: Mapping[str, QuerySet[Any]], *, limit: int
    ) -> dict[str, list[int]]:
        weights = ", ".join(str(weight * 20) for weight in WEIGHTS.values())
        whole = _match(terms)
        within = (
            "rowid IN (SELECT rowid FROM leads_search_{kind} WHERE leads_search_{kind} MATCH %s)"
        )
        selections = {
            kind: (
                f"""
                SELECT '{kind}' AS kind, id, row_number() OVER (
                    ORDER BY is_name DESC, is_known DESC, rank DESC, id DESC
                ) place
                FROM (
                    SELECT rowid AS id, round(-bm25(leads_search_{kind}, {weights}), 1) AS rank,
                        {within.format(kind=kind)} AS is_name,
                        {within.format(kind=kind)} AS is_known
                    FROM leads_search_{kind} WHERE leads_search_{kind} MATCH %s
                    ORDER BY rowid DESC LIMIT {MAX_RANKED}
                ) WHERE id IN ({{rows}})""",
                [f"{{who}} : ({whole})", f"{{who about}} : ({whole})", whole],
            )
            for kind in rows
        }
        return _best(self.using, selections, rows, limit)

    def saying(self, terms: Sequence[Term], kind: str) -> RawSQL:
        statement = f"SELECT rowid FROM leads_search_{kind} WHERE leads_search_{kind} MATCH %s"
        return RawSQL(statement, [_match(terms)])


def _match(terms: Sequence[Term]) -> str:
    """In FTS5's language (sqlite.org/fts5.html, section 3)."""
    return " AND ".join(f"({' OR '.join(map(_match_way, term.ways))})" for term in terms)


def _match_way(way: Way) -> str:
    end = " *" if way.is_begun else ""
    if way.anywhere:
        return "({})".format(" AND ".join(f'"{word}"' for word in way.words) + end)
    return f'"{" ".join(way.words)}"{end}'


def _after(beginning: str) -> str:
    """What comes after all words that begin so."""
    return beginning[:-1] + chr(ord(beginning[-1]) + 1)


def _best(
    using: str,
    selections: Mapping[str, tuple[str, list[Any]]],
    rows: Mapping[str, QuerySet[Any]],
    limit: int,
) -> dict[str, list[int]]:
    """Ask all of the selections in one statement, each narrowed to its rows."""
    statements, asked = [], list[Any]()
    for kind, (statement, parameters) in selections.items():
        narrowed, narrowing = rows[kind].order_by().values("pk").query.sql_with_params()
        statements.append(
            f"SELECT * FROM ({statement.format(rows=narrowed)}) {kind} WHERE place <= %s"
        )
        asked += [*parameters, *narrowing, limit]
    found: dict[str, list[int]] = {kind: [] for kind in rows}
    for kind, key, _ in sorted(
        _rows(using, " UNION ALL ".join(statements), asked), key=lambda row: row[2]
    ):
        found[kind].append(key)
    return found


def _rows(using: str, statement: str, asked: Sequence[Any]) -> list[tuple[Any, ...]]:
    with connections[using].cursor() as cursor:
        cursor.execute(statement, asked)
        found: list[tuple[Any, ...]] = cursor.fetchall()
        return found
