"""What moves leaves its old address behind: it leads on.

Articles do so themselves (`articles.models.FormerSlug`). For everything else with an address of its
own the database does, so that no door can forget it. Nothing leads on twice and nothing in a ring:
what led to the old address leads to the new one, and what led on from the new one goes, for there
is a page now. An office that visitors never saw leaves nothing.
"""

from typing import Any

from django.db import connections

from web.contributions import public_rows

NOTE = "Created automatically when the page moved."

STEPS = """
DELETE FROM redirects_redirect
    WHERE path = {new} OR substr(path, 1, length({new}) + 1) = {new} || '?';
UPDATE redirects_redirect SET target = {new} || '/' || {rest},
        target_path = {new} || substr(target_path, length({old}) + 1)
    WHERE target_path = {old} OR substr(target_path, 1, length({old}) + 1) = {old} || '?';
INSERT INTO redirects_redirect (path, target, target_path, is_permanent, note, created_at, hits)
    VALUES ({old}, {new} || '/', {new}, TRUE, '{note}', {now}, 0)
    ON CONFLICT (path) DO UPDATE SET target = excluded.target,
        target_path = excluded.target_path, is_permanent = TRUE, note = excluded.note;
"""
REST = {
    "postgresql": "COALESCE(substring(target from '[?#].*$'), '')",
    "sqlite": "CASE WHEN instr(target, '?') THEN substr(target, instr(target, '?'))"
    " WHEN instr(target, '#') THEN substr(target, instr(target, '#')) ELSE '' END",
}
NOW = {"postgresql": "clock_timestamp()", "sqlite": "strftime('%Y-%m-%d %H:%M:%f', 'now')"}
FUNCTION = """
CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
{steps}
RETURN NULL;
END $$
"""
POSTGRESQL = """
CREATE TRIGGER {name} AFTER UPDATE OF slug ON {table} FOR EACH ROW {when} EXECUTE FUNCTION {name}()
"""
SQLITE = """
CREATE TRIGGER {name} AFTER UPDATE OF slug ON {table} {when} BEGIN
{steps}
END
"""


def lead_on(using: str, **kwargs: object) -> None:
    """After each migrate, from what the apps say."""
    connection = connections[using]
    vendor, tables = connection.vendor, connection.introspection.table_names()
    with connection.cursor() as cursor:
        for kind in public_rows():
            table = kind.table
            if not {table, "redirects_redirect"} <= set(tables):
                continue
            moved = "".join(_filled(STEPS, address, vendor) for address in kind.paths)
            only_when = f" AND {kind.only_when}" if kind.only_when else ""
            when = f"WHEN (OLD.slug <> NEW.slug{only_when})"
            _have(cursor, f"{table}_leads_on", table, when, moved)


def _have(cursor: Any, name: str, table: str, when: str, steps: str) -> None:
    said = {"name": name, "table": table, "when": when, "steps": steps}
    if cursor.db.vendor == "sqlite":
        cursor.execute(f"DROP TRIGGER IF EXISTS {name}")
        cursor.execute(SQLITE.format(**said))
        return
    cursor.execute(FUNCTION.format(**said))
    cursor.execute(
        "SELECT 1 FROM pg_trigger WHERE tgname = %s AND tgrelid = %s::regclass", [name, table]
    )
    if not cursor.fetchone():
        cursor.execute(POSTGRESQL.format(**said))


def _filled(steps: str, address: tuple[str, str], vendor: str) -> str:
    before, after = address[0], address[1].rstrip("/")
    old, new = (f"('{before}' || {row}.slug || '{after}')" for row in ("OLD", "NEW"))
    return steps.format(old=old, new=new, rest=REST[vendor], now=NOW[vendor], note=NOTE)
