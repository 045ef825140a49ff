"""What moves leaves its old address behind: it leads on, and menu links follow.

Articles do so themselves (`articles.models.FormerSlug`). For everything else with an address of its
own the database does, so that no door can forget it. Nothing leads on twice and nothing in a ring:
what led to the old address leads to the new one, and what led on from the new one goes, for there
is a page now. An office that visitors never saw leaves nothing.
"""

from django.db import connections

# By table: the addresses that hang on its slug (*), as `Redirect.path` has them.
ADDRESSES = {
    "pages_page": ["/*"],
    "offices_office": ["/offices/*"],
    "articles_topic": ["/articles/topics/*", "/articles/topics/*/atom"],
    "articles_series": ["/articles/series/*"],
    "articles_author": ["/articles/authors/*"],
}
ONLY_WHEN = {"offices_office": " AND OLD.is_listed"}
NOTE = "Moved: made by itself."

STEPS = """
DELETE FROM pages_redirect WHERE path = {new};
UPDATE pages_redirect SET target = {new} || '/' || {rest}, target_path = {new}
    WHERE target_path = {old};
INSERT INTO pages_redirect (path, target, target_path, is_permanent, note, created_at, hits)
    VALUES ({old}, {new} || '/', {new}, TRUE, '{note}', {now}, 0)
    ON CONFLICT (path) DO UPDATE SET target = excluded.target,
        target_path = excluded.target_path, is_permanent = TRUE, note = excluded.note;
UPDATE pages_menulink SET path = {new} || '/' WHERE path IN ({old}, {old} || '/');
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
CREATE TRIGGER {name} AFTER UPDATE OF slug ON {table} FOR EACH ROW
    WHEN (OLD.slug <> NEW.slug{only}) EXECUTE FUNCTION {name}()
"""
SQLITE = """
CREATE TRIGGER {name} AFTER UPDATE OF slug ON {table} WHEN OLD.slug <> NEW.slug{only}
BEGIN
{steps}
END
"""


def lead_on(using: str, **kwargs: object) -> None:
    """After each migrate, for SQLite drops a trigger whenever it alters a table."""
    connection = connections[using]
    vendor, tables = connection.vendor, connection.introspection.table_names()
    with connection.cursor() as cursor:
        for table, addresses in ADDRESSES.items():
            if not {table, "pages_redirect", "pages_menulink"} <= set(tables):
                continue
            name = f"{table}_leads_on"
            steps = "".join(_steps(address, vendor) for address in addresses)
            said = {
                "name": name,
                "table": table,
                "only": ONLY_WHEN.get(table, ""),
                "steps": steps,
            }
            if vendor == "sqlite":
                cursor.execute(f"DROP TRIGGER IF EXISTS {name}")
                cursor.execute(SQLITE.format(**said))
                continue
            cursor.execute(FUNCTION.format(**said))
            cursor.execute(
                "SELECT 1 FROM pg_trigger WHERE tgname = %s AND tgrelid = %s::regclass",
                [name, table],
            )
            if not cursor.fetchone():
                cursor.execute(POSTGRESQL.format(**said))


def _steps(address: str, vendor: str) -> str:
    before, _, after = address.partition("*")
    old, new = (f"('{before}' || {row}.slug || '{after}')" for row in ("OLD", "NEW"))
    return STEPS.format(old=old, new=new, rest=REST[vendor], now=NOW[vendor], note=NOTE)
