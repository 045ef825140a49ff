"""The list of the inbox: each row says who waits, for what, since when, and who they are to us."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Exists, JSONField, Max, OuterRef, Subquery, Value
from django.db.models.functions import Coalesce, JSONObject, Left, NullIf
from django.utils import timezone

from accounts.models import User
from leads import money
from leads.inbox import times
from leads.inbox.urgency import is_urgent
from leads.inbox.writing import Writing, of_others
from leads.languages.names import foreign
from leads.models import Absence, Answer, Inquiry, Kind, Lead, LeadQuerySet, Opened

# Two lines of the list hold fewer characters than this.
BEGINNING = 300


@dataclass(frozen=True)
class Mark:
    """A word beside a row. `style` is one of the stylesheet's; plain text has none."""

    text: str
    style: str = "mark"
    said: str = ""  # in place of an abbreviation, to those who hear it


CLIENT, URGENT, READY, DOUBT = (
    "mark mark--client",
    "mark mark--urgent",
    "mark mark--ready",
    "mark mark--doubt",
)
PLAIN = ""


@dataclass(frozen=True)
class Row:
    """A lead, or suspected spam, which has none yet."""

    key: str  # as the address has it: "123", or "i45" for an inquiry
    number: int
    name: str
    company: str
    words: str
    left: str
    is_late: bool
    is_new: bool  # nobody has opened it since it came
    marks: tuple[Mark, ...]
    owner: str
    seen: str = ""  # what the page shows of it, for `Shown.read`


def with_rows(leads: LeadQuerySet, user: User, now: datetime) -> LeadQuerySet:
    """With all that `row` needs, in one query, for the person who looks."""
    inquiries = (
        Inquiry.objects.not_spam().filter(lead=OuterRef("pk")).order_by("-received_at", "-pk")
    )
    latest = inquiries.annotate(beginning=Left("message", BEGINNING)).values(
        said=JSONObject(
            words="beginning", received_at="received_at", verdict="verdict",
            kind="sorted_as__kind", company="company", language="language",
        )
    )[:1]  # fmt: skip
    won = Lead.objects.won().filter(contact=OuterRef("contact"))
    client = won.order_by("-closed_at", "-pk").values(
        said=JSONObject(
            value="value", currency="currency", closed_at="closed_at", owner="owner__name"
        )
    )[:1]
    others = Lead.objects.work().open().exclude(contact=OuterRef("contact"))
    at_the_company = others.filter(contact__company=OuterRef("contact__company"))
    # Of free mail the domain is empty: null finds nobody at once, where many have none.
    domain = NullIf(OuterRef("contact__domain"), Value(""))
    at_the_domain = others.filter(contact__domain=domain)
    said = JSONObject(name="contact__name", stage="stage", owner="owner__name")
    colleague = [
        Subquery(those.order_by("-opened_at", "-pk").values(said=said)[:1])
        for those in (at_the_company, at_the_domain)
    ]
    answers = Answer.objects.filter(lead=OuterRef("pk")).order_by("-pk").values("pk")[:1]
    every = Inquiry.objects.filter(lead=OuterRef("pk")).order_by("-pk").values("pk")[:1]
    former = Lead.objects.filter(contact=OuterRef("contact"))
    # By the day before and after: which day it is differs by their zone.
    today = now.date()
    absences = Absence.objects.filter(
        user=OuterRef("owner"),
        first_day__lte=today + timedelta(days=1),
        last_day__gte=today - timedelta(days=1),
    )
    opened = Opened.objects.filter(lead=OuterRef("pk")).order_by().values("lead")
    return (
        leads.with_readiness()
        .select_related("contact__company", "owner")
        .annotate(
            latest=Subquery(latest, output_field=JSONField()),
            client=Subquery(client, output_field=JSONField()),
            colleague=Coalesce(*colleague, output_field=JSONField()),
            latest_inquiry=Subquery(every),
            latest_answer=Subquery(answers),
            has_former=Exists(former.exclude(pk=OuterRef("pk"))),
            owner_may_be_away=Exists(absences),
            writing=of_others(user, now),
            last_opened=Subquery(opened.annotate(at=Max("at")).values("at")),
        )
    )


def row(lead: Any, now: datetime) -> Row:
    """Of a lead loaded `with_rows`."""
    latest = lead.latest or {}
    received_at = times.moment(latest.get("received_at"))
    left, is_late = _left(lead, now)
    return Row(
        key=str(lead.pk),
        number=lead.pk,
        name=lead.contact.name,
        company=lead.contact.company.name if lead.contact.company else "",
        words=latest.get("words", ""),
        left=left,
        is_late=is_late,
        is_new=bool(received_at and (lead.last_opened is None or lead.last_opened < received_at)),
        marks=(*_writing(lead), *marks(lead)),
        owner=lead.owner.get_short_name() if lead.owner else "",
        seen=f"{lead.pk}:{lead.latest_inquiry or ''}.{lead.latest_answer or ''}",
    )


def _left(lead: Any, now: datetime) -> tuple[str, bool]:
    """How long is left for the answer, or else for the next step, or how long nothing happened;
    and whether that is too late.
    """
    if lead.is_waiting and lead.respond_by:
        return times.left(lead.respond_by, now), lead.respond_by < now
    if lead.step_due:
        today = timezone.localdate(now)
        return times.due(lead.step_due, today), lead.step_due < today
    quiet = times.amount(now - (lead.responded_at or lead.opened_at))
    return f"quiet for {quiet}", False


def _writing(lead: Any) -> Iterable[Mark]:
    if writing := Writing.of(lead):
        yield Mark(writing.sentence, DOUBT)


def marks(lead: Any) -> Iterable[Mark]:
    """Who they are to us and what to know before opening it, the weightiest first."""
    latest = lead.latest or {}
    if lead.is_waiting and is_urgent(latest.get("words", "")):
        yield Mark("Urgent", URGENT)
    if lead.client:
        yield Mark("Client", CLIENT)
        yield Mark(won_text(lead.client), PLAIN)
    if latest.get("kind") and latest["kind"] != Kind.WORK:
        yield Mark(Kind(latest["kind"]).label)
    if lead.colleague:
        stage = Lead.Stage(lead.colleague["stage"]).label
        yield Mark(f"Colleague: {lead.colleague['name']}, {stage}")
    if lead.latest_assessment:
        style = READY if lead.latest_assessment["key"] in ("ready", "pilot") else "mark"
        said = lead.latest_assessment
        yield Mark(f"{said['name']} {said['total']:.0f}", style)
    yield from language_marks(latest.get("language"))
    if latest.get("verdict") == Inquiry.Verdict.DOUBTFUL:
        yield Mark("May be spam", DOUBT)


def language_marks(code: str | None) -> Iterable[Mark]:
    """“DA”, where it is not the site's language."""
    if code and (name := foreign(code)):
        yield Mark(code.upper(), said=f"In {name}")


def won_text(client: dict[str, Any]) -> str:
    """“won 52,000 DKK, Nov 2026, Mikkel Sørensen”."""
    value = Decimal(str(client["value"])) if client["value"] is not None else None
    closed = times.moment(client["closed_at"])
    parts = [
        f"won {money.display(value, client['currency'])} {client['currency']}" if value else "won",
        f"{closed:%b %Y}" if closed else "",
        client["owner"] or "",
    ]
    return ", ".join(filter(None, parts))


def suspected_row(inquiry: Inquiry, now: datetime) -> Row:
    return Row(
        key=f"i{inquiry.pk}",
        number=inquiry.pk,
        name=inquiry.name,
        company=inquiry.company,
        words=inquiry.message[:BEGINNING],
        left=times.day(inquiry.received_at, now),
        is_late=False,
        is_new=False,
        marks=(
            *language_marks(inquiry.language),
            *(Mark(reason.partition(" (")[0], DOUBT) for reason in inquiry.reasons[:1]),
        ),
        owner="",
    )
