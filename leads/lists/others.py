"""The lists of people, companies and inquiries."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db.models import Count, Exists, OuterRef, Prefetch, QuerySet, Subquery
from django.db.models.functions import Left
from django.urls import reverse

from articles.models import Article
from desk.listing import By
from leads.languages.names import name
from leads.lists import cells
from leads.lists.leads import WORDS
from leads.lists.listed import Column, Screen
from leads.lists.other_filters import CompanyFilter, InquiryFilter, PersonFilter
from leads.models import Company, Contact, Inquiry, Kind, Lead
from leads.standing import is_spammer


def load_people(numbers: Sequence[int], columns: set[str]) -> QuerySet[Any]:
    theirs = Inquiry.objects.not_spam().filter(contact=OuterRef("pk"))
    leads = Lead.objects.filter(contact=OuterRef("pk"))
    return (
        Contact.objects.filter(pk__in=numbers)
        .select_related("company")
        .annotate(
            wrote_at=Subquery(theirs.order_by("-received_at").values("received_at")[:1]),
            open_stage=Subquery(leads.work().open().values("stage")[:1]),
            is_client=Exists(leads.won()),
        )
    )


def _stage(person: Any, now: datetime) -> str:
    return Lead.Stage(person.open_stage).label if person.open_stage else ""


def _client(row: Any, now: datetime) -> str:
    return cells.mark("Client", "client") if row.is_client else ""


PEOPLE = Screen(
    key="people",
    title="People",
    one="person",
    many="people",
    permission="leads.view_contact",
    columns=(
        Column("name", "Name", lambda person, now: person.name, By("name")),
        Column(
            "company",
            "Company",
            lambda person, now: person.company.name if person.company else "",
            By("company__name", nullable=True),
        ),
        Column("email", "Email", lambda person, now: person.email, By("email")),
        Column("client", "Client", _client),
        Column("stage", "Open lead", _stage),
        Column("wrote", "Wrote last", lambda person, now: cells.day(person.wrote_at, now)),
        Column("job_title", "Job title", lambda person, now: person.job_title, is_shown=False),
        Column("phone", "Phone", lambda person, now: person.phone, is_shown=False),
    ),
    filter_form=PersonFilter,
    load=load_people,
    address=lambda person: reverse("admin:person", args=[person.pk]),
    sort="name",
    nothing_yet="Nobody has written yet. People are added with their first inquiry.",
)


def load_companies(numbers: Sequence[int], columns: set[str]) -> QuerySet[Any]:
    leads = Lead.objects.filter(contact__company=OuterRef("pk"))
    counted = leads.work().open().order_by().values("contact__company").annotate(n=Count("pk"))
    known = Contact.objects.filter(company=OuterRef("pk")).exclude(is_spammer("contact"))
    people = known.order_by().values("company")
    return Company.objects.filter(pk__in=numbers).annotate(
        people=Subquery(people.annotate(n=Count("pk")).values("n")),
        open_leads=Subquery(counted.values("n")),
        is_client=Exists(leads.won()),
    )


COMPANIES = Screen(
    key="companies",
    title="Companies",
    one="company",
    many="companies",
    permission="leads.view_company",
    columns=(
        Column("name", "Name", lambda company, now: company.name, By("name")),
        Column("domain", "Domain", lambda company, now: company.domain, By("domain")),
        Column("client", "Client", _client),
        Column("people", "People", lambda company, now: str(company.people or 0), is_amount=True),
        Column(
            "leads", "Open leads", lambda company, now: str(company.open_leads or 0), is_amount=True
        ),
    ),
    filter_form=CompanyFilter,
    load=load_companies,
    address=lambda company: reverse("admin:company", args=[company.pk]),
    sort="name",
    nothing_yet="No companies yet. They come with inquiries, or you add one.",
)


def load_inquiries(numbers: Sequence[int], columns: set[str]) -> QuerySet[Any]:
    article = Prefetch("article", queryset=Article.objects.with_titles())
    rows = Inquiry.objects.filter(pk__in=numbers).defer("message")
    rows = rows.annotate(words=Left("message", WORDS))
    rows = rows.select_related("spam_mark", "sorted_as", "office")
    return rows.prefetch_related(article) if "article" in columns else rows


def _state(inquiry: Any, now: datetime) -> str:
    if inquiry.is_spam:
        return cells.mark("Spam")
    if inquiry.is_suspected or inquiry.is_doubtful:
        return cells.mark(inquiry.get_verdict_display(), "doubt")
    return str(inquiry.state_text)


def _kind(inquiry: Any, now: datetime) -> str:
    return Kind(inquiry.kind).label if inquiry.kind in Kind.values else ""


def _source(inquiry: Any, now: datetime) -> str:
    said = (inquiry.utm_source, inquiry.utm_campaign, inquiry.referrer_host)
    return ", ".join(filter(None, said))


INQUIRIES = Screen(
    key="inquiries",
    title="Inquiries",
    one="inquiry",
    many="inquiries",
    permission="leads.view_inquiry",
    columns=(
        Column("name", "Who", lambda inquiry, now: inquiry.name, By("name")),
        Column("company", "Company", lambda inquiry, now: inquiry.company),
        Column("state", "State", _state),
        Column("kind", "Kind", _kind),
        Column("language", "Language", lambda one, now: name(one.language), is_shown=False),
        Column("article", "Article", lambda one, now: str(one.article) if one.article_id else ""),
        Column("source", "Came by", _source),
        Column(
            "received",
            "Received",
            lambda inquiry, now: cells.clock(inquiry.received_at, now),
            By("received_at"),
        ),
        Column("email", "Email", lambda inquiry, now: inquiry.email, is_shown=False),
        Column(
            "office",
            "Office",
            lambda inquiry, now: inquiry.office.name if inquiry.office else "",
            is_shown=False,
        ),
    ),
    filter_form=InquiryFilter,
    load=load_inquiries,
    address=lambda inquiry: reverse("admin:leads_inquiry_change", args=[inquiry.pk]),
    sort="-received",
    nothing_yet="Nobody has written yet.",
    words=lambda inquiry: inquiry.words,
    export="admin:leads_inquiry_export",
    acts=("spam", "not-spam"),
)
