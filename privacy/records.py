"""One stored row in words: for the page of a person, and for the files they may ask for."""

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any, NamedTuple

from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import Field, ForeignKey, Model
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.text import Truncator

from privacy.collecting import Group, Stored, declared

# What the audit log says of a file.
EXPORTED = "Saved what is stored about a person to a file."
MAX_SHOWN = 2_000  # characters of one field; the files have all
# The heading of rows that say no more than which others belong together
TIES = "Which records belong together"


class Record(NamedTuple):
    """One row of a file: `key` is the same in both, and in the database."""

    key: str  # "leads.Inquiry 12"
    called: str  # "Inquiry no. 12"
    group: Group
    row: Model


def as_file(stored: Stored) -> str:
    """JSON: who it is, and each record with its fields and what erasure would do to it. Exactly the
    rows that `privacy.erasing.erase` reaches.
    """
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
                    "key": record.key,
                    "record": record.group.said.model_class._meta.verbose_name,
                    "if_erased": record.group.fate.lower(),
                    "reason": record.group.said.why,
                    "fields": {
                        field.name: _value(record.row, field, personal)
                        for field in _fields(record.group)
                    },
                }
                for record in records
            ]
            for subject, records in _by_subject(stored).items()
        },
    }
    return json.dumps(said, cls=DjangoJSONEncoder, ensure_ascii=False, indent=2)


def as_page(stored: Stored) -> str:
    """The same as one HTML file to read: it loads nothing from anywhere."""
    personal = _personal_models()
    subjects = {
        subject: [(record, list(_filled(record.group, record.row, personal))) for record in records]
        for subject, records in _by_subject(stored).items()
    }
    context = {"stored": stored, "subjects": subjects, "made_at": timezone.now()}
    return render_to_string("privacy/export.html", context)


def as_lines(group: Group) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """Each row: what it is called, and its fields that are filled in."""
    personal = _personal_models()
    for row in group.rows:
        shown = [(label, _shortened(text)) for label, text in _filled(group, row, personal)]
        yield Truncator(" ".join(str(row).split())).chars(120), shown


def _by_subject(stored: Stored) -> dict[str, list[Record]]:
    """All of it. What only ties others together comes last."""
    found: dict[str, list[Record]] = {}
    for group in sorted(stored.groups, key=lambda group: not group.said.subject):
        meta = group.said.model_class._meta
        # Its own name may have in it what the file leaves out.
        one = str(meta.verbose_name).capitalize()
        found.setdefault(group.said.subject or TIES, []).extend(
            Record(f"{group.said.model} {row.pk}", f"{one} no. {row.pk}", group, row)
            for row in group.rows
        )
    return found


def _personal_models() -> set[type[Model]]:
    return {said.model_class for said in declared()}


def _fields(group: Group) -> "list[Field[Any, Any]]":
    fields = group.said.model_class._meta.concrete_fields
    return [field for field in fields if field.name not in group.said.hidden]


def _filled(group: Group, row: Model, personal: set[type[Model]]) -> Iterator[tuple[str, str]]:
    for field in _fields(group):
        value = _value(row, field, personal)
        if value not in (None, "", [], {}) and field is not row._meta.pk:
            yield str(field.verbose_name), _display(row, field, value)


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
    return str(value)


def _shortened(text: str) -> str:
    return text if len(text) <= MAX_SHOWN else f"{text[:MAX_SHOWN]}… (all of it is in the file)"
