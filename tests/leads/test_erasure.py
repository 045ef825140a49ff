"""A person who asks to be forgotten is, and nobody else with them."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from datetime import date

import pytest
from django.apps import apps
from django.contrib.admin.models import DELETION, LogEntry
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.urls import reverse
from django.utils import timezone

from articles.models import SearchCount
from leads import erasure
from leads.intake import receiving
from leads.messages.tasks import notify_about_inquiry
from leads.models import Activity, Company, Contact, Deletion, Inquiry, Lead, NextStep, Recipient
from leads.pipeline import moves
from mail import outbox
from mail.models import Message, Suppression
from privacy import wordings
from redirects.models import MissingPage
from tests import builders
from tests.builders import SPAM
from tests.forms import filled_in
from tests.locks import wait_until_held_up

pytestmark = pytest.mark.django_db

ADA = {
    "name": "Ada Lovelace",
    "email": "Ada@Example.com",
    "company": "Engines",
    "message": "We need a ledger.",
}
GRACE = {"name": "Grace Hopper", "email": "grace@example.org", "message": "A compiler."}
CONTACTS = reverse("admin:leads_contact_changelist")


@pytest.fixture
def administrator():
    return builders.user(role="Administrator", email="root@example.net", name="Root")


@pytest.fixture
def admin(client, administrator):
    client.force_login(administrator)
    return client


def receive(**fields):
    inquiry = receiving.receive(Inquiry(**fields))
    notify_about_inquiry(inquiry.pk)
    inquiry.refresh_from_db()
    return inquiry


@pytest.fixture
def ada(administrator):
    """Somebody of whom the product knows all that it can know of anybody."""
    Recipient.objects.create(email="sales@example.net")
    inquiry = receive(**ADA)
    receiving.receive(Inquiry(**{**ADA, "message": "Held."}), signs=SPAM)
    lead, now = inquiry.lead, timezone.now()
    moves.note(lead, "Ada Lovelace called", by=administrator, at=now)
    moves.add_next_step(
        lead, "Call Ada", due_on=date.today(), owner=administrator, by=administrator, at=now
    )
    moves.move(lead, "lost", by=administrator, at=now, lost_reason="Ada hired somebody")
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


def words_about_ada():
    """What the database still holds of her, in whatever table."""
    everything = " ".join(
        str(row) for model in apps.get_models() for row in model._default_manager.values()
    ).lower()
    hers = ["lovelace", "ada@", "ledger", "call ada", "ada hired", "ada wants", "ada and"]
    return [word for word in hers if word in everything]


def test_nothing_is_left_of_them(ada, administrator):
    assert len(words_about_ada()) == 6

    erasure.erase(erasure.find(" ADA@example.com "), by=administrator)

    assert not words_about_ada()
    for model in (Inquiry, Contact, Lead, Activity, NextStep, Message, Company):
        assert not model.objects.exists()


NAMING = [
    "/unsubscribe/ada.lovelace",
    "/team/Ada-Lovelace",
    "/lovelace_ada.jpg",
    "/adalovelace",
    "/x/ada%20lovelace",
    "/x/ada.example.com",
    "/x/ada example com",
]


def test_what_strangers_asked_for_that_names_them_goes_too(ada, administrator):
    for path in NAMING:
        MissingPage.objects.create(path=path)
    MissingPage.objects.create(path="/team", referrer_host="ada-lovelace.example")
    for words in ("ada lovelace", "invoice for lovelace ada", "ada example com"):
        SearchCount.objects.create(day=timezone.localdate(), query=words)
    MissingPage.objects.create(path="/languages/ada")
    SearchCount.objects.create(day=timezone.localdate(), query="ada compiler")

    traces = erasure.find(ADA["email"])
    erasure.erase(traces, by=administrator)

    assert "11 other records" in LogEntry.objects.get(action_flag=DELETION).change_message
    assert [one.path for one in MissingPage.objects.all()] == ["/languages/ada"]
    assert [one.query for one in SearchCount.objects.all()] == ["ada compiler"]


def test_who_is_only_named_in_what_was_asked_for_is_found(administrator):
    MissingPage.objects.create(path="/unsubscribe/bob.example.net")

    traces = erasure.find("Bob@Example.net")
    erasure.erase(traces, by=administrator)

    assert traces
    assert not MissingPage.objects.exists()


def test_nobody_else_is_touched(ada, administrator):
    colleague = receive(**{**GRACE, "company": "engines"})
    moves.note(colleague.lead, "Called", by=administrator, at=timezone.now())
    emails = Message.objects.filter(notification__inquiry=colleague).count()

    erasure.erase(erasure.find("ada@example.com"), by=administrator)

    assert Inquiry.objects.get() == colleague
    assert Message.objects.count() == emails == 2
    assert Lead.objects.get().activities.count() == 2
    assert Company.objects.get().contacts.get().name == "Grace Hopper"


def test_the_log_says_that_it_was_done_and_not_to_whom(ada, administrator):
    erasure.erase(erasure.find("ada@example.com"), by=administrator)

    entry = LogEntry.objects.get(action_flag=DELETION)
    assert (entry.user, entry.object_repr) == (administrator, "A person, erased")
    assert entry.change_message.startswith("Erased: 3 inquiries, 5 emails, 1 contact, 2 leads")


def test_the_wish_to_get_no_emails_is_kept(ada, administrator):
    Suppression.objects.create(address="ada@example.com", why="Asked for it")

    erasure.erase(erasure.find("ada@example.com"), by=administrator)

    assert Suppression.objects.holds("ada@example.com")


def test_what_came_since_somebody_looked_keeps_everything(ada, administrator):
    looked_at = erasure.find("ada@example.com")
    receive(**{**ADA, "message": "One more thing."})

    with pytest.raises(erasure.ChangedMeanwhile):
        erasure.erase(looked_at, by=administrator)

    assert Inquiry.objects.count() == 4


def test_a_person_whose_address_sales_mended_is_found_by_either(ada):
    ada.email = "ada@mended.example"
    ada.save()

    by_old, by_new = erasure.find("ada@example.com"), erasure.find("ada@mended.example")

    assert by_old.contacts == by_new.contacts == [ada]
    assert len(by_old.inquiries) == 3
    assert len(by_new.inquiries) == 2  # the one held back is nobody's contact yet


def test_emails_beyond_ascii_are_the_same_large_or_small(administrator):
    receiving.receive(Inquiry(**{**ADA, "email": "ada@École.example"}), signs=SPAM)
    outbox.put(key="by hand", to="ada@ÉCOLE.example", subject="Hello", text="Dear Ada")

    erasure.erase(erasure.find("ADA@éCOLE.example"), by=administrator)

    assert not Inquiry.objects.exists()
    assert not Message.objects.filter(key="by hand").exists()


class TestALeadOnWhichSomebodyElseWrote:
    @pytest.fixture
    def shared(self, ada):
        """Grace's email was put on Ada's lead by hand."""
        lead = Lead.objects.open().get()
        grace = receive(**GRACE)
        hers = grace.lead
        Inquiry.objects.filter(pk=grace.pk).update(lead=lead)
        moves.note(lead, "Ada and Grace", by=None, at=timezone.now())
        return lead, hers

    def test_it_goes_on_with_them_and_without_the_words(self, shared, administrator):
        lead, hers = shared
        hers.delete()

        erasure.erase(erasure.find("ada@example.com"), by=administrator)

        kept = Lead.objects.get()
        assert (kept, kept.contact.name) == (lead, "Grace Hopper")
        assert {line.text for line in kept.activities.all()} == {"Erased"}
        assert not words_about_ada()

    def test_their_email_goes_to_a_lead_of_their_own_if_they_have_one(self, shared, administrator):
        _, hers = shared

        erasure.erase(erasure.find("ada@example.com"), by=administrator)

        assert Lead.objects.get() == hers
        assert hers.inquiries.get().name == "Grace Hopper"


class TestInTheAdmin:
    def test_it_shows_what_goes_and_asks_first(self, admin, ada):
        MissingPage.objects.create(path="/team/ada-lovelace")
        page = admin.get(reverse("admin:leads_contact_change", args=[ada.pk]))
        assert "Erase the person, and all they sent…" in page.content.decode()

        asked = admin.post(CONTACTS, {"action": "erase", "_selected_action": [ada.pk]})

        words = asked.content.decode()
        for said in (
            "We need a ledger.",
            "And again.",
            "Held.",
            "Hello",
            "sales@example.net",
            "/team/ada-l",
        ):
            assert said in words
        assert Inquiry.objects.count() == 3

        done = admin.post(CONTACTS, filled_in(asked, "erase_form"), follow=True)

        assert "Erased: 3 inquiries" in done.content.decode()
        assert not Inquiry.objects.exists()

    def test_one_that_was_held_back_is_found_by_its_inquiry(self, admin):
        held = receiving.receive(Inquiry(**ADA), signs=SPAM)
        url = reverse("admin:leads_inquiry_changelist")

        asked = admin.post(url, {"action": "erase", "_selected_action": [held.pk]})
        admin.post(url, filled_in(asked, "erase_form"))

        assert not Inquiry.objects.exists()

    def test_what_was_not_looked_at_is_not_erased(self, admin, ada):
        asked = admin.post(CONTACTS, {"action": "erase", "_selected_action": [ada.pk]})
        receive(**{**ADA, "message": "One more thing."})

        again = admin.post(CONTACTS, filled_in(asked, "erase_form"))

        assert "Nothing was erased" in again.content.decode()
        assert "One more thing." in again.content.decode()
        assert Inquiry.objects.count() == 4

    def test_one_person_with_two_addresses_is_erased_in_one_go(self, admin, ada):
        ada.email = "ada@mended.example"
        ada.save()
        receive(**{**ADA, "email": "ada@mended.example", "message": "From my new address."})
        theirs = [inquiry.pk for inquiry in Inquiry.objects.all()]
        url = reverse("admin:leads_inquiry_changelist")

        asked = admin.post(url, {"action": "erase", "_selected_action": theirs})
        done = admin.post(url, filled_in(asked, "erase_form"), follow=True)

        assert "Erased: 4 inquiries" in done.content.decode()
        assert not Inquiry.objects.exists() and not Contact.objects.exists()

    def test_two_colleagues_are_erased_in_one_go_and_their_company_with_the_last(self, admin):
        receive(**ADA)
        receive(**{**ADA, "name": "Charles", "email": "charles@example.com"})
        both = [contact.pk for contact in Contact.objects.all()]

        asked = admin.post(CONTACTS, {"action": "erase", "_selected_action": both})
        assert "share, such as a company, are deleted too" in asked.content.decode()
        done = admin.post(CONTACTS, filled_in(asked, "erase_form"), follow=True)

        assert "Erased: " in done.content.decode()
        assert not Contact.objects.exists() and not Company.objects.exists()

    @pytest.mark.parametrize("stamp", ["", "x" * 64, "\x00"])
    def test_a_forged_consent_erases_nothing(self, admin, ada, stamp):
        form = {"action": "erase", "_selected_action": [ada.pk], "stamp": stamp}

        assert admin.post(CONTACTS, form).status_code in (200, 400)
        assert Inquiry.objects.count() == 3

    def test_a_crowd_is_not_erased_by_one_click(self, admin):
        for number in range(21):
            receiving.receive(Inquiry(**{**GRACE, "email": f"g{number}@example.com"}))
        everybody = [contact.pk for contact in Contact.objects.all()]

        form = {"action": "erase", "_selected_action": everybody}
        page = admin.post(CONTACTS, form, follow=True)

        assert "At most 20 people at once" in page.content.decode()
        assert Contact.objects.count() == 21

    @pytest.mark.parametrize("role", ["Sales", "Publisher", "Author"])
    def test_it_is_for_administrators_alone(self, client, ada, role):
        client.force_login(builders.user(role=role))
        asked = client.post(CONTACTS, {"action": "erase", "_selected_action": [ada.pk]})
        assert "Erase permanently" not in asked.content.decode()
        page = client.get(reverse("admin:leads_contact_change", args=[ada.pk]))
        assert "Erase" not in page.content.decode()

        stamp = erasure.find("ada@example.com").stamp
        form = {"action": "erase", "_selected_action": [ada.pk], "stamp": stamp}
        client.post(CONTACTS, form)

        assert Inquiry.objects.count() == 3

    def test_a_contact_is_not_deleted_by_another_button(self, admin_client, ada):
        url = reverse("admin:leads_contact_delete", args=[ada.pk])

        assert admin_client.post(url, {"post": "yes"}).status_code == 403


class TestByCommand:
    def test_it_says_what_goes_and_erases(self, ada, administrator, capsys):
        call_command("erase", "ada@example.com", "--by", "ROOT@example.net", "--yes")

        said = capsys.readouterr().out
        assert "To be erased: 3 inquiries" in said
        assert said.rstrip().endswith("backups are not affected.")
        assert not Inquiry.objects.exists()
        assert LogEntry.objects.get(action_flag=DELETION).user == administrator

    @pytest.mark.parametrize(("typed", "is_erased"), [("erase", True), ("y", False), (None, False)])
    def test_it_asks_first(self, ada, monkeypatch, typed, is_erased):
        def answer(_):
            if typed is None:
                raise EOFError
            return typed

        monkeypatch.setattr("builtins.input", answer)
        refusal = pytest.raises(CommandError, match="^Nothing was erased.$")
        with nullcontext() if is_erased else refusal:
            call_command("erase", "ada@example.com", "--by", "root@example.net")

        assert Inquiry.objects.exists() != is_erased

    def test_an_unknown_person_is_no_error(self, administrator, capsys):
        call_command("erase", "nobody@example.com", "--by", "root@example.net")

        assert capsys.readouterr().out == "Nothing is kept about this address.\n"

    def test_somebody_of_the_staff_answers_for_it(self, ada):
        with pytest.raises(CommandError, match="Nobody of the staff"):
            call_command("erase", "ada@example.com", "--by", "nobody@example.net", "--yes")


def test_no_inquiry_disappears_silently():
    inquiry = receiving.receive(Inquiry(**ADA))

    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM leads_activity")
        cursor.execute("DELETE FROM leads_inquiry")

    [deletion] = Deletion.objects.all()
    assert deletion.number == inquiry.pk
    assert abs((timezone.now() - deletion.deleted_at).total_seconds()) < 5


def test_an_email_on_its_way_while_its_person_is_erased_makes_no_noise(ada, administrator):
    message = Message.objects.filter(to="ada@example.com").first()
    assert message.claim(now=timezone.now())
    erasure.erase(erasure.find("ada@example.com"), by=administrator)

    message.mark_sent(now=timezone.now())

    assert not Message.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_whoever_writes_while_they_are_erased_is_a_new_person(client):
    """The row that the form waits for is gone when its turn comes."""
    administrator = builders.user(role="Administrator")
    receiving.receive(Inquiry(**ADA))

    def send():
        try:
            return receiving.receive(Inquiry(**{**ADA, "message": "I am back."}))
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as visitor:
        with transaction.atomic():
            erasure.erase(erasure.find("ada@example.com"), by=administrator)
            sent = visitor.submit(send)
            wait_until_held_up(sent)
        inquiry = sent.result(timeout=20)

    assert Inquiry.objects.get() == inquiry
    assert Contact.objects.get().leads.get().inquiries.get().message == "I am back."


@pytest.mark.parametrize("typed", ["ceo@victim.example", '"CEO"@ｖictim.example'])
def test_every_spelling_of_the_address_is_found(typed):
    """Also of rows that are older than the comparing by mailbox."""
    for email in ("ceo@ｖictim.example", '"ceo"@victim.example', "Ceo@victim.example"):
        Inquiry.objects.create(
            name="Ada",
            email=email,
            message="Hello",
            verdict="suspected",
            submission_key=email,
            wording=wordings.live(),
        )
        Message.objects.create(key=email, to=email, subject="S", text="T", message_id=email)
    receiving.receive(Inquiry(name="Ada", email="ceo@victim.example", message="Hello"))
    receiving.receive(Inquiry(name="Eve", email="cfo@victim.example", message="Hello"))

    traces = erasure.find(typed)

    assert (len(traces.inquiries), len(traces.messages), len(traces.contacts)) == (4, 3, 1)


def test_two_contacts_of_one_mailbox_that_were_two_before_are_both_found():
    first = receiving.receive(Inquiry(name="Ada", email="ada@example.com", message="One")).contact
    Contact.objects.bulk_create(
        [Contact(name="Ada", email='"ada"@example.com', address='"ada"@example.com')]
    )
    second = Contact.objects.exclude(pk=first.pk).get()

    second.job_title = "Engineer"
    second.full_clean()
    second.save()
    third = receiving.receive(Inquiry(name="Ada", email='"ADA"@example.com', message="Two")).contact

    assert third == first
    assert set(erasure.find("ada@example.com").contacts) == {first, second}
