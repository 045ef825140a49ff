"""Deletion: of a person who asks for it, and of old spam. The one door by which an inquiry leaves.

Everything goes that this person sent or that says who they are: inquiries with the briefs and the
assessments that came with them, the letters about them, the contact, their leads with the history
and the follow-ups, the company if nobody else is of it, and what strangers asked our pages for
that names them. What stays says nothing about them:
that so many were erased, in the admin's log; and the wish to get no letters (`mail.Suppression`),
which could not be kept otherwise.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.contrib.admin.models import DELETION, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import models, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Lower

from accounts.models import User
from leads.models import (
    Activity,
    Brief,
    Company,
    Contact,
    Digest,
    Inquiry,
    InquiryAssessment,
    Lead,
    NextStep,
    Notification,
    SpamMark,
)
from mail.addresses import mailbox
from mail.models import Message
from privacy import personal
from privacy.person import Person
from readiness.models import Assessment

ERASED = "Erased"
SPAM_AT_ONCE = 100


class ChangedMeanwhile(Exception):
    """What is kept about the person is no longer what was looked at. Nothing was erased."""


@dataclass(frozen=True)
class Traces:
    """All that is kept about the person who writes from `address`."""

    address: str
    inquiries: list[Inquiry]
    messages: list[Message]
    contacts: list[Contact]
    leads: list[Lead]
    shared_leads: list[Lead]  # somebody else has written on them, too: they stay with that person
    companies: list[Company]
    assessments: list[Assessment]  # those that came with nobody else's inquiry
    briefs: int  # each goes with its inquiry, and changes as little
    activities: int
    next_steps: int
    mentions: list[models.Model]  # what other apps say leads to them

    def __bool__(self) -> bool:
        return bool(self.inquiries or self.messages or self.contacts or self.mentions)

    def is_within(self, others: "Traces") -> bool:
        """Whether whoever erases the others has erased this."""
        return (
            set(self.inquiries) <= set(others.inquiries)
            and set(self.messages) <= set(others.messages)
            and set(self.contacts) <= set(others.contacts)
        )

    @property
    def stamp(self) -> str:
        """The same as long as exactly these rows are what is kept."""
        rows: list[Sequence[models.Model]] = [
            self.inquiries, self.messages, self.contacts, self.leads, self.shared_leads,
            self.companies, self.assessments,
        ]  # fmt: skip
        keys = [sorted(row.pk for row in some) for some in rows]
        said = f"{self.address} {keys} {self.activities} {self.next_steps}"
        return hashlib.sha256(said.encode()).hexdigest()

    @property
    def summary(self) -> str:
        """How much it is, without a word about whom."""
        counts = [
            (len(self.inquiries), "inquiry", "inquiries"),
            (self.briefs, "brief", "briefs"),
            (len(self.messages), "email", "emails"),
            (len(self.contacts), "contact", "contacts"),
            (len(self.leads), "lead", "leads"),
            (len(self.companies), "company", "companies"),
            (len(self.assessments), "assessment", "assessments"),
            (self.activities, "line of history", "lines of history"),
            (self.next_steps, "follow-up", "follow-ups"),
            (len(self.mentions), "other record", "other records"),
        ]
        said = [f"{count} {one if count == 1 else many}" for count, one, many in counts if count]
        return ", ".join(said) or "nothing"


def find(address: str) -> Traces:
    """What is kept about whoever writes from this address, under whatever contact sales keep them.

    Sales may have mended the contact's address since: then the inquiry leads to the contact, and
    the contact to the inquiries sent from its other address.
    """
    address = mailbox(address)
    from_here = _of(Inquiry.objects.all(), "email", {address})
    of_here = _of(Contact.objects.all(), "email", {address})
    contacts = list(
        Contact.objects.filter(Q(pk__in=of_here) | Q(inquiries__in=from_here)).distinct()
    )
    theirs = Q(contact__in=contacts) | Q(pk__in=from_here)
    inquiries = list(Inquiry.objects.filter(theirs).select_related("brief"))
    addresses = {address, *(mailbox(contact.email) for contact in contacts)}
    addresses |= {mailbox(inquiry.email) for inquiry in inquiries}
    typed = {inquiry.email for inquiry in inquiries} | {contact.email for contact in contacts}
    names = {inquiry.name for inquiry in inquiries} | {contact.name for contact in contacts}
    person = Person.known_as(addresses=addresses | typed, names=names)
    others = Inquiry.objects.exclude(pk__in=[inquiry.pk for inquiry in inquiries])
    on_their_lead = others.filter(lead=OuterRef("pk"))
    on_leads = Lead.objects.filter(Q(contact__in=contacts) | Q(inquiries__in=inquiries)).distinct()
    leads = list(on_leads.exclude(Exists(on_their_lead)).select_related("contact"))
    others_of_it = Contact.objects.exclude(pk__in=[contact.pk for contact in contacts])
    colleagues = others_of_it.filter(company=OuterRef("pk"))
    to_them = _of(Message.objects.filter(notification__isnull=True), "to", addresses)
    with_others = InquiryAssessment.objects.filter(assessment=OuterRef("pk"), inquiry__in=others)
    return Traces(
        address=address,
        inquiries=inquiries,
        messages=list(_messages_about(inquiries) | Message.objects.filter(pk__in=to_them)),
        contacts=contacts,
        leads=leads,
        shared_leads=list(on_leads.filter(Exists(on_their_lead)).select_related("contact")),
        companies=list(
            Company.objects.filter(contacts__in=contacts).exclude(Exists(colleagues)).distinct()
        ),
        assessments=list(
            Assessment.objects.filter(inquiries__inquiry__in=inquiries)
            .exclude(Exists(with_others))
            .distinct()
        ),
        briefs=Brief.objects.filter(inquiry__in=inquiries).count(),
        activities=Activity.objects.filter(lead__in=leads).count(),
        next_steps=NextStep.objects.filter(lead__in=leads).count(),
        mentions=list(personal.rows_about(person)),
    )


def _messages_about(inquiries: Sequence[Inquiry]) -> QuerySet[Message]:
    """Of it alone, and those that list it among others."""
    of_it = Notification.objects.filter(inquiry__in=inquiries).values("message")
    that_list_it = Digest.objects.filter(inquiries__in=inquiries).values("message")
    return Message.objects.filter(Q(pk__in=of_it) | Q(pk__in=that_list_it))


def find_each(addresses: Iterable[str]) -> list[Traces]:
    """What is kept about each of them, once: two of the addresses may be one person's."""
    people: list[Traces] = []
    for address in sorted({mailbox(one) for one in addresses}):
        traces = find(address)
        if not any(traces.is_within(other) for other in people):
            people = [other for other in people if not other.is_within(traces)]
            people.append(traces)
    return people


def _of(rows: QuerySet, field: str, addresses: set[str]) -> list[int]:
    """The rows with one of the mailboxes, compared in Python, which knows all their spellings.

    One that is written in ASCII without quotes is spelled in its own way, but for capitals.
    """
    maybe = Q(lower__in=addresses) | Q(**{f"{field}__regex": '[^!-~]|"'})
    written = rows.alias(lower=Lower(field)).filter(maybe).values_list("pk", field)
    return [pk for pk, address in written if mailbox(address) in addresses]


def erase(traces: Traces, *, by: User) -> None:
    """Erase exactly this, and note in the admin's log that it was done, not to whom.

    Raises `ChangedMeanwhile`, and erases nothing, when there is more or less by now: the person
    may have written again since somebody looked.
    """
    erase_each([traces], by=by)


@transaction.atomic
def erase_each(people: Sequence[Traces], *, by: User) -> None:
    """Erase them all or nobody, as `erase` does.

    What they have in common with each other alone, such as a company, goes with the last of them.
    """
    # In the order in which `announcements`, `intake` and `pipeline` take them.
    _lock(Inquiry, [row for traces in people for row in traces.inquiries])
    _lock(Contact, [row for traces in people for row in traces.contacts])
    _lock(Lead, [row for traces in people for row in (*traces.leads, *traces.shared_leads)])
    _lock(Assessment, [row for traces in people for row in traces.assessments])
    if any(find(traces.address).stamp != traces.stamp for traces in people):
        raise ChangedMeanwhile
    for traces in people:
        left = find(traces.address)  # what those before have left
        if not left.is_within(traces):
            raise ChangedMeanwhile
        if left:
            _erase(left, by=by)


def _erase(traces: Traces, *, by: User) -> None:
    for lead in traces.shared_leads:
        _pass_on(lead, traces)
    _delete(Inquiry, traces.inquiries)
    _delete(Assessment, traces.assessments)
    _delete(Lead, traces.leads)
    _delete(Contact, traces.contacts)
    _delete(Company, traces.companies)
    _delete(Message, traces.messages)
    for row in traces.mentions:
        row.delete()
    LogEntry.objects.create(
        user=by,
        content_type=ContentType.objects.get_for_model(Contact),
        object_repr="A person, erased",
        action_flag=DELETION,
        change_message=f"Erased: {traces.summary}.",
    )


def delete_old_spam(now: datetime) -> int:
    """Delete what was marked as spam longer ago than it is kept, with the emails about it; and the
    lead, person and company of which nothing else is left. How many inquiries it were.
    """
    old = SpamMark.objects.filter(at__lt=now - SpamMark.KEPT_FOR).order_by("at")
    count = 0
    while keys := list(old.values_list("inquiry", flat=True)[:SPAM_AT_ONCE]):
        count += _delete_spam(keys)
    return count


@transaction.atomic
def _delete_spam(keys: list[int]) -> int:
    held = Inquiry.objects.select_for_update(of=("self",)).spam().filter(pk__in=keys)
    inquiries = list(held.order_by("pk"))  # but those whose mark was taken back at this moment
    contacts = list(Contact.objects.filter(inquiries__in=inquiries).distinct())
    _lock(Contact, contacts)
    leads = list(Lead.objects.filter(inquiries__in=inquiries).distinct())
    _lock(Lead, leads)
    messages = list(_messages_about(inquiries))
    _delete(Inquiry, inquiries)
    _delete(Message, messages)
    empty = Lead.objects.filter(pk__in=[lead.pk for lead in leads], inquiries=None)
    _delete(Lead, list(empty))
    alone = Contact.objects.filter(pk__in=[one.pk for one in contacts], inquiries=None, leads=None)
    companies = list(Company.objects.filter(contacts__in=alone).distinct())
    _delete(Contact, list(alone))
    _delete(Company, list(Company.objects.filter(pk__in=[c.pk for c in companies], contacts=None)))
    return len(inquiries)


def _lock(model: type[models.Model], rows: Sequence[models.Model]) -> None:
    held = model._default_manager.select_for_update(of=("self",))
    list(held.filter(pk__in=[row.pk for row in rows]).order_by("pk"))


def _delete(model: type[models.Model], rows: Sequence[models.Model]) -> None:
    keys = [row.pk for row in rows]
    _forget_in_the_log(model, keys)
    model._default_manager.filter(pk__in=keys).delete()


def _pass_on(lead: Lead, traces: Traces) -> None:
    """The lead to whom else wrote on it, and no word of what was said with the other in it."""
    others = lead.inquiries.exclude(pk__in=[inquiry.pk for inquiry in traces.inquiries])
    heir = Contact.objects.filter(inquiries__in=others).order_by("inquiries__received_at")[0]
    open_already = Lead.objects.open().filter(contact=heir).exclude(pk=lead.pk).first()
    if lead.contact in traces.contacts and lead.is_open and open_already:
        others.update(lead=open_already)
        lead.inquiries.all().delete()
        lead.delete()
        return
    if lead.contact in traces.contacts:
        lead.contact = heir
    lead.lost_reason = ERASED if lead.stage == Lead.Stage.LOST else ""
    lead.save(update_fields=["contact", "lost_reason"])
    lead.activities.update(text=ERASED)
    lead.next_steps.update(text=ERASED)
    _forget_in_the_log(Lead, [lead.pk])


def _forget_in_the_log(model: type[models.Model], keys: list[int]) -> None:
    """Past entries of the admin's log call rows by name."""
    about = LogEntry.objects.filter(
        content_type=ContentType.objects.get_for_model(model),
        object_id__in=[str(key) for key in keys],
    )
    about.update(object_repr=ERASED, change_message="")
