"""Moving leads along. Each change of a lead leaves a line in its history."""

from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.models import User
from leads.models import Activity, Lead


@transaction.atomic
def move(lead: Lead, stage: str, *, by: User | None, at: datetime, lost_reason: str = "") -> None:
    """Put the lead into another stage; the first step past New counts as our answer.

    Raises `ValidationError` when a lost lead has no reason, and when a closed lead would be
    opened while its contact has another open one.
    """
    refuse_impossible_move(lead, stage, lost_reason)
    if stage == lead.stage:
        if lost_reason.strip() != lead.lost_reason and stage == Lead.Stage.LOST:
            lead.lost_reason = lost_reason.strip()
            lead.save(update_fields=["lost_reason"])
        return
    before = lead.get_stage_display()
    lead.stage = stage
    lead.closed_at = (lead.closed_at or at) if stage in Lead.CLOSING else None
    lead.lost_reason = lost_reason.strip() if stage == Lead.Stage.LOST else ""
    if stage != Lead.Stage.NEW:
        lead.responded_at = lead.responded_at or at
    lead.save(update_fields=["stage", "closed_at", "lost_reason", "responded_at"])
    reason = f": {lead.lost_reason}" if lead.lost_reason else ""
    _remember(
        lead, Activity.Kind.STAGE, f"{before} → {lead.get_stage_display()}{reason}", by=by, at=at
    )


def refuse_impossible_move(lead: Lead, stage: str, lost_reason: str = "") -> None:
    """Raise the `ValidationError` that `move` would raise, and change nothing."""
    if stage == Lead.Stage.LOST and not lost_reason.strip():
        raise ValidationError({"lost_reason": "Say why the lead was lost."})
    others = Lead.objects.open().filter(contact=lead.contact_id).exclude(pk=lead.pk)
    if stage not in Lead.CLOSING and others.exists():
        raise ValidationError({"stage": "This contact has another open lead: work on that one."})


@transaction.atomic
def assign(lead: Lead, owner: User | None, *, by: User | None, at: datetime) -> None:
    """Make somebody answer for the lead, or nobody."""
    if owner == lead.owner:
        return
    lead.owner = owner
    lead.save(update_fields=["owner"])
    text = f"{owner} takes care of it" if owner else "Nobody takes care of it"
    _remember(lead, Activity.Kind.OWNER, text, by=by, at=at)


@transaction.atomic
def note(lead: Lead, text: str, *, by: User | None, at: datetime) -> None:
    """Add a note to the history; an empty one adds nothing."""
    if text.strip():
        _remember(lead, Activity.Kind.NOTE, text.strip(), by=by, at=at)


def _remember(lead: Lead, kind: Activity.Kind, text: str, *, by: User | None, at: datetime) -> None:
    Activity.objects.create(lead=lead, kind=kind, text=text, by=by, at=at)
