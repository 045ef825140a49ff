"""The statement by which a worker takes one email, written once a process."""

from functools import cache
from typing import Any

from django.db import connection, models

from web.rows import Parameter


def statement(model: Any, **given: Any) -> tuple[str, list[Any]]:
    """With its values: `now`, and the `lease` and the `claim` that the email gets."""
    sql, parameters = _statement(model)
    values = (
        one.prepared(given[one.name]) if isinstance(one, Parameter) else one for one in parameters
    )
    return sql, list(values)


@cache
def _statement(model: Any) -> tuple[str, tuple[Any, ...]]:
    table, fields = model._meta.db_table, {one.name: one for one in model._meta.concrete_fields}
    due = model.objects.due(Parameter("now", models.DateTimeField())).in_turn()
    first, values = due.values("pk")[:1].query.sql_with_params()
    if connection.vendor == "postgresql":  # SQLite lets one write at a time
        first = f"{first} FOR NO KEY UPDATE SKIP LOCKED"
    update = (
        f"UPDATE {table} SET leased_until = %s, claimed_as = %s, attempts = attempts + 1"
        f" WHERE id = ({first}) RETURNING *"
    )
    set_to = [Parameter("lease", fields["leased_until"]), Parameter("claim", fields["claimed_as"])]
    return update, (*set_to, *values)
