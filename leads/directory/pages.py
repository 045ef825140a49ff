"""What the pages of a person and of a company show."""

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any
from urllib.parse import quote

from django.db.models import Count, Max, OuterRef, Q, QuerySet, Subquery, Sum
from django.template.defaultfilters import pluralize
from django.utils import timezone

from articles.models import Article, Revision
from desk import zones
from desk.numbers import row_number
from leads.directory import history, lead_lines, people_lines
from leads.inbox.paging import Page, Place, page
from leads.models import SPAM, Company, Contact, Inquiry, Kind, Lead
from leads.standing import employers, is_spammer

MAX_ARCHES = 9
MAX_COLLEAGUES = 6
MAX_ARTICLES = 12
LEADS_ON_A_PAGE = 25
PEOPLE_ON_A_PAGE = 25


@dataclass(frozen=True)
class Read:
    """An article from which they wrote."""

    title: str
    url: str
    at: datetime


class Person:
    """All about one person. Each part is asked for once, when it is shown."""

    def __init__(self, contact: Contact, now: datetime) -> None:
        self.contact, self.company, self.now = contact, contact.company, now

    @cached_property
    def leads(self) -> list[lead_lines.Line]:
        """The latest first."""
        theirs = lead_lines.with_titles(self.contact.leads.select_related("owner", "contact"))
        return [lead_lines.line(lead, self.now) for lead in theirs.order_by("-opened_at", "-pk")]

    @property
    def arches(self) -> list[lead_lines.Line]:
        """The last nine, the oldest first."""
        return self.leads[MAX_ARCHES - 1 :: -1] if self.leads else []

    @property
    def before(self) -> int:
        """How many leads there were before those."""
        return max(len(self.leads) - MAX_ARCHES, 0)

    @property
    def open_lead(self) -> Lead | None:
        return next((one.lead for one in self.leads if one.lead.is_open), None)

    @property
    def client(self) -> str:
        """“won 52,000 DKK, 27 Nov 2026, Mikkel”; empty for who is no client."""
        won = [one for one in self.leads if one.is_won]
        if not won:
            return ""
        latest = max(won, key=lambda one: (one.lead.closed_at, one.lead.pk))
        closed = timezone.localtime(latest.lead.closed_at)
        parts = [f"won {latest.lead.amount}".strip(), f"{closed:%-d %b %Y}", latest.owner]
        said = ", ".join(filter(None, parts))
        if len(won) == 1:
            return said
        whole = lead_lines.amounts((one.lead.currency, one.lead.value) for one in won)
        return f"{said}; {len(won)} leads won in all{f', {whole}' if whole else ''}"

    @property
    def tel(self) -> str:
        """For a `tel:` link: digits and the plus in front (RFC 3966)."""
        digits = "".join(one for one in self.contact.phone if one.isdigit() and one.isascii())
        return ("+" if self.contact.phone.strip().startswith("+") else "") + digits

    @property
    def mailto(self) -> str:
        return f"mailto:{quote(self.contact.email, safe='@')}"

    @property
    def place(self) -> str:
        """The city of their time zone, where it is known."""
        return self.contact.timezone.rpartition("/")[2].replace("_", " ")

    @property
    def local_time(self) -> str:
        if not self.contact.timezone:
            return ""
        return f"{self.now.astimezone(zones.zone(self.contact.timezone)):%a %H:%M}"

    @property
    def first_answer(self) -> str:
        return lead_lines.first_answer(one.lead for one in self.leads)

    def history(self, place: Place | None) -> Page:
        titles = {one.lead.pk: one.title for one in self.leads}
        return page(self.contact, history.of_person(self.contact, titles), place)

    @cached_property
    def read(self) -> list[Read]:
        revisions = Revision.objects.filter(article=OuterRef("article")).latest_first()
        sent = Inquiry.objects.not_spam().filter(contact=self.contact, article__isnull=False)
        sent = sent.order_by()
        found = (
            sent.values("article", "article__slug")
            .annotate(last=Max("received_at"), title=Subquery(revisions.values("title")[:1]))
            .order_by("-last", "-article")[:MAX_ARTICLES]
        )
        return [
            Read(one["title"], Article(slug=one["article__slug"]).get_absolute_url(), one["last"])
            for one in found
        ]

    def colleagues(self) -> list[people_lines.Line]:
        """A few people at their company, those with an open lead first."""
        works_for = employers([self.contact])[self.contact.pk]
        if not (works_for.companies or works_for.domains):
            return []
        others = Contact.objects.filter(works_for.people).exclude(pk=self.contact.pk)
        return people_lines.lines(people_lines.open_ones_first(others)[:MAX_COLLEAGUES])


class Firm:
    """All about one company."""

    def __init__(self, company: Company, now: datetime) -> None:
        self.company, self.now = company, now

    @property
    def people(self) -> QuerySet[Contact]:
        theirs = Contact.objects.filter(people_lines.of_company(self.company))
        return theirs.exclude(is_spammer("contact"))

    @property
    def theirs(self) -> QuerySet[Lead]:
        return Lead.objects.filter(contact__in=self.people.order_by().values("pk"))

    @cached_property
    def sums(self) -> list[dict[str, Any]]:
        """By currency: what open leads are worth, and what was won."""
        is_open = Q(closed_at__isnull=True, kind__in=["", Kind.WORK])
        is_won = Q(stage=Lead.Stage.WON) & ~Q(kind=SPAM)
        grouped = self.theirs.order_by().values("currency")
        found = grouped.annotate(
            open=Count("pk", filter=is_open),
            won=Count("pk", filter=is_won),
            open_value=Sum("value", filter=is_open),
            won_value=Sum("value", filter=is_won),
        )
        return [dict(row) for row in found]

    def amount(self, outcome: str) -> str:
        """“2: 56,000 DKK” of what is open or was won; empty for nothing."""
        many = sum(row[outcome] for row in self.sums)
        worth = lead_lines.amounts((row["currency"], row[f"{outcome}_value"]) for row in self.sums)
        return ", ".join(filter(None, [worth, f"{many} lead{pluralize(many)}"])) if many else ""

    @property
    def open(self) -> str:
        return self.amount("open")

    @property
    def won(self) -> str:
        return self.amount("won")

    @cached_property
    def number_of_people(self) -> int:
        return self.people.count()

    def leads(self, before: str) -> tuple[list[lead_lines.Line], str]:
        """The latest first, before the one of that number; and the number for the next page."""
        found = self.theirs.filter(pk__lt=number) if (number := row_number(before)) else self.theirs
        shown = lead_lines.with_titles(found.select_related("contact", "owner"))
        rows = list(shown.order_by("-pk")[: LEADS_ON_A_PAGE + 1])
        lines = [lead_lines.line(lead, self.now) for lead in rows[:LEADS_ON_A_PAGE]]
        more = len(rows) > LEADS_ON_A_PAGE
        return lines, str(lines[-1].lead.pk) if more else ""

    def persons(self, after: str) -> tuple[list[people_lines.Line], str]:
        """Those with an open lead first, then who came last; behind that place in the list."""
        rank, _, number = after.partition("~")
        found = people_lines.open_ones_first(self.people)
        if rank in ("0", "1") and (last := row_number(number)):
            found = found.filter(Q(rank__gt=int(rank)) | Q(rank=int(rank), pk__lt=last))
        lines = people_lines.lines(found[: PEOPLE_ON_A_PAGE + 1])
        more = len(lines) > PEOPLE_ON_A_PAGE
        shown = lines[:PEOPLE_ON_A_PAGE]
        return shown, f"{shown[-1].rank}~{shown[-1].pk}" if more else ""

    def history(self, place: Place | None) -> Page:
        return page(self.company, history.of_company(self.company, self.people), place)
