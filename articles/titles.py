"""Articles by the words of their titles, for whoever counts what came of them."""

from collections.abc import Sequence

from django.db import connection

from articles.search_indexes import Term, match, tsquery
from desk.unions import rows_of

MAX_TITLED = 200


def titled(terms: Sequence[Term]) -> list[list[int]]:
    """For each of the terms, the articles that ever had it in a published title: the latest
    `MAX_TITLED`. One question to the database, whatever is asked.
    """
    found: list[list[int]] = [[] for _ in terms]
    statements, asked = [], list[object]()
    for place, term in enumerate(terms):
        if connection.vendor == "postgresql":
            query, words = tsquery([term], any_of=False, weight="A")
            saying = f"SELECT id FROM articles_saying({query}, NULL, {MAX_TITLED})"
        else:
            words = [f"{{title}} : ({match([term], any_of=False)})"]
            saying = f"""
                SELECT rowid FROM articles_words WHERE articles_words MATCH %s AND rowid NOT IN (
                    SELECT revision_id FROM articles_revisiontext WHERE draft_of IS NOT NULL
                ) ORDER BY rowid DESC LIMIT {MAX_TITLED}"""
        statements.append(
            f"SELECT {place}, article_id FROM articles_revision"
            f" WHERE id IN (SELECT * FROM ({saying}) saying_{place})"
        )
        asked += words
    if statements:
        for place, article in rows_of(" UNION ".join(statements), asked):
            found[place].append(article)
    return found
