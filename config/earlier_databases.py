"""Databases from before 0.2.0, the first release, are recognized and refused.

Until then migrations were rewritten at will, and the names of the first ones stayed: Django would
believe that such a database is up to date. From 0.2.0 on no migration is ever edited.
"""

from collections.abc import Iterator

from django.apps import apps
from django.conf import settings
from django.db import DatabaseError
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.utils import CursorWrapper
from django.db.migrations.exceptions import InconsistentMigrationHistory
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.state import ProjectState

# In every database of those days. No later migration may have this name.
EARLIER = ("pages", "0002_first_rows")


def is_one(connection: BaseDatabaseWrapper) -> bool:
    """Whether the database was made before 0.2.0. Of one that does not answer, nobody can tell."""
    try:
        loader = MigrationLoader(connection)
        if EARLIER in loader.applied_migrations:
            return True
        loader.check_consistent_history(connection)
        tables = set(connection.introspection.table_names())
    except InconsistentMigrationHistory:
        return True
    except DatabaseError:
        return False
    ours = {app.label for app in apps.get_app_configs() if _is_ours(app.path)}
    applied = {migration for migration in loader.applied_migrations if migration[0] in ours}
    if applied - loader.graph.nodes.keys():
        return False  # a later release was here: after a rollback, or while one is rolled out
    state = loader.project_state(list(applied)) if applied else ProjectState()
    expected = dict(_columns(state, ours))
    if not tables.issuperset(expected):
        return True
    with connection.cursor() as cursor:
        return any(columns - _columns_of(cursor, table) for table, columns in expected.items())


def _is_ours(path: str) -> bool:
    return path.rpartition("/")[0] == str(settings.BASE_DIR)


def _columns(state: ProjectState, labels: set[str]) -> Iterator[tuple[str, set[str]]]:
    """Each table as the migrations that were applied have made it, and its columns."""
    for (label, name), model in state.models.items():
        if (
            label in labels
            and model.options.get("managed", True)
            and not model.options.get("proxy")
        ):
            columns = {
                field.db_column or (f"{column}_id" if field.is_relation else column)
                for column, field in model.fields.items()
                if not field.many_to_many
            }
            yield model.options.get("db_table") or f"{label}_{name}", columns


def _columns_of(cursor: CursorWrapper, table: str) -> set[str]:
    cursor.execute(f"SELECT * FROM {cursor.db.ops.quote_name(table)} WHERE 1 = 0")
    return {column[0] for column in cursor.description}
