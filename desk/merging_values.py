"""Values of a form: how two of them are compared, and how a person reads one."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time
from decimal import Decimal
from hashlib import sha256
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.db import models
from django.forms.models import ModelChoiceField
from django.utils import timezone


def digest(field: forms.Field | None, value: object) -> str:
    """The same for the same value, whether it comes from the row or from the form."""
    by_field: Callable[[object], str] = getattr(field, "comparable", comparable)
    return sha256(by_field(value).encode(errors="replace")).hexdigest()[:12]


def comparable(value: object) -> str:
    match value:
        case None:
            return ""
        case datetime():
            return value.astimezone(UTC).replace(second=0, microsecond=0).isoformat()
        case time():
            return f"{value:%H:%M}"
        case Decimal():
            return f"{value.normalize():f}"
        case UploadedFile():
            return f"upload {value.name} {value.size}"
        case models.Model():
            return str(value.pk)
        case list() | tuple() | set() | models.QuerySet():
            return "\n".join(sorted(map(comparable, value)))
    return "\n".join(str(value).strip().splitlines())


def said(field: forms.Field, value: Any) -> str:
    """The value as a person reads it; a safe string where it is HTML."""
    by_field: Callable[[object], str] | None = getattr(field, "said", None)
    if by_field:
        return by_field(value)
    if isinstance(field, forms.ChoiceField) and not isinstance(field, ModelChoiceField):
        labels = dict(_flat(field.choices))
        values = value if isinstance(value, list | tuple) else [value]
        return ", ".join(str(labels.get(str(one), one)) for one in values if one not in ("", None))
    return plainly(value)


def plainly(value: object) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "Yes" if value else "No"
        case datetime():
            return f"{timezone.localtime(value):%-d %b %Y, %H:%M %Z}"
        case date():
            return f"{value:%-d %b %Y}"
        case time():
            return f"{value:%H:%M}"
        case list() | tuple() | models.QuerySet():
            return ", ".join(map(plainly, value))
        case UploadedFile():
            return value.name or ""
    return str(value)


def _flat(choices: Any) -> list[tuple[str, str]]:
    found = []
    for value, label in choices:
        inner = label if isinstance(label, list | tuple) else [(value, label)]
        found += [(str(key), text) for key, text in inner]
    return found
