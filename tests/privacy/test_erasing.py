"""A person who asks to be forgotten is, and nobody else with them."""

from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.apps import apps
from django.contrib.admin.models import DELETION, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import IntegrityError, connection, transaction
from django.db.models import Value
from django.utils import timezone

from accounts.models import User
from articles.models import Article, Author, SearchCount
from desk.models import AuditEvent
from leads.acts import doing
from leads.intake import receiving
from leads.messages import digests
from leads.messages.tasks import notify_about_inquiry
from leads.models import (
    Activity,
    Answer,
    ColleagueEmail,
    Company,
    Contact,
    DigestLine,
    Inquiry,
    Lead,
    NextStep,
    Notification,
    Recipient,
)
from leads.pipeline import moves, settling
from mail import outbox
from mail.models import Message, Suppression
from privacy import erasing, records, wordings
from privacy.collecting import LOG, collect, declared
from privacy.models import Deletion, Erasure
from redirects.models import MissingPage
from tests import builders
from tests.ada import ADA, GRACE, receive
from tests.builders import DOUBT, SPAM
from tests.locks import wait_until_held_up

pytestmark = pytest.mark.django_db

HERS = ["lovelace", "ada@", "ledger", "call ada", "ada hired", "ada wants", "ada and"]


def words_about_ada():
    """What the database still holds of her, in whatever table."""
    everything = " ".join(
        str(row) for model in apps.get_models() for row in model._default_manager.values()
    ).lower()
    return [word for word in HERS if word in everything]


def test_nothing_is_left_of_them(ada, administrator):
    assert len(words_about_ada()) == 6

    erasing.erase(collect([" ADA@example.com "]), by=administrator)

    assert not words_about_ada()
    for model in (Inquiry, Contact, Lead, Activity, NextStep, Message, Company):
        assert not model.objects.exists()


def every_row():
    """By model and key, the values of all rows of all models that an app calls personal."""
    models = {said.model_class for said in [*declared(), LOG]}
    return {
        (model, row["pk"]): row
        for model in models
        for row in model._default_manager.values("pk", *columns(model))
    }


def columns(model):
    return [field.attname for field in model._meta.concrete_fields]


def test_each_app_does_what_it_says_of_each_of_its_models(everywhere, administrator):
    stored = collect(["ada@example.com"])
    assert [
        said.why for said in declared() if said not in [one.said for one in stored.groups]
    ] == []
    before = every_row()
    going = {
        (group.said.model_class, key)
        for group in stored.groups
        if not group.said.stays
        for key in group.keys
    }
    expected = {key: dict(row) for key, row in before.items() if key not in going}
    for group in stored.groups:
        model = group.said.model_class
        for name, value in group.said.emptied.items():
            value = value if hasattr(value, "resolve_expression") else Value(value)
            rows = model._default_manager.filter(pk__in=group.keys).annotate(emptied=value)
            for key, text in rows.values_list("pk", "emptied"):
                expected[model, key][name] = text
    # What the app hands on, and what others are handed
    handed = {
        (group.said.model_class, key): set(group.said.handed_on)
        for group in stored.groups
        for key in group.keys
    }

    erasing.erase(stored, by=administrator, despite_hold=True)

    after = every_row()
    # That she was erased, and that she is no longer someone to keep
    recorded = AuditEvent.objects.exclude(
        pk__in=[key for model, key in before if model is AuditEvent]
    )
    assert sorted(recorded.values_list("kind", flat=True)) == ["erasure", "settings"]
    assert set(after) == set(expected) | {(AuditEvent, event.pk) for event in recorded}
    for (model, key), row in expected.items():
        may_change = handed.get((model, key), HANDED[model])
        for field in model._meta.concrete_fields:
            now, was = after[model, key][field.attname], row[field.attname]
            led_to_them = field.is_relation and (field.related_model, was) in going
            is_as_said = now is None if led_to_them else now == was
            assert is_as_said or field.name in may_change, (model, key, field.name)


# Of other people's rows
HANDED = defaultdict(
    set,
    {
        Inquiry: {"lead"},  # someone else's, that was on a lead of hers
        Lead: {"respond_by", "responded_at", "first_responded_at"},  # of whom it was handed to
    },
)


# Of which rows may stay as they are, with the person's name or address in them
MAY_NAME_HER = {Author, DigestLine, Message, Notification, Recipient, Suppression, User}


def test_only_what_is_kept_for_a_reason_still_names_the_person(everywhere, administrator):
    stored = collect(["ada@example.com"])
    kept = {
        row
        for group in stored.groups
        if group.said.stays and group.said.model_class in MAY_NAME_HER
        for row in group.rows
    }

    erasing.erase(stored, by=administrator, despite_hold=True)

    for model in apps.get_models():
        for row in model._default_manager.all():
            values = str([getattr(row, name) for name in columns(model)]).lower()
            if row not in kept and model is not Erasure:
                assert not [word for word in HERS if word in values], row


NAMING = [
    "/unsubscribe/ada.lovelace",
    "/team/Ada-Lovelace",
    "/lovelace_ada.jpg",
    "/adalovelace",
    "/x/ada%20lovelace",
    "/x/ada.example.com",
    "/x/ada example com",
]


def test_an_email_about_several_leads_tells_one_person_nothing_of_the_others(ada, administrator):
    receive(**GRACE)
    mikkel = builders.user(role="Sales", name="Mikkel Juhl")
    doing.assign(Lead.objects.all(), mikkel, by=administrator, at=timezone.now())
    doing.note(ada.leads.first(), "@Mikkel: Go", by=administrator, at=timezone.now())

    said = records.as_file(collect([ADA["email"]]))

    assert ColleagueEmail.objects.count() == 2
    assert "Grace" not in said and "leads are yours" not in said
    assert mikkel.email in said  # that there was one, and when


def test_no_link_by_which_colleagues_act_is_in_the_file(ada):
    inquiry = receiving.receive(Inquiry(**ADA | {"message": "Perhaps."}), signs=DOUBT)
    notify_about_inquiry(inquiry.pk)
    digests.send_due(timezone.now().replace(hour=23))

    said = records.as_file(collect([ADA["email"]]))

    assert Message.objects.filter(text__contains="/decide/").count() > 1
    assert "/decide/" not in said
    assert "We have your message." in said  # what we wrote to her


def test_a_line_that_names_nobody_stays_beside_one_that_does(ada, administrator):
    grace = receive(**GRACE).lead
    for text in ("Ada Lovelace sent her", "Speaks of Adam Lovelacey", "Wrote Ada"):
        moves.note(grace, text, by=administrator, at=timezone.now())

    erasing.erase(collect([ADA["email"]]), by=administrator)

    notes = grace.activities.filter(kind="note").order_by("pk").values_list("text", flat=True)
    assert list(notes) == ["Erased", "Speaks of Adam Lovelacey", "Wrote Ada"]


def test_what_strangers_asked_for_that_names_them_goes_too(ada, administrator):
    for path in NAMING:
        MissingPage.objects.create(path=path)
    MissingPage.objects.create(path="/team", referrer_host="ada-lovelace.example")
    for words in ("ada lovelace", "invoice for lovelace ada", "ada example com"):
        SearchCount.objects.create(day=timezone.localdate(), query=words)
    MissingPage.objects.create(path="/languages/ada")
    SearchCount.objects.create(day=timezone.localdate(), query="ada compiler")

    receipt = erasing.erase(collect([ADA["email"]]), by=administrator)

    assert "8 missing pages" in receipt.deleted and "3 searches" in receipt.deleted
    assert [one.path for one in MissingPage.objects.all()] == ["/languages/ada"]
    assert [one.query for one in SearchCount.objects.all()] == ["ada compiler"]


def test_who_is_only_named_in_what_was_asked_for_is_found(administrator):
    MissingPage.objects.create(path="/unsubscribe/bob.example.net")

    stored = collect(["Bob@Example.net"])
    erasing.erase(stored, by=administrator)

    assert stored
    assert not MissingPage.objects.exists()


def test_nobody_else_is_touched(ada, administrator):
    colleague = receive(**{**GRACE, "company": "engines"})
    moves.note(colleague.lead, "Called", by=administrator, at=timezone.now())
    emails = Message.objects.filter(notification__inquiry=colleague).count()

    erasing.erase(collect(["ada@example.com"]), by=administrator)

    assert Inquiry.objects.get() == colleague
    assert Message.objects.count() == emails == 2
    assert Lead.objects.get().activities.count() == 2
    assert Company.objects.get().contacts.get().name == "Grace Hopper"


def test_the_receipt_says_that_it_was_done_and_not_to_whom(ada, administrator):
    receipt = erasing.erase(collect(["ada@example.com"]), by=administrator)

    assert receipt == Erasure.objects.get()
    assert (receipt.by, receipt.people) == (administrator, 1)
    assert receipt.deleted.startswith("3 inquiries, 1 contact, 2 leads, 5 activities, 1 next step")
    assert "5 emails" in receipt.deleted
    assert receipt.kept == "1 log entry"


@pytest.mark.parametrize("act", ["update", "delete"])
def test_the_database_refuses_to_touch_a_receipt(administrator, act):
    receipt = Erasure.objects.create(by=administrator, people=1, deleted="1 lead", kept="nothing")
    rows = Erasure.objects.filter(pk=receipt.pk)

    with pytest.raises(IntegrityError, match="privacy_erasure_never"), transaction.atomic():
        rows.update(deleted="nothing") if act == "update" else rows.delete()


def test_a_receipt_is_of_someone(administrator):
    with pytest.raises(IntegrityError, match="is_of_someone"), transaction.atomic():
        Erasure.objects.create(by=administrator, people=0, deleted="nothing", kept="nothing")


def test_the_wish_to_get_no_emails_is_kept(ada, administrator):
    Suppression.objects.create(address="ada@example.com", why="Asked for it")

    erasing.erase(collect(["ada@example.com"]), by=administrator)

    assert Suppression.objects.holds("ada@example.com")


def test_what_came_since_someone_looked_keeps_everything(ada, administrator):
    looked_at = collect(["ada@example.com"])
    receive(**{**ADA, "message": "One more thing."})

    with pytest.raises(erasing.ChangedMeanwhile):
        erasing.erase(looked_at, by=administrator)

    assert Inquiry.objects.count() == 4


def test_a_person_whose_address_sales_corrected_is_found_by_either(ada):
    ada.email = "ada@corrected.example"
    ada.save()

    by_old, by_new = collect(["ada@example.com"]), collect(["ada@corrected.example"])

    assert by_old.people == by_new.people
    assert by_old.going == by_new.going
    assert by_old.going.startswith("3 inquiries, 1 contact")


def test_emails_beyond_ascii_are_the_same_large_or_small(administrator):
    receiving.receive(Inquiry(**{**ADA, "email": "ada@École.example"}), signs=SPAM)
    outbox.put(key="by hand", to="ada@ÉCOLE.example", subject="Hello", text="Dear Ada")

    erasing.erase(collect(["ADA@éCOLE.example"]), by=administrator)

    assert not Inquiry.objects.exists()
    assert not Message.objects.filter(key="by hand").exists()


def test_a_name_in_the_log_goes_also_where_its_row_is_gone(ada, administrator):
    kinds = ContentType.objects.get_for_models(Suppression, MissingPage, Article)
    for model, kind in kinds.items():
        LogEntry.objects.create(
            user=administrator,
            content_type=kind,
            object_id="999",
            object_repr=f"{model.__name__}: Ada Lovelace",
            action_flag=DELETION,
        )

    erasing.erase(collect(["ada@example.com"]), by=administrator)

    said = LogEntry.objects.filter(object_id="999").values_list("object_repr", flat=True)
    assert sorted(said) == ["Article: Ada Lovelace", "Erased", "Erased"]  # an article is nobody


def test_emails_to_a_colleague_about_others_stay_when_the_colleague_is_erased(administrator):
    Recipient.objects.create(email="ada@example.com")
    receive(**ADA)
    grace = receive(**GRACE)
    held = receiving.receive(Inquiry(**GRACE | {"message": "Held."}), signs=SPAM)
    digests.send_due(timezone.now().replace(hour=23))

    erasing.erase(collect(["ada@example.com"]), by=administrator)

    assert set(Inquiry.objects.all()) == {grace, held}
    kept = Message.objects.filter(to="ada@example.com")
    assert kept.filter(notification__inquiry=grace).count() == 1
    assert kept.filter(digest__inquiries=held).count() == 1
    assert kept.count() == 2


class TestALeadOnWhichSomeoneElseWrote:
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

        erasing.erase(collect(["ada@example.com"]), by=administrator)

        kept = Lead.objects.get()
        assert (kept, kept.contact.name) == (lead, "Grace Hopper")
        assert {line.text for line in kept.activities.all()} == {"Erased"}
        assert not words_about_ada()

    def test_what_they_wait_for_is_known_from_their_inquiries_alone(self, shared, administrator):
        lead, hers = shared
        hers.delete()
        Answer.objects.create(lead=lead, by=administrator, at=timezone.now()).inquiries.set(
            lead.inquiries.filter(name="Grace Hopper")
        )
        settling.settle(lead)
        assert lead.is_waiting  # for the answer to Ada

        erasing.erase(collect(["ada@example.com"]), by=administrator)

        assert not Lead.objects.get().is_waiting

    @pytest.mark.parametrize("is_answered", [True, False])
    def test_their_answer_goes_along_to_a_lead_of_their_own(
        self, shared, administrator, is_answered
    ):
        lead, hers = shared
        if is_answered:
            moves.answer(lead, by=administrator, at=timezone.now())
        moves.answer(hers, by=administrator, at=timezone.now())
        Lead.objects.filter(pk=hers.pk).update(respond_by=timezone.now() - timedelta(days=9))

        erasing.erase(collect(["ada@example.com"]), by=administrator)

        hers.refresh_from_db()
        inquiry = Inquiry.objects.get()
        assert inquiry.lead == hers
        assert inquiry.answers.exists() == is_answered
        assert hers.is_waiting != is_answered
        assert (hers.respond_by > timezone.now()) != is_answered

    def test_a_lead_of_someone_else_on_which_only_this_person_wrote_stays(self, administrator):
        grace, ada = receive(**GRACE), receive(**ADA)
        Inquiry.objects.filter(pk=ada.pk).update(lead=grace.lead)
        Inquiry.objects.filter(pk=grace.pk).update(lead=ada.lead)

        erasing.erase(collect(["ada@example.com"]), by=administrator)

        assert {lead.contact.name for lead in Lead.objects.all()} == {"Grace Hopper"}
        assert Inquiry.objects.get() == grace

    def test_their_email_goes_to_a_lead_of_their_own_if_they_have_one(self, shared, administrator):
        _, hers = shared

        erasing.erase(collect(["ada@example.com"]), by=administrator)

        assert Lead.objects.get() == hers
        assert hers.inquiries.get().name == "Grace Hopper"


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
    assert Message.objects.filter(pk=message.pk).claim(now=timezone.now())
    erasing.erase(collect(["ada@example.com"]), by=administrator)

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
            erasing.erase(collect(["ada@example.com"]), by=administrator)
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

    stored = collect([typed])

    assert stored.going.startswith("4 inquiries, 1 contact, 1 lead")
    assert "3 emails" in stored.going


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
    assert "2 contacts" in collect(["ada@example.com"]).going


def test_emails_that_were_written_to_files_go_too(
    ada, administrator, settings, tmp_path, django_capture_on_commit_callbacks
):
    settings.EMAIL_FILE_PATH = tmp_path
    outbox.put(key="g", to="grace@example.org", subject="Hello", text="Dear Grace, Ada is here")
    outbox.put(key="n", to="sales@example.net", subject="Hello", text="Ada Lovelace has called")
    for message in Message.objects.all():
        (tmp_path / f"{message.pk}.eml").write_bytes(message.as_email().raw)
    stays = Message.objects.get(key="g").pk

    with django_capture_on_commit_callbacks(execute=True):
        erasing.erase(collect(["ada@example.com"]), by=administrator)

    assert [path.name for path in tmp_path.iterdir()] == [f"{stays}.eml"]
