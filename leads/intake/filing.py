"""Where an inquiry goes: to its person and their one open lead, which are held until the commit."""

from collections.abc import Callable
from typing import TypeVar

from django.db import IntegrityError, transaction
from django.db.models import F
from django.db.models.functions import Coalesce

from leads.intake.known import Known
from leads.models import Company, Contact, Inquiry, Lead
from leads.pipeline import settling
from mail.addresses import mailbox
from mail.domains import organization
from mail.header_text import one_line

Done = TypeVar("Done")

# How often what was known has changed until it is written down, before that is an error.
MAX_TRIES = 5


class Changed(Exception):
    """Something is not as it was a moment ago: look again."""


def settled(look: Callable[[], Known], write: Callable[[Known], Done]) -> Done:
    """Write down what follows from what is known, in one transaction. When someone was quicker (a
    double click, a colleague of the same new company, sales at the same lead), look again.
    """
    for tries_left in reversed(range(MAX_TRIES)):
        known = look()
        try:
            with transaction.atomic():
                return write(known)
        except (Changed, IntegrityError):
            if not tries_left:
                raise
    raise AssertionError("unreachable")


def file(inquiry: Inquiry, known: Known) -> Lead:
    """Put the inquiry on the one open lead of its person, and reopen the question who answers it.
    Both are held until the commit: one person's submissions come one at a time.
    """
    inquiry.office = inquiry.office or known.headquarters
    inquiry.contact = contact = _contact(inquiry, known)
    inquiry.lead = lead = _lead(inquiry, contact, known)
    return lead


def _contact(inquiry: Inquiry, known: Known) -> Contact:
    """Who wrote, with the company that they name, unless another one is known."""
    company_id = None
    if not (known.contact and known.contact.company_id):
        company_id = _company_id(inquiry, known)
    if known.contact is None:
        return Contact.objects.create(
            address=mailbox(inquiry.email),
            name=one_line(inquiry.name),
            email=inquiry.email,
            company_id=company_id,
        )
    theirs = Contact.objects.filter(pk=known.contact.pk, address=known.contact.address)
    if company_id:
        is_held = bool(theirs.update(company_id=Coalesce(F("company_id"), company_id)))
    else:
        is_held = bool(theirs.select_for_update().values_list("pk"))
    if not is_held:
        raise Changed  # erased, or at another address
    known.contact.company_id = known.contact.company_id or company_id
    return known.contact


def _company_id(inquiry: Inquiry, known: Known) -> int | None:
    """A new one has the domain of its first person."""
    if known.company:
        return known.company.pk
    name, domain = one_line(inquiry.company), organization(inquiry.email)
    return Company.objects.create(name=name, domain=domain).pk if name else None


def _lead(inquiry: Inquiry, contact: Contact, known: Known) -> Lead:
    since, lead = inquiry.received_at, known.lead
    if lead is None:
        due = settling.due(since, "", inquiry.office)
        return Lead.objects.create(
            contact=contact, office=inquiry.office, opened_at=since, respond_by=due
        )
    changes = settling.while_waiting(lead, since=since)
    as_known = Lead.objects.open().filter(
        pk=lead.pk,
        contact=contact,
        office=lead.office_id,
        respond_by=lead.respond_by,
        responded_at=lead.responded_at,
        kind=lead.kind,
    )
    if not as_known.update(**changes):
        raise Changed
    for name, value in changes.items():
        setattr(lead, name, value)
    return lead


def unfile(inquiry: Inquiry, lead: Lead) -> None:
    """The opposite of `file`."""
    inquiry.contact, inquiry.lead = None, None
    inquiry.verdict = Inquiry.Verdict.SUSPECTED
    inquiry.save(update_fields=["verdict", "contact", "lead"])
    _forget(inquiry, lead)


def take_out(inquiry: Inquiry, lead: Lead) -> bool:
    """Delete an inquiry that was added by hand, as if it had not been; False when an email about it
    has left. Both are held.
    """
    if inquiry.notifications.exists():
        return False
    lead.activities.filter(inquiry=inquiry).delete()
    inquiry.delete()
    _forget(inquiry, lead)
    if lead.pk:
        settling.settle(lead)
    return True


def _forget(inquiry: Inquiry, lead: Lead) -> None:
    """Delete the lead, its person and their company, as far as they came with the inquiry."""
    contact = lead.contact
    if inquiry.pk:
        lead.activities.filter(inquiry=inquiry).delete()
    if lead.inquiries.exists() or lead.activities.exists() or lead.next_steps.exists():
        return
    lead.delete()
    if not contact.inquiries.exists() and not contact.leads.exists():
        employer = contact.company
        contact.delete()
        if employer and not employer.contacts.exists():
            employer.delete()
