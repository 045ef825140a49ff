"""Each "there is never" of the sales side, broken once against the database."""

import pytest
from django.db import DatabaseError, IntegrityError, transaction
from django.db.models import ProtectedError
from django.utils import timezone

from leads.intake import receiving
from leads.models import Company, Contact, Inquiry, Lead, Notification, Recipient
from mail.models import Message
from readiness import taking
from tests import builders

pytestmark = pytest.mark.django_db


@pytest.fixture
def inquiry():
    return receiving.receive(Inquiry(name="Ada", email="ada@example.com", message="A ledger."))


@pytest.mark.parametrize(
    "change",
    [
        {"name": "Grace"},
        {"email": "grace@example.com"},
        {"company": "Elsewhere"},
        {"message": "A compiler."},
        {"source_path": "/elsewhere/"},
        {"received_at": timezone.now()},
        {"submission_key": "another"},
        {"utm_campaign": "winter"},
    ],
)
def test_a_visitors_words_are_never_edited(inquiry, change):
    with pytest.raises(IntegrityError, match="words_never_change"), transaction.atomic():
        Inquiry.objects.filter(pk=inquiry.pk).update(**change)


def test_what_we_make_of_an_inquiry_may_change(inquiry):
    Inquiry.objects.filter(pk=inquiry.pk).update(notified_at=timezone.now(), office=None)


@pytest.mark.parametrize(
    ("model", "change", "constraint"),
    [
        (Lead, {"stage": "won"}, "leads_closed_says_when"),
        (Lead, {"closed_at": timezone.now()}, "leads_closed_says_when"),
        (Lead, {"stage": "lost", "closed_at": timezone.now()}, "leads_lost_says_why"),
        (Lead, {"stage": "dreaming"}, "leads_stage_is_known"),
        (Lead, {"value": -1}, "leads_value_not_negative"),
        (Inquiry, {"verdict": "unsure"}, "leads_verdict_is_known"),
        (Inquiry, {"lead": None}, "leads_inquiry_not_suspected_has_its_lead"),
        (
            Inquiry,
            {"verdict": "suspected", "notified_at": timezone.now()},
            "leads_suspected_inquiry_not_notified",
        ),
    ],
)
def test_the_database_refuses(inquiry, model, change, constraint):
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        model.objects.update(**change)


def test_a_contact_never_has_two_open_leads(inquiry):
    with pytest.raises(IntegrityError), transaction.atomic():
        Lead.objects.create(contact=inquiry.contact)

    Lead.objects.create(contact=inquiry.contact, stage="won", closed_at=timezone.now())


def test_an_address_is_never_two_contacts(inquiry):
    with pytest.raises(IntegrityError), transaction.atomic():
        Contact.objects.create(name="Ada again", email="ADA@example.com")


def test_a_submission_is_never_two_inquiries(inquiry):
    with pytest.raises(IntegrityError), transaction.atomic():
        Inquiry.objects.create(
            name="Ada",
            email="ada@example.com",
            message="Other words",
            submission_key=inquiry.submission_key,
            wording=inquiry.wording,
            contact=inquiry.contact,
            lead=inquiry.lead,
        )


def test_a_recipient_is_never_notified_twice_of_an_inquiry(inquiry):
    emails = [
        Message.objects.create(key=key, to="a@b.example", subject="s", text="t", message_id=key)
        for key in ("first", "second")
    ]
    facts = {"inquiry": inquiry, "kind": "notification", "recipient": "a@b.example"}
    Notification.objects.create(**facts, message=emails[0])

    with pytest.raises(IntegrityError), transaction.atomic():
        Notification.objects.create(**facts, message=emails[1])


def email_of(key):
    return Message.objects.create(key=key, to="a@b.example", subject="s", text="t", message_id=key)


def test_a_recipient_is_never_notified_twice_of_an_assessment(inquiry, question_set):
    assessment, _ = taking.begin(question_set)
    another, _ = taking.begin(question_set)
    facts = {"inquiry": inquiry, "kind": "readiness", "recipient": "a@b.example"}
    Notification.objects.create(**facts, assessment=assessment, message=email_of("first"))
    Notification.objects.create(**facts, assessment=another, message=email_of("of another"))

    with (
        pytest.raises(
            IntegrityError, match=r"notified_once_of_an|UNIQUE.*leads_notification.inquiry_id"
        ),
        transaction.atomic(),
    ):
        Notification.objects.create(**facts, assessment=assessment, message=email_of("second"))


@pytest.mark.parametrize(
    ("kind", "is_of_one"),
    [("readiness", False), ("result", False), ("notification", True), ("acknowledgment", True)],
)
def test_an_email_of_an_assessment_names_its_assessment_and_no_other_does(
    inquiry, question_set, kind, is_of_one
):
    assessment = taking.begin(question_set)[0] if is_of_one else None

    with pytest.raises(IntegrityError, match="names_its_assessment"), transaction.atomic():
        Notification.objects.create(
            inquiry=inquiry,
            kind=kind,
            recipient="a@b.example",
            assessment=assessment,
            message=email_of("first"),
        )


def test_an_assessment_never_goes_before_the_emails_about_it(inquiry, question_set):
    assessment, _ = taking.begin(question_set)
    facts = {"inquiry": inquiry, "kind": "result", "recipient": "a@b.example"}
    Notification.objects.create(**facts, assessment=assessment, message=email_of("first"))

    with pytest.raises(ProtectedError):
        assessment.delete()


def test_nobody_is_ever_notified_under_two_spellings_of_one_address():
    Recipient.objects.create(email="sales@example.org")

    with pytest.raises(IntegrityError), transaction.atomic():
        Recipient.objects.create(email="Sales@Example.org")


@pytest.mark.parametrize(
    "twin", [{"name": "ENGINES"}, {"name": "Other", "domain": "Engines.example"}]
)
def test_a_company_is_never_there_twice(twin):
    Company.objects.create(name="Engines", domain="engines.example")

    with pytest.raises(IntegrityError), transaction.atomic():
        Company.objects.create(**twin)


def test_an_article_that_earned_an_inquiry_is_never_erased():
    article = builders.article()
    receiving.receive(Inquiry(name="Ada", email="a@b.example", message="Hi.", article=article))

    with pytest.raises(ProtectedError):
        article.delete()


def test_the_guard_is_the_databases_own(inquiry):
    inquiry.message = "Softened by a colleague."

    with pytest.raises(DatabaseError), transaction.atomic():
        inquiry.save()
