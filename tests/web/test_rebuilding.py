"""A table that SQLite rebuilds keeps its triggers, whichever way they were made."""

import pytest
from django.db import models
from django.db.utils import ConnectionHandler
from django.test.utils import isolate_apps

TRIGGERS = {
    "ticket_is_logged": """
        CREATE TRIGGER ticket_is_logged AFTER INSERT ON web_ticket
        BEGIN INSERT INTO web_line (year) VALUES (strftime('%Y', 'now')); END""",
    "line_stays_while_there_are_tickets": """
        CREATE TRIGGER line_stays_while_there_are_tickets BEFORE DELETE ON web_line
        WHEN EXISTS (SELECT 1 FROM web_ticket) BEGIN SELECT RAISE(ABORT, 'kept'); END""",
}


@pytest.fixture
def connection(db):
    """To a database of its own, in memory."""
    engine = {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}
    made = ConnectionHandler({"default": engine})["default"]
    made.ensure_connection()
    yield made
    made.close()


@pytest.mark.django_db  # says that a database may be used: it is another one
@isolate_apps("web")
def test_a_rebuilt_table_keeps_its_triggers_and_those_that_name_it(connection):
    meta = {"Meta": type("Meta", (), {"app_label": "web"}), "__module__": __name__}
    ticket = type("Ticket", (models.Model,), {"title": models.CharField(max_length=5), **meta})
    line = type("Line", (models.Model,), {"year": models.IntegerField(), **meta})
    with connection.schema_editor() as editor:
        editor.create_model(ticket)
        editor.create_model(line)
        for statement in TRIGGERS.values():
            editor.execute(statement, params=None)
    before = triggers(connection)

    wider = models.CharField(max_length=50, default="None")
    wider.set_attributes_from_name("title")
    with connection.schema_editor() as editor:
        editor.alter_field(ticket, ticket._meta.get_field("title"), wider)

    assert before.keys() == TRIGGERS.keys()
    assert triggers(connection) == before


def triggers(connection):
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
        return dict(cursor.fetchall())
