"""Moving a lead along. Each change leaves a line in its history: who, from what, to what.

Every function holds the lead (`locking`) and works on it as it is then. What is done to many at
once is in `many`.
"""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from django.db import transaction

from accounts.models import User
from desk.models import Act
from leads.models import Activity, Answer, Lead
from leads.pipeline import many
from leads.pipeline.history import display, log, plain
from leads.pipeline.locking import lock

# What `revise` takes, as the history calls it. Stage and owner have functions of their own.
DETAILS = {
    "office": "Office",
    "value": "Value",
    "currency": "Currency",
    "respond_by": "Answer by",
}


@transaction.atomic
def move(
    lead: Lead,
    stage: str,
    *,
    by: User | None,
    at: datetime,
    lost_because: str = "",
    lost_reason: str = "",
    value: Decimal | None = None,
    currency: str = "",
) -> bool:
    """Put the lead into another stage, with what that needs; False when it is there already.

    Raises what `many.move` would say against it.
    """
    lock(lead)
    moved, refused = many.move(
        [lead], stage, by=by, at=at, lost_because=lost_because, lost_reason=lost_reason,
        value=value, currency=currency,
    )  # fmt: skip
    if refused:
        raise refused[lead.pk]
    return bool(moved)


@transaction.atomic
def answer(
    lead: Lead, *, by: User | None, at: datetime, again: bool = False, is_needed: bool = True
) -> Answer | None:
    """Write down that the contact has our answer to all they wrote, or that it needs none; None
    when none was due: see `many.answer`.
    """
    lock(lead)
    written = many.answer([lead], by=by, at=at, again=again, is_needed=is_needed)
    return written[0] if written else None


@transaction.atomic
def assign(lead: Lead, owner: User | None, *, by: User | None, at: datetime) -> bool:
    """Assign the lead to someone, or to nobody; False when it is."""
    lock(lead)
    return bool(many.assign([lead], owner, by=by, at=at))


@transaction.atomic
def revise(
    lead: Lead,
    details: Mapping[str, object],
    *,
    by: User | None,
    at: datetime,
    act: Act | None = None,
) -> bool:
    """Change some of DETAILS: one line in the history, with each as it was and as it is. False
    when nothing changes.
    """
    lock(lead)
    lines, earlier = [], {}
    for name, value in details.items():
        before = getattr(lead, name)
        if value != before:
            lines.append(f"{DETAILS[name]}: {display(before, lead)} → {display(value, lead)}")
            earlier[name] = before
            setattr(lead, name, value)
    if lines:
        lead.save(update_fields=list(details))
        text, was = "\n".join(lines), plain(earlier)
        log(lead, Activity.Kind.CHANGE, text, by=by, at=at, act=act, before=was)
    return bool(lines)


@transaction.atomic
def note(
    lead: Lead, text: str, *, by: User | None, at: datetime, act: Act | None = None
) -> Activity | None:
    """Add a note to the history; an empty one adds nothing."""
    if not text.strip():
        return None
    return log(lead, Activity.Kind.NOTE, text.strip(), by=by, at=at, act=act, before={})
