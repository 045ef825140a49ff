"""PostgreSQL's index keeps words like "who" and "it" as well, as SQLite's always did."""

from django.db import migrations

# As in 0004: without the signs, "node.js" and "a/b" are words.
SIGNS = r"""!"#$%&'()*+,-./:;<=>?@[\]^_`{|}~"""

CONFIGURATION = """
CREATE TEXT SEARCH DICTIONARY articles_stem (TEMPLATE = snowball, LANGUAGE = english);
CREATE TEXT SEARCH CONFIGURATION articles_english (COPY = pg_catalog.english);
ALTER TEXT SEARCH CONFIGURATION articles_english
    ALTER MAPPING REPLACE pg_catalog.english_stem WITH articles_stem;
"""
NO_CONFIGURATION = """
DROP TEXT SEARCH CONFIGURATION articles_english;
DROP TEXT SEARCH DICTIONARY articles_stem;
"""
COLUMNS = """
ALTER TABLE articles_revisiontext DROP COLUMN lead, DROP COLUMN words;
ALTER TABLE articles_revisiontext
    ADD COLUMN lead tsvector NOT NULL GENERATED ALWAYS AS ({title} || {summary}) STORED,
    ADD COLUMN words tsvector NOT NULL GENERATED ALWAYS AS ({title} || {summary} || {body}) STORED;
CREATE INDEX articles_words ON articles_revisiontext USING gin (words) WITH (fastupdate = off);
"""


def columns(configuration: str) -> str:
    signs = SIGNS.replace("'", "''")

    def vector(column: str, weight: str) -> str:
        plain = f"translate({column}, '{signs}', repeat(' ', {len(SIGNS)}))"
        return f"setweight(to_tsvector('{configuration}', {plain}), '{weight}')"

    return COLUMNS.format(
        title=vector("title", "A"), summary=vector("summary", "B"), body=vector("body", "C")
    )


def keep_every_word(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        # No parameters: the signs have a percent sign among them.
        schema_editor.execute(CONFIGURATION, params=None)
        schema_editor.execute(columns("articles_english"), params=None)


def leave_out_common_words(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(columns("english"), params=None)
        schema_editor.execute(NO_CONFIGURATION, params=None)


class Migration(migrations.Migration):
    dependencies = [("articles", "0006_search_without_invisible_letters")]

    operations = [migrations.RunPython(keep_every_word, leave_out_common_words)]
