"""The index for search, derived from the rows themselves: PostgreSQL has generated columns for
it, SQLite triggers.

SQLite drops a table's triggers when Django alters the table; a migration that does so makes them
again.
"""

# PostgreSQL takes "node.js" for a host and "a/b" for a file: without the signs they are words.
SIGNS = r"""!"#$%&'()*+,-./:;<=>?@[\]^_`{|}~"""

POSTGRESQL = """
CREATE EXTENSION IF NOT EXISTS pg_trgm;
-- English, with words like "who" and "it" kept, as SQLite keeps them.
CREATE TEXT SEARCH DICTIONARY articles_stem (TEMPLATE = snowball, LANGUAGE = english);
CREATE TEXT SEARCH CONFIGURATION articles_english (COPY = pg_catalog.english);
ALTER TEXT SEARCH CONFIGURATION articles_english
    ALTER MAPPING REPLACE pg_catalog.english_stem WITH articles_stem;
ALTER TABLE articles_revisiontext
    ADD COLUMN lead tsvector NOT NULL GENERATED ALWAYS AS ({title} || {summary}) STORED,
    ADD COLUMN words tsvector NOT NULL GENERATED ALWAYS AS ({title} || {summary} || {body}) STORED;
CREATE INDEX articles_words ON articles_revisiontext USING gin (words) WITH (fastupdate = off);
CREATE INDEX articles_letters ON articles_searchword USING gin (word gin_trgm_ops);
-- A function, to keep the planner from reading the whole table for a common word: it takes the rows
-- for short, and does not know what unpacking each tsvector costs.
CREATE FUNCTION articles_saying(asked tsquery, asked_of_title tsquery, most integer)
    RETURNS TABLE (id bigint, in_title boolean, in_lead boolean)
    LANGUAGE sql STABLE ROWS 100 SET enable_seqscan = off
    AS $$
        SELECT revision_id, lead @@ asked_of_title, lead @@ asked
        FROM articles_revisiontext WHERE words @@ asked
        ORDER BY 2 DESC, 3 DESC, 1 DESC LIMIT most
    $$;
"""

SQLITE = [
    """
    CREATE VIRTUAL TABLE articles_words USING fts5(
        title, summary, body, content='articles_revisiontext', content_rowid='revision_id',
        tokenize="porter unicode61 remove_diacritics 2", prefix='2 3'
    )""",
    """
    CREATE TRIGGER articles_words_insert AFTER INSERT ON articles_revisiontext BEGIN
        INSERT INTO articles_words (rowid, title, summary, body)
        VALUES (NEW.revision_id, NEW.title, NEW.summary, NEW.body);
    END""",
    """
    CREATE TRIGGER articles_words_delete AFTER DELETE ON articles_revisiontext BEGIN
        INSERT INTO articles_words (articles_words, rowid, title, summary, body)
        VALUES ('delete', OLD.revision_id, OLD.title, OLD.summary, OLD.body);
    END""",
    """
    CREATE TRIGGER articles_words_update AFTER UPDATE ON articles_revisiontext BEGIN
        INSERT INTO articles_words (articles_words, rowid, title, summary, body)
        VALUES ('delete', OLD.revision_id, OLD.title, OLD.summary, OLD.body);
        INSERT INTO articles_words (rowid, title, summary, body)
        VALUES (NEW.revision_id, NEW.title, NEW.summary, NEW.body);
    END""",
    # Words only come, and with a blank at both ends, so that their first and last letters count.
    "CREATE VIRTUAL TABLE articles_letters USING fts5(word, tokenize='trigram')",
    """
    CREATE TRIGGER articles_letters_insert AFTER INSERT ON articles_searchword BEGIN
        INSERT INTO articles_letters (rowid, word) VALUES (NEW.id, ' ' || NEW.word || ' ');
    END""",
    """
    CREATE TRIGGER articles_letters_delete AFTER DELETE ON articles_searchword BEGIN
        DELETE FROM articles_letters WHERE rowid = OLD.id;
    END""",
]


def vector(column: str, weight: str) -> str:
    signs = SIGNS.replace("'", "''")
    plain = f"translate({column}, '{signs}', repeat(' ', {len(SIGNS)}))"
    return f"setweight(to_tsvector('articles_english', {plain}), '{weight}')"


def make(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        parts = {"title": "A", "summary": "B", "body": "C"}
        vectors = {column: vector(column, weight) for column, weight in parts.items()}
        # No parameters: the signs have a percent sign among them.
        schema_editor.execute(POSTGRESQL.format(**vectors), params=None)
    else:
        for statement in SQLITE:
            schema_editor.execute(statement)


def drop(apps, schema_editor):
    """The rest goes with the tables. The extension stays: others may use it."""
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("DROP FUNCTION articles_saying")
        schema_editor.execute("DROP TEXT SEARCH CONFIGURATION articles_english CASCADE")
        schema_editor.execute("DROP TEXT SEARCH DICTIONARY articles_stem")
    else:
        for name in ["insert", "delete", "update"]:
            schema_editor.execute(f"DROP TRIGGER articles_words_{name}")
        for name in ["insert", "delete"]:
            schema_editor.execute(f"DROP TRIGGER articles_letters_{name}")
        schema_editor.execute("DROP TABLE articles_words")
        schema_editor.execute("DROP TABLE articles_letters")
