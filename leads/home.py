"""What the home page of the desk says to sales: who waits, what is due, what is new."""

from collections.abc import Iterator
from datetime import timedelta

from django.db.models import F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Left
from django.http import HttpRequest
from django.template.defaultfilters import pluralize
from django.urls import reverse
from django.utils import timezone
from django.utils.text import Truncator

from desk.deadlines import in_words, since, time_left
from leads.duty.unattended import unattended
from leads.inbox.numbers import ALL, counted
from leads.models import Inquiry, Lead, NextStep, unheard
from web.screens import MAX_COUNT, MAX_ITEMS, Due, Headline, HomeCard, HomeItem, HomeList, Part

OVERDUE, FAILED, UNATTENDED, SUSPECTED = "overdue", "failed", "unattended", "suspected"
MAX_ABOUT = 80  # characters of what somebody wrote


def headline(request: HttpRequest) -> Headline | None:
    """How many people wait for an answer, and how many of them too long."""
    if not request.user.has_perm("leads.view_lead"):
        return None
    numbers = _numbers(request)
    waiting, overdue = numbers[ALL], numbers[OVERDUE]
    if not waiting:
        return Headline((Part("Nobody is waiting for an answer."),), position=10)
    people = Part(
        f"{_many(waiting).capitalize()} {pluralize(waiting, 'person,people')}",
        _inbox("all"),
    )
    verb = Part(f" {pluralize(waiting, 'is,are')} waiting for an answer")
    if not overdue:
        return Headline((people, verb, Part(".")), position=10)
    which = f"{_many(overdue)} of them" if waiting > 1 else ""
    late_ones = Part(f"{which} too long".strip(), _inbox("all"), is_late=True)
    return Headline((people, verb, Part(", "), late_ones, Part(".")), position=10)


def lists(request: HttpRequest) -> Iterator[HomeList]:
    if not request.user.has_perm("leads.view_lead"):
        return
    waiting = _waiting()
    yield HomeList(
        "Waiting for me",
        [_item(lead) for lead in waiting.filter(owner=request.user.pk)[: MAX_ITEMS + 1]],
        empty="Nobody waits for you.",
        url=_inbox("mine"),
        position=10,
    )
    yield HomeList(
        "Due today",
        [_step(step) for step in _due(request)[: MAX_ITEMS + 1]],
        empty="Nothing is due.",
        url=_inbox("today"),
        position=11,
    )
    yield HomeList(
        "New, no owner yet",
        [_item(lead) for lead in waiting.filter(owner=None)[: MAX_ITEMS + 1]],
        empty="Everyone who waits has an owner.",
        url=_inbox("unassigned"),
        position=12,
    )


def day(request: HttpRequest) -> Iterator[Due]:
    """Answers that are due today, mine or nobody's."""
    if not request.user.has_perm("leads.view_lead"):
        return
    now = timezone.localtime()
    begin = now.replace(hour=0, minute=0, second=0, microsecond=0)
    mine = Q(owner=request.user.pk) | Q(owner=None)
    today = Q(respond_by__gte=begin, respond_by__lt=begin + timedelta(days=1))
    due = Lead.objects.unanswered().filter(mine, today).order_by("respond_by", "pk")
    for lead in due.select_related("contact")[:50]:
        assert lead.respond_by
        moment = timezone.localtime(lead.respond_by)
        minute = moment.hour * 60 + moment.minute
        yield Due(
            lead.contact.name,
            lead.get_absolute_url(),
            minute,
            is_late=moment < now,
            list_url=_inbox("today"),
        )


def cards(request: HttpRequest) -> Iterator[HomeCard]:
    if not request.user.has_perm("leads.view_lead"):
        return
    inquiries = reverse("admin:leads_inquiry_changelist")
    numbers = _numbers(request)
    if failed := numbers[FAILED]:
        label = f"unanswered inquir{pluralize(failed, 'y,ies')} with a failed notification"
        yield HomeCard(failed, label, f"{inquiries}?notification=failed", is_trouble=True)
    if nobodys := numbers[UNATTENDED]:
        label = f"lead{pluralize(nobodys)} nobody has looked after for a day"
        yield HomeCard(
            nobodys, label, f"{reverse('admin:leads_lead_changelist')}?care=nobody", is_trouble=True
        )
    suspected = numbers[SUSPECTED]
    yield HomeCard(
        suspected,
        f"inquir{pluralize(suspected, 'y,ies')} in suspected spam",
        _inbox("suspected"),
    )


def _numbers(request: HttpRequest) -> dict[str, int]:
    """All that the page counts, together with what the navigation shows."""
    return counted(
        request,
        {
            OVERDUE: Lead.objects.overdue,
            FAILED: unheard,
            UNATTENDED: lambda: unattended(timezone.now()),
            SUSPECTED: Inquiry.objects.suspected,
        },
    )


def _many(count: int) -> str:
    return in_words(count) if count <= MAX_COUNT else f"more than {MAX_COUNT}"


def _waiting() -> QuerySet[Lead]:
    """Those who wait longest first, each with how their latest message begins."""
    genuine = Inquiry.objects.not_spam().filter(lead=OuterRef("pk"))
    latest = genuine.order_by("-received_at", "-pk")
    return (
        Lead.objects.unanswered()
        .select_related("contact__company")
        .annotate(begins=Subquery(latest.values(words=Left("message", 2 * MAX_ABOUT))[:1]))
        .order_by(F("respond_by").asc(nulls_last=True), "pk")
    )


def _due(request: HttpRequest) -> QuerySet[NextStep]:
    """The next steps of the person, and those of nobody on the person's leads."""
    of_mine = Q(owner=None, lead__owner=request.user.pk)
    mine = NextStep.objects.due().filter(Q(owner=request.user.pk) | of_mine)
    return mine.select_related("lead__contact__company").order_by("due_on", "pk")


def _item(lead: Lead) -> HomeItem:
    company = lead.contact.company
    begins = Truncator(" ".join((getattr(lead, "begins", "") or "").split())).chars(MAX_ABOUT)
    now = timezone.now()
    return HomeItem(
        lead.contact.name,
        lead.get_absolute_url(),
        moment=time_left(lead.respond_by, now=now) if lead.respond_by else "",
        about=". ".join(filter(None, [company.name if company else "", begins])),
        is_late=bool(lead.respond_by and lead.respond_by < now),
    )


def _step(step: NextStep) -> HomeItem:
    lead, today = step.lead, timezone.localdate()
    company = lead.contact.company
    who = company.name if company else lead.contact.name
    return HomeItem(
        step.text,
        lead.get_absolute_url(),
        moment=since(step.due_on, today=today),
        about=", ".join(filter(None, [who, lead.get_stage_display(), lead.amount])),
        is_late=step.due_on < today,
    )


def _inbox(tab: str) -> str:
    return f"{reverse('admin:inbox')}?tab={tab}"
