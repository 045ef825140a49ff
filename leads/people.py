"""Which rows of sales are a person’s, and which are someone else’s as well.

Someone is known by their mailbox. Sales may have corrected the contact's address since: then an
inquiry leads to the contact, and the contact to the inquiries from its other addresses.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Exists, Max, OuterRef, Q, QuerySet, Subquery

from leads.company_names import company_key
from leads.models import (
    Answer,
    ColleagueEmail,
    Company,
    Contact,
    Digest,
    DigestLine,
    Inquiry,
    InquiryAssessment,
    InquiryQuerySet,
    Lead,
    Notification,
)
from leads.pipeline import settling
from mail.addresses import nearly_of_mailboxes, of_mailboxes
from mail.models import Message
from prose.text import words_of
from readiness.models import Assessment
from web.personal import SAME_MAILBOX, SAME_NAME, Named, NearMatch


def known_as(person: Named) -> Iterator[tuple[str, str]]:
    """The names and addresses of their inquiries and contacts, and of those that these lead to."""
    inquiries = of_mailboxes(Inquiry.objects.all(), "email", person.addresses)
    contacts = of_mailboxes(Contact.objects.all(), "email", person.addresses)
    for rows in (
        inquiries,
        contacts,
        Contact.objects.filter(inquiries__in=inquiries),
        Inquiry.objects.filter(contact__in=contacts),
    ):
        yield from rows.order_by().values_list("name", "email").distinct()


def suggestions(text: str) -> Iterable[tuple[str, str]]:
    said = Q(name__icontains=text) | Q(email__icontains=text)
    for model in (Inquiry, Contact):
        yield from model._default_manager.filter(said).order_by().values_list("name", "email")


def addresses() -> Iterator[tuple[str, datetime | None]]:
    last = Inquiry.objects.order_by().values("email").annotate(last=Max("received_at"))
    yield from last.values_list("email", "last")
    for address in Contact.objects.order_by().values_list("email", flat=True):
        yield address, None


def near_matches(person: Named) -> Iterator[NearMatch]:
    """With another spelling of the mailbox, or of the same name at the same company."""
    for rows in (Contact.objects.all(), Inquiry.objects.all()):
        near = nearly_of_mailboxes(rows, "email", person.addresses)
        for name, address in near.order_by().values_list("name", "email").distinct():
            yield NearMatch(name, address, SAME_MAILBOX)
    names = {_words(name) for name in person.full_names}
    for name, address in _at_their_company(person):
        if _words(name) in names:
            yield NearMatch(name, address, SAME_NAME)


def _words(name: str) -> tuple[str, ...]:
    """In whatever order: Ada Lovelace is Lovelace, Ada."""
    return tuple(sorted(words_of(name)))


def _at_their_company(person: Named) -> Iterator[tuple[str, str]]:
    """Names and addresses; of suspected spam, too, which has only a company's name."""
    theirs, said = contacts(person), inquiries(person)
    others = Contact.objects.exclude(pk__in=theirs.values("pk"))
    works_there = Q(company__key__in=theirs.exclude(company=None).values("company__key"))
    writes_from_there = Q(domain__in=theirs.exclude(domain="").values("domain"))
    found = others.filter(works_there | writes_from_there).order_by()
    yield from found.values_list("name", "email")
    keys = {company_key(one) for one in said.values_list("company", flat=True)} - {""}
    if keys:
        undecided = inquiries_of_others(person).filter(contact=None).exclude(company="")
        for name, address, company in undecided.order_by().values_list("name", "email", "company"):
            if company_key(company) in keys:
                yield name, address


def inquiries(person: Named) -> QuerySet[Inquiry]:
    return Inquiry.objects.filter(
        Q(email__in=person.spellings) | Q(contact__email__in=person.spellings)
    )


def contacts(person: Named) -> QuerySet[Contact]:
    return Contact.objects.filter(email__in=person.spellings)


def inquiries_of_others(person: Named) -> InquiryQuerySet:
    return Inquiry.objects.exclude(pk__in=inquiries(person).values("pk"))


def leads_with_them(person: Named) -> QuerySet[Any]:
    """With the contact, `heir`, of the first inquiry on it that someone else sent."""
    others = inquiries_of_others(person).filter(lead=OuterRef("pk"), contact__isnull=False)
    heir = Subquery(others.order_by("received_at", "pk").values("contact")[:1])
    theirs = Q(contact__in=contacts(person)) | Q(pk__in=inquiries(person).values("lead"))
    return Lead.objects.filter(theirs).annotate(heir=heir)


def _leads_of_theirs(person: Named) -> QuerySet[Lead]:
    return leads_with_them(person).filter(contact__in=contacts(person), heir=None)


def _absorbed_leads(person: Named) -> QuerySet[Lead]:
    """Shared ones that cannot go to the heir, who has an open lead: a contact has one at most."""
    heirs = Lead.objects.open().filter(contact=OuterRef("heir")).exclude(pk=OuterRef("pk"))
    leads = leads_with_them(person).filter(contact__in=contacts(person), closed_at=None)
    return leads.filter(Exists(heirs))


def going_leads(person: Named) -> QuerySet[Lead]:
    keys = [*_leads_of_theirs(person), *_absorbed_leads(person)]
    return Lead.objects.filter(pk__in=[lead.pk for lead in keys])


def shared_leads(person: Named) -> QuerySet[Lead]:
    return leads_with_them(person).exclude(pk__in=going_leads(person))


def messages_about(those: QuerySet[Inquiry]) -> QuerySet[Message]:
    """Of one inquiry alone, and those that list it among others."""
    of_it = Notification.objects.filter(inquiry__in=those).values("message")
    that_list_it = Digest.objects.filter(inquiries__in=those).values("message")
    of_their_leads = ColleagueEmail.objects.filter(leads__inquiries__in=those).values("message")
    return Message.objects.filter(
        Q(pk__in=of_it) | Q(pk__in=that_list_it) | Q(pk__in=of_their_leads)
    )


def messages_about_them(person: Named) -> QuerySet[Message]:
    """And those to colleagues that name them, about whomever."""
    to_colleagues = Q(to_colleague__in=colleague_emails(person))
    return Message.objects.filter(Q(pk__in=messages_about(inquiries(person))) | to_colleagues)


def messages_to_them(person: Named) -> QuerySet[Message]:
    """Of those about them, what they got as visitors."""
    to_visitors = (Notification.Kind.ACKNOWLEDGMENT, Notification.Kind.RESULT)
    return messages_about_them(person).filter(notification__kind__in=to_visitors)


def messages_about_others(person: Named) -> QuerySet[Message]:
    ours = Message.objects.filter(
        Q(notification__isnull=False) | Q(digest__isnull=False) | Q(to_colleague__isnull=False)
    )
    to_them = of_mailboxes(ours, "to", person.addresses)
    return to_them.exclude(pk__in=messages_about_them(person))


def colleague_emails(person: Named) -> QuerySet[ColleagueEmail]:
    """About their leads, and with a note that names them."""
    about = ColleagueEmail.objects.filter(leads__inquiries__in=inquiries(person)).values("pk")
    said = naming(ColleagueEmail.objects.all(), "message__text", person)
    return ColleagueEmail.objects.filter(Q(pk__in=about) | Q(pk__in=said))


def naming(rows: QuerySet[Any], text: str, person: Named) -> list[int]:
    """The numbers of those whose text names someone."""
    maybe = reduce(or_, (Q(**{f"{text}__icontains": one}) for one in person.words), Q(pk=None))
    found = rows.order_by().filter(maybe).values_list("pk", text)
    return [pk for pk, said in found if person.is_named_in(said)]


def companies(person: Named) -> QuerySet[Company]:
    return Company.objects.filter(contacts__in=contacts(person)).distinct()


def colleagues(person: Named) -> Exists:
    return Exists(Contact.objects.exclude(pk__in=contacts(person)).filter(company=OuterRef("pk")))


def assessments(person: Named) -> QuerySet[Assessment]:
    came_with = InquiryAssessment.objects.filter(inquiry__in=inquiries(person))
    return Assessment.objects.filter(pk__in=came_with.values("assessment"))


def with_others(person: Named) -> Exists:
    others = InquiryAssessment.objects.filter(inquiry__in=inquiries_of_others(person))
    return Exists(others.filter(assessment=OuterRef("pk")))


def answers_of_others(person: Named) -> QuerySet[Answer]:
    others = Answer.objects.filter(inquiries__in=inquiries_of_others(person))
    absorbed = [lead.pk for lead in _absorbed_leads(person)]
    return Answer.objects.filter(
        Q(lead__in=shared_leads(person).values("pk"))
        | Q(lead__in=absorbed, pk__in=others.values("pk"))
    )


def hand_on(person: Named) -> None:
    """Give others the leads that are theirs as well, or their inquiries with the answers."""
    others = inquiries_of_others(person)
    leaving = [inquiry.pk for inquiry in inquiries(person)]
    theirs = [contact.pk for contact in contacts(person)]
    heirs = dict(leads_with_them(person).values_list("pk", "heir"))
    shared = list(shared_leads(person))
    for lead in _absorbed_leads(person):
        own = Lead.objects.select_for_update().open().get(contact=heirs[lead.pk])
        moved = others.filter(lead=lead)
        waiting = moved.waiting().order_by("received_at").first()
        Answer.objects.filter(lead=lead, inquiries__in=moved).update(lead=own)
        moved.update(lead=own)
        if waiting:
            settling.wait_for_answer(own, since=waiting.received_at)
        settling.settle(own)
    for lead in shared:
        if lead.contact_id in theirs:
            lead.contact_id = heirs[lead.pk]
            lead.save(update_fields=["contact"])
        settling.settle(lead, leaving=leaving)
    # A digest goes with any person in it: what has not reached its reader is listed anew.
    unsent = DigestLine.objects.filter(digest__in=digests(person)).exclude(inquiry__in=leaving)
    unsent.exclude(digest__message__state=Message.State.SENT).update(put_at=None, digest=None)


def digests(person: Named) -> QuerySet[Digest]:
    return Digest.objects.filter(inquiries__in=inquiries(person)).distinct()


def digest_lines_about_others(person: Named) -> QuerySet[DigestLine]:
    lines = DigestLine.objects.exclude(inquiry__in=inquiries(person))
    return of_mailboxes(lines, "recipient", person.addresses)
