"""The words of released revisions, and over them the index of the database that is there.

Both databases derive their index from the rows themselves: PostgreSQL by generated columns, SQLite
by triggers. A later migration that makes SQLite rebuild one of the two tables drops its triggers
with the old table; such a migration ends with `make_indexes` again.
"""

import django.db.models.deletion
from django.db import migrations, models

# PostgreSQL takes "node.js" for a host and "a/b" for a file: without the signs they are words.
SIGNS = r"""!"#$%&'()*+,-./:;<=>?@[\]^_`{|}~"""

POSTGRESQL = """
CREATE EXTENSION IF NOT EXISTS pg_trgm;
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
    return f"setweight(to_tsvector('english', {plain}), '{weight}')"


def make_indexes(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        parts = {"title": "A", "summary": "B", "body": "C"}
        vectors = {column: vector(column, weight) for column, weight in parts.items()}
        # No parameters: the signs have a percent sign among them.
        schema_editor.execute(POSTGRESQL.format(**vectors), params=None)
    else:
        for statement in SQLITE:
            schema_editor.execute(statement)


def drop_indexes(apps, schema_editor):
    """The rest goes with the tables. The extension stays: others may use it."""
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("DROP FUNCTION articles_saying")
    else:
        for name in ["insert", "delete", "update"]:
            schema_editor.execute(f"DROP TRIGGER articles_words_{name}")
        for name in ["insert", "delete"]:
            schema_editor.execute(f"DROP TRIGGER articles_letters_{name}")
        schema_editor.execute("DROP TABLE articles_words")
        schema_editor.execute("DROP TABLE articles_letters")


class Migration(migrations.Migration):
    dependencies = [
        ("articles", "0003_live_until_of_old_revisions"),
    ]

    operations = [
        migrations.CreateModel(
            name="RevisionText",
            fields=[
                (
                    "revision",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="text",
                        serialize=False,
                        to="articles.revision",
                    ),
                ),
                ("title", models.TextField()),
                ("summary", models.TextField(blank=True)),
                ("body", models.TextField(blank=True)),
            ],
        ),
        migrations.CreateModel(
            name="SearchWord",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("word", models.CharField(max_length=32, unique=True)),
            ],
        ),
        migrations.CreateModel(
            name="SearchCount",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("day", models.DateField()),
                ("words", models.CharField(max_length=80)),
                ("count", models.PositiveIntegerField(default=0, verbose_name="times")),
                (
                    "found",
                    models.PositiveIntegerField(
                        default=0, help_text="The last time.", verbose_name="articles found"
                    ),
                ),
            ],
            options={
                "verbose_name": "search",
                "verbose_name_plural": "what people look for",
                "ordering": ["-day", "-count", "words"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("words", "day"),
                        name="articles_one_count_a_day_for_the_same_words",
                    )
                ],
            },
        ),
        migrations.RunPython(make_indexes, drop_indexes),
    ]
