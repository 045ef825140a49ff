"""Searching in published texts alone, or in those of drafts as well."""

from django.db import migrations

WITH_DRAFTS = """
DROP FUNCTION articles_saying(tsquery, tsquery, integer);
CREATE FUNCTION articles_saying(
    asked tsquery, asked_of_title tsquery, most integer, with_drafts boolean DEFAULT FALSE
)
    RETURNS TABLE (id bigint, in_title boolean, in_lead boolean)
    LANGUAGE sql STABLE ROWS 100 SET enable_seqscan = off
    AS $$
        SELECT revision_id, lead @@ asked_of_title, lead @@ asked
        FROM articles_revisiontext
        WHERE words @@ asked AND (with_drafts OR draft_of IS NULL)
        ORDER BY 2 DESC, 3 DESC, 1 DESC LIMIT most
    $$;
"""
WITHOUT = """
DROP FUNCTION articles_saying(tsquery, tsquery, integer, boolean);
CREATE FUNCTION articles_saying(asked tsquery, asked_of_title tsquery, most integer)
    RETURNS TABLE (id bigint, in_title boolean, in_lead boolean)
    LANGUAGE sql STABLE ROWS 100 SET enable_seqscan = off
    AS $$
        SELECT revision_id, lead @@ asked_of_title, lead @@ asked
        FROM articles_revisiontext WHERE words @@ asked
        ORDER BY 2 DESC, 3 DESC, 1 DESC LIMIT most
    $$;
"""


def make(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(WITH_DRAFTS, params=None)


def drop(apps, schema_editor):
    apps.get_model("articles", "RevisionText").objects.filter(draft_of__isnull=False).delete()
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(WITHOUT, params=None)


class Migration(migrations.Migration):
    dependencies = [("articles", "0005_listed_articles")]

    operations = [migrations.RunPython(make, drop)]
