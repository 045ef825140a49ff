"""Everything about one lead: who they are, one history, and what to do next."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote

from django.db.models import F, OuterRef, Subquery
from django.db.models.functions import Left, Length
from django.utils import timezone

from accounts.models import User
from articles.models import Article, Revision
from desk import zones
from leads import score
from leads.acts.each import Shown
from leads.duty.absences import away
from leads.inbox import times
from leads.inbox.rows import Mark, marks, with_rows, won_text
from leads.inbox.writing import Writing
from leads.models import Brief, Lead, Opened

QUOTED = 1500  # characters of theirs that an answer begins with


@dataclass
class Former:
    """Another lead of the same person, or one of a colleague of theirs."""

    lead: Lead
    text: str
    is_won: bool


class Record:
    """Of one lead, for the person who looks at it. Each part is asked for once, when shown."""

    def __init__(self, lead: Any, *, user: User, now: datetime) -> None:
        self.lead, self.user, self.now = lead, user, now
        self.contact, self.company = lead.contact, lead.contact.company
        self.inquiries: list[Any] = list(_inquiries(lead))
        self.steps = list(lead.next_steps.open().select_related("owner"))
        # What the score is made of, from what is loaded anyway.
        lead.genuine_inquiries = [one for one in self.inquiries if not one.is_spam]

    @property
    def key(self) -> str:
        return str(self.lead.pk)

    @property
    def name(self) -> str:
        return str(self.contact.name)

    @property
    def marks(self) -> tuple[Mark, ...]:
        return tuple(marks(self.lead))

    @property
    def client(self) -> str:
        return won_text(self.lead.client) if self.lead.client else ""

    @property
    def is_late(self) -> bool:
        due = self.lead.respond_by
        return bool(self.lead.is_waiting and due and due < self.now)

    @property
    def answer_by(self) -> str:
        """“today 08:44”; or since when they have our answer."""
        lead = self.lead
        if lead.is_waiting and lead.respond_by:
            return times.day(lead.respond_by, self.now)
        if lead.responded_at:
            return f"answered {times.day(lead.responded_at, self.now)}"
        return "closed" if lead.closed_at else "not set"

    @property
    def left(self) -> str:
        lead = self.lead
        is_due = lead.is_waiting and lead.respond_by
        return times.left(lead.respond_by, self.now) if is_due else ""

    @property
    def writing(self) -> Writing | None:
        """What a colleague writes about it at this moment."""
        return Writing.of(self.lead)

    @property
    def away(self) -> str:
        """Whether its owner is away, until when, and who covers; empty for one who is here."""
        return away(self.lead.owner, self.now) if self.lead.owner_may_be_away else ""

    @property
    def phone(self) -> str:
        return str(self.contact.phone)

    @property
    def tel(self) -> str:
        """For a `tel:` link: digits and the plus in front (RFC 3966)."""
        digits = "".join(one for one in self.phone if one.isdigit())
        return ("+" if self.phone.strip().startswith("+") else "") + digits

    @property
    def place(self) -> str:
        """The city of their time zone, where it is known."""
        return str(self.contact.timezone).rpartition("/")[2].replace("_", " ")

    @property
    def local_time(self) -> str:
        if not self.contact.timezone:
            return ""
        return f"{self.now.astimezone(zones.zone(self.contact.timezone)):%a %H:%M}"

    @property
    def mailto(self) -> str:
        """Opens an answer in the mail program, with their words quoted beneath."""
        latest = self.inquiries[0] if self.inquiries else None
        if latest is None:
            return f"mailto:{quote(self.contact.email)}"
        quoted = "\n".join(f"> {line}" for line in latest.beginning.splitlines())
        body = f"\n\nOn {timezone.localtime(latest.received_at):%-d %B %Y}, you wrote:\n{quoted}"
        subject = "Your inquiry"
        return f"mailto:{quote(self.contact.email)}?subject={quote(subject)}&body={quote(body)}"

    @property
    def score(self) -> score.Score:
        return score.score(self.lead.known())

    @property
    def briefs(self) -> list[Brief]:
        return [one.brief for one in self.inquiries if hasattr(one, "brief")]

    @property
    def seen(self) -> str:
        """What a page shows of it that acts depend on: the latest inquiry and the latest answer."""
        return str(Shown(self.lead.latest_inquiry, self.lead.latest_answer))

    @property
    def read(self) -> list[tuple[str, str]]:
        """The articles from which they wrote, the latest first; each once."""
        read = {one.article_slug: one.article_title for one in self.inquiries if one.article_id}
        return [(Article(slug=slug).get_absolute_url(), title) for slug, title in read.items()]

    def former(self) -> list[Former]:
        """Their other leads, with what became of them."""
        if not self.lead.has_former:
            return []
        others = self.contact.leads.exclude(pk=self.lead.pk).select_related("owner")
        return [_former(lead, self.now) for lead in others.order_by("-opened_at")[:20]]

    def colleagues(self) -> list[Former]:
        """Leads of others at their company: open ones first."""
        if self.company is None:
            return []
        theirs = Lead.objects.not_spam().filter(contact__company=self.company)
        others = theirs.exclude(contact=self.contact).select_related("contact", "owner")
        return [
            _former(lead, self.now, of=lead.contact.name)
            for lead in others.order_by("closed_at", "-opened_at")[:20]
        ]


def find(number: int, *, user: User, now: datetime) -> Record | None:
    lead = with_rows(Lead.objects.filter(pk=number), user, now).first()
    return Record(lead, user=user, now=now) if lead else None


def open_record(record: Record) -> None:
    """Write down that this person has looked at it."""
    Opened.objects.bulk_create(
        [Opened(lead=record.lead, by=record.user, at=record.now)],
        update_conflicts=True,
        unique_fields=["lead", "by"],
        update_fields=["at"],
    )


def _inquiries(lead: Lead) -> Iterable[Any]:
    """The latest first; how each begins, but none of the texts: of those there may be many."""
    revisions = Revision.objects.filter(article=OuterRef("article")).latest_first()
    return (
        lead.inquiries.defer("message", "reasons", "fingerprint", "submission_key")
        .select_related("spam_mark", "brief")
        .annotate(
            beginning=Left("message", QUOTED),
            length=Length("message"),
            article_slug=F("article__slug"),
            article_title=Subquery(revisions.values("title")[:1]),
        )
        .order_by("-received_at", "-pk")
    )


def _former(lead: Lead, now: datetime, *, of: str = "") -> Former:
    won, closed = lead.is_won, lead.closed_at
    parts = [lead.get_stage_display()]
    if won and lead.amount:
        parts[0] = f"Won {lead.amount}"
    elif lead.stage == Lead.Stage.LOST and lead.lost_because:
        parts.append(lead.get_lost_because_display().lower())
    when = closed or lead.opened_at
    parts.append(f"{timezone.localtime(when):%b %Y}")
    if lead.owner:
        parts.append(lead.owner.get_short_name())
    return Former(lead, ", ".join([*([of] if of else []), *parts]), won)
