"""Taking back what was done in one act: the opposite of everything in `acts.doing`."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import date, datetime
from itertools import count
from typing import Any, cast

from django.db.models import Field
from django.template.defaultfilters import pluralize
from django.utils.dateparse import parse_datetime

from accounts.models import User
from desk.acts import TOO_LATE, UNDO_THAT_FIRST, NotYetError, Undo
from desk.models import Act
from leads.intake import filing, receiving, spam_marks
from leads.models import Activity, Answer, Inquiry, Lead, NextStep
from leads.pipeline import details, kinds, locking, many, settling, steps
from leads.pipeline.history import line, log_all
from mail import outbox
from mail.models import Message

Kind = Activity.Kind
# Leads that are held, each with the line of its history that is taken back.
Pairs = Sequence[tuple[Lead, Activity]]
# Why some were left as they are, by their numbers.
Refused = dict[int, str]


def tell(act: Act) -> str:
    """What was done and to whom."""
    lines = list(act.activities.order_by("pk").select_related("lead__contact")[:2])
    if not lines:
        if change := act.changes.order_by("pk").select_related("contact", "company").first():
            row = change.contact or change.company
            return f"{row.name if row else 'Gone'}: {change.text.partition(chr(10))[0]}"
        mark = act.spam_marks.select_related("inquiry").first()
        who = mark.inquiry.name if mark and act.count == 1 else f"{act.count} inquiries"
        return f"{who}: Marked as spam"
    first, *others = lines
    who = first.lead.contact.name if act.count == 1 else f"{act.count} leads"
    text = first.text.partition("\n")[0]
    if first.kind == Kind.NOTE:
        has_step = any(one.kind == Kind.NEXT_STEP for one in others)
        text = "Note and next step added" if has_step else "Note added"
    return f"{who}: {text}"


def take_back(act: Act, by: User, at: datetime) -> list[str]:
    """Put every lead back as it was before the act, but for those on which a colleague has worked
    since. Says what came of it, in sentences; a line in each history tells it.

    Raises `NotYetError` where nothing is done because they have changed it again since.
    """
    lines: dict[int, list[Activity]] = defaultdict(list)
    for one in act.activities.order_by("-pk"):
        lines[one.lead_id].append(one)
    suspected = Inquiry.objects.filter(lead=None, spam_mark__act=act)
    done = len(spam_marks.unmark_all(spam_marks.hold(suspected), by=by, at=at))
    left_out = []
    for change in act.changes.select_related("contact", "company"):
        if sentence := details.put_back(change, by=by, at=at):
            left_out.append(sentence)
        else:
            done += 1
    held, numbers = locking.hold(sorted(lines)), len(lines)
    refused = _worked_on_since(held, lines, act=act, by=by)
    for turn in count():
        # A lead may have gone with what brought it: then it has no number any more.
        going_on = [one for one in held if one.pk and one.pk not in refused]
        left = [one for one in going_on if len(lines[one.pk]) > turn]
        if not left:
            break
        _take_back_all([(one, lines[one.pk][turn]) for one in left], refused, by=by, at=at)
    done += len(held) - len(refused)
    left_out += refused.values()
    _check_that_nothing_comes_first(done, left_out)
    said = [f"Undone: {done} of them." if done > 1 else "Undone."] if done else []
    if gone := numbers - len(held):
        left_out.append(f"{gone} record{pluralize(gone)} had already been erased.")
    if not left_out:
        left_out = outbox.take_back(Message.objects.filter(to_colleague__act=act))
    return [*said, *left_out] or [TOO_LATE]


undo = Undo(tell=tell, take_back=take_back)


def _check_that_nothing_comes_first(done: int, left_out: list[str]) -> None:
    first = [one for one in left_out if one.endswith(UNDO_THAT_FIRST)]
    if first and not done:
        raise NotYetError(first)


def _worked_on_since(
    held: Sequence[Lead], lines: dict[int, list[Activity]], *, act: Act, by: User
) -> Refused:
    """The leads on which a colleague has worked since, or the same person in the same way."""
    latest = {lead.pk: lines[lead.pk][0] for lead in held}
    others = Activity.objects.filter(lead__in=held, at__gt=act.at, by__isnull=False)
    later = others.exclude(by=by).select_related("by").order_by("-at", "-pk")
    by_others: dict[int, Activity] = {}
    for one in later:
        by_others.setdefault(one.lead_id, one)
    own = Activity.objects.filter(lead__in=held, act__undone_at=None, act__isnull=False)
    earliest = min((one.pk for one in latest.values()), default=0)
    again = {
        one.lead_id
        for one in own.exclude(act=act).filter(pk__gt=earliest)
        if one.pk > latest[one.lead_id].pk
        and one.kind in {line.kind for line in lines[one.lead_id]}
    }
    refused = {}
    for lead in held:
        name, other = lead.contact.name, by_others.get(lead.pk)
        if other:
            refused[lead.pk] = (
                f"{name} was not changed: {other.by} has worked on it since ({other.text})."
            )
        elif lead.pk in again:
            refused[lead.pk] = (
                f"{name} was not changed: you have changed it again since. {UNDO_THAT_FIRST}"
            )
    return refused


def _take_back_all(pairs: Pairs, refused: Refused, *, by: User, at: datetime) -> None:
    """One line of each lead, together with the others of its kind."""
    by_kind: dict[str, list[tuple[Lead, Activity]]] = defaultdict(list)
    for lead, one in pairs:
        by_kind[one.kind].append((lead, one))
    for kind, theirs in by_kind.items():
        refused |= _OPPOSITES[kind](theirs, by, at) or {}
        log_all(
            line(lead, Kind(kind), f"Taken back: {one.text}", by=by, at=at)
            for lead, one in theirs
            if kind != Kind.NOTE and lead.pk and lead.pk not in refused
        )


def _owner(pairs: Pairs, by: User, at: datetime) -> None:
    for lead, one in pairs:
        lead.owner_id = _before(one)["owner"]
    locking.write([lead for lead, _ in pairs], "owner")


def _answer(pairs: Pairs, by: User, at: datetime) -> None:
    given = [(lead, number) for lead, one in pairs if (number := _before(one).get("answer"))]
    Answer.objects.filter(pk__in=[number for _, number in given]).delete()
    settling.settle_all([lead for lead, _ in given])
    many.give_back([(lead, was) for lead, one in pairs if (was := _before(one).get("was"))])


def _stage(pairs: Pairs, by: User, at: datetime) -> None:
    answers, answered = [], []
    for lead, one in pairs:
        before = dict(_before(one))
        if answer := before.pop("answer", None):
            answers.append(answer)
            answered.append(lead)
        _restore(lead, before)
    locking.write([lead for lead, _ in pairs], *many.MOVED)
    if answers:
        Answer.objects.filter(pk__in=answers).delete()
        settling.settle_all(answered)


def _change(pairs: Pairs, by: User, at: datetime) -> None:
    for lead, one in pairs:
        _restore(lead, _before(one))
        lead.save(update_fields=list(_before(one)))


def _kind(pairs: Pairs, by: User, at: datetime) -> None:
    sorted_as = {
        (lead.pk, int(number)): kind
        for lead, one in pairs
        for number, kind in _before(one)["kinds"].items()
    }
    theirs = Inquiry.objects.filter(pk__in=[number for _, number in sorted_as])
    there = set(theirs.order_by().values_list("lead", "pk"))
    kinds.put_all({key[1]: kind for key, kind in sorted_as.items() if key in there}, by=by, at=at)
    leads = [lead for lead, _ in pairs]
    settling.settle_all(leads)
    for lead, one in pairs:
        _restore(lead, {"respond_by": _before(one)["respond_by"]})
    locking.write(leads, "respond_by")


def _inquiry(pairs: Pairs, by: User, at: datetime) -> Refused:
    leads = {lead.pk: lead for lead, _ in pairs}
    numbers = [one.inquiry_id for _, one in pairs if one.inquiry_id]
    held = Inquiry.objects.select_for_update(of=("self",)).filter(pk__in=numbers).order_by("pk")
    inquiries = {one.pk: one for one in held}
    refused: Refused = {}
    marked, unmarked = [], []
    for lead, one in pairs:
        inquiry = inquiries.get(one.inquiry_id or 0)
        if inquiry is None:
            refused[lead.pk] = f"{lead.contact.name} was not changed: the inquiry was deleted."
            continue
        match _before(one):
            case {"was_spam": True} if "verdict" not in _before(one):
                unmarked.append(inquiry)
            case {"was_spam": False} if "verdict" not in _before(one):
                marked.append(inquiry)
            case _:
                number = lead.pk
                if sentence := _take_out(lead, inquiry, one, by, at):
                    refused[number] = sentence
    spam_marks.remove_all(spam_marks.Held(marked, leads))
    spam_marks.put_all(unmarked, by=by, at=at)
    settling.settle_all([leads[one.lead_id] for one in unmarked if one.lead_id])
    return refused


def _take_out(lead: Lead, inquiry: Inquiry, one: Activity, by: User, at: datetime) -> str | None:
    """An inquiry that brought its person and its lead, perhaps: one at a time."""
    before = _before(one)
    if "by_hand" in before:
        if not filing.take_out(inquiry, lead):
            return f"An email about what {inquiry.name} said has left already, so it stays."
        if lead.pk:
            _give_back(lead, before)
    elif not receiving.suspect_again(
        inquiry, lead, verdict=before["verdict"], was_spam=before["was_spam"], by=by, at=at
    ):
        return f"Sales and {inquiry.name} have been notified already. Mark it as spam instead."
    return None


def _give_back(lead: Lead, before: dict[str, Any]) -> None:
    """What was filled in on a lead that there was before."""
    lead.owner_id = before["owner"]
    _restore(lead, {name: before[name] for name in ("respond_by",) if name in before})
    locking.write([lead], "owner", "respond_by")
    if lead.contact.phone != before["phone"]:
        lead.contact.phone = before["phone"]
        lead.contact.save(update_fields=["phone"])


def _note(pairs: Pairs, by: User, at: datetime) -> None:
    Activity.objects.filter(pk__in=[one.pk for _, one in pairs]).delete()


def _next_step(pairs: Pairs, by: User, at: datetime) -> None:
    added = [_before(one)["step"] for _, one in pairs if "was" not in _before(one)]
    NextStep.objects.filter(pk__in=added).delete()
    numbers = [_before(one)["step"] for _, one in pairs if "was" in _before(one)]
    known = NextStep.objects.in_bulk(numbers) if numbers else {}
    for lead, one in pairs:
        if was := _before(one).get("was"):
            number = _before(one)["step"]
            step = known.get(number) or NextStep(pk=number, lead=lead)
            step.text, step.owner_id = was["text"], was["owner_id"]
            step.due_on = date.fromisoformat(was["due_on"])
            step.done_at = parse_datetime(was["done_at"]) if was["done_at"] else None
            step.save()
    steps.repeat_on(lead for lead, _ in pairs)


_OPPOSITES: dict[str, Callable[[Pairs, User, datetime], Refused | None]] = {
    Kind.OWNER: _owner,
    Kind.ANSWER: _answer,
    Kind.STAGE: _stage,
    Kind.CHANGE: _change,
    Kind.KIND: _kind,
    Kind.INQUIRY: _inquiry,
    Kind.NOTE: _note,
    Kind.NEXT_STEP: _next_step,
}


def _before(line: Activity) -> dict[str, Any]:
    return line.before or {}


def _restore(lead: Lead, values: dict[str, Any]) -> None:
    for name, value in values.items():
        field = cast("Field[Any, Any]", Lead._meta.get_field(name))
        setattr(lead, field.attname, field.to_python(value))
