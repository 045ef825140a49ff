"""A revision is live until the moment at which another one of its article begins.

PostgreSQL says so by a foreign key of two columns. SQLite cannot add one to a table, and Django
knows none.
"""

NEXT_BEGINS = """
    ALTER TABLE articles_revision ADD CONSTRAINT articles_live_until_is_when_the_next_begins
    FOREIGN KEY (article_id, live_until) REFERENCES articles_revision (article_id, live_from)
    DEFERRABLE INITIALLY DEFERRED
"""


def make(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(NEXT_BEGINS)


def drop(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(
            "ALTER TABLE articles_revision DROP CONSTRAINT"
            " articles_live_until_is_when_the_next_begins"
        )
