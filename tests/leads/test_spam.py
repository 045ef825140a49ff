"""Suspected spam is held with reasons, put before a person each day, decided, and undone."""

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from lxml.html import fromstring

from desk.models import Act
from leads.directory.pages import Firm, Person
from leads.intake import receiving, spam_marks
from leads.intake.forms import InquiryWithBriefForm
from leads.lists.others import load_companies
from leads.messages import links
from leads.messages.digests import send_due
from leads.messages.notify import about_result
from leads.messages.tasks import notify_about_inquiry
from leads.messages.waiting import awaiting
from leads.models import (
    Company,
    Contact,
    Digest,
    Inquiry,
    Lead,
    Notification,
    Recipient,
    SpamMark,
)
from leads.pipeline import moves
from leads.spam import weighing
from leads.spam.weights import DOUBTFUL_FROM, SUSPECTED_FROM
from leads.standing import standings
from leads.tasks import mail_suspected_spam
from mail.models import Message
from privacy import erasing
from privacy.collecting import collect
from privacy.models import Deletion
from tests import builders, nights
from tests.builders import DOUBT, SPAM

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("worker_at_hand")]

ADA = {"name": "Ada", "email": "ada@example.com", "message": "We need a ledger."}
MORNING = datetime(2030, 5, 6, 8, tzinfo=UTC)


def points(message, *, seconds=40.0, **facts) -> int:
    facts = {"name": "Ada", "company": ""} | facts
    return weighing.points(weighing.signs_of(message=message, seconds=seconds, **facts))


def receive(**fields) -> Inquiry:
    signs = fields.pop("signs", ())
    return receiving.receive(Inquiry(**{**ADA, **fields}), signs=signs)


def decide(client, act, inquiry):
    form = {"row": inquiry.pk, "filters": "tab=suspected"}
    return client.post(reverse("admin:inbox_act", args=[act]), form)


@pytest.fixture
def sales():
    Recipient.objects.create(email="lone@example.org")
    return builders.user(role="Sales", email="lone@example.org", name="Lone")


class TestPastDecisions:
    def marked(self, **fields):
        return spam_marks.mark(receive(**fields), by=builders.user(role="Sales"), at=timezone.now())

    def test_whoever_was_marked_is_held_the_next_time(self, client):
        self.marked()

        client.post(reverse("leads:contact"), {**ADA, "email": "ADA@example.com", "message": "Hi"})

        assert Inquiry.objects.suspected().get().email == "ADA@example.com"

    def test_a_colleague_at_the_same_domain_may_be_spam_but_not_at_a_free_mailbox(self):
        self.marked(email="a@bulk.example")
        self.marked(email="a@gmail.com")

        assert spam_marks.past_of("b@bulk.example", "Hi").domain
        assert not spam_marks.past_of("b@gmail.com", "Hi").domain

    def test_the_same_opening_from_someone_else_is_held(self):
        words = "We sell the finest carpets of the whole country to offices such as yours. "
        self.marked(message=words + "One.")

        assert spam_marks.past_of("other@else.example", words + "Two.").same_opening
        assert not spam_marks.past_of("other@else.example", "We sell").same_opening

    @pytest.mark.skipif(connection.vendor == "sqlite", reason="it plans by other means")
    def test_it_is_found_by_indexes_however_much_there_is(self):
        held = receive(signs=SPAM)
        by = builders.user(role="Sales")
        Inquiry.objects.bulk_create(
            Inquiry(
                name=f"Visitor {one}",
                email=f"visitor@firm-{one}.example",
                message=f"{one} is what we want to ask about.",
                verdict=Inquiry.Verdict.SUSPECTED,
                submission_key=f"past {one}",
                wording=held.wording,
            )
            for one in range(1_000)
        )
        others = Inquiry.objects.exclude(pk=held.pk)
        SpamMark.objects.bulk_create(
            SpamMark(inquiry=one, by=by, at=timezone.now()) for one in others
        )
        with CaptureQueriesContext(connection) as asked:
            spam_marks.past_of("other@else.example", "We sell the finest carpets.")

        with connection.cursor() as cursor:
            cursor.execute("ANALYZE leads_inquiry, leads_spammark")
            cursor.execute(f"EXPLAIN {asked[-1]['sql']}")
            plan = " ".join(line for (line,) in cursor.fetchall())

        for name in ("of_sender", "of_domain", "beginning"):
            assert f"leads_inquiries_{name}" in plan

    def test_what_the_form_itself_begins_with_is_nobodys_opening(self, client):
        brief = {"message": InquiryWithBriefForm.MESSAGE, "context": "A ledger"}
        self.marked(message=brief["message"])

        client.post(reverse("leads:brief"), {**ADA, **brief, "email": "b@else.example"})

        assert Inquiry.objects.get(email="b@else.example").verdict == Inquiry.Verdict.CLEAR

    def test_a_person_we_found_not_to_be_spam_is_trusted_but_not_a_program_in_their_name(self):
        held = receive(signs=SPAM)
        receiving.mark_not_spam(held, by=builders.user(role="Sales"), at=timezone.now())
        past = spam_marks.past_of("ada@example.com", "Again")

        assert points("asdf asdf", past=past) < DOUBTFUL_FROM
        assert points("asdf asdf", trap="x", past=past) >= SUSPECTED_FROM


def test_a_briefs_words_are_weighed_too(client):
    words = {"context": "Best online casino games, free spins", "message": "Here is a brief."}

    client.post(reverse("leads:brief"), {**ADA, **words})

    assert Inquiry.objects.suspected().count() == 1


class TestMayBeSpam:
    def test_sales_are_notified_with_reasons_and_links_and_the_visitor_is_not(self, sales):
        inquiry = receive(signs=DOUBT)

        notify_about_inquiry(inquiry.pk)

        message = Message.objects.get()
        assert message.to == "lone@example.org"
        assert message.subject.startswith("May be spam: ")
        assert "There is markup in it. (+3)" in message.text
        assert re.search(r"Not spam: http\S+/decide/\S+", message.text)
        assert Lead.objects.unanswered().count() == 1

    def test_an_assessment_that_comes_later_is_mailed_to_sales_only(self, sales, question_set):
        inquiry = receive(signs=DOUBT)
        notify_about_inquiry(inquiry.pk)
        taken = builders.assessment()
        inquiry.assessments.create(assessment=taken)

        about_result(inquiry.assessments.get().pk)

        assert {notification.kind for notification in Notification.objects.all()} == {
            "notification",
            "readiness",
        }


class TestTheDailyEmail:
    def test_it_lists_what_is_held_with_first_words_reasons_and_links(self, sales):
        receive(signs=SPAM)

        assert send_due(MORNING) == 1

        message = Message.objects.get()
        assert message.to == "lone@example.org"
        assert message.subject == "1 inquiry looks like spam: please decide"
        for body in (message.text, message.html):
            for said in ("Ada", "We need a ledger.", "hidden field was filled in", "/decide/"):
                assert said in body

    def test_it_goes_once_a_day_to_each_and_again_the_next_day(self, sales):
        Recipient.objects.create(email="second@example.org")
        receive(signs=SPAM)

        sent = [send_due(MORNING + timedelta(hours=hours)) for hours in (0, 1, 24)]

        assert sent == [2, 0, 2]

    def test_it_waits_for_the_morning_at_headquarters(self, sales):
        builders.office(is_headquarters=True, timezone="America/Los_Angeles")
        receive(signs=SPAM)

        assert send_due(MORNING) == 0  # 1 am there
        assert send_due(MORNING + timedelta(hours=7)) == 1

    def test_nothing_is_sent_while_nothing_is_held(self, sales):
        receive()
        marked = receive(email="b@example.com", signs=SPAM)
        spam_marks.mark(marked, by=sales, at=timezone.now())

        assert send_due(MORNING) == 0

    def test_the_job_may_run_without_recipients(self):
        receive(signs=SPAM)

        mail_suspected_spam()

        assert not Message.objects.exists()

    def test_it_goes_with_whoever_asks_to_be_forgotten(self, sales):
        receive(signs=SPAM)
        send_due(MORNING)

        erasing.erase(collect(["ada@example.com"]), by=sales)

        assert not Message.objects.exists() and not Digest.objects.exists()


class TestALinkInAnEmail:
    def address(self, inquiry, act, to="lone@example.org"):
        return links.path(act, inquiry.pk, to)

    def test_looking_changes_nothing_and_the_page_says_who_it_acts_for(self, client, sales):
        inquiry = receive(signs=SPAM)

        page = client.get(self.address(inquiry, "spam")).content.decode()

        assert "You are acting as Lone" in page and "We need a ledger." in page
        assert not Inquiry.objects.get().is_spam

    def test_pressing_its_button_marks_and_the_same_person_may_undo(self, client, sales):
        inquiry = receive(signs=SPAM)
        address = self.address(inquiry, "spam")

        page = client.post(address, {"act": "spam"}, follow=True).content.decode()

        mark = Inquiry.objects.get().spam_mark
        assert mark.by == sales
        assert "Lone marked this as spam" in page and "will be deleted on" in page
        client.post(address, {"act": "undo"})
        assert Inquiry.objects.suspected().count() == 1

    def test_not_spam_lets_it_through_once_it_can_no_longer_be_undone(self, client, sales):
        inquiry = receive(signs=SPAM)

        client.post(self.address(inquiry, "not-spam"), {"act": "not-spam"})
        notify_about_inquiry(inquiry.pk)
        at_once = Notification.objects.count()
        Act.objects.update(at=timezone.now() - Act.EMAILS_AFTER)
        notify_about_inquiry(inquiry.pk)

        assert Lead.objects.unanswered().count() == 1
        assert (at_once, Notification.objects.count()) == (0, 2)

    def test_not_spam_can_be_taken_back_on_its_page(self, client, sales):
        inquiry = receive(signs=SPAM)
        address = self.address(inquiry, "not-spam")

        page = client.post(address, {"act": "not-spam"}, follow=True).content.decode()
        client.post(address, {"act": "undo"})

        assert ">Undo<" in page
        assert Inquiry.objects.suspected().count() == 1

    def test_it_does_only_what_it_was_made_for(self, client, sales):
        inquiry = receive(signs=SPAM)

        client.post(self.address(inquiry, "spam"), {"act": "not-spam"})

        assert Inquiry.objects.suspected().count() == 1

    @pytest.mark.parametrize(
        "person",
        [
            None,  # a shared mailbox
            {"role": "Sales", "is_active": False},
            {"role": "Sales", "is_staff": False},
            {"role": "Author"},
        ],
    )
    def test_it_asks_to_sign_in_where_the_address_is_nobodys_who_may_decide(self, client, person):
        if person:
            builders.user(email="lone@example.org", **person)
        inquiry = receive(signs=SPAM)
        address = self.address(inquiry, "spam")

        page = client.post(address, {"act": "spam"}, follow=True).content.decode()

        assert "Sign in to decide" in page
        assert not Inquiry.objects.get().is_spam

    def test_it_acts_for_who_is_signed_in(self, sales):
        inquiry = receive(signs=SPAM)
        mikkel = builders.signed_in("Sales", name="Mikkel")

        mikkel.post(self.address(inquiry, "spam"), {"act": "spam"})

        assert Inquiry.objects.get().spam_mark.by.name == "Mikkel"

    def test_a_colleagues_mark_is_said_and_not_theirs_to_undo(self, client, sales):
        inquiry = receive(signs=SPAM)
        mikkel = builders.user(role="Sales", name="Mikkel")
        spam_marks.mark(inquiry, by=mikkel, at=timezone.now())

        page = client.post(self.address(inquiry, "spam"), {"act": "undo"}, follow=True)

        assert "Mikkel marked this as spam" in page.content.decode()
        assert Inquiry.objects.get().is_spam

    @pytest.mark.parametrize("change", [lambda token: token[:-2], lambda token: "x" + token])
    def test_a_forged_link_is_refused_with_an_explanation(self, client, sales, change):
        inquiry = receive(signs=SPAM)
        token = change(links.token("spam", inquiry.pk, "lone@example.org"))

        response = client.post(reverse("admin:leads_inquiry_decide", args=[token]), {"act": "spam"})

        assert response.status_code == 410
        assert "This link does not work" in response.content.decode()
        assert not Inquiry.objects.get().is_spam

    def test_an_old_link_does_nothing(self, client, sales, monkeypatch):
        inquiry = receive(signs=SPAM)
        address = self.address(inquiry, "spam")
        monkeypatch.setattr(links, "GOOD_FOR", timedelta(seconds=-1))

        assert client.post(address, {"act": "spam"}).status_code == 410

    def test_an_erased_inquiry_is_explained(self, client, sales):
        inquiry = receive(signs=SPAM)
        address = self.address(inquiry, "spam")
        erasing.erase(collect(["ada@example.com"]), by=sales)

        assert "no longer here" in client.get(address).content.decode()

    def test_a_post_from_another_site_is_refused(self, sales):
        inquiry = receive(signs=SPAM)

        response = Client(enforce_csrf_checks=True).post(
            self.address(inquiry, "spam"), {"act": "spam"}
        )

        assert response.status_code == 403
        assert not Inquiry.objects.get().is_spam


class TestSpamOnTheDesk:
    def test_it_leaves_lists_counts_and_the_lead_and_comes_back_undone(self):
        lone = builders.signed_in("Sales")
        inquiry = receive()
        notify_about_inquiry(inquiry.pk)

        decide(lone, "spam", inquiry)

        assert not Lead.objects.unanswered().exists()
        for row in (inquiry, inquiry.lead):
            name = f"admin:leads_{row._meta.model_name}"
            change = reverse(f"{name}_change", args=[row.pk])
            assert change not in lone.get(reverse(f"{name}_changelist")).content.decode()
            spam_only = lone.get(reverse(f"{name}_changelist"), {"spam": "spam"})
            assert change in spam_only.content.decode()
        page = lone.get(reverse("admin:leads_inquiry_change", args=[inquiry.pk])).content.decode()
        assert "marked this as spam" in page

        decide(lone, "not-spam", inquiry)

        assert Lead.objects.unanswered().count() == 1
        assert [line.text for line in inquiry.lead.activities.all()][:2] == [
            "No longer marked as spam",
            "Marked as spam",
        ]

    def test_it_is_in_no_count_of_people_companies_and_messages(self):
        lone, now = builders.signed_in("Sales"), timezone.now()
        spam = receive(company="NordPay", email="ada@nordpay.example", message="Casino.")
        moves.move(spam.lead, "won", by=None, at=now, value=Decimal(900))
        colleague = receive(name="Bo", company="NordPay", email="bo@nordpay.example").contact
        spam_marks.mark(spam, by=builders.user(role="Sales"), at=now)

        assert not standings([spam.contact])[spam.contact_id].is_client
        for key in ("people", "companies"):
            page = lone.get(reverse(f"admin:{key}")).content.decode()
            assert "ada@nordpay.example" not in page and "mark--client" not in page
        assert [row.people for row in load_companies([colleague.company_id], set())] == [1]
        firm = Firm(colleague.company, now)
        assert (firm.number_of_people, firm.won) == (1, "")
        assert not Person(spam.contact, now).client

    def test_the_notification_counts_no_spam_among_the_messages_of_a_lead(self):
        spam = receive(message="Casino.")
        spam_marks.mark(spam, by=builders.user(role="Sales"), at=timezone.now())
        receive(message="A real one.")
        third = receive(message="And another.")

        [waiting] = awaiting([third.pk])
        assert waiting.before == 1

    @pytest.mark.parametrize(
        ("action", "told", "left"), [("spam", "Marked as spam", 0), ("not_spam", "Not spam", 3)]
    )
    def test_many_at_once_on_the_stock_list_and_undo(self, action, told, left):
        lone = builders.signed_in("Sales")
        held = [receive(email=f"{n}@example.com", signs=SPAM) for n in range(3)]

        page = lone.post(
            reverse("admin:leads_inquiry_changelist"),
            {"action": action, "_selected_action": [inquiry.pk for inquiry in held]},
            follow=True,
        )

        assert not Inquiry.objects.suspected().exists()
        assert Lead.objects.count() == left
        assert told in page.text
        lone.post(reverse("admin:undo"), {"act": Act.objects.get().pk})
        assert Inquiry.objects.suspected().count() == 3
        assert not Lead.objects.exists()

    @pytest.mark.parametrize(
        ("signs", "buttons"), [((), ["spam"]), (SPAM, ["not-spam", "spam"]), (None, ["not-spam"])]
    )
    def test_its_page_has_the_buttons_of_the_inbox(self, signs, buttons):
        lone = builders.signed_in("Sales")
        inquiry = receive(signs=signs or ())
        if signs is None:
            decide(lone, "spam", inquiry)

        url = reverse("admin:leads_inquiry_change", args=[inquiry.pk])
        page = lone.get(url).content.decode()

        assert re.findall(r'formaction="/admin/inbox/act/([a-z-]+)/"', page) == buttons
        assert f'name="next" value="{url}"' in page

    @pytest.mark.parametrize("act", ["spam", "not-spam"])
    def test_an_author_decides_nothing(self, act):
        assert decide(builders.signed_in("Author"), act, receive(signs=SPAM)).status_code == 403

    def test_not_spam_takes_a_colleagues_mark_back_and_lets_it_through(self):
        inquiry, lone = receive(signs=SPAM), builders.user(role="Sales")
        spam_marks.mark(inquiry, by=lone, at=timezone.now())

        assert receiving.mark_not_spam(inquiry, by=lone, at=timezone.now())

        assert Lead.objects.unanswered().count() == 1

    def test_what_was_marked_before_it_was_announced_is_announced_to_nobody(self, sales):
        inquiry = receive()
        spam_marks.mark(inquiry, by=sales, at=timezone.now())

        notify_about_inquiry(inquiry.pk)

        assert not Message.objects.exists()

    def test_a_real_inquiry_on_the_lead_of_a_spam_one_makes_it_work_again(self, sales):
        spam_marks.mark(receive(), by=sales, at=timezone.now())

        receive(message="A real one.")

        assert Lead.objects.unanswered().count() == 1


class TestAfterNinetyDays:
    def marked(self, days, **fields):
        inquiry = receive(**fields)
        notify_about_inquiry(inquiry.pk)
        by = builders.user(role="Sales")
        spam_marks.mark(inquiry, by=by, at=timezone.now() - timedelta(days=days))
        return inquiry

    def test_it_goes_with_all_that_hangs_on_it(self, sales):
        self.marked(91, company="Bulk Ltd")
        held = receive(email="held@example.com", signs=SPAM)
        send_due(MORNING)
        spam_marks.mark(held, by=sales, at=timezone.now() - timedelta(days=91))

        nights.pass_by()

        assert Deletion.objects.count() == 2
        for model in (Inquiry, Lead, Contact, Company, Message):
            assert not model.objects.exists(), model

    def test_it_stays_until_then_and_so_does_what_was_undone(self, sales):
        self.marked(89)
        undone = self.marked(91, email="b@example.com")
        spam_marks.unmark(undone, by=sales, at=timezone.now())

        nights.pass_by()

        assert Inquiry.objects.count() == 2

    def test_a_lead_and_person_with_a_real_inquiry_stay(self):
        self.marked(91)
        receive(message="A real one.")

        nights.pass_by()

        assert [inquiry.message for inquiry in Inquiry.objects.all()] == ["A real one."]
        assert Lead.objects.unanswered().count() == 1


class TestPromises:
    def test_the_page_that_thanks_is_the_same_for_all_and_promises_no_email(self, client):
        spam = {"reference_2": "x", "message": "Free spins", "email": "robot@example.com"}
        sent = [
            client.post(reverse("leads:contact"), {**ADA, **more}).url.partition("?")[0]
            for more in ({}, spam)
        ]

        assert sent[0] == sent[1]
        page = client.get(sent[0]).content.decode()
        assert "Within a minute" not in page and "Usually within" in page

    def test_an_acknowledgment_that_comes_late_names_no_day(self, sales):
        held = receive(signs=SPAM)
        receiving.mark_not_spam(held, by=sales, at=timezone.now())
        notify_about_inquiry(held.pk)
        prompt = receive(email="b@example.com")
        notify_about_inquiry(prompt.pk)

        late, prompt = (
            Message.objects.get(to=to).text for to in ("ada@example.com", "b@example.com")
        )
        assert "within one working day" not in " ".join(late.split())
        assert "within one working day" in " ".join(prompt.split())


class TestPeopleOfWhomThereIsNothingButSpam:
    @pytest.mark.parametrize("model", ["contact", "company"])
    def test_are_in_no_list_until_it_is_undone_or_asked_for(self, model):
        lone = builders.signed_in("Sales")
        inquiry = receive(company="Analytical Engines")
        receive(name="Bea", email="b@example.org", company="Difference Engines")
        address = reverse(f"admin:leads_{model}_changelist")

        def names(query=""):
            page = fromstring(lone.get(address + query).content)
            return {
                name.strip() for name in page.xpath("//*[@id='result_list']/tbody//th//a/text()")
            }

        everyone = names()
        spam_marks.mark(inquiry, by=builders.user(role="Sales"), at=timezone.now())

        assert len(names()) == len(everyone) - 1
        assert names() | names("?spam=spam") == everyone and len(names("?spam=spam")) == 1
        receive(company="Analytical Engines", message="A real one.")
        assert names() == everyone

    def test_of_someone_with_a_real_inquiry_too_both_stay(self):
        lone = builders.signed_in("Sales")
        inquiry = receive()
        receive(message="A real one.")

        spam_marks.mark(inquiry, by=builders.user(role="Sales"), at=timezone.now())

        page = lone.get(reverse("admin:leads_contact_changelist"), {"spam": "spam"})
        assert "0 contacts" in page.content.decode()
