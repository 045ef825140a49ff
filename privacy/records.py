"""One stored row in words: for the page of a person, and for the file they may ask for."""

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import Field, ForeignKey, Model
from django.utils import timezone
from django.utils.text import Truncator

from privacy.collecting import Group, Stored, declared

MAX_SHOWN = 2_000  # characters of one field; the file has all


def as_file(stored: Stored) -> str:
    """JSON: who it is, and each record with its fields and what erasure would do to it."""
    personal = _personal_models()
    said = {
        "made_at": timezone.now(),
        "people": [
            {"names": sorted(person.full_names), "addresses": sorted(person.addresses)}
            for person in stored.people
        ],
        "stored": {
            subject: [
                {
                    "record": group.said.model_class._meta.verbose_name,
                    "if_erased": group.fate.lower(),
                    "reason": group.said.why,
                    "fields": {
                        field.name: _value(row, field, personal) for field in _fields(group)
                    },
                }
                for group in groups
                for row in group.rows
            ]
            for subject, groups in stored.subjects.items()
        },
    }
    return json.dumps(said, cls=DjangoJSONEncoder, ensure_ascii=False, indent=2)


def as_lines(group: Group) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """Each row: what it is called, and its fields that are filled in."""
    personal = _personal_models()
    for row in group.rows:
        fields = [(field, _value(row, field, personal)) for field in _fields(group)]
        shown = [
            (str(field.verbose_name), _display(row, field, value))
            for field, value in fields
            if value not in (None, "", [], {}) and field is not row._meta.pk
        ]
        yield Truncator(" ".join(str(row).split())).chars(120), shown


def _personal_models() -> set[type[Model]]:
    return {said.model_class for said in declared()}


def _fields(group: Group) -> "list[Field[Any, Any]]":
    fields = group.said.model_class._meta.concrete_fields
    return [field for field in fields if field.name not in group.said.hidden]


def _value(row: Model, field: "Field[Any, Any]", personal: set[type[Model]]) -> Any:
    """What leads to a personal record is its number: it may be someone else's."""
    if isinstance(field, ForeignKey) and field.related_model not in personal:
        related = getattr(row, field.name)
        return None if related is None else str(related)
    return field.value_from_object(row)


def _display(row: Model, field: "Field[Any, Any]", value: Any) -> str:
    if isinstance(value, datetime):
        return f"{timezone.localtime(value):%-d %b %Y, %H:%M}"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dict | list):
        value = json.dumps(value, ensure_ascii=False, indent=1)
    if field.choices:
        value = getattr(row, f"get_{field.name}_display")()
    if isinstance(field, ForeignKey) and isinstance(value, int):
        return f"no. {value}"
    text = str(value)
    return text if len(text) <= MAX_SHOWN else f"{text[:MAX_SHOWN]}… (all of it is in the file)"
