"""What has to be known before an inquiry is kept, asked at once and without a lock.

What it says may have changed a moment later: whoever writes by it holds what they change, and
looks again when that is not as it was (`receiving`).
"""

from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from urllib.parse import urlsplit

from django.db.models import CharField, DateTimeField, F, Q, Subquery
from django.db.models.functions import JSONObject
from django.urls import Resolver404, resolve, reverse

from articles.models import Article
from leads.company_names import company_key
from leads.models import Company, Contact, Inquiry, Lead
from leads.pipeline import companies
from mail.addresses import mailbox
from mail.domains import organization
from mail.header_text import one_line
from offices.models import Office
from privacy import wordings
from readiness import taking
from readiness.models import Assessment
from web.rows import JsonQuery, Parameter, Row, Rows, columns, instance

# What no name, key or domain is: of an empty one there are many.
NOTHING = " "
# Without a key from the browser, the same words from the same address are one inquiry for a day.
SAME_WORDS_FOR = timedelta(days=1)


@dataclass(frozen=True)
class Known:
    """None stands for what there is not."""

    wording_id: int
    twin_id: int | None  # the inquiry that was received before as the same
    article_id: int | None
    assessment_id: int | None
    page_office: Office | None
    headquarters: Office | None
    contact: Contact | None
    lead: Lead | None  # the contact's open one, with its office
    company: Company | None  # that they work for, by the domain of their address or by its name


def look(inquiry: Inquiry, *, has_key: bool, about: str = "", result_key: str = "") -> Known:
    """What is known about an inquiry that is not saved. `has_key`: its browser sent a random key.

    `about` is the slug of the article that led to it, `result_key` that of an assessment's result.
    A stale or forged one finds nothing, which is no error.
    """
    company, domain = one_line(inquiry.company), organization(inquiry.email)
    slug = _office_slug(inquiry.source_path)
    row = _row(
        about=about,
        address=mailbox(inquiry.email),
        company=company or NOTHING,
        company_key=company_key(company) or NOTHING,
        domain=domain or NOTHING,
        fingerprint="" if has_key else inquiry.fingerprint,
        key=inquiry.submission_key,
        now=inquiry.received_at,
        office=slug,
        result=taking.result_hash(result_key),
        since=inquiry.received_at - SAME_WORDS_FOR,
    )
    offices = {office.slug: office for one in row["offices"] if (office := instance(Office, one))}
    return Known(
        wording_id=row["wording"] if row["is_live"] else wordings.live().pk,
        twin_id=row["twin"],
        article_id=row["article"],
        assessment_id=row["assessment"],
        page_office=office if (office := offices.get(slug)) and office.is_listed else None,
        headquarters=next((one for one in offices.values() if one.is_headquarters), None),
        contact=next((instance(Contact, one) for one in row["contacts"]), None),
        lead=next((_lead(one) for one in row["leads"]), None),
        company=companies.oldest(domain, _companies(row["colleagues"]))
        or companies.same(company, domain, _companies(row["namesakes"])),
    )


def _row(**given: object) -> Row:
    if not (rows := _LOOK.rows(**given)):
        wordings.live()  # nobody has written down the first one yet
        rows = _LOOK.rows(**given)
    return rows[0]


def _lead(row: Row) -> Lead | None:
    lead, office = instance(Lead, row), instance(Office, row["with_office"])
    if lead:
        lead.office = office
    return lead


def _companies(rows: list[Row]) -> list[Company]:
    return [company for row in rows if (company := instance(Company, row))]


def _office_slug(path: str) -> str:
    """Of the office whose page that is. Any other page is nobody's, and so the headquarters'."""
    if not path.startswith(_pages_of_offices()):
        return ""
    try:
        found = resolve(urlsplit(path).path.rstrip("/") + "/")
    except (Resolver404, ValueError):
        return ""
    return str(found.kwargs["slug"]) if found.view_name == "offices:detail" else ""


@cache
def _pages_of_offices() -> str:
    """What their addresses begin with."""
    return reverse("offices:detail", args=["-"]).removesuffix("-/")


def _text(name: str) -> Parameter:
    return Parameter(name, CharField())


def _moment(name: str) -> Parameter:
    return Parameter(name, DateTimeField())


def _all_there_is() -> JSONObject:
    same_words = Q(fingerprint=_text("fingerprint"), received_at__gt=_moment("since"))
    twins = Inquiry.objects.filter(Q(submission_key=_text("key")) | same_words)
    articles = Article.objects.live(at=_moment("now")).filter(slug=_text("about"))
    results = Assessment.objects.finished().filter(result_hash=_text("result"))
    contacts = Contact.objects.filter(address=_text("address")).order_by("pk")
    leads = Lead.objects.open().filter(contact__address=_text("address")).order_by("pk")
    of_the_page = Q(is_listed=True, slug=_text("office"))
    offices = Office.objects.filter(Q(is_headquarters=True) | of_the_page).order_by("pk")
    colleagues = Company.objects.filter(companies.of_domain(_text("domain")))
    namesakes = companies.named_so(_text("company_key"), _text("company"))
    return JSONObject(
        wording=F("pk"),
        is_live=F("is_live"),
        twin=Subquery(twins.values("pk")[:1]),
        article=Subquery(articles.values("pk")[:1]),
        assessment=Subquery(results.values("pk")[:1]),
        contacts=Rows(contacts, columns(Contact)),
        leads=Rows(leads, columns(Lead, with_office=columns(Office, "office__"))),
        offices=Rows(offices, columns(Office, without=["description"])),
        colleagues=Rows(colleagues.order_by("pk"), columns(Company)),
        namesakes=Rows(namesakes.order_by("pk"), columns(Company)),
    )


_LOOK = JsonQuery(wordings.newest, _all_there_is)
