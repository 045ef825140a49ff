"""What sales keep for how long, and how it goes: with all that belongs to nobody else."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from leads.models import (
    Activity,
    Company,
    Contact,
    Inquiry,
    InquiryAssessment,
    Kind,
    Lead,
    LeadQuerySet,
    NextStep,
)
from mail.models import Message
from privacy.erasing import delete, lock
from readiness import statistics, taking
from readiness.models import Assessment
from web.contributions import counted
from web.retention import YEAR, Basis, Rule

OTHER_KINDS = (Kind.SUPPORT, Kind.PRESS, Kind.VENDOR, Kind.PRIVACY, Kind.OTHER)


def _unplanned() -> LeadQuerySet:
    """Those on which nothing is to be done next."""
    return Lead.objects.exclude(Exists(NextStep.objects.open().filter(lead=OuterRef("pk"))))


def _won(before: datetime) -> LeadQuerySet:
    return _unplanned().filter(stage=Lead.Stage.WON, closed_at__lt=before)


def _lost(before: datetime) -> LeadQuerySet:
    return _unplanned().work().filter(stage=Lead.Stage.LOST, closed_at__lt=before)


def _quiet(*kinds: Kind) -> Callable[[datetime], LeadQuerySet]:
    """Answered or closed, and since then nobody has written or noted anything."""

    def due(before: datetime) -> LeadQuerySet:
        over = Q(closed_at__lt=before) | Q(closed_at=None, responded_at__lt=before)
        since = Activity.objects.filter(lead=OuterRef("pk"), at__gte=before)
        leads = _unplanned().filter(over, kind__in=kinds).exclude(stage=Lead.Stage.WON)
        return leads.exclude(Exists(since))

    return due


def _delete_leads(leads: QuerySet[Lead]) -> int:
    """With their inquiries."""
    return _delete(Inquiry.objects.filter(lead__in=_keys(leads)), leads)


def _delete_inquiries(inquiries: QuerySet[Inquiry]) -> int:
    """With the lead of which nothing else is left."""
    return _delete(inquiries, None)


@transaction.atomic
def _delete(inquiries: QuerySet[Inquiry], leads: QuerySet[Lead] | None) -> int:
    """Delete these with the emails about them; and the assessment, lead, person and company of
    which nothing else is left. How many of the leads, or else of the inquiries.
    """
    # In the order in which intake and colleagues take them. What was asked before is asked again:
    # a mark may have been taken back, a lead opened anew.
    lock(Inquiry, _keys(inquiries))
    going = _keys(inquiries)
    on = _keys(Lead.objects.filter(inquiries__in=going)) if leads is None else _keys(leads)
    # One table after the other: joined, the database would read them whole.
    of_inquiries = set(_keys(Contact.objects.filter(inquiries__in=going)))
    contacts = sorted(of_inquiries.union(_keys(Contact.objects.filter(leads__in=on))))
    lock(Contact, contacts)
    lock(Lead, on)
    if leads is not None:
        on = _keys(leads)
        going = _keys(Inquiry.objects.filter(pk__in=going, lead__in=on))
    with_it = _keys(Assessment.objects.filter(inquiries__inquiry__in=going))
    lock(Assessment, with_it)
    others = InquiryAssessment.objects.filter(assessment=OuterRef("pk")).exclude(inquiry__in=going)
    theirs = Assessment.objects.filter(~Exists(others), pk__in=with_it)
    statistics.count_what_goes(counted(theirs))
    messages = _messages(going, on if leads is not None else [])
    alone = _keys(theirs)
    delete(Inquiry, going)
    delete(Assessment, alone)
    delete(Message, messages)
    empty = Lead.objects.filter(pk__in=on, inquiries=None)
    delete(Lead, _keys(empty))
    _delete_whom_nothing_is_left_of(contacts)
    return len(going if leads is None else on)


def _messages(inquiries: list[int], leads: list[int]) -> list[int]:
    """About these, or listing them among others."""
    about = [
        Message.objects.filter(notification__inquiry__in=inquiries),
        Message.objects.filter(digest__inquiries__in=inquiries),
        Message.objects.filter(to_colleague__leads__inquiries__in=inquiries),
        Message.objects.filter(to_colleague__leads__in=leads),
    ]
    return sorted({key for messages in about for key in _keys(messages)})


def _delete_whom_nothing_is_left_of(contacts: list[int]) -> None:
    alone = _keys(Contact.objects.filter(pk__in=contacts, inquiries=None, leads=None))
    companies = _keys(Company.objects.filter(contacts__in=alone))
    delete(Contact, alone)
    delete(Company, _keys(Company.objects.filter(pk__in=companies, contacts=None)))


def _keys(rows: QuerySet[Any]) -> list[int]:
    return list(rows.order_by().values_list("pk", flat=True).distinct())


def _unfinished(before: datetime) -> QuerySet[Assessment]:
    """Also one that came with an inquiry: nobody was notified of it."""
    return Assessment.objects.filter(finished_at=None, expires_at__lte=before + taking.KEPT_FOR)


def _finished(before: datetime) -> QuerySet[Assessment]:
    """One that came with an inquiry stays with it, and goes with it."""
    over = Assessment.objects.finished().filter(expires_at__lte=before + taking.RESULT_KEPT_FOR)
    return over.exclude(Exists(InquiryAssessment.objects.filter(assessment=OuterRef("pk"))))


ANSWERING = "To answer you, and to go on where we left off if you write again."

RULES = (
    Rule(
        "leads.undecided",
        "leads.Inquiry",
        "Messages that were held as possible spam and never became a conversation",
        "we received them",
        days=180,
        at_least=30,
        at_most=2 * YEAR,
        due=lambda before: Inquiry.objects.suspected().filter(lead=None, received_at__lt=before),
        delete=_delete_inquiries,
        why="To find messages that were held by mistake.",
        basis=Basis.INTEREST,
    ),
    Rule(
        "leads.spam",
        "leads.Inquiry",
        "Messages that we marked as spam",
        "we marked them",
        days=90,
        at_least=30,
        at_most=YEAR,
        due=lambda before: Inquiry.objects.spam().filter(spam_mark__at__lt=before),
        delete=_delete_inquiries,
        why="To undo a mistake, and to recognize the next one.",
        basis=Basis.INTEREST,
    ),
    Rule(
        "leads.lost",
        "leads.Lead",
        "Conversations about work that came to nothing, with messages, notes and emails",
        "we closed them",
        days=2 * YEAR,
        at_least=90,
        at_most=5 * YEAR,
        due=_lost,
        delete=_delete_leads,
        why=ANSWERING,
        basis=Basis.CONTRACT,
    ),
    Rule(
        "leads.won",
        "leads.Lead",
        "Conversations that led to work, with messages, notes and emails",
        "we closed them",
        days=10 * YEAR,
        at_least=YEAR,
        at_most=15 * YEAR,
        due=_won,
        delete=_delete_leads,
        why="To do the work, and to answer for it as long as the law can ask.",
        basis=Basis.CONTRACT,
    ),
    Rule(
        "leads.jobs",
        "leads.Lead",
        "Applications for a job",
        "the last word on them",
        days=180,
        at_least=30,
        at_most=2 * YEAR,
        due=_quiet(Kind.JOB),
        delete=_delete_leads,
        why="To decide on them, and to be able to say how we did.",
        basis=Basis.CONTRACT,
    ),
    Rule(
        "leads.others",
        "leads.Lead",
        "Other conversations, such as support, press and privacy",
        "the last word in them",
        days=YEAR,
        at_least=90,
        at_most=3 * YEAR,
        due=_quiet(*OTHER_KINDS),
        delete=_delete_leads,
        why=ANSWERING,
        basis=Basis.INTEREST,
    ),
    Rule(
        "leads.assessments_unfinished",
        "readiness.Assessment",
        "Readiness assessments that are not finished",
        "they were begun",
        days=taking.KEPT_FOR.days,
        at_least=taking.KEPT_FOR.days,
        at_most=taking.KEPT_FOR.days,
        due=_unfinished,
        delete=taking.forget,
        why="To let you go on where you stopped. How often each answer was given is still counted.",
        basis=Basis.INTEREST,
    ),
    Rule(
        "leads.assessments",
        "readiness.Assessment",
        "Readiness results that you do not send us",
        "they were finished",
        days=taking.RESULT_KEPT_FOR.days,
        at_least=taking.RESULT_KEPT_FOR.days,
        at_most=taking.RESULT_KEPT_FOR.days,
        due=_finished,
        delete=taking.forget,
        why="To show you the result again. How often each answer was given is still counted.",
        basis=Basis.INTEREST,
    ),
)
