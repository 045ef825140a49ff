"""A published question set never changes, nor does a finished assessment: triggers see to it.

What is frozen is all that a result depends on: dimensions, questions, options, results and rules.
The topics of a question are not: they choose articles, and topics come and go.

SQLite refuses no deletion here: Django empties its tables row by row there (`flush`), which no
trigger could tell from a deletion. A set that was answered is kept by its foreign key all the same.

SQLite drops a table's triggers when Django alters the table; a migration that does so makes them
again.
"""

FROZEN = "readiness_published_set_is_frozen"
WEIGHTS = "readiness_published_weights_sum_to_100"
FINISHED = "readiness_finished_assessment_never_changes"

# By table: the set that a row belongs to.
SET_OF = {
    "readiness_dimension": "{row}.question_set_id",
    "readiness_question": (
        "(SELECT question_set_id FROM readiness_dimension WHERE id = {row}.dimension_id)"
    ),
    "readiness_option": (
        "(SELECT d.question_set_id FROM readiness_dimension d"
        " JOIN readiness_question q ON q.dimension_id = d.id WHERE q.id = {row}.question_id)"
    ),
    "readiness_result": "{row}.question_set_id",
    "readiness_rule": "{row}.question_set_id",
    "readiness_rule_all_zero": (
        "(SELECT question_set_id FROM readiness_rule WHERE id = {row}.rule_id)"
    ),
}
ROWS = {"insert": ["NEW"], "update": ["OLD", "NEW"], "delete": ["OLD"]}
SUM_OF_WEIGHTS = (
    "(SELECT COALESCE(SUM(q.weight), 0) FROM readiness_question q"
    " JOIN readiness_dimension d ON d.id = q.dimension_id WHERE d.question_set_id = NEW.id)"
)

# The lock: nobody changes a question while someone publishes its set.
POSTGRESQL_PART = """
CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    {checks}
    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER {name} BEFORE {event} ON {table} FOR EACH ROW EXECUTE FUNCTION {name}();
"""
POSTGRESQL_CHECK = """
    PERFORM 1 FROM readiness_questionset WHERE id = {set} FOR SHARE;
    IF EXISTS (
        SELECT 1 FROM readiness_questionset WHERE id = {set} AND published_at IS NOT NULL
    ) THEN
        RAISE EXCEPTION '{error}' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
"""
POSTGRESQL = f"""
CREATE FUNCTION readiness_set_is_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.published_at IS NOT NULL THEN
            RAISE EXCEPTION '{WEIGHTS}' USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        RETURN NEW;
    END IF;
    IF OLD.published_at IS NOT NULL THEN
        RAISE EXCEPTION '{FROZEN}' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF TG_OP = 'DELETE' THEN
        RETURN OLD;
    END IF;
    IF NEW.published_at IS NOT NULL AND {SUM_OF_WEIGHTS} <> 100 THEN
        RAISE EXCEPTION '{WEIGHTS}' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER readiness_set_is_kept BEFORE INSERT OR UPDATE OR DELETE ON readiness_questionset
    FOR EACH ROW EXECUTE FUNCTION readiness_set_is_kept();
CREATE FUNCTION readiness_finished_is_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '{FINISHED}' USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER readiness_finished_is_kept BEFORE UPDATE ON readiness_assessment
    FOR EACH ROW WHEN (OLD.finished_at IS NOT NULL) EXECUTE FUNCTION readiness_finished_is_kept();
"""

SQLITE_PART = """
CREATE TRIGGER {name} BEFORE {event} ON {table} WHEN EXISTS (
    SELECT 1 FROM readiness_questionset WHERE id IN ({sets}) AND published_at IS NOT NULL
) BEGIN SELECT RAISE(ABORT, '{error}'); END
"""
SQLITE = [
    f"""
        CREATE TRIGGER readiness_set_is_born_a_draft BEFORE INSERT ON readiness_questionset
        WHEN NEW.published_at IS NOT NULL BEGIN SELECT RAISE(ABORT, '{WEIGHTS}'); END""",
    f"""
        CREATE TRIGGER readiness_set_is_kept BEFORE UPDATE ON readiness_questionset
        WHEN OLD.published_at IS NOT NULL BEGIN SELECT RAISE(ABORT, '{FROZEN}'); END""",
    f"""
        CREATE TRIGGER readiness_set_weighs_100 BEFORE UPDATE ON readiness_questionset
        WHEN NEW.published_at IS NOT NULL AND {SUM_OF_WEIGHTS} <> 100
        BEGIN SELECT RAISE(ABORT, '{WEIGHTS}'); END""",
    f"""
        CREATE TRIGGER readiness_finished_is_kept BEFORE UPDATE ON readiness_assessment
        WHEN OLD.finished_at IS NOT NULL BEGIN SELECT RAISE(ABORT, '{FINISHED}'); END""",
]


def parts():
    for table in SET_OF:
        for event in ROWS:
            yield f"{table}_is_kept_on_{event}", table, event


def make(apps, schema_editor):
    is_postgresql = schema_editor.connection.vendor == "postgresql"
    for name, table, event in parts():
        sets = [SET_OF[table].format(row=row) for row in ROWS[event]]
        if is_postgresql:
            checks = "".join(POSTGRESQL_CHECK.format(set=one, error=FROZEN) for one in sets)
            schema_editor.execute(
                POSTGRESQL_PART.format(name=name, table=table, event=event.upper(), checks=checks),
                params=None,
            )
        elif event != "delete":
            schema_editor.execute(
                SQLITE_PART.format(
                    name=name, table=table, event=event.upper(), sets=", ".join(sets), error=FROZEN
                ),
                params=None,
            )
    for statement in [POSTGRESQL] if is_postgresql else SQLITE:
        schema_editor.execute(statement, params=None)


def drop(apps, schema_editor):
    """The triggers go with their tables; PostgreSQL's functions would stay."""
    if schema_editor.connection.vendor == "postgresql":
        names = [name for name, _, _ in parts()]
        for name in [*names, "readiness_set_is_kept", "readiness_finished_is_kept"]:
            schema_editor.execute(f"DROP FUNCTION {name}() CASCADE")
