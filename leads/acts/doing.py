"""What people in sales do, to one lead or to many, each with its opposite in `acts.undoing`.

Every function makes one `Act`, leaves one line in the history of each lead, and says in words what
it left alone and why. However many leads there are, it takes as many queries. An email that it
causes leaves `Act.EMAILS_AFTER` later: until then, undo takes it back as well.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal

from django.core.exceptions import ValidationError

from accounts.models import User
from desk.models import Act
from leads.acts import colleagues
from leads.acts.each import Done as Done
from leads.acts.each import Shown as Shown
from leads.acts.each import do, each
from leads.duty.absences import away_on
from leads.duty.staff import is_in_sales
from leads.intake import receiving, spam_marks
from leads.models import Answer, Inquiry, Kind, Lead, NextStep
from leads.pipeline import kinds, many, moves, settling, steps
from leads.pipeline.history import display


def assign(leads: Iterable[Lead], owner: User | None, *, by: User, at: datetime) -> Done:
    """Make someone the owner, or nobody. A new owner other than `by` gets one email about all, or
    whoever covers for them, and `by` is told so.
    """

    def change(held: list[Lead], act: Act, done: Done) -> list[Lead]:
        changed = many.assign(held, owner, by=by, at=at, act=act)
        whose = f"{owner}’s" if owner else "nobody’s"
        done.left_out += [
            f"{one.contact.name} is {whose} already." for one in _others(held, changed)
        ]
        if owner and owner != by and changed:
            done.remarks += colleagues.tell_new_owner(owner, changed, by=by, act=act)
        return changed

    return each(leads, change, by=by, at=at)


def take(leads: Iterable[Lead], *, by: User, at: datetime) -> Done:
    """Make oneself the owner of what is open, and nobody's or that of someone who has left."""

    def change(held: list[Lead], act: Act, done: Done) -> list[Lead]:
        owners = {lead.owner for lead in held if lead.owner and lead.owner != by}
        present = {one for one in owners if is_in_sales(one)}
        free = []
        for lead in held:
            name = lead.contact.name
            if lead.owner == by:
                done.left_out.append(f"You have {name} already.")
            elif lead.owner in present:
                done.left_out.append(
                    f"{lead.owner} has {name} already. To take it over, assign it."
                )
            elif not lead.is_open:
                done.left_out.append(f"{name} was not taken: the lead is closed.")
            else:
                free.append(lead)
        return many.assign(free, by, by=by, at=at, act=act)

    return each(leads, change, by=by, at=at)


def sort(leads: Iterable[Lead], kind: Kind, *, by: User, at: datetime) -> Done:
    """Say what their inquiries are about."""

    def change(held: list[Lead], act: Act, done: Done) -> list[Lead]:
        changed = kinds.sort_all(held, kind, by=by, at=at, act=act)
        said = f"is sorted as {Kind(kind).label.lower()} already"
        done.left_out += [f"{one.contact.name} {said}." for one in _others(held, changed)]
        return changed

    return each(leads, change, by=by, at=at)


def answer(
    leads: Iterable[Lead],
    *,
    by: User,
    at: datetime,
    shown: Mapping[int, Shown],
    again: bool = False,
    is_needed: bool = True,
) -> Done:
    """They have our answer, or, unless `is_needed`, need none.

    Not what came, or what a colleague answered, since the page `shown` was opened: a second answer
    is written down only `again`, by someone who knows of the first.
    """

    def change(held: list[Lead], act: Act, done: Done) -> list[Answer]:
        now = Shown.of_each([one.pk for one in held])
        given = Answer.objects.filter(pk__in=[one.answer for one in now.values() if one.answer])
        earlier = {one.lead_id: one for one in given.select_related("by")}
        due = []
        for lead in held:
            name, seen, first = lead.contact.name, shown.get(lead.pk), earlier.get(lead.pk)
            if seen and seen.inquiry != now[lead.pk].inquiry:
                done.left_out.append(
                    f"{name} has written again since you opened the page. Read that first."
                )
            elif first and not (lead.is_waiting or again):
                who = "You" if first.by == by else str(first.by or "Someone")
                done.left_out.append(f"{who} answered {name} already, {display(first.at)}.")
            else:
                due.append(lead)
        written = many.answer(due, by=by, at=at, again=again, is_needed=is_needed, act=act)
        answered = {one.lead_id for one in written}
        done.left_out += [
            f"{one.contact.name} is not waiting for an answer."
            for one in due
            if one.pk not in answered
        ]
        return written

    return each(leads, change, by=by, at=at)


def spam(leads: Iterable[Lead], *, by: User, at: datetime) -> Done:
    """Mark as spam what waits on them, or without any the latest inquiry."""

    def change(held: list[Lead], act: Act, done: Done) -> list[Lead]:
        inquiries = settling.received(held)
        meant = {one.pk for lead in held for one in settling.meant(inquiries[lead.pk])}
        chosen = Inquiry.objects.filter(pk__in=meant).order_by("-received_at", "-pk")
        found = spam_marks.Held(list(chosen.defer("message")), {lead.pk: lead for lead in held})
        marked = {one.lead_id for one in spam_marks.mark_all(found, by=by, at=at, act=act)}
        changed = [lead for lead in held if lead.pk in marked]
        done.left_out += [
            f"{one.contact.name} was marked as spam already." for one in _others(held, changed)
        ]
        return changed

    return each(leads, change, by=by, at=at)


def spam_inquiries(inquiries: Iterable[Inquiry], *, by: User, at: datetime) -> Done:
    """Mark inquiries as spam, such as suspected spam."""

    def change(chosen: list[Inquiry], act: Act, done: Done) -> list[Inquiry]:
        held = spam_marks.hold(chosen)
        marked = spam_marks.mark_all(held, by=by, at=at, act=act)
        new = {one.pk for one in marked}
        done.left_out += [
            f"{one.name} was marked as spam already." for one in chosen if one.pk not in new
        ]
        return marked

    return do(list(inquiries), change, by=by, at=at)


def not_spam(inquiries: Iterable[Inquiry], *, by: User, at: datetime) -> Done:
    """Decide that inquiries are not spam. Sales and the visitor are notified a moment later."""

    def change(chosen: list[Inquiry], act: Act, done: Done) -> list[Inquiry]:
        genuine = receiving.mark_all_not_spam(chosen, by=by, at=at, act=act)
        new = {one.pk for one in genuine}
        done.left_out += [f"{one.name} is not spam already." for one in chosen if one.pk not in new]
        return genuine

    return do(list(inquiries), change, by=by, at=at)


def note(
    lead: Lead,
    text: str,
    *,
    step: tuple[str, date] | None = None,
    by: User,
    at: datetime,
) -> Done:
    """Add a note, and with `step` what `by` does next and by which day. Colleagues named in it as
    @name get it by email.

    Raises `ValidationError` for a name that nobody or more than one has, and for an empty note.
    """
    if not text.strip():
        raise ValidationError({"note": "Write something first."})
    named = colleagues.named_in(text)

    def change(held: list[Lead], act: Act, done: Done) -> list[Lead]:
        for one in held:
            if written := moves.note(one, text, by=by, at=at, act=act):
                colleagues.tell_of_note(named, written, by=by, act=act)
        if step:
            planned, due_on = step
            wanted = [NextStep(lead=one, text=planned, due_on=due_on, owner=by) for one in held]
            steps.add_all(wanted, by=by, at=at, act=act)
        return held

    return each([lead], change, by=by, at=at)


def add_step(
    leads: Iterable[Lead],
    text: str,
    *,
    due_on: date,
    owner: User | None,
    by: User,
    at: datetime,
) -> Done:
    """Plan a next step. Without an `owner` it is that of whoever has the lead, or else `by`. That
    someone else is away on the day is said.
    """

    def change(held: list[Lead], act: Act, done: Done) -> list[NextStep]:
        wanted = [
            NextStep(lead=one, text=text, due_on=due_on, owner=owner or one.owner or by)
            for one in held
        ]
        others = {one.owner for one in wanted if one.owner and one.owner != by}
        away = (away_on(one, due_on) for one in sorted(others, key=str))
        done.remarks += [f"{said}." for said in away if said]
        return steps.add_all(wanted, by=by, at=at, act=act)

    return each(leads, change, by=by, at=at)


def complete_step(step: NextStep, *, by: User, at: datetime) -> Done:
    """Tick a next step off."""

    def change(held: list[Lead], act: Act, done: Done) -> list[NextStep]:
        current = list(NextStep.objects.filter(pk=step.pk, lead__in=held, done_at=None))
        for one in current:
            one.done_at = at
            steps.update_next_step(one, by=by, at=at, act=act)
        if held and not current:
            done.left_out.append("A colleague has done or canceled it already.")
        return current

    return each([step.lead], change, by=by, at=at)


def move(
    leads: Iterable[Lead],
    stage: str,
    *,
    by: User,
    at: datetime,
    lost_because: str = "",
    lost_reason: str = "",
    value: Decimal | None = None,
    currency: str = "",
) -> Done:
    """Put them into another stage.

    Of one lead, raises the `ValidationError` that speaks against it; of many, says for which it
    could not be done.
    """
    leads = list(leads)

    def change(held: list[Lead], act: Act, done: Done) -> list[Lead]:
        moved, refused = many.move(
            held, stage, by=by, at=at, lost_because=lost_because, lost_reason=lost_reason,
            value=value, currency=currency, act=act,
        )  # fmt: skip
        if refused and len(leads) == 1:
            raise refused[held[0].pk]
        for one in _others(held, moved):
            error = refused.get(one.pk)
            said = f": {' '.join(error.messages)}" if error else " is there already."
            done.left_out.append(f"{one.contact.name}{said}")
        return moved

    return each(leads, change, by=by, at=at)


def revise(lead: Lead, changes: Mapping[str, object], *, by: User, at: datetime) -> Done:
    """Change some of `moves.DETAILS`."""

    def change(held: list[Lead], act: Act, done: Done) -> list[Lead]:
        return [one for one in held if moves.revise(one, changes, by=by, at=at, act=act)]

    return each([lead], change, by=by, at=at, otherwise="Nothing has changed.")


def _others(held: Sequence[Lead], changed: Sequence[Lead]) -> list[Lead]:
    numbers = {one.pk for one in changed}
    return [one for one in held if one.pk not in numbers]
