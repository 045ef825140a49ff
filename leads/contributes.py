from collections.abc import Iterator
from datetime import timedelta

from django.http import HttpRequest
from django.template.defaultfilters import pluralize
from django.urls import reverse
from django.utils import timezone

from leads import people, personal
from leads.models import Inquiry, Lead, NextStep, Notification, Recipient
from mail.models import Message
from web.contributions import (
    ADMINISTRATOR,
    EVERYTHING,
    SALES,
    Contribution,
    HomeCard,
    Menu,
    Place,
    Section,
)

# The sweep takes up what is due every ten seconds; older than this, nobody is at work.
OVERDUE = timedelta(minutes=5)


def llms() -> Iterator[Section]:
    brief = "describe a piece of work in six sections, with hints about what is missing or "
    brief += "ambiguous, and download it as Markdown"
    lines = [
        ("Contact", reverse("leads:contact"), "the inquiry form; a person answers"),
        ("Brief", reverse("leads:brief"), brief),
    ]
    yield Section("What we do", lines, position=22)


def home(request: HttpRequest) -> Iterator[HomeCard]:
    if not request.user.has_perm("leads.view_lead"):
        return
    leads = reverse("admin:leads_lead_changelist")
    inquiries = reverse("admin:leads_inquiry_changelist")
    if unanswered := Notification.objects.failed_and_unanswered().count_inquiries():
        label = f"unanswered inquir{pluralize(unanswered, 'y,ies')} with a failed notification"
        yield HomeCard(unanswered, label, f"{inquiries}?notification=failed", is_trouble=True)
    waiting = Lead.objects.unanswered().count()
    yield HomeCard(
        waiting, f"lead{pluralize(waiting)} waiting for an answer", f"{leads}?answer=waiting"
    )
    overdue = Lead.objects.overdue().count()
    yield HomeCard(
        overdue,
        f"lead{pluralize(overdue)} overdue for an answer",
        f"{leads}?answer=overdue",
        bool(overdue),
    )
    due = NextStep.objects.due().count()
    yield HomeCard(due, f"next step{pluralize(due)} due", f"{leads}?next_step=due")
    suspected = Inquiry.objects.suspected().count()
    yield HomeCard(
        suspected,
        f"inquir{pluralize(suspected, 'y,ies')} in suspected spam",
        f"{inquiries}?spam=suspected",
    )
    failed = Message.objects.failed().count()
    messages = reverse("admin:mail_message_changelist")
    yield HomeCard(
        failed, f"failed email{pluralize(failed)}", f"{messages}?state=failed", bool(failed)
    )


def warnings(request: HttpRequest) -> Iterator[str]:
    if request.user.has_perm("leads.view_inquiry") and not Recipient.objects.addresses():
        yield (
            "Nobody is notified of new inquiries. Add a recipient of inquiries, or give the "
            "headquarters an email address."
        )


def check_notifications() -> str:
    """Whether sales know of every inquiry that nobody has answered."""
    count = Notification.objects.failed_and_unanswered().count_inquiries()
    if not count:
        return "ok"
    return (
        f"The notification of {count} unanswered inquir{pluralize(count, 'y,ies')} has failed: "
        f"answer {pluralize(count, 'it,them')}, or send the email again."
    )


def check_inquiries() -> str:
    """Whether each inquiry was taken up."""
    overdue = Inquiry.objects.awaiting_notification().filter(
        received_at__lt=timezone.now() - OVERDUE
    )
    if not (count := overdue.count()):
        return "ok"
    return f"Nobody has been notified of {count} inquir{pluralize(count, 'y,ies')}."


contribution = Contribution(
    places=(
        Place("leads:contact", "Contact", "contact inquiry email hire"),
        Place("leads:brief", "Write a brief", "brief specification scope project"),
    ),
    no_pages=("leads:assess", "leads:thanks"),
    llms=llms,
    ids="inquiry(-.*)?",
    not_shown=(
        "leads.Activity",
        "leads.Answer",
        "leads.Answer_inquiries",
        "leads.Brief",
        "leads.Company",
        "leads.Contact",
        "leads.Digest",
        "leads.Digest_inquiries",
        "leads.NextStep",
        "leads.Inquiry",
        "leads.InquiryAssessment",
        "leads.Lead",
        "leads.Notification",
        "leads.Recipient",
        "leads.SpamMark",
    ),
    navigation=(
        Menu(
            "Sales",
            (
                "leads.Inquiry",
                "leads.Lead",
                "leads.Contact",
                "leads.Company",
                "leads.Recipient",
            ),
            position=10,
        ),
    ),
    home=home,
    warnings=warnings,
    rights={
        SALES: {
            "inquiry": "view decide",
            "lead": "change view",
            "contact": "change view",
            "company": "add change view",
            "activity": "view",
            "nextstep": EVERYTHING,
            "notification": "view",
        },
        ADMINISTRATOR: {
            "company": EVERYTHING,
            "recipient": EVERYTHING,
        },
    },
    checks={"notifications": check_notifications, "inquiries": check_inquiries},
    personal=personal.PERSONAL,
    known_as=people.known_as,
    people=people.suggestions,
    hand_on=people.hand_on,
    demo="leads.demo.part",
)
