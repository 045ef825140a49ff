"""What a person is to us: a client, or a colleague of someone with an open lead."""

from collections.abc import Collection
from dataclasses import dataclass, replace

from django.db.models import F, OuterRef, Q, Subquery, Window
from django.db.models.functions import RowNumber
from django.db.models.lookups import IsNull

from leads.models import Company, Contact, Inquiry, Lead


@dataclass(frozen=True)
class Standing:
    """Of one person. Leads come with their contact and owner."""

    won: Lead | None = None  # their latest
    won_before: int = 0  # how many more
    colleague: Lead | None = None  # an open lead of someone else at their company

    @property
    def is_client(self) -> bool:
        return self.won is not None


def is_spammer(path: str) -> Q:
    """That there is spam from a row, and nothing else. `path` leads from an inquiry to it.

    Not with EXISTS, which PostgreSQL answers by reading every inquiry there is as soon as the table
    of rows is long, however few rows of it are wanted.
    """
    theirs = Inquiry.objects.filter(**{path: OuterRef("pk")}).order_by()
    spam, genuine = (Subquery(some.values("pk")[:1]) for some in (theirs.spam(), theirs.not_spam()))
    return Q(IsNull(spam, False)) & Q(IsNull(genuine, True))


@dataclass(frozen=True)
class Employer:
    """Whom someone works for: every company and domain by which colleagues are known."""

    companies: frozenset[int]
    domains: frozenset[str]

    def has(self, contact: Contact) -> bool:
        return contact.company_id in self.companies or contact.domain in self.domains

    @property
    def people(self) -> Q:
        return Q(company__in=self.companies) | Q(domain__in=self.domains)


def standings(contacts: Collection[Contact]) -> dict[int, Standing]:
    """By the person's key, in three queries; of a person without any of it an empty one."""
    found = {contact.pk: Standing() for contact in contacts}
    won = Lead.objects.won().filter(contact__in=found)
    for lead in won.select_related("contact", "owner").order_by("closed_at", "pk"):
        before = found[lead.contact_id]
        count = before.won_before + (before.won is not None)
        found[lead.contact_id] = Standing(won=lead, won_before=count)
    works_for = employers(contacts)
    leads = _latest_of_each_company(works_for.values())
    for contact in contacts:
        others = (
            lead
            for lead in leads
            if lead.contact_id != contact.pk and works_for[contact.pk].has(lead.contact)
        )
        found[contact.pk] = replace(found[contact.pk], colleague=next(others, None))
    return found


def employers(contacts: Collection[Contact]) -> dict[int, Employer]:
    """By the person's key, in one query.

    Theirs is the company that is written down, the one whose domain their address is at, and those
    that others at that domain have. Whoever has an address at a domain of these is a colleague.
    """
    companies = {contact.company_id for contact in contacts if contact.company_id}
    domains = {contact.domain for contact in contacts if contact.domain}
    pairs: set[tuple[str, int]] = set()
    if companies or domains:
        known = Company.objects.filter(Q(pk__in=companies) | Q(domain__in=domains))
        others = Contact.objects.filter(domain__in=domains, company__isnull=False)
        pairs.update(
            known.order_by()
            .values_list("domain", "pk")
            .union(others.order_by().values_list("domain", "company"))
        )
    return {contact.pk: _employer(contact, pairs) for contact in contacts}


def _employer(contact: Contact, pairs: Collection[tuple[str, int]]) -> Employer:
    companies = {company for domain, company in pairs if domain and domain == contact.domain}
    companies |= {contact.company_id} if contact.company_id else set()
    domains = {domain for domain, company in pairs if domain and company in companies}
    domains |= {contact.domain} if contact.domain else set()
    return Employer(frozenset(companies), frozenset(domains))


def _latest_of_each_company(employers: Collection[Employer]) -> list[Lead]:
    """Open leads, the latest first: of each company the latest of two people at least."""
    companies = {one for employer in employers for one in employer.companies}
    domains = {one for employer in employers for one in employer.domains}
    if not (companies or domains):
        return []
    place = Window(
        RowNumber(),
        partition_by=[F("contact__company"), F("contact__domain")],
        order_by=[F("opened_at").desc(), F("pk").desc()],
    )
    theirs = Q(contact__company__in=companies) | Q(contact__domain__in=domains)
    leads = Lead.objects.work().open().filter(theirs).annotate(place=place).filter(place__lte=2)
    return list(leads.select_related("contact", "owner").order_by("-opened_at", "-pk"))
