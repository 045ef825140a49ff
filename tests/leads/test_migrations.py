"""What the migrations made of rows that were there before them."""

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone


@pytest.fixture
def migrate(transactional_db):
    """Takes `leads` to a migration and returns its models as they were then; ends at the last."""

    def to(name, *others):
        executor = MigrationExecutor(connection)
        executor.migrate([*others, ("leads", name)])
        return executor.loader.project_state([*others, ("leads", name)]).apps.get_model

    yield to
    executor = MigrationExecutor(connection)
    executor.migrate(executor.loader.graph.leaf_nodes())


def test_of_two_spellings_of_an_address_the_first_stays_and_is_told(migrate):
    Recipient = migrate("0004_first_answers_so_far")("leads", "Recipient")
    Recipient.objects.create(email="sales@example.org", is_active=False)
    Recipient.objects.create(email="Sales@example.org")
    Recipient.objects.create(email="other@example.org", is_active=False)

    Recipient = migrate("0006_recipient_unique_in_any_case")("leads", "Recipient")

    assert list(Recipient.objects.order_by("pk").values_list("email", "is_active")) == [
        ("sales@example.org", True),
        ("other@example.org", False),
    ]


def test_a_first_answer_is_dated_as_far_as_the_rows_tell(migrate):
    model = migrate("0002_inquiry_words_never_change")
    Contact, Lead = model("leads", "Contact"), model("leads", "Lead")
    moment = timezone.now()

    def lead(name, **fields):
        contact = Contact.objects.create(name=name, email=name, address=name)
        return Lead.objects.create(contact=contact, **fields)

    lead("answered", stage="contacted", responded_at=moment)
    asking = lead("asking again", stage="contacted")
    model("leads", "Activity").objects.create(lead=asking, kind="stage", at=moment, text="…")
    lead("new")

    Lead = migrate("0004_first_answers_so_far")("leads", "Lead")

    assert dict(Lead.objects.values_list("contact__name", "first_responded_at")) == {
        "answered": moment,
        "asking again": moment,
        "new": None,
    }


def test_contacts_of_one_mailbox_stay_and_the_first_has_it(migrate):
    model = migrate("0015_brief_findings", ("mail", "0001_initial"))
    Contact, Suppression = model("leads", "Contact"), model("mail", "Suppression")
    for email in ("CEO@ｖictim.example", '"ceo"@victim.example', "info@bücher.example"):
        Contact.objects.create(name=email, email=email, address=email.lower())
    for address in ("a+1@example.com", "A@example.com", "b@example.com"):
        Suppression.objects.create(address=address, why=f"As {address}")

    model = migrate("0019_notices_by_mailbox")

    contacts = model("leads", "Contact").objects.order_by("pk")
    assert list(contacts.values_list("address", flat=True)) == [
        "ceo@victim.example", '"ceo"@victim.example', "info@xn--bcher-kva.example",
    ]  # fmt: skip
    kept = model("mail", "Suppression").objects.order_by("pk")
    assert list(kept.values_list("mailbox", "why")) == [
        ("a@example.com", "As a+1@example.com; As A@example.com"),
        ("b@example.com", "As b@example.com"),
    ]
