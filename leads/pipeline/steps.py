"""Next steps: what we promised to do on a lead, by when, and who."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import Min, OuterRef, Subquery

from accounts.models import User
from desk.models import Act
from leads.models import Activity, Lead, NextStep
from leads.pipeline.history import display, line, log, log_all
from leads.pipeline.locking import lock


@transaction.atomic
def add_next_step(
    lead: Lead,
    text: str,
    *,
    due_on: date,
    owner: User | None,
    by: User | None,
    at: datetime,
) -> NextStep:
    """Add a next step: it shows on the desk from its due date until it is completed."""
    lock(lead)
    [step] = add_all([NextStep(lead=lead, text=text, due_on=due_on, owner=owner)], by=by, at=at)
    return step


def add_all(
    wanted: Iterable[NextStep], *, by: User | None, at: datetime, act: Act | None = None
) -> list[NextStep]:
    """Add next steps, unsaved ones, to leads that are held."""
    added = NextStep.objects.bulk_create(wanted)
    repeat_on([step.lead for step in added])
    log_all(
        line(
            step.lead, Activity.Kind.NEXT_STEP, f"Added: {_described(step)}",
            by=by, at=at, act=act, before={"step": step.pk},  # and there was none
        )
        for step in added
    )  # fmt: skip
    return added


@transaction.atomic
def update_next_step(
    step: NextStep, *, by: User | None, at: datetime, act: Act | None = None
) -> bool:
    """Save a next step that was reworded, rescheduled, reassigned, completed or reopened. False
    when nothing changes.
    """
    lock(step.lead)
    before = NextStep.objects.get(pk=step.pk)
    step.save()
    repeat_on([step.lead])
    if before.done_at is None and step.done_at is not None:
        text = f"Completed: {step.text}"
    elif (before.text, before.due_on, before.owner_id) != (step.text, step.due_on, step.owner_id):
        text = f"Changed: {_described(before)} → {_described(step)}"
    elif before.done_at is not None and step.done_at is None:
        text = f"Reopened: {step.text}"
    else:
        return False
    was = {"step": step.pk, "was": _plain(before)}
    log(step.lead, Activity.Kind.NEXT_STEP, text, by=by, at=at, act=act, before=was)
    return True


@transaction.atomic
def cancel_next_step(
    step: NextStep, *, by: User | None, at: datetime, act: Act | None = None
) -> None:
    """Delete a next step; the history keeps it."""
    lock(step.lead)
    was = {"step": step.pk, "was": _plain(step)}
    said = f"Canceled: {step.text}"
    log(step.lead, Activity.Kind.NEXT_STEP, said, by=by, at=at, act=act, before=was)
    step.delete()
    repeat_on([step.lead])


@transaction.atomic
def restore_next_step(
    step: NextStep, *, by: User | None, at: datetime, act: Act | None = None
) -> bool:
    """Add a canceled next step again, as it is now."""
    lock(step.lead)
    step.save()
    repeat_on([step.lead])
    text = f"Completed: {step.text}" if step.done_at else f"Added again: {_described(step)}"
    was = {"step": step.pk}  # and there was none
    log(step.lead, Activity.Kind.NEXT_STEP, text, by=by, at=at, act=act, before=was)
    return True


def repeat_on(leads: Iterable[Lead]) -> None:
    """Have leads, which are held, repeat when the first of their open steps is due, for lists to
    sort by. To be called after every change of steps.
    """
    leads = list(leads)
    planned = NextStep.objects.open().filter(lead=OuterRef("pk")).order_by().values("lead")
    first = planned.annotate(due=Min("due_on")).values("due")
    theirs = Lead.objects.filter(pk__in=[lead.pk for lead in leads])
    theirs.update(step_due=Subquery(first))
    known = dict(theirs.order_by().values_list("pk", "step_due"))
    for lead in leads:
        lead.step_due = known.get(lead.pk)


def _described(step: NextStep) -> str:
    return f"{step.text} (due {display(step.due_on)}, {step.owner or 'unassigned'})"


def _plain(step: NextStep) -> dict[str, Any]:
    """As JSON has it; `undoing` reads it back."""
    return {
        "text": step.text,
        "due_on": step.due_on.isoformat(),
        "owner_id": step.owner_id,
        "done_at": step.done_at.isoformat() if step.done_at else None,
    }
