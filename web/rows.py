"""Rows and everything related to them in one query, for pages that have to be fast.

A queryset whose value is JSON is put into SQL once a process and asked again and again with other
values; what comes back are ordinary model instances, their relations filled. Nothing is kept
between two queries. Other apps whose pages stand on many tables use it too.

What a version of Django may break, and `tests/web/test_rows.py` watches: `fill` writes into
`_result_cache`, `_prefetch_done` and `_prefetched_objects_cache`, which are Django's own; the
parameters of `sql_with_params` come in the order of the SQL, and a `Parameter` among them as it is;
`Subquery` puts its rows where its template says `%(subquery)s`; and each kind of column has to be
read from JSON as the database would have given it. Why it is worth that: decision 27.
"""

import json
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache, cached_property
from typing import Any, TypeVar

from django.db import connection, models
from django.db.models import Expression, F, Subquery
from django.db.models.expressions import BaseExpression
from django.db.models.functions import JSONObject

Made = TypeVar("Made", bound=models.Model)
Row = dict[str, Any]


class Parameter(Expression):
    """A value that is filled in when the query runs."""

    def __init__(self, name: str, output_field: models.Field[Any, Any]) -> None:
        super().__init__(output_field=output_field)
        self.name = name

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        return "%s", [self]

    def prepared(self, value: Any) -> Any:
        return self.output_field.get_db_prep_value(value, connection)


class Rows(Subquery):
    """The queryset's rows, each as `one` has it, as a JSON array in their order."""

    def __init__(self, queryset: models.QuerySet[Any], one: BaseExpression | F) -> None:
        super().__init__(queryset.values(one=one), output_field=models.JSONField())

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        listed = "json((SELECT json_group_array(json(listed.one)) FROM (%(subquery)s) listed))"
        return self.as_sql(compiler, connection, template=listed, **context)

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        listed = "COALESCE((SELECT jsonb_agg(listed.one) FROM (%(subquery)s) listed), '[]')"
        return self.as_sql(compiler, connection, template=listed, **context)


class JsonQuery:
    """A queryset that answers with JSON: `rows` gives each row of it as a dict.

    `write` makes the queryset, with a `Parameter` for each value that `rows` takes by name; `one`
    says what is wanted of each row.
    """

    def __init__(
        self, write: Callable[[], models.QuerySet[Any]], one: Callable[[], JSONObject]
    ) -> None:
        self.write, self.one = write, one

    @cached_property
    def _sql(self) -> tuple[str, tuple[Any, ...]]:
        return self.write().values_list(self.one()).query.sql_with_params()

    def texts(self, **given: Any) -> list[str]:
        """The answer as the database writes it: the same rows are the same text."""
        sql, parameters = self._sql
        values = [
            one.prepared(given[one.name]) if isinstance(one, Parameter) else one
            for one in parameters
        ]
        with connection.cursor() as cursor:
            cursor.execute(sql, values)
            return [text for (text,) in cursor.fetchall()]

    def rows(self, **given: Any) -> list[Row]:
        return [parsed(text) for text in self.texts(**given)]


def parsed(text: str) -> Any:
    return json.loads(text, parse_float=Decimal)


def columns(
    model: type[models.Model], at: str = "", *, without: Iterable[str] = (), **more: Any
) -> JSONObject:
    """Every column of the model, `at` being the way there from the queryset's own: `cover__`."""
    names = [name for name in _columns(model) if name not in without]
    return JSONObject(**{name: F(f"{at}{name}") for name in names}, **more)


def instance(model: type[Made], row: Row) -> Made | None:
    """The instance that `columns` describes, or None if there was none."""
    if row["id"] is None:
        return None
    known = [(name, convert) for name, convert in _columns(model).items() if name in row]
    values = [convert(row[name]) if convert else row[name] for name, convert in known]
    return model.from_db("default", [name for name, _ in known], values)


def fill(of: models.Model, relation: str, rows: Iterable[models.Model]) -> None:
    """Let `of.relation.all()` answer with these, as after `prefetch_related`."""
    related = getattr(of, relation).all()
    related._result_cache, related._prefetch_done = list(rows), True
    cached = of.__dict__.setdefault("_prefetched_objects_cache", {})
    cached[relation] = related


@cache
def _columns(model: type[models.Model]) -> dict[str, Callable[[Any], Any] | None]:
    """The model's columns, each with what makes its JSON the value that the model has."""
    return {field.attname: _conversion(field) for field in model._meta.concrete_fields}


def _conversion(field: models.Field[Any, Any]) -> Callable[[Any], Any] | None:
    if isinstance(field, models.DateTimeField):
        return _moment
    if isinstance(field, models.CharField | models.TextField | models.FileField):
        return None
    if isinstance(field, models.ForeignKey):
        return None
    return field.to_python


def _moment(text: str | None) -> datetime | None:
    """SQLite stores times in UTC without saying so."""
    if text is None:
        return None
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
