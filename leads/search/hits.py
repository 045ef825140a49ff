"""What was found, as people see it: a title, the place that says it, a link."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils.safestring import SafeString

from leads.models import Activity, Brief, Company, Contact, Inquiry, Lead, NextStep
from leads.search.marking import PlainMarker
from leads.standing import is_spammer

PERSON, COMPANY, LEAD, INQUIRY = KINDS = ("person", "company", "lead", "inquiry")


@dataclass(frozen=True)
class Hit:
    """One thing that was found. `excerpt` is HTML, with what was looked for in <mark>."""

    kind: str
    pk: int
    title: str
    excerpt: SafeString
    url: str
    moment: datetime | None = None


def rows_of(kind: str, *, include_spam: bool) -> QuerySet[Any]:
    """Those of a kind that may be found."""
    every: dict[str, QuerySet[Any]] = {
        PERSON: Contact.objects.all(),
        COMPANY: Company.objects.all(),
        LEAD: Lead.objects.all(),
        INQUIRY: Inquiry.objects.all(),
    }
    if include_spam:
        return every[kind]
    people = Contact.objects.exclude(is_spammer("contact"))
    work: dict[str, QuerySet[Any]] = {
        PERSON: people,
        COMPANY: Company.objects.filter(
            Exists(people.filter(company=OuterRef("pk"))) | Q(contacts__isnull=True)
        ),
        LEAD: Lead.objects.not_spam(),
        INQUIRY: Inquiry.objects.not_spam(),
    }
    return work[kind]


def hits(found: Mapping[str, Sequence[int]], marker: PlainMarker) -> list[Hit]:
    """Those of each kind, in their order."""
    load: dict[str, Callable[[Sequence[int], PlainMarker], dict[int, Hit]]] = {
        PERSON: _people,
        COMPANY: _companies,
        LEAD: _leads,
        INQUIRY: _inquiries,
    }
    return [
        by_key[key]
        for kind, keys in found.items()
        if keys
        for by_key in [load[kind](keys, marker)]
        for key in keys
        if key in by_key  # unless it was deleted just now
    ]


def _people(keys: Sequence[int], marker: PlainMarker) -> dict[int, Hit]:
    people = Contact.objects.select_related("company").in_bulk(keys)
    return {
        key: Hit(
            PERSON,
            key,
            one.name,
            _line(
                marker,
                one.email,
                one.phone,
                one.job_title,
                one.company.name if one.company else None,
            ),
            reverse("admin:person", args=[key]),
        )
        for key, one in people.items()
    }


def _companies(keys: Sequence[int], marker: PlainMarker) -> dict[int, Hit]:
    return {
        key: Hit(
            COMPANY,
            key,
            one.name,
            marker.mark(one.domain),
            reverse("admin:company", args=[key]),
        )
        for key, one in Company.objects.in_bulk(keys).items()
    }


def _leads(keys: Sequence[int], marker: PlainMarker) -> dict[int, Hit]:
    leads = Lead.objects.select_related("contact__company").in_bulk(keys)
    inquiries = list(
        Inquiry.objects.filter(lead__in=keys).select_related("brief").order_by("-received_at")
    )
    notes = Activity.objects.filter(
        lead__in=keys, kind__in=[Activity.Kind.NOTE, Activity.Kind.NEXT_STEP]
    )
    steps = NextStep.objects.filter(lead__in=keys)
    history = (
        notes.order_by()
        .values_list("lead", "text")
        .union(steps.order_by().values_list("lead", "text"), all=True)
    )
    said = defaultdict[int | None, list[str]](list)
    for inquiry in inquiries:
        said[inquiry.lead_id].append(inquiry.message)
    for key, text in history:
        said[key].append(text)
    for inquiry in inquiries:
        said[inquiry.lead_id] += [*_brief(inquiry), _source(inquiry)]
    found = {}
    for key, lead in leads.items():
        contact = lead.contact
        about = _line(
            marker, contact.company.name if contact.company else None, contact.email, contact.phone
        )
        found[key] = Hit(
            LEAD,
            key,
            f"{contact.name} · {lead.get_stage_display()}",
            _excerpt(marker, [*said[key], lead.lost_reason]) or about,
            lead.get_absolute_url(),
            lead.opened_at,
        )
    return found


def _inquiries(keys: Sequence[int], marker: PlainMarker) -> dict[int, Hit]:
    inquiries = Inquiry.objects.select_related("brief").in_bulk(keys)
    return {
        key: Hit(
            INQUIRY,
            key,
            one.name,
            _excerpt(marker, [one.message, *_brief(one)])
            or _line(marker, one.email, one.company, _source(one)),
            reverse("admin:leads_inquiry_change", args=[key]),
            one.received_at,
        )
        for key, one in inquiries.items()
    }


def _brief(inquiry: Inquiry) -> list[str]:
    brief: Brief | None = getattr(inquiry, "brief", None)
    return [getattr(brief, name) for name in Brief.TEXT_FIELDS] if brief else []


def _source(inquiry: Inquiry) -> str:
    source = [inquiry.utm_source, inquiry.utm_medium, inquiry.utm_campaign, inquiry.referrer_host]
    return " · ".join(filter(None, [*source, inquiry.source_path]))


def _excerpt(marker: PlainMarker, texts: Iterable[str]) -> SafeString:
    """From the first of the texts that says it."""
    return next(filter(None, map(marker.excerpt, texts)), SafeString())


def _line(marker: PlainMarker, *parts: str | None) -> SafeString:
    return marker.mark(" · ".join(filter(None, parts)))
