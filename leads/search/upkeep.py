"""Makes the index after each migrate where it is missing or another, and fills it from the rows.

The rows are the truth: whenever the definition differs from the one in the database, the index is
made again from them.
"""

import hashlib
from typing import Any

from django.db import connections, transaction

from leads.search import postgresql, sqlite
from web.migrating import Plan, wait_briefly

BATCH = 2_000
UNFILLED = "unfilled "
LEADS, LATEST = "leads_lead", "lost_because"  # the latest column that is searched


def clear_the_way(using: str, plan: Plan = (), **kwargs: object) -> None:
    """Before columns go that the triggers name: on the way back to an earlier version, and on
    SQLite, where it is soon made again, whenever something is migrated.
    """
    connection = connections[using]
    with transaction.atomic(using=using), connection.cursor() as cursor:
        if plan and connection.vendor == "sqlite":
            _remove_from_sqlite(cursor)
        elif any(backwards and step.app_label == "leads" for step, backwards in plan):
            _remove_from_postgresql(cursor)


def keep_in_step(using: str, **kwargs: object) -> None:
    """After each migrate. Repeating it changes and locks nothing."""
    connection = connections[using]
    with connection.cursor() as cursor:
        tables = connection.introspection.table_names(cursor)
        columns = (
            {one.name for one in connection.introspection.get_table_description(cursor, LEADS)}
            if LEADS in tables
            else set()
        )
    is_wanted = LATEST in columns  # unless migrated to a time before there was a search
    if connection.vendor == "sqlite":
        _keep_on_sqlite(using, is_wanted=is_wanted)
    else:
        _keep_on_postgresql(using, is_wanted=is_wanted)


def _keep_on_sqlite(using: str, *, is_wanted: bool) -> None:
    wanted = sqlite.tables() | sqlite.triggers() if is_wanted else {}
    with transaction.atomic(using=using), connections[using].cursor() as cursor:
        if _present_on_sqlite(cursor) == wanted:
            return
        _remove_from_sqlite(cursor)
        for statement in wanted.values():
            cursor.execute(statement)
        if is_wanted:
            for statement in sqlite.fill_statements():
                cursor.execute(statement)


def _present_on_sqlite(cursor: Any) -> dict[str, str]:
    """Our tables and triggers, by name, but those that FTS5 makes for itself."""
    ours = sqlite.tables().keys() | sqlite.triggers().keys()
    cursor.execute(
        r"SELECT name, sql FROM sqlite_master WHERE name LIKE 'leads\_search\_%' ESCAPE '\'"
    )
    return {
        name: sql for name, sql in cursor.fetchall() if name in ours or "TRIGGER" in (sql or "")
    }


def _remove_from_sqlite(cursor: Any) -> None:
    present = _present_on_sqlite(cursor)
    for name, sql in present.items():
        if "TRIGGER" in sql:
            cursor.execute(f"DROP TRIGGER {name}")
    for name in sorted(present.keys() & sqlite.tables().keys(), reverse=True):
        cursor.execute(f"DROP TABLE {name}")


def _keep_on_postgresql(using: str, *, is_wanted: bool) -> None:
    definition = postgresql.definition() if is_wanted else ""
    digest = hashlib.sha256(f"{definition}{postgresql.INDEX}".encode()).hexdigest()
    digest = digest if is_wanted else ""
    with connections[using].cursor() as cursor:
        if _state_on_postgresql(cursor) == digest:
            return
        with transaction.atomic(using=using):
            cursor.execute("SELECT pg_advisory_xact_lock(hashtext('leads_search'))")
            state = _state_on_postgresql(cursor)
            if state.removeprefix(UNFILLED) != digest:
                wait_briefly(using)
                _remove_from_postgresql(cursor)
                if is_wanted:
                    cursor.execute(definition)
                    _write_state(cursor, UNFILLED + digest)
        if is_wanted:
            fill(using)
            _write_state(cursor, digest)


def _state_on_postgresql(cursor: Any) -> str:
    cursor.execute("SELECT obj_description(to_regclass('leads_search_vocabulary'))")
    return cursor.fetchone()[0] or ""


def _write_state(cursor: Any, state: str) -> None:
    cursor.execute(f"COMMENT ON TABLE leads_search_vocabulary IS '{state}'")


def _remove_from_postgresql(cursor: Any) -> None:
    """The triggers go with their functions."""
    cursor.execute(
        "SELECT oid::regprocedure::text FROM pg_proc WHERE proname LIKE 'leads\\_search\\_%%'"
        " AND pronamespace = current_schema()::regnamespace",
        [],
    )
    for (name,) in cursor.fetchall():
        cursor.execute(f"DROP FUNCTION IF EXISTS {name} CASCADE")
    tables = ", ".join(f"leads_search_{name}" for name in (*postgresql.KINDS, "vocabulary", "gone"))
    cursor.execute(f"DROP TABLE IF EXISTS {tables}")


def fill(using: str) -> None:
    """Make every entry on PostgreSQL from the rows as they are. Each batch is a transaction of its
    own, so that whoever writes meanwhile waits for one at most, or for the words to be sorted.
    """
    with connections[using].cursor() as cursor:
        for kind in postgresql.KINDS:
            cursor.execute(f"DROP INDEX IF EXISTS leads_search_{kind}_words")
            last = 0
            while True:
                cursor.execute(
                    f"SELECT max(id), count(leads_search_{kind}_again(id)::text) FROM ("
                    f"SELECT id FROM leads_{kind} WHERE id > %s ORDER BY id LIMIT {BATCH}) those",
                    [last],
                )
                highest = cursor.fetchone()[0]
                if highest is None:
                    break
                last = highest
            cursor.execute(postgresql.INDEX.format(kind=kind))
