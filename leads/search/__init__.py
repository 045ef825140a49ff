"""Search over every word of sales: people, companies, leads, inquiries.

What is searched is kept by the database itself (`postgresql.py`, `sqlite.py`), so an entry is right
after every write, whoever made it. A lead is found by all that is known of its person and company,
by what they wrote, by notes, next steps and the reason it was lost; an inquiry by itself, its brief
and the title of its article.

All the words have to be said, in any order and in any of these places. The last one may be
unfinished. Accents, capitals and signs do not count, a word is found in its other forms, and one
that nothing says is taken for a mistyped one where a person would. A phone number is found by four
of its digits, however it is spaced, with a country code or without.
"""

from collections.abc import Collection
from typing import TypeVar

from django.db.models import Model, Q, QuerySet

from leads.models import Company, Contact, Inquiry, Lead
from leads.search import asking
from leads.search.asking import Asked
from leads.search.hits import COMPANY, INQUIRY, KINDS, LEAD, PERSON, Hit, hits, rows_of
from leads.search.index import index
from leads.search.marking import PlainMarker

__all__ = [
    "COMPANY",
    "INQUIRY",
    "KINDS",
    "LEAD",
    "PERSON",
    "Asked",
    "Hit",
    "find",
    "matching",
    "understand",
]

Row = TypeVar("Row", bound=Model)
# What the index calls them
_ENTRIES = {PERSON: "contact", COMPANY: "company", LEAD: "lead", INQUIRY: "inquiry"}


def understand(text: str) -> Asked:
    """What is looked for when somebody types this, with what was corrected: for `matching`."""
    return asking.understand(text, index(Lead.objects.db))


def find(
    text: str, *, kinds: Collection[str] = KINDS, limit: int = 8, include_spam: bool = False
) -> list[Hit]:
    """The best hits of each of the kinds, kind by kind, at most `limit` of each.

    Ranked are the newest 1,000 of a kind that match: first those that say it in a name, then in
    what else is known of them, then in what was written; of equals the newest. People and companies
    are found by what they are called, so that whoever wrote about them is not in their way. Leads,
    inquiries and people that are nothing but spam are left out unless asked for.
    """
    asked = understand(text)
    if asked.finds_nothing:
        return []
    rows = {
        _ENTRIES[kind]: rows_of(kind, include_spam=include_spam) for kind in KINDS if kind in kinds
    }
    best = index(Lead.objects.db).best(asked.terms, rows, limit=limit)
    found = {kind: best[_ENTRIES[kind]] for kind in KINDS if kind in kinds}
    return hits(found, PlainMarker(asked.terms))


def matching(rows: QuerySet[Row], asked: str | Asked) -> QuerySet[Row]:
    """Of these leads, inquiries, contacts or companies those that say all of it; all of them where
    nothing is asked. Spam is not left out: that is for the list to say.

    Contacts are found by their leads as well, and companies by their people.
    """
    if isinstance(asked, str):
        if not asked.strip():
            return rows
        asked = understand(asked)
    if asked.finds_nothing:
        return rows.none()
    terms, entries = asked.terms, index(rows.db)
    leads = Q(pk__in=entries.saying(terms, "lead"))
    people = Q(pk__in=entries.saying(terms, "contact")) | Q(
        pk__in=Lead.objects.filter(leads).order_by().values("contact")
    )
    conditions: dict[type[Model], Q] = {
        Lead: leads,
        Inquiry: Q(pk__in=entries.saying(terms, "inquiry")),
        Contact: people,
        Company: Q(pk__in=entries.saying(terms, "company"))
        | Q(
            pk__in=Contact.objects.filter(people, company__isnull=False)
            .order_by()
            .values("company")
        ),
    }
    return rows.filter(conditions[rows.model])
