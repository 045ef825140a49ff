"""Whom people work for: known by the domain of their address before the name that they type."""

from collections.abc import Iterable
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Expression, Min, Q, QuerySet, Value
from django.db.models.functions import Lower

from leads.company_names import company_key
from leads.models import Company, Contact
from mail.header_text import comparison_key, one_line


def of(contact: Contact, *, named: str) -> Company | None:
    """The company of a person who names it so, or names none; made if nobody knows it.

    A new one has the domain of its first person.
    """
    contact.fill()
    if found := at(contact.domain):
        return found
    return called(named, domain=contact.domain) or make(named, domain=contact.domain)


def at(domain: str) -> Company | None:
    """The company whose domain it is, or that of others who write from there: the oldest."""
    if not domain:
        return None
    return oldest(domain, Company.objects.filter(of_domain(Value(domain))))


def of_domain(domain: Expression) -> Q:
    """The company whose domain it is, and the oldest one of those who write from there."""
    own = Company.objects.filter(domain=domain).order_by().values("pk")
    theirs = Contact.objects.filter(domain=domain, company__isnull=False).order_by()
    oldest = theirs.values("domain").annotate(oldest=Min("company")).values("oldest")
    # Two looks into an index, rather than one at every company.
    return Q(pk__in=own.union(oldest))


def oldest(domain: str, companies: Iterable[Company]) -> Company | None:
    """Of those of one domain, its own before others."""
    return min(companies, key=lambda one: (one.domain != domain, one.pk), default=None)


def called(name: str, *, domain: str = "") -> Company | None:
    """The company of that name: see `same`."""
    if not (name := one_line(name)):
        return None
    return same(name, domain, named_so(Value(company_key(name)), Value(name)))


def named_so(key: Expression, name: Expression) -> QuerySet[Any]:
    """Those that may be meant by a name and its key."""
    return Company.objects.alias(lower=Lower("name")).filter(Q(key=key) | Q(lower=Lower(name)))


def same(name: str, domain: str, companies: Iterable[Company]) -> Company | None:
    """The one of those named alike that is meant by someone at this domain.

    Legal forms aside, unless both have a domain of their own: then two names are two companies.
    """
    found = sorted(companies, key=lambda one: one.pk)
    exactly = [one for one in found if comparison_key(one.name) == comparison_key(name)]
    alike = [one for one in found if not (one.domain and domain and one.domain != domain)]
    return next(iter([*exactly, *alike]), None)


def make(name: str, *, domain: str) -> Company | None:
    """A new company, with the domain if it is nobody's; None for no name."""
    if not (name := one_line(name)):
        return None
    free = "" if Company.objects.filter(domain=domain).exists() else domain
    try:
        with transaction.atomic():
            return Company.objects.create(name=name, domain=free)
    except IntegrityError:
        # A colleague of theirs wrote at the same moment and was first.
        if found := called(name, domain=domain) or at(domain):
            return found
        raise
