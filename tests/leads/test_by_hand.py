"""A lead added by hand: through the same door as every inquiry, and nobody is emailed unasked."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from desk.models import Act
from leads.acts import doing
from leads.intake import receiving
from leads.messages import notify
from leads.messages.waiting import awaiting
from leads.models import Activity, Company, Contact, Inquiry, Lead, Recipient
from mail.models import Message
from tests import builders

pytestmark = pytest.mark.django_db

CALL = {
    "way": "call",
    "name": "Freja Mortensen",
    "email": "freja@nordpay.example",
    "company": "NordPay",
    "phone": "+45 40 11 22 33",
    "message": "She needs two people from January.",
    "joins": "",
}
URL = "/admin/pipeline/add/"


@pytest.fixture
def mikkel():
    return builders.user(role="Sales", name="Mikkel Sørensen")


@pytest.fixture
def lone():
    return builders.user(role="Sales", name="Lone Vestergaard")


@pytest.fixture
def sales(client, mikkel):
    client.force_login(mikkel)
    return client


@pytest.fixture
def recipients(mikkel, lone):
    for one in (mikkel, lone):
        Recipient.objects.create(email=one.email)


def send_emails():
    """As the worker does; it sees nothing while undo is still expected."""
    notify.about_inquiries(awaiting(Inquiry.objects.values_list("pk", flat=True)))


def wait_until_undo_is_no_longer_expected():
    Act.objects.update(at=timezone.now() - Act.EMAILS_AFTER)


def test_it_is_an_inquiry_on_a_lead_of_whoever_adds_it(sales, mikkel):
    added = sales.post(URL, CALL)

    lead = Lead.objects.get()
    assert added.url == reverse("admin:lead", args=[lead.pk])
    assert lead.owner == mikkel
    assert lead.contact.phone == "+45 40 11 22 33"
    assert lead.contact.company.name == "NordPay"
    assert lead.is_waiting and lead.respond_by > timezone.now()
    inquiry = lead.inquiries.get()
    assert inquiry.message == CALL["message"]
    assert (inquiry.by_hand.by, inquiry.by_hand.way) == (mikkel, "call")
    assert lead.activities.filter(text="Added by hand: call", by=mikkel).exists()


@pytest.mark.parametrize(
    ("asked", "to"),
    [
        ({}, []),
        ({"tells_sales": "on"}, ["lone"]),
        ({"tells_person": "on"}, ["freja"]),
        ({"tells_sales": "on", "tells_person": "on"}, ["freja", "lone"]),
    ],
)
def test_only_those_are_emailed_who_are_asked_for(sales, lone, recipients, asked, to):
    sales.post(URL, CALL | asked)
    send_emails()
    too_early = Message.objects.count()
    wait_until_undo_is_no_longer_expected()
    send_emails()

    names = {lone.email: "lone", CALL["email"]: "freja"}
    assert too_early == 0
    assert sorted(names[one] for one in Message.objects.values_list("to", flat=True)) == to
    assert not Inquiry.objects.awaiting_notification().exists()


@pytest.mark.parametrize(
    ("way", "place", "subject", "said"),
    [
        ("call", "", "Thank you for talking to", "Mikkel Sørensen spoke with you on the phone and"),
        ("call", "Left over", "Thank you for talking to", "Mikkel Sørensen spoke with you on the"),
        ("event", "", "Thank you for talking to", "Mikkel Sørensen met you and wrote down"),
        ("event", "DevOps Days", "Thank you for talking", "Mikkel Sørensen met you at DevOps Days"),
        ("email", "", "has your message", "Mikkel Sørensen has your email and has passed it on"),
        ("other", "", "Thank you for talking to", "Mikkel Sørensen was in touch with you and"),
    ],
)
def test_the_acknowledgment_says_what_happened(
    sales, mikkel, recipients, way, place, subject, said
):
    sales.post(URL, CALL | {"way": way, "place": place, "tells_person": "on"})
    wait_until_undo_is_no_longer_expected()
    send_emails()

    message = Message.objects.get()
    assert subject in message.subject
    for text in (" ".join(message.text.split()), message.html):
        assert said in text
        assert "Mikkel Sørensen entered your address" in text
        assert "the form" not in text and "Left over" not in text
    assert message.reply_to == mikkel.email


def test_the_acknowledgment_of_the_form_speaks_of_the_form_after_one_by_hand(sales, recipients):
    sales.post(URL, CALL | {"tells_person": "on"})
    receiving.receive(Inquiry(name="Bo", email="bo@example.com", message="A ledger."))
    wait_until_undo_is_no_longer_expected()
    send_emails()

    text = Message.objects.get(to="bo@example.com").text
    assert "in the form at" in text and "Mikkel" not in text


def test_the_history_says_at_which_event(sales):
    sales.post(URL, CALL | {"way": "event", "place": " DevOps  Days "})

    assert Activity.objects.filter(text="Added by hand: event, DevOps Days").exists()


def test_undo_leaves_no_trace(sales):
    sales.post(URL, CALL)

    sales.post(reverse("admin:undo"), {"act": Act.objects.get().pk})

    for model in (Inquiry, Lead, Contact, Company, Activity):
        assert not model.objects.exists(), model


def test_undo_is_refused_once_an_email_has_left(sales, recipients):
    sales.post(URL, CALL | {"tells_sales": "on"})
    wait_until_undo_is_no_longer_expected()
    send_emails()

    said = sales.post(reverse("admin:undo"), {"act": Act.objects.get().pk}, follow=True)

    assert "has left already, so it stays." in said.text
    assert Inquiry.objects.exists()


class TestOfSomeoneWithAnOpenLead:
    @pytest.fixture
    def lead(self, lone):
        fields = {name: CALL[name] for name in ("name", "email", "company")}
        lead = receiving.receive(Inquiry(message="A ledger.", **fields)).lead
        doing.take([lead], by=lone, at=timezone.now() - timedelta(hours=2))
        doing.answer([lead], by=lone, at=timezone.now() - timedelta(hours=1), shown={})
        lead.refresh_from_db()
        return lead

    def test_it_is_said_before_anything_is_saved(self, sales, lead):
        asked = sales.post(URL, CALL)

        assert (
            "Freja Mortensen has an open lead of Lone Vestergaard’s: this will be added to it."
            in asked.text
        )
        assert Inquiry.objects.count() == 1

    def test_it_joins_that_and_keeps_its_owner_and_undo_puts_it_back(self, sales, lead, lone):
        before = Lead.objects.values().get()

        sales.post(URL, CALL | {"joins": lead.pk})
        joined = Lead.objects.get()
        sales.post(reverse("admin:undo"), {"act": Act.objects.first().pk})

        assert (joined.owner, joined.is_waiting) == (lone, True)
        assert Lead.objects.values().get() == before
        assert Inquiry.objects.count() == 1

    def test_another_lead_than_the_page_said_is_said_again(self, sales, lead):
        asked = sales.post(URL, CALL | {"joins": lead.pk + 1})

        assert "this will be added to it" in asked.text
        assert Inquiry.objects.count() == 1


def test_the_same_again_is_not_added_again(sales):
    sales.post(URL, CALL)
    lead = Lead.objects.get()

    said = sales.post(URL, CALL | {"joins": lead.pk}, follow=True)

    assert "Freja Mortensen said the same before: it was not added again." in said.text
    assert Inquiry.objects.count() == 1
    assert Act.objects.count() == 1


@pytest.mark.parametrize("missing", ["name", "email", "message", "way"])
def test_what_is_missing_is_said_and_what_was_typed_stays(sales, missing):
    wrong = sales.post(URL, CALL | {missing: ""})

    assert wrong.status_code == 422
    assert "Nothing is saved yet." in wrong.text
    assert CALL["phone"] in wrong.text
    assert not Inquiry.objects.exists()


def test_authors_add_nothing():
    assert builders.signed_in("Author").post(URL, CALL).status_code == 403
