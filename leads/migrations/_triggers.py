"""What visitors sent never changes, and no inquiry disappears silently: the database sees to it.

Whoever deletes one (erasure, the job for old spam, a shell, a query) leaves a row in
`privacy_deletion`, which says nothing about the person.

SQLite drops a table's triggers when Django alters the table; a migration that does so makes them
again.
"""

NEVER_CHANGES = {
    "leads_inquiry_words_never_change": (
        "leads_inquiry",
        [
            "name",
            "email",
            "company",
            "message",
            "source_path",
            "article_id",
            "referrer_host",
            "utm_source",
            "utm_medium",
            "utm_campaign",
            "received_at",
            "wording_id",
            "submission_key",
            "fingerprint",
        ],
    ),
    "leads_brief_never_changes": (
        "leads_brief",
        [
            "inquiry_id",
            "title",
            "context",
            "interfaces",
            "acceptance_criteria",
            "out_of_scope",
            "definition_of_done",
            "constraints",
        ],
    ),
}

POSTGRESQL_NEVER_CHANGES = """
CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '{name}' USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER {name} BEFORE UPDATE ON {table}
    FOR EACH ROW WHEN ({changed}) EXECUTE FUNCTION {name}();
"""
POSTGRESQL_DELETION = """
CREATE FUNCTION leads_inquiry_deletion_is_written_down() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO privacy_deletion (record, number, deleted_at)
    VALUES ('Inquiry', OLD.id, clock_timestamp());
    RETURN NULL;
END $$;
CREATE TRIGGER leads_inquiry_deletion_is_written_down AFTER DELETE ON leads_inquiry
    FOR EACH ROW EXECUTE FUNCTION leads_inquiry_deletion_is_written_down();
"""

SQLITE_NEVER_CHANGES = """
CREATE TRIGGER {name} BEFORE UPDATE ON {table}
    WHEN {changed}
    BEGIN SELECT RAISE(ABORT, '{name}'); END;
"""
SQLITE_DELETION = """
CREATE TRIGGER leads_inquiry_deletion_is_written_down AFTER DELETE ON leads_inquiry
    BEGIN
        INSERT INTO privacy_deletion (record, number, deleted_at)
        VALUES ('Inquiry', OLD.id, strftime('%Y-%m-%d %H:%M:%f', 'now'));
    END;
"""


def make(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        differs, never_changes = "IS DISTINCT FROM", POSTGRESQL_NEVER_CHANGES
        deletion = POSTGRESQL_DELETION
    else:
        differs, never_changes = "IS NOT", SQLITE_NEVER_CHANGES
        deletion = SQLITE_DELETION
    for name, (table, columns) in NEVER_CHANGES.items():
        changed = " OR ".join(f"OLD.{column} {differs} NEW.{column}" for column in columns)
        schema_editor.execute(
            never_changes.format(name=name, table=table, changed=changed), params=None
        )
    schema_editor.execute(deletion, params=None)


def drop(apps, schema_editor):
    """The triggers go with their tables; PostgreSQL's functions would stay."""
    if schema_editor.connection.vendor == "postgresql":
        for name in [*NEVER_CHANGES, "leads_inquiry_deletion_is_written_down"]:
            schema_editor.execute(f"DROP FUNCTION {name}() CASCADE")
