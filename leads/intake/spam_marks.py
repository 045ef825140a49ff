"""Spam: what a person decides about an inquiry, and what those decisions say about the next one."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.db.models import CharField, Exists, F
from django.db.models.functions import JSONObject

from accounts.models import User
from desk.models import Act
from leads.models import OPENING, Activity, Inquiry, Lead, SpamLesson, SpamMark
from leads.pipeline import history, locking, settling
from leads.spam.weighing import Past
from mail.addresses import mailbox, readable
from mail.domains import is_free_mail, organization
from privacy.models import Wording
from web.rows import JsonQuery, Parameter, Rows

NOBODYS = " "  # the domain of none


@dataclass(frozen=True)
class Held:
    """Inquiries, and the leads that they are on, by their numbers: as they are now, and held until
    the commit. Of suspected spam there is no lead.
    """

    inquiries: list[Inquiry]
    leads: dict[int, Lead]

    def lead_of(self, inquiry: Inquiry) -> Lead | None:
        return self.leads.get(inquiry.lead_id or 0)


def hold(inquiries: Iterable[Inquiry]) -> Held:
    """Hold inquiries with their leads; without those that are gone."""
    numbers = [one.pk for one in inquiries]
    on = Lead.objects.filter(inquiries__in=numbers).order_by("pk").values_list("pk", flat=True)
    leads = {lead.pk: lead for lead in locking.hold(on)}  # and with them all their inquiries
    held = Inquiry.objects.select_for_update(of=("self",), no_key=True).order_by("pk")
    found = {one.pk: one for one in held.filter(pk__in=numbers)}
    # What a colleague let through at this moment has a lead by now.
    since = {one.lead_id for one in found.values() if one.lead_id} - leads.keys()
    leads |= {lead.pk: lead for lead in locking.hold(sorted(since))} if since else {}
    return Held([found[number] for number in numbers if number in found], leads)


@transaction.atomic
def mark(inquiry: Inquiry, *, by: User, at: datetime, act: Act | None = None) -> bool:
    """Mark it as spam; False when it is marked already, or its person was erased meanwhile.

    It leaves every list and count, and is deleted after the period of its rule.
    """
    return bool(mark_all(hold([inquiry]), by=by, at=at, act=act))


def mark_all(held: Held, *, by: User, at: datetime, act: Act | None = None) -> list[Inquiry]:
    """Mark them as spam. Returns those that were not marked before."""
    marked = put_all(held.inquiries, by=by, at=at, act=act)
    settling.settle_all(_leads(marked, held))  # they wait for no answer
    log_all(marked, held, "Marked as spam", by=by, at=at, act=act, before={"was_spam": False})
    return marked


@transaction.atomic
def unmark(inquiry: Inquiry, *, by: User, at: datetime, act: Act | None = None) -> bool:
    """Take the mark back: the inquiry is again what it was before. False when there is none."""
    return bool(unmark_all(hold([inquiry]), by=by, at=at, act=act))


def unmark_all(held: Held, *, by: User, at: datetime, act: Act | None = None) -> list[Inquiry]:
    """Take the marks back. Returns those that had one."""
    unmarked = remove_all(held)
    text = "No longer marked as spam"
    log_all(unmarked, held, text, by=by, at=at, act=act, before={"was_spam": True})
    return unmarked


def put_all(
    inquiries: Sequence[Inquiry], *, by: User, at: datetime, act: Act | None = None
) -> list[Inquiry]:
    """Mark inquiries that are held. Returns those that were not marked before."""
    numbers = [one.pk for one in inquiries]
    marks = SpamMark.objects.filter(inquiry__in=numbers)
    before = set(marks.order_by().values_list("inquiry", flat=True))
    new = [one for one in inquiries if one.pk not in before]
    SpamMark.objects.bulk_create(SpamMark(inquiry=one, by=by, at=at, act=act) for one in new)
    return new


def remove_all(held: Held) -> list[Inquiry]:
    """Take the marks from inquiries. Returns those that had one; what is unanswered waits again."""
    numbers = [one.pk for one in held.inquiries]
    marks = SpamMark.objects.filter(inquiry__in=numbers)
    marked = set(marks.order_by().values_list("inquiry", flat=True))
    marks.delete()
    unmarked = [one for one in held.inquiries if one.pk in marked]
    answered = Inquiry.objects.filter(pk__in=marked, answers__isnull=False)
    answered_keys = set(answered.order_by().values_list("pk", flat=True))
    settling.wait_for_answers(
        (lead, one.received_at)
        for one in unmarked
        if one.pk not in answered_keys and (lead := held.lead_of(one))
    )
    settling.settle_all(_leads(unmarked, held))
    return unmarked


def _leads(inquiries: Iterable[Inquiry], held: Held) -> list[Lead]:
    """Each once."""
    leads = {one.lead_id: lead for one in inquiries if (lead := held.lead_of(one))}
    return [*leads.values()]


def log_all(
    inquiries: Sequence[Inquiry], held: Held, text: str, *, by: User, at: datetime, **more: Any
) -> None:
    """A line in the history of each lead, and in the log of each inquiry itself."""
    if not inquiries:
        return
    content_type = ContentType.objects.get_for_model(Inquiry)
    LogEntry.objects.bulk_create(
        LogEntry(
            user=by,
            action_time=at,
            content_type=content_type,
            object_id=str(one.pk),
            object_repr=str(one)[:200],
            action_flag=CHANGE,
            change_message=text,
        )
        for one in inquiries
    )
    history.log_all(
        history.line(lead, Activity.Kind.INQUIRY, text, by=by, at=at, inquiry=one, **more)
        for one in inquiries
        if (lead := held.lead_of(one))
    )


def past_of(email: str, message: str) -> Past:
    """What was decided about earlier inquiries of this sender, domain or wording."""
    domain = readable(email).rpartition("@")[2]
    opening = message.strip()[:OPENING]
    found = _PAST.rows(
        address=mailbox(email),
        domain="" if is_free_mail(domain) else f"@{domain}",  # of everyone's there are too many
        email=readable(email),
        opening=opening,
        organization=organization(email) or NOBODYS,
    )
    if not found:
        return Past()  # nobody has ever written
    [past] = found
    return Past(
        same_opening=bool(past["same_opening"]) and len(opening) == OPENING,
        sender=bool(past["sender"]),
        # A colleague of someone who is no spam is not suspected for yet another's sake.
        domain=bool(past["domain"] and not past["colleague"]),
        known=bool(past["answered"] or past["not_spam"]),
        tenths=next(iter(past["lessons"]), {}),
    )


def _of(name: str) -> Parameter:
    return Parameter(name, CharField())


def _decided() -> JSONObject:
    answered = Lead.objects.work().filter(
        contact__address=_of("address"), first_responded_at__isnull=False
    )
    not_spam = Inquiry.objects.filter(
        contact__address=_of("address"), verdict=Inquiry.Verdict.NOT_SPAM, spam_mark=None
    )
    colleague = Inquiry.objects.found_real().filter(contact__domain=_of("organization"))
    return JSONObject(
        sender=Exists(Inquiry.objects.spam_of_sender(_of("email"))),
        domain=Exists(Inquiry.objects.spam_of_domain(_of("domain"))),
        same_opening=Exists(Inquiry.objects.spam_beginning(_of("opening"))),
        answered=Exists(answered),
        not_spam=Exists(not_spam),
        colleague=Exists(colleague),
        lessons=Rows(SpamLesson.objects.all(), F("tenths")),
    )


# Of one row that is there as soon as there is an inquiry: what is asked has no table of its own.
_PAST = JsonQuery(lambda: Wording.objects.order_by("-number")[:1], _decided)
