"""No redirect leads to another: of two rows, neither's target is the other's path.

Where a target has a query, the row of its whole address answers there, or else the row of its path
alone: neither may lead on.

On PostgreSQL the trigger looks at the whole table once a statement; row by row, an import of ten
thousand rows with the same target took a minute and a half. It holds a lock, so that of two writers
at once the second sees the first one's rows. And it uses no nested loops: the planner knows next to
nothing about a table that was all but empty when it looked last, and would compare each row with
each.

SQLite drops a table's triggers when Django alters the table; a migration that does so makes them
again.
"""

# The key of the lock is that of redirects/plans.py.
POSTGRESQL = """
CREATE FUNCTION redirects_redirect_never_a_chain() RETURNS trigger LANGUAGE plpgsql
SET enable_nestloop = off AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(7001020);
    IF EXISTS (
        SELECT 1 FROM redirects_redirect AS one
        JOIN redirects_redirect AS other ON other.path = one.target_path
    ) OR EXISTS (
        SELECT 1 FROM redirects_redirect AS one
        JOIN redirects_redirect AS other ON other.path = split_part(one.target_path, '?', 1)
    ) THEN
        RAISE EXCEPTION 'redirects_redirect_never_a_chain'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER redirects_redirect_never_a_chain
    AFTER INSERT OR UPDATE OF path, target, target_path ON redirects_redirect
    FOR EACH STATEMENT EXECUTE FUNCTION redirects_redirect_never_a_chain();
"""

SQLITE = """
CREATE TRIGGER redirects_redirect_never_a_chain_{when} BEFORE {event} ON redirects_redirect
    WHEN EXISTS (
        SELECT 1 FROM redirects_redirect WHERE id <> {row}
        AND path IN (NEW.target_path, substr(NEW.target_path, 1, instr(NEW.target_path || '?', '?') - 1))
    ) OR EXISTS (
        SELECT 1 FROM redirects_redirect WHERE id <> {row}
        AND (target_path = NEW.path OR substr(target_path, 1, instr(target_path || '?', '?') - 1) = NEW.path)
    )
    BEGIN SELECT RAISE(ABORT, 'redirects_redirect_never_a_chain'); END
"""
# The row of an INSERT has no id yet.
EVENTS = [
    ("inserted", "INSERT", "-1"),
    ("updated", "UPDATE OF path, target, target_path", "NEW.id"),
]


def make(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(POSTGRESQL, params=None)
        return
    for when, event, row in EVENTS:
        schema_editor.execute(SQLITE.format(when=when, event=event, row=row), params=None)


def drop(apps, schema_editor):
    """The triggers go with their table; PostgreSQL's function would stay."""
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("DROP FUNCTION redirects_redirect_never_a_chain() CASCADE")
