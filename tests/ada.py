"""Ada, of whom the product knows all that it can know of anyone."""

from datetime import date

from django.apps import apps
from django.contrib.admin.models import LogEntry
from django.utils import timezone

from articles.models import SearchCount
from desk.models import KeptForm
from leads.acts import doing, revising
from leads.intake import receiving, spam_marks
from leads.messages import digests
from leads.messages.tasks import notify_about_inquiry
from leads.models import (
    Absence,
    Answer,
    Brief,
    ByHand,
    Company,
    Contact,
    DigestLine,
    Duty,
    Inquiry,
    InquiryAssessment,
    Kind,
    Lead,
    Opened,
    Recipient,
)
from leads.pipeline import moves, steps
from mail import outbox
from mail.models import Suppression
from privacy import requests
from privacy.models import Hold, Request
from redirects.models import MissingPage
from tests import builders
from tests.builders import SPAM

ADA = {
    "name": "Ada Lovelace",
    "email": "Ada@Example.com",
    "company": "Engines",
    "message": "We need a ledger.",
}
GRACE = {"name": "Grace Hopper", "email": "grace@example.org", "message": "A compiler."}


def receive(brief=None, **fields):
    inquiry = receiving.receive(Inquiry(**fields), brief=brief)
    notify_about_inquiry(inquiry.pk)
    inquiry.refresh_from_db()
    return inquiry


def ada(administrator):
    """Someone of whom the product knows all that it can know of anyone."""
    Recipient.objects.create(email="sales@example.net")
    inquiry = receive(**ADA)
    receiving.receive(Inquiry(**{**ADA, "message": "Held."}), signs=SPAM)
    lead, now = inquiry.lead, timezone.now()
    moves.note(lead, "Ada Lovelace called", by=administrator, at=now)
    steps.add_next_step(
        lead, "Call Ada", due_on=date.today(), owner=administrator, by=administrator, at=now
    )
    moves.move(
        lead,
        "lost",
        by=administrator,
        at=now,
        lost_because="in_house",
        lost_reason="Ada hired someone",
    )
    receive(**{**ADA, "message": "And again."})
    outbox.put(key="by hand", to="ada@example.com", subject="Hello", text="Dear Ada")
    LogEntry.objects.create(
        user=administrator,
        content_type=apps.get_model("contenttypes.ContentType").objects.get_for_model(Lead),
        object_id=str(lead.pk),
        object_repr=str(lead),
        action_flag=2,
        change_message="Changed what Ada wants.",
    )
    return inquiry.contact


def everywhere(ada, administrator):
    """Ada in every way that an app can know her: as a visitor, on others’ leads, as staff."""
    now = timezone.now()
    lead = ada.leads.get(closed_at=None)
    moves.answer(lead, by=administrator, at=now)
    steps.add_next_step(lead, "Call Ada", due_on=date.today(), owner=None, by=administrator, at=now)
    spam = receive(**ADA | {"message": "Buy a ledger."}, brief=Brief(title="A ledger for Ada"))
    ByHand.objects.create(
        inquiry=spam, by=administrator, way="call", tells_sales=False, tells_person=False
    )
    DigestLine.objects.create(inquiry=spam, recipient="sales@example.net", created_at=now)
    spam_marks.mark(spam, by=administrator, at=now)
    digests.send_due(now.replace(hour=23))
    doing.sort([lead], Kind.SUPPORT, by=administrator, at=now)
    doing.assign([lead], builders.user(role="Sales"), by=administrator, at=now)
    revising.revise_person(ada, {"job_title": "Ada's job"}, by=administrator, at=now)
    revising.revise_company(ada.company, {"name": "Ada's engines"}, by=administrator, at=now)
    Opened.objects.bulk_create(
        Opened(lead=each, by=administrator, at=now) for each in ada.leads.all()
    )

    # Two contacts of one mailbox, from before these were compared; one has a colleague.
    both = Company.objects.create(name="Notes")
    Contact.objects.bulk_create(
        Contact(name=name, email=email, address=email, company=both)
        for name, email in [("Ada Lovelace", '"ada"@example.com'), ("Eve Ross", "eve@example.org")]
    )

    # Grace is on her lost lead; Charles, who has a lead of his own, on the open one.
    grace = receive(**GRACE)
    lost = ada.leads.get(stage="lost")
    theirs = grace.lead
    Inquiry.objects.filter(pk=grace.pk).update(lead=lost)
    Answer.objects.create(lead=lost, by=administrator, at=now).inquiries.add(grace)
    theirs.delete()
    charles = receive(name="Charles Babbage", email="charles@example.net", message="A mill.")
    Inquiry.objects.filter(pk=charles.pk).update(lead=ada.leads.get(closed_at=None))
    receive(name="Charles Babbage", email="charles@example.net", message="Another mill.")
    moves.answer(ada.leads.get(closed_at=None), by=administrator, at=now)

    # Eve's lead was lost to her, and says more of her.
    eve = receive(name="Eve Ross", email="eve@example.org", message="A loom.").lead
    colleague = builders.user(role="Sales", name="Mikkel Juhl")
    doing.note(eve, "@Mikkel: Ada Lovelace sent her", by=administrator, at=now)
    doing.add_step([eve], "Ask Ada Lovelace", due_on=date.today(), owner=None, by=colleague, at=now)
    why = {"lost_because": "in_house", "lost_reason": "Hired Lovelace, Ada"}
    doing.move([eve], "lost", by=administrator, at=now, **why)

    # Assessments: one is hers alone, one was passed on.
    builders.question_set()
    alone, shared = builders.assessment(), builders.assessment()
    for inquiry, taken in [(spam, alone), (spam, shared), (grace, shared)]:
        InquiryAssessment.objects.create(inquiry=inquiry, assessment=taken)

    # As a member of staff
    Recipient.objects.create(email="ada@example.com")
    told = receive(**GRACE | {"message": "Tell Ada."})
    DigestLine.objects.create(inquiry=told, recipient="ada@example.com", created_at=now)
    staff = builders.user(email="ADA@example.com", name="Ada Lovelace")
    Absence.objects.create(user=staff, first_day=date.today(), last_day=date.today())
    Duty.objects.create(user=staff)
    KeptForm.objects.create(user=staff, form="pages.page 1", window="window-0001", data={})
    KeptForm.objects.create(
        user=administrator,
        form="leads.contact",
        window="window-0002",
        data={"fields": {"name": ["Ada Lovelace"]}, "labels": {}},
    )
    builders.author(name="Ada Lovelace")
    Suppression.objects.create(address="ada+news@example.com", why="Asked for it")

    Hold.objects.create(mailbox="ada@example.com", why="A dispute", by=administrator)
    asked = Request.objects.create(kind="access", address="ada@example.com", asked_at=now)
    requests.confirm(asked, at=now)
    Request.objects.create(kind="erasure", address="ADA@example.com", asked_at=now)

    MissingPage.objects.create(path="/team/ada-lovelace")
    SearchCount.objects.create(day=timezone.localdate(), query="ada lovelace")
    return ada
