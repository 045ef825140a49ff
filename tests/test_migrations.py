"""One initial migration for each app, with triggers and indexes that no model names."""

import pytest
from django.core.management import call_command
from django.db import connection


@pytest.mark.django_db(transaction=True)
def test_what_no_model_names_goes_with_its_tables_and_comes_back():
    before = triggers()

    call_command("migrate", "articles", "zero", verbosity=0)  # readiness and leads go along
    remaining = triggers()
    call_command("migrate", verbosity=0)

    assert {"leads_brief_never_changes", "readiness_set_is_kept"} <= before - remaining
    assert triggers() == before


def triggers():
    statement = (
        "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal"
        if connection.vendor == "postgresql"
        else "SELECT name FROM sqlite_master WHERE type = 'trigger'"
    )
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return {name for (name,) in cursor.fetchall()}
