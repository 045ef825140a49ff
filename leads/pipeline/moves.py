"""Moving leads along. Each change of a lead leaves a line in its history: who, from what, to what.

Every function holds the lead's row, and before it its inquiries' and its contact's, until the
transaction ends, and works on the lead as it is then: of two colleagues at the same moment, the
second sees what the first did. Intake and erasure take them in the same order.
"""

from collections.abc import Collection, Mapping
from datetime import date, datetime
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from leads import money
from leads.models import Activity, Answer, Contact, Lead, NextStep
from offices.working_days import one_working_day_after

# What `revise` takes, as the history calls it. Stage and owner have functions of their own.
DETAILS = {
    "office": "Office",
    "value": "Value",
    "currency": "Currency",
    "respond_by": "Answer by",
}


class Gone(Lead.DoesNotExist):
    """The lead no longer exists: its person was erased in the meantime."""


def lock(lead: Lead) -> None:
    """Bring the lead up to date, and let nobody change it or open another until the commit.

    Raises `Gone` when there is nothing to hold.
    """
    try:
        # Before the person, as whoever deletes an inquiry does; in one order, as all do.
        list(lead.inquiries.select_for_update(no_key=True).order_by("pk").values_list("pk"))
        Contact.objects.select_for_update(of=("self",)).get(leads=lead.pk)
        lead.refresh_from_db(from_queryset=Lead.objects.select_for_update())
    except (Contact.DoesNotExist, Lead.DoesNotExist) as error:
        raise Gone from error


@transaction.atomic
def move(lead: Lead, stage: str, *, by: User | None, at: datetime, lost_reason: str = "") -> None:
    """Put the lead into another stage. Of a lead that has no answer, the first step past New
    counts as one; closing it does not.

    Raises `ValidationError` when a lost lead has no reason, and when a closed lead would be
    opened while its contact has another open one.
    """
    lock(lead)
    refuse_impossible_move(lead, stage, lost_reason)
    before, reason_before = lead.stage, lead.lost_reason
    lead.lost_reason = lost_reason.strip() if stage == Lead.Stage.LOST else ""
    if (stage, lead.lost_reason) == (before, reason_before):
        return
    said = lead.get_stage_display()
    lead.stage = stage
    lead.closed_at = (lead.closed_at or at) if stage in Lead.CLOSING else None
    lead.save(update_fields=["stage", "closed_at", "lost_reason"])
    is_a_step = stage not in (Lead.Stage.NEW, *Lead.CLOSING)
    if is_a_step and lead.first_responded_at is None:
        _answer(lead, by=by, at=at)
    if stage != before:
        said = f"{said} → {lead.get_stage_display()}"
    reason = f": {lead.lost_reason}" if lead.lost_reason else ""
    _log(lead, Activity.Kind.STAGE, f"{said}{reason}", by=by, at=at)


def refuse_impossible_move(lead: Lead, stage: str, lost_reason: str = "") -> None:
    """Raise the `ValidationError` that `move` would raise, and change nothing."""
    if stage == Lead.Stage.LOST and not lost_reason.strip():
        raise ValidationError({"lost_reason": "Say why the lead was lost."})
    others = Lead.objects.open().filter(contact=lead.contact_id).exclude(pk=lead.pk)
    if stage not in Lead.CLOSING and others.exists():
        raise ValidationError({"stage": "This contact has another open lead: work on that one."})


@transaction.atomic
def answer(lead: Lead, *, by: User | None, at: datetime, again: bool = False) -> Answer | None:
    """Write down that the contact has our answer to all they wrote; None when none was due.

    With `again` it is written down all the same: two colleagues answered, and both know. A new
    lead is thereby contacted.
    """
    lock(lead)
    if lead.is_spam() or not (lead.is_waiting or (again and lead.is_open)):
        return None
    is_first = lead.first_responded_at is None
    earlier = None if lead.is_waiting else lead.answers.first()
    written = _answer(lead, by=by, at=at)
    text = "Answered for the first time" if is_first else "Answered"
    if earlier:
        text = f"Also answered, after {earlier.by or 'someone'}"
    _log(lead, Activity.Kind.ANSWER, text, by=by, at=at)
    if lead.stage == Lead.Stage.NEW:
        move(lead, Lead.Stage.CONTACTED, by=by, at=at)
    return written


@transaction.atomic
def take_answer_back(lead: Lead, *, by: User | None, at: datetime) -> bool:
    """Take the latest answer back: what it answered waits again, due when it was. The opposite of
    `answer`; False when there is none to take back, or the lead is closed.

    Without any answer left, a contacted lead is new again.
    """
    lock(lead)
    latest = lead.answers.first()
    if latest is None or not lead.is_open:
        return False
    latest.delete()
    settle(lead)
    text = f"Not answered yet: {latest.by or 'someone'}’s “Answered” was taken back"
    _log(lead, Activity.Kind.ANSWER, text, by=by, at=at)
    if lead.first_responded_at is None and lead.stage == Lead.Stage.CONTACTED:
        move(lead, Lead.Stage.NEW, by=by, at=at)
    return True


def find_later_act(lead: Lead, *, than: datetime, by: User) -> Activity | None:
    """What a colleague of this person has done to the lead since, if anything: the latest."""
    later = lead.activities.filter(at__gt=than, by__isnull=False).exclude(by=by)
    return later.select_related("by").first()


def wait_for_answer(lead: Lead, *, since: datetime) -> None:
    """An inquiry of that moment waits for an answer on the lead, which is held."""
    due = one_working_day_after(since, lead.office)
    if not lead.is_waiting or lead.respond_by is None or due < lead.respond_by:
        lead.respond_by = due
    lead.responded_at = None
    lead.save(update_fields=["respond_by", "responded_at"])


def settle(lead: Lead, *, leaving: Collection[int] = ()) -> None:
    """Bring the lead, which is held, in line with its answers and the inquiries that wait.

    Those that are about to be deleted wait for nothing.
    """
    answers = list(lead.answers.all())
    waits = lead.inquiries.waiting().exclude(pk__in=leaving).exists()
    lead.first_responded_at = answers[-1].at if answers else None
    lead.responded_at = answers[0].at if answers and not waits else None
    lead.save(update_fields=["responded_at", "first_responded_at"])


def _answer(lead: Lead, *, by: User | None, at: datetime) -> Answer:
    written = Answer.objects.create(lead=lead, by=by, at=at)
    written.inquiries.set(lead.inquiries.waiting())
    settle(lead)
    return written


@transaction.atomic
def assign(lead: Lead, owner: User | None, *, by: User | None, at: datetime) -> None:
    """Assign the lead to someone, or to nobody."""
    lock(lead)
    if owner == lead.owner:
        return
    lead.owner = owner
    lead.save(update_fields=["owner"])
    text = f"Assigned to {owner}" if owner else "Unassigned"
    _log(lead, Activity.Kind.OWNER, text, by=by, at=at)


@transaction.atomic
def revise(lead: Lead, details: Mapping[str, object], *, by: User | None, at: datetime) -> None:
    """Change some of DETAILS: one line in the history, with each as it was and as it is."""
    lock(lead)
    lines = []
    for name, value in details.items():
        before = getattr(lead, name)
        if value != before:
            lines.append(f"{DETAILS[name]}: {display(before, lead)} → {display(value, lead)}")
            setattr(lead, name, value)
    if lines:
        lead.save(update_fields=list(details))
        _log(lead, Activity.Kind.CHANGE, "\n".join(lines), by=by, at=at)


@transaction.atomic
def note(lead: Lead, text: str, *, by: User | None, at: datetime) -> None:
    """Add a note to the history; an empty one adds nothing."""
    if text.strip():
        _log(lead, Activity.Kind.NOTE, text.strip(), by=by, at=at)


@transaction.atomic
def add_next_step(
    lead: Lead, text: str, *, due_on: date, owner: User | None, by: User | None, at: datetime
) -> NextStep:
    """Add a next step: it shows on the desk from its due date until it is completed."""
    lock(lead)
    step = NextStep.objects.create(lead=lead, text=text, due_on=due_on, owner=owner)
    _log(lead, Activity.Kind.NEXT_STEP, f"Added: {_described(step)}", by=by, at=at)
    return step


@transaction.atomic
def update_next_step(step: NextStep, *, by: User | None, at: datetime) -> None:
    """Save a next step that was reworded, rescheduled, reassigned, completed or reopened."""
    lock(step.lead)
    before = NextStep.objects.get(pk=step.pk)
    step.save()
    if before.done_at is None and step.done_at is not None:
        text = f"Completed: {step.text}"
    elif (before.text, before.due_on, before.owner_id) != (step.text, step.due_on, step.owner_id):
        text = f"Changed: {_described(before)} → {_described(step)}"
    elif before.done_at is not None and step.done_at is None:
        text = f"Reopened: {step.text}"
    else:
        return
    _log(step.lead, Activity.Kind.NEXT_STEP, text, by=by, at=at)


@transaction.atomic
def cancel_next_step(step: NextStep, *, by: User | None, at: datetime) -> None:
    """Delete a next step; the history keeps it."""
    lock(step.lead)
    _log(step.lead, Activity.Kind.NEXT_STEP, f"Canceled: {step.text}", by=by, at=at)
    step.delete()


@transaction.atomic
def restore_next_step(step: NextStep, *, by: User | None, at: datetime) -> None:
    """Add a canceled next step again, as it is now."""
    lock(step.lead)
    step.save()
    text = f"Completed: {step.text}" if step.done_at else f"Added again: {_described(step)}"
    _log(step.lead, Activity.Kind.NEXT_STEP, text, by=by, at=at)


def _described(step: NextStep) -> str:
    return f"{step.text} (due {display(step.due_on)}, {step.owner or 'unassigned'})"


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


def _log(lead: Lead, kind: Activity.Kind, text: str, *, by: User | None, at: datetime) -> None:
    Activity.objects.create(lead=lead, kind=kind, text=text, by=by, at=at)
