"""What is done to leads, however many, in a few queries: to one lead by `moves` and the like.

The caller holds the leads (`locking`). Each function returns those that it changed, and leaves a
line in the history of each: who, from what, to what. With an `act`, it can be taken back: see
`acts.undoing`.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError

from accounts.models import User
from desk.models import Act
from leads.models import Activity, Answer, Lead
from leads.pipeline.history import line, log_all, plain
from leads.pipeline.locking import write
from leads.pipeline.settling import received, settle_all

# What moving changes of a lead, and taking a move back restores.
MOVED = ("stage", "stage_since", "closed_at", "lost_because", "lost_reason", "value", "currency")


def assign(
    leads: Sequence[Lead],
    owner: User | None,
    *,
    by: User | None,
    at: datetime,
    act: Act | None = None,
) -> list[Lead]:
    """Assign leads to someone, or to nobody."""
    changed = [lead for lead in leads if lead.owner_id != (owner.pk if owner else None)]
    text = f"Assigned to {owner}" if owner else "Unassigned"
    lines = [
        line(
            lead, Activity.Kind.OWNER, text,
            by=by, at=at, act=act, before={"owner": lead.owner_id},
        )
        for lead in changed
    ]  # fmt: skip
    for lead in changed:
        lead.owner = owner
    write(changed, "owner")
    log_all(lines)
    return changed


def move(
    leads: Sequence[Lead],
    stage: str,
    *,
    by: User | None,
    at: datetime,
    lost_because: str = "",
    lost_reason: str = "",
    value: Decimal | None = None,
    currency: str = "",
    act: Act | None = None,
) -> tuple[list[Lead], dict[int, ValidationError]]:
    """Put leads into another stage, with what that needs. Returns those that were moved, and what
    speaks against moving others, by their numbers.

    A proposal needs an estimate and a won lead a value, in the same step or from before; a lost
    lead needs a reason of `Lead.Lost`. Of a lead that has no answer, the first step past New counts
    as one; closing it does not.
    """
    refused, before, lines = dict[int, ValidationError](), {}, list[Activity]()
    open_leads = _open_of_people(leads)
    for lead in leads:
        others = open_leads[lead.contact_id] - lead.is_open
        if error := _why_not(lead, stage, lost_because, value=value, has_another=bool(others)):
            refused[lead.pk] = error
            continue
        was, label = {name: getattr(lead, name) for name in MOVED}, lead.get_stage_display()
        lead.stage = stage
        is_lost = stage == Lead.Stage.LOST
        lead.lost_because = lost_because if is_lost else ""
        lead.lost_reason = lost_reason.strip() if is_lost else ""
        if value is not None:
            lead.value, lead.currency = value, currency or lead.currency
        if was == {name: getattr(lead, name) for name in MOVED}:
            continue
        lead.closed_at = (lead.closed_at or at) if stage in Lead.CLOSING else None
        open_leads[lead.contact_id] = others + lead.is_open
        if stage != was["stage"]:
            lead.stage_since = at
            label = f"{label} → {lead.get_stage_display()}"
        before[lead.pk] = was
        text = _with_reasons(lead, label, is_valued=value is not None)
        lines.append(line(lead, Activity.Kind.STAGE, text, by=by, at=at, act=act))
    moved = [lead for lead in leads if lead.pk in before]
    write(moved, *MOVED)
    for answer in _answer_first_time(moved, by=by, at=at):
        before[answer.lead_id]["answer"] = answer.pk
    for written in lines:
        written.before = plain(before[written.lead_id])
    log_all(lines)
    return moved, refused


def _with_reasons(lead: Lead, said: str, *, is_valued: bool) -> str:
    is_lost = lead.stage == Lead.Stage.LOST
    why = [lead.get_lost_because_display(), lead.lost_reason] if is_lost else []
    why += [lead.amount] if is_valued else []
    return ": ".join([said, ", ".join(filter(None, why))]) if any(why) else said


def _open_of_people(leads: Sequence[Lead]) -> Counter[int]:
    """How many open leads the people of these have."""
    theirs = Lead.objects.open().filter(contact__in={lead.contact_id for lead in leads})
    return Counter(theirs.values_list("contact", flat=True))


def refuse_impossible_move(
    lead: Lead, stage: str, lost_because: str = "", *, value: Decimal | None = None
) -> None:
    """Raise the `ValidationError` that speaks against it, by field, and change nothing."""
    others = _open_of_people([lead])[lead.contact_id] - lead.is_open
    if error := _why_not(lead, stage, lost_because, value=value, has_another=bool(others)):
        raise error


def _why_not(
    lead: Lead, stage: str, lost_because: str, *, value: Decimal | None, has_another: bool
) -> ValidationError | None:
    if stage == Lead.Stage.LOST and lost_because not in Lead.Lost.values:
        return ValidationError({"lost_because": "Say why the lead was lost."})
    if value is None and lead.value is None and stage == Lead.Stage.WON:
        return ValidationError({"value": "Say what it is worth. Enter 0 if it earns nothing."})
    if value is None and lead.value is None and stage == Lead.Stage.PROPOSAL:
        return ValidationError({"value": "Enter your estimate."})
    if stage not in Lead.CLOSING and has_another:
        return ValidationError({"stage": "This contact has another open lead: work on that one."})
    return None


def _answer_first_time(moved: Sequence[Lead], *, by: User | None, at: datetime) -> list[Answer]:
    """What was moved on for the first time is thereby answered."""
    not_a_step = (Lead.Stage.NEW, *Lead.CLOSING)
    unanswered = [one for one in moved if one.first_responded_at is None]
    return _answer_all([one for one in unanswered if one.stage not in not_a_step], by=by, at=at)


def answer(
    leads: Sequence[Lead],
    *,
    by: User | None,
    at: datetime,
    again: bool = False,
    is_needed: bool = True,
    act: Act | None = None,
) -> list[Answer]:
    """Write down that the contacts have our answer to all they wrote, or that it needs none.
    Returns the answers: none for a lead on which none was due.

    With `again` it is written down all the same: two colleagues answered, and both know. A new
    lead that is answered is thereby contacted.
    """
    leads = [
        lead
        for lead in leads
        if not lead.is_spam() and (lead.is_waiting or (again and lead.is_open))
    ]
    given = [lead.pk for lead in leads if not lead.is_waiting]
    earlier = Answer.objects.filter(lead__in=given).select_related("by").order_by("at", "pk")
    latest = {one.lead_id: one for one in earlier} if given else {}
    texts = {}
    for lead in leads:
        text = "Answered for the first time" if lead.first_responded_at is None else "Answered"
        if lead.pk in latest:
            text = f"Also answered, after {latest[lead.pk].by or 'someone'}"
        texts[lead.pk] = text if is_needed else "Needs no answer"
    written = _answer_all(leads, by=by, at=at, is_needed=is_needed)
    log_all(
        line(
            lead, Activity.Kind.ANSWER, texts[lead.pk],
            by=by, at=at, act=act, before={"answer": answer.pk},
        )
        for lead, answer in zip(leads, written, strict=True)
    )  # fmt: skip
    if is_needed:
        new = [lead for lead in leads if lead.stage == Lead.Stage.NEW and lead.is_work]
        move(new, Lead.Stage.CONTACTED, by=by, at=at, act=act)
    return written


def take_answers_back(
    leads: Sequence[Lead], *, by: User | None, at: datetime, act: Act | None = None
) -> list[Lead]:
    """Take the latest answer of each open lead back: what it answered waits again, due when it
    was. Without any answer left, a contacted lead is new again.
    """
    given = Answer.objects.filter(lead__in=[lead.pk for lead in leads if lead.is_open])
    found = given.select_related("by").prefetch_related("inquiries").order_by("at", "pk")
    latest = {one.lead_id: one for one in found}
    changed = [lead for lead in leads if lead.pk in latest]
    lines = []
    for lead in changed:
        one = latest[lead.pk]
        was = plain({name: getattr(one, name) for name in ("pk", "by_id", "at", "was_needed")})
        was["inquiries"] = [inquiry.pk for inquiry in one.inquiries.all()]
        text = f"Not answered yet: {one.by or 'someone'}’s “Answered” was taken back"
        lines.append(
            line(lead, Activity.Kind.ANSWER, text, by=by, at=at, act=act, before={"was": was})
        )
    given.filter(pk__in=[latest[lead.pk].pk for lead in changed]).delete()
    settle_all(changed)
    log_all(lines)
    never = [lead for lead in changed if lead.first_responded_at is None]
    contacted = [lead for lead in never if lead.stage == Lead.Stage.CONTACTED]
    move(contacted, Lead.Stage.NEW, by=by, at=at, act=act)
    return changed


def give_back(answers: Sequence[tuple[Lead, Mapping[str, Any]]]) -> None:
    """The opposite of `take_answers_back`, by what its lines say."""
    if not answers:
        return
    through = Answer.inquiries.through
    Answer.objects.bulk_create(
        Answer(
            pk=was["pk"], lead=lead, by_id=was["by_id"], was_needed=was["was_needed"],
            at=datetime.fromisoformat(was["at"]),
        )
        for lead, was in answers
    )  # fmt: skip
    there = {one.pk for each in received([lead for lead, _ in answers]).values() for one in each}
    through._default_manager.bulk_create(
        through(answer_id=was["pk"], inquiry_id=number)
        for _, was in answers
        for number in was["inquiries"]
        if number in there
    )
    settle_all([lead for lead, _ in answers])


def _answer_all(
    leads: Sequence[Lead], *, by: User | None, at: datetime, is_needed: bool = True
) -> list[Answer]:
    """One answer for each lead, in their order."""
    if not leads:
        return []
    inquiries, through = received(leads), Answer.inquiries.through
    written = Answer.objects.bulk_create(
        Answer(lead=lead, by=by, at=at, was_needed=is_needed) for lead in leads
    )
    through._default_manager.bulk_create(
        through(answer_id=answer.pk, inquiry_id=one.pk)
        for answer in written
        for one in inquiries[answer.lead_id]
        if one.waits
    )
    settle_all(leads)
    return written
