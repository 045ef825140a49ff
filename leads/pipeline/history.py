"""The lines of a lead's history: who, from what, to what, and what there was before."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.utils import timezone

from accounts.models import User
from desk.models import Act
from leads import money
from leads.models import Activity, Inquiry, Lead
from offices.models import Office


def line(
    lead: Lead,
    kind: Activity.Kind,
    text: str,
    *,
    by: User | None,
    at: datetime,
    act: Act | None = None,
    before: dict[str, Any] | None = None,
    inquiry: Inquiry | None = None,
) -> Activity:
    """A line, unsaved. `before` says how to take back what it tells, where `act` can be."""
    return Activity(
        lead=lead, kind=kind, text=text, by=by, at=at, act=act, before=before, inquiry=inquiry
    )


def log(lead: Lead, kind: Activity.Kind, text: str, **more: Any) -> Activity:
    """Add a line to the history: see `line`."""
    written = line(lead, kind, text, **more)
    written.save(force_insert=True)
    return written


def log_all(lines: Iterable[Activity]) -> None:
    """Add lines to histories, however many, in one query."""
    Activity.objects.bulk_create(lines)


def display(value: object, row: object = None) -> str:
    """The value as the history says it; an amount in the currency of its row."""
    match value:
        case None | "":
            return "none"
        case Decimal():
            return money.display(value, getattr(row, "currency", ""))
        case datetime():
            return f"{timezone.localtime(value):%-d %b %Y, %H:%M %Z}"
        case date():
            return f"{value:%-d %b %Y}"
    return str(value)


def plain(values: Mapping[str, Any]) -> dict[str, Any]:
    """As JSON has them; `Field.to_python` reads them back."""
    found: dict[str, Any] = {}
    for name, value in values.items():
        match value:
            case Office():
                found[name] = value.pk
            case datetime():
                found[name] = value.isoformat()
            case Decimal():
                found[name] = str(value)
            case _:
                found[name] = value
    return found
