from contextlib import contextmanager
from datetime import date, timedelta

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from leads.intake import receiving
from leads.messages.tasks import notify_about_inquiry
from leads.models import Activity, Inquiry, Lead, NextStep, Recipient
from leads.pipeline import moves, steps
from mail.models import Message
from privacy import erasing
from privacy.collecting import collect
from tests import builders
from tests.builders import SPAM
from tests.forms import filled_in

pytestmark = pytest.mark.django_db

ADA = {"name": "Ada", "email": "ada@example.com", "message": "We need a ledger."}


@pytest.fixture
def person():
    return builders.user(role="Sales", name="Mikkel")


@pytest.fixture
def sales(client, person):
    client.force_login(person)
    return client


@pytest.fixture
def inquiry():
    Recipient.objects.create(email="sales@example.org")
    inquiry = receiving.receive(Inquiry(**ADA))
    notify_about_inquiry(inquiry.pk)
    inquiry.refresh_from_db()
    return inquiry


@pytest.fixture
def lead(inquiry):
    return inquiry.lead


def open_page(client, lead):
    return client.get(reverse("admin:leads_lead_change", args=[lead.pk]))


def save(client, lead, page, *, button="_continue", **fields):
    """Save the page that was opened then, as it stands but for these fields."""
    url = reverse("admin:leads_lead_change", args=[lead.pk])
    return client.post(url, filled_in(page, "lead_form", button, **fields))


def change(client, lead, **fields):
    """Open the lead's page and save it as it stands, but for these fields."""
    return save(client, lead, open_page(client, lead), **fields)


def errors(response):
    return str(response.context["errors"])


SUSPECTED = {"filters": "tab=suspected"}  # as the buttons send it


@contextmanager
def erased_before_the_lead_is_held(person):
    """Ada is erased at the last moment: after the lead was looked up, before it is locked."""
    is_done = False

    def erase_first(execute, sql, params, many, context):
        nonlocal is_done
        if not is_done and 'FROM "leads_inquiry"' in sql and "FOR NO KEY UPDATE" in sql:
            is_done = True
            erasing.erase(collect(["ada@example.com"]), by=person)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(erase_first):
        yield
    assert is_done


class TestInquiries:
    def test_the_words_and_the_fate_of_each_email_are_on_one_page(self, sales, inquiry):
        Message.objects.filter(to="sales@example.org").update(state="failed", error="550 Unknown")

        page = sales.get(reverse("admin:leads_inquiry_change", args=[inquiry.pk])).content.decode()

        for words in (
            "We need a ledger.",
            "sales@example.org",
            "Failed",
            "550 Unknown",
            "Queued",
        ):
            assert words in page

    def test_nobody_edits_adds_or_deletes_one(self, admin_client, inquiry):
        url = reverse("admin:leads_inquiry_change", args=[inquiry.pk])

        assert admin_client.post(url, {"message": "Other"}).status_code == 403
        assert admin_client.get(reverse("admin:leads_inquiry_add")).status_code == 403
        delete = reverse("admin:leads_inquiry_delete", args=[inquiry.pk])
        assert admin_client.post(delete, {"post": "yes"}).status_code == 403

    def test_a_suspected_one_is_found_no_spam_on_its_page(self, sales):
        held = receiving.receive(Inquiry(**ADA), signs=SPAM)
        url = reverse("admin:leads_inquiry_change", args=[held.pk])
        assert "hidden field was filled in" in sales.get(url).content.decode()

        sales.post(reverse("admin:inbox_act", args=["not-spam"]), {"row": held.pk} | SUSPECTED)

        held.refresh_from_db()
        assert held.lead.contact.address == "ada@example.com"

    def test_several_are_found_no_spam_by_one_action(self, sales):
        held = [
            receiving.receive(Inquiry(**{**ADA, "message": f"No. {n}"}), signs=SPAM)
            for n in range(3)
        ]

        sales.post(
            reverse("admin:leads_inquiry_changelist"),
            {"action": "not_spam", "_selected_action": [one.pk for one in held]},
        )

        assert not Inquiry.objects.suspected().exists()
        assert Lead.objects.get().inquiries.count() == 3

    def test_releasing_asks_for_the_right_and_for_a_post(self, client, sales):
        held = receiving.receive(Inquiry(**ADA), signs=SPAM)
        url = reverse("admin:inbox_act", args=["not-spam"])

        assert sales.get(url).status_code == 405
        client.force_login(builders.user(role="Publisher"))
        assert client.post(url, {"row": held.pk} | SUSPECTED).status_code == 403

    def test_ten_cost_no_more_queries_than_one(self, sales, django_assert_max_num_queries):
        for number in range(10):
            receiving.receive(Inquiry(**{**ADA, "email": f"a{number}@example.com"}))

        with django_assert_max_num_queries(13):
            sales.get(reverse("admin:leads_inquiry_changelist"))


class TestLeads:
    def test_the_page_shows_who_what_and_how_it_went(self, sales, lead):
        page = sales.get(reverse("admin:leads_lead_change", args=[lead.pk])).content.decode()

        for words in ("ada@example.com", "We need a ledger.", "sales@example.org", "Queued"):
            assert words in page

    def test_a_stage_moves_and_the_history_says_who_moved_it(self, sales, person, lead):
        response = change(sales, lead, stage="contacted")

        lead.refresh_from_db()
        assert response.status_code == 302
        assert lead.stage == "contacted"
        assert lead.responded_at
        moved = lead.activities.get(kind=Activity.Kind.STAGE)
        assert (moved.text, moved.by) == ("New → Contacted", person)

    def test_an_owner_is_named_and_the_history_says_so(self, sales, person, lead):
        change(sales, lead, owner=person.pk)

        lead.refresh_from_db()
        assert lead.owner == person
        assert lead.activities.get(kind="owner").text == "Assigned to Mikkel"

    def test_a_note_joins_the_history(self, sales, person, lead):
        change(sales, lead, note="  Called, no answer. ")

        note = lead.activities.get(kind="note")
        assert (note.text, note.by) == ("Called, no answer.", person)

    def test_saving_without_a_change_adds_nothing_to_the_history(self, sales, lead):
        change(sales, lead)

        assert lead.activities.count() == 1

    def test_a_lost_lead_says_why(self, sales, lead):
        refused = change(sales, lead, stage="lost")
        assert "Say why the lead was lost." in refused.content.decode()

        change(sales, lead, stage="lost", lost_because="price", lost_reason="Hired someone")

        lead.refresh_from_db()
        assert lead.closed_at
        assert lead.activities.get(kind="stage").text == "New → Lost: Price, Hired someone"

    def test_a_closed_lead_opens_again_unless_its_contact_has_another(self, sales, lead):
        change(sales, lead, stage="won", value="1")
        lead.refresh_from_db()
        change(sales, lead, stage="qualified")
        lead.refresh_from_db()
        assert lead.closed_at is None

        change(sales, lead, stage="won", value="1")
        lead.refresh_from_db()
        receiving.receive(Inquiry(**{**ADA, "message": "Next."}))
        refused = change(sales, lead, stage="qualified")

        assert "another open lead" in refused.content.decode()

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("value", "-1"),
            ("value", "much"),
            ("value", "1" * 40),
            ("stage", "dreaming"),
            ("owner", "4711"),
            ("currency", "EUROS"),
            ("respond_by_0", "yesterday"),
            ("note", "\x00"),
        ],
    )
    def test_a_bad_value_is_an_error_and_changes_nothing(self, sales, lead, field, value):
        response = change(sales, lead, **{field: value})

        assert response.status_code == 200
        assert response.context["errors"]
        before = Lead.objects.get(pk=lead.pk)
        assert (before.stage, before.value, before.owner) == ("new", None, None)

    def test_a_reason_without_a_loss_is_not_dropped_silently(self, sales, lead):
        refused = change(sales, lead, lost_reason="Hired someone")

        assert "Only a lost lead has a reason" in errors(refused)

    def test_the_reason_of_a_lost_lead_may_be_corrected_and_the_history_says_so(self, sales, lead):
        change(sales, lead, stage="lost", lost_because="price", lost_reason="Hierd")
        change(sales, lead, lost_reason="Hired")

        assert lead.activities.filter(kind="stage").first().text == "Lost: Price, Hired"

    def test_figures_and_dates_leave_what_they_were_in_the_history(self, sales, person, lead):
        change(sales, lead, value="40000", respond_by_0="2030-05-06", respond_by_1="12:00:00")
        change(sales, lead, value="45000.50", currency="DKK")

        new, old = lead.activities.filter(kind="change")
        assert old.text.startswith("Value: none → 40,000\nAnswer by: ")
        assert old.text.endswith("→ 6 May 2030, 12:00 UTC")
        assert new.text == "Value: 40,000 → 45,000.50\nCurrency: EUR → DKK"
        assert new.by == person

    def test_who_may_only_look_sees_the_page(self, client, lead):
        looker = builders.user()
        for codename in ("view_lead", "view_nextstep", "view_inquiry", "view_activity"):
            looker.user_permissions.add(Permission.objects.get(codename=codename))
        NextStep.objects.create(lead=lead, text="Call", due_on=date.today(), owner=looker)
        client.force_login(looker)

        page = open_page(client, lead)

        assert "We need a ledger." in page.content.decode()
        assert 'name="_answer"' not in page.content.decode()
        assert client.post(page.request["PATH_INFO"], {"stage": "won"}).status_code == 403

    def test_a_next_step_is_due_on_the_desk(self, sales, person, lead):
        NextStep.objects.create(lead=lead, text="Call", due_on=date.today(), owner=person)

        desk = sales.get(reverse("admin:index")).content.decode()
        list_url = reverse("admin:leads_lead_changelist")
        due = sales.get(list_url, {"next_step": "due"}).content.decode()

        assert "Call" in desk and "today" in desk
        assert "Ada" in due and "Call" in due
        assert "Ada" not in sales.get(list_url, {"next_step": "none"}).content.decode()

    def test_an_overdue_answer_is_red(self, sales, lead):
        Lead.objects.update(respond_by=timezone.now() - timedelta(hours=1))

        page = sales.get(reverse("admin:leads_lead_changelist")).content.decode()

        assert "overdue" in page

    def test_ten_cost_no_more_queries_than_one(self, sales, django_assert_max_num_queries):
        for number in range(10):
            receiving.receive(
                Inquiry(**{**ADA, "email": f"a{number}@example.com", "company": f"C{number}"})
            )

        with django_assert_max_num_queries(17):
            sales.get(reverse("admin:leads_lead_changelist"))


class TestAnswering:
    @pytest.fixture
    def asking_again(self, lead, time_machine):
        """Answered on the first of May, and written to again the day after."""
        time_machine.move_to("2030-05-01T10:00:00Z", tick=False)
        moves.answer(lead, by=None, at=timezone.now())
        time_machine.move_to("2030-05-02T10:00:00Z", tick=False)
        receiving.receive(Inquiry(**{**ADA, "message": "One more thing."}))
        return lead

    def test_a_new_lead_is_answered_by_one_button_and_what_was_typed_is_saved_with_it(
        self, sales, person, lead
    ):
        page = open_page(sales, lead)
        assert "Ada is waiting for an answer" in page.content.decode()

        response = save(sales, lead, page, button="_answer", note="Sent two questions")

        lead.refresh_from_db()
        assert response.url == reverse("admin:leads_lead_change", args=[lead.pk])
        assert (lead.stage, lead.is_waiting) == ("contacted", False)
        assert lead.first_responded_at == lead.responded_at
        said = {activity.kind: activity for activity in lead.activities.all()}
        assert said["answer"].text == "Answered for the first time"
        assert said["answer"].by == person
        assert said["note"].text == "Sent two questions"
        assert said["stage"].text == "New → Contacted"
        assert 'name="_answer"' not in open_page(sales, lead).content.decode()

    def test_a_further_email_is_answered_without_a_change_of_stage(
        self, sales, asking_again, time_machine
    ):
        time_machine.move_to("2030-05-03T10:00:00Z", tick=False)
        sales.force_login(builders.user(role="Sales"))  # the session of 2026 has run out
        change(sales, asking_again, button="_answer")

        lead = Lead.objects.get()
        assert lead.stage == "contacted"
        assert f"{lead.responded_at:%d}" == "03"
        assert f"{lead.first_responded_at:%d}" == "01"  # the first answer keeps its moment
        assert [line.text for line in lead.activities.filter(kind="answer")] == [
            "Answered",
            "Answered for the first time",
        ]

    def test_a_further_email_is_not_answered_by_a_later_change_of_stage(self, asking_again):
        moves.move(asking_again, "qualified", by=None, at=timezone.now())

        assert Lead.objects.unanswered().get() == asking_again

    def test_the_list_says_that_a_further_email_waits_and_answers_several(
        self, client, asking_again
    ):
        receiving.receive(Inquiry(**{**ADA, "email": "grace@example.com"}))
        client.force_login(builders.user(role="Sales"))
        url = reverse("admin:leads_lead_changelist")
        assert "due 3 May" in client.get(url, {"answer": "waiting"}).content.decode()

        chosen = [lead.pk for lead in Lead.objects.all()]
        form = {"action": "mark_answered", "_selected_action": chosen}
        page = client.post(url, form, follow=True)

        assert "2 leads: Answered" in page.content.decode()
        assert not Lead.objects.unanswered().exists()
        again = client.post(url, form, follow=True).content.decode()
        assert "You answered Ada already" in again

    def test_an_email_that_came_after_the_page_was_opened_is_not_answered_unread(self, sales, lead):
        page = open_page(sales, lead)
        receiving.receive(Inquiry(**{**ADA, "message": "Wait, it burns!"}))

        refused = save(sales, lead, page, button="_answer", note="Sent two questions")

        assert "Ada has written again" in errors(refused)
        assert "Wait, it burns!" in refused.content.decode()
        assert "Sent two questions" in refused.content.decode()
        assert Lead.objects.unanswered().get() == lead

        save(sales, lead, refused, button="_answer")

        assert not Lead.objects.unanswered().exists()
        assert lead.activities.get(kind="note").text == "Sent two questions"


class TestWorkingAtTheSameTime:
    """A page is opened, a colleague saves another one, then the first is saved."""

    def test_what_a_colleague_changed_stays_as_they_left_it(self, sales, person, lead):
        page = open_page(sales, lead)
        change(
            sales, lead, stage="qualified", owner=person.pk, value="900", currency="DKK",
            respond_by_0="2030-05-06", respond_by_1="12:00:00",
        )  # fmt: skip

        response = save(sales, lead, page, note="Called")

        lead.refresh_from_db()
        assert response.status_code == 302
        assert (lead.stage, lead.owner, lead.value) == ("qualified", person, 900)
        assert (lead.currency, f"{lead.respond_by:%Y-%m-%d}") == ("DKK", "2030-05-06")
        assert lead.responded_at
        assert lead.activities.get(kind="note").text == "Called"
        assert lead.activities.count() == 5  # the inquiry and one each: nothing was moved back

    def test_two_who_change_different_things_both_have_their_way(self, sales, person, lead):
        page = open_page(sales, lead)
        change(sales, lead, stage="qualified")

        save(sales, lead, page, owner=person.pk, value="10")

        lead.refresh_from_db()
        assert (lead.stage, lead.owner, lead.value) == ("qualified", person, 10)

    def test_two_who_change_the_same_see_it_and_decide(self, sales, lead):
        page = open_page(sales, lead)
        change(sales, lead, stage="qualified", value="10")

        refused = save(sales, lead, page, stage="proposal", note="Sent the offer", value="20")

        assert refused.context["adminform"].form.errors.keys() == {"stage", "value"}
        assert "Mikkel changed this" in errors(refused)
        assert "Take theirs: “Qualified”" in errors(refused)
        assert "Take theirs: “10”" in errors(refused)
        assert "Sent the offer" in refused.content.decode()
        lead.refresh_from_db()
        assert (lead.stage, lead.value) == ("qualified", 10)

        save(sales, lead, refused)

        lead.refresh_from_db()
        assert (lead.stage, lead.value) == ("proposal", 20)
        moved = lead.activities.filter(kind="stage").first()
        assert moved.text == "Qualified → Proposal sent"
        assert lead.activities.get(kind="note").text == "Sent the offer"

    def test_an_amount_is_not_kept_in_a_currency_that_nobody_saw_it_in(self, sales, lead):
        change(sales, lead, value="10", currency="EUR")
        page = open_page(sales, lead)
        change(sales, lead, currency="JPY")

        refused = save(sales, lead, page, value="20")

        assert refused.context["adminform"].form.errors.keys() == {"currency"}
        saved = save(sales, lead, refused, **{"currency-decide": "theirs"})
        lead.refresh_from_db()
        assert (saved.status_code, lead.value, lead.currency) == (302, 20, "JPY")

    def test_a_change_outside_the_form_is_named_by_the_history(self, sales, lead):
        page = open_page(sales, lead)
        lone = builders.user(role="Sales", name="Lone")
        moves.answer(lead, by=lone, at=timezone.now())

        refused = save(sales, lead, page, stage="qualified")

        assert "Lone changed this" in errors(refused)
        assert "Take theirs: “Contacted”" in errors(refused)

    def test_two_who_do_the_same_agree(self, sales, lead):
        page = open_page(sales, lead)
        change(sales, lead, stage="qualified")

        assert save(sales, lead, page, stage="qualified").status_code == 302
        assert lead.activities.filter(kind="stage").count() == 1

    @pytest.mark.parametrize(
        "seen", ["", "{", "[]", "1", "[" * 4000, "x" * 9000, "\x00", '{"a":{}}']
    )
    def test_a_page_that_does_not_say_what_it_showed_overwrites_nothing(self, sales, lead, seen):
        page = open_page(sales, lead)
        change(sales, lead, stage="qualified")

        refused = save(sales, lead, page, seen=seen, stage="proposal")

        assert refused.status_code == 200
        assert Lead.objects.get().stage == "qualified"

    def test_a_lead_is_not_opened_again_beside_a_new_one_of_the_same_contact(self, sales, lead):
        change(sales, lead, stage="won", value="1")
        page = open_page(sales, lead)
        receiving.receive(Inquiry(**{**ADA, "message": "The next project."}))

        refused = save(sales, lead, page, stage="qualified")

        assert "another open lead" in errors(refused)
        lead.refresh_from_db()
        assert lead.stage == "won"

    def test_a_lead_whose_person_was_erased_meanwhile_is_gone_and_says_so(
        self, sales, person, lead
    ):
        page = open_page(sales, lead)
        erasing.erase(collect(["ada@example.com"]), by=person)

        refused = save(sales, lead, page, note="Called")

        assert refused.status_code == 409
        assert "its person was erased" in refused.text and "Called" in refused.text
        assert not Activity.objects.exists()

    def test_so_it_is_when_they_are_erased_at_that_very_moment(self, sales, person, lead):
        page = open_page(sales, lead)

        with erased_before_the_lead_is_held(person):
            refused = save(sales, lead, page, note="Called")

        assert refused.status_code == 409
        assert "its person was erased" in refused.text and "Called" in refused.text
        assert not Activity.objects.filter(text="Called").exists()

    def test_the_action_passes_over_who_was_erased_at_that_very_moment(self, sales, person, lead):
        url = reverse("admin:leads_lead_changelist")
        form = {"action": "mark_answered", "_selected_action": [lead.pk]}

        with erased_before_the_lead_is_held(person):
            page = sales.post(url, form, follow=True).content.decode()

        assert "1 record had already been erased." in page


class TestNextSteps:
    def test_one_is_promised_together_with_the_note(self, sales, person, lead):
        change(sales, lead, note="Called", next_step="Send the offer", next_due="2030-05-06")

        step = NextStep.objects.get()
        assert (step.text, step.due_on, step.owner) == ("Send the offer", date(2030, 5, 6), person)
        line = lead.activities.get(kind="next_step")
        assert line.text == "Added: Send the offer (due 6 May 2030, Mikkel)"
        listed = sales.get(reverse("admin:leads_lead_changelist")).content.decode()
        assert "6 May: Send the offer" in listed

    def test_it_is_the_owners_to_keep(self, sales, lead):
        colleague = builders.user(role="Sales")
        change(sales, lead, owner=colleague.pk, next_step="Call", next_due="2030-05-06")

        assert NextStep.objects.get().owner == colleague

    @pytest.mark.parametrize(
        ("fields", "where"),
        [
            ({"next_step": "Call"}, "next_due"),
            ({"next_due": "2030-05-06"}, "next_step"),
            ({"next_step": "Call", "next_due": "soon"}, "next_due"),
            ({"next_step": "x" * 251, "next_due": "2030-05-06"}, "next_step"),
        ],
    )
    def test_half_a_promise_is_an_error_beside_its_field(self, sales, lead, fields, where):
        refused = change(sales, lead, **fields)

        assert list(refused.context["adminform"].form.errors) == [where]
        assert not NextStep.objects.exists()

    def test_each_turn_of_it_is_in_the_history(self, sales, person, lead):
        step = steps.add_next_step(
            lead, "Call", due_on=date(2030, 5, 6), owner=person, by=person, at=timezone.now()
        )

        change(sales, lead, **{"next_steps-0-due_on": "2030-05-07"})
        change(sales, lead, **{"next_steps-0-is_done": "on"})
        step.refresh_from_db()
        assert step.done_at
        change(sales, lead, **{"next_steps-0-DELETE": "on"})

        assert [line.text for line in lead.activities.filter(kind="next_step")] == [
            "Canceled: Call",
            "Completed: Call",
            "Changed: Call (due 6 May 2030, Mikkel) → Call (due 7 May 2030, Mikkel)",
            "Added: Call (due 6 May 2030, Mikkel)",
        ]
        assert not NextStep.objects.exists()

    def test_what_a_colleague_has_done_meanwhile_stays_done(self, sales, person, lead):
        step = NextStep.objects.create(lead=lead, text="Call", due_on=date.today(), owner=person)
        page = open_page(sales, lead)
        change(sales, lead, **{"next_steps-0-is_done": "on"})

        save(sales, lead, page, **{"next_steps-0-text": "Call at noon"})

        step.refresh_from_db()
        assert (step.text, step.is_done) == ("Call at noon", True)

    def test_one_that_a_colleague_canceled_can_be_added_again(self, sales, person, lead):
        step = NextStep.objects.create(lead=lead, text="Call", due_on=date.today(), owner=person)
        page = open_page(sales, lead)
        steps.cancel_next_step(step, by=person, at=timezone.now())

        refused = save(sales, lead, page, **{"next_steps-0-text": "Call at noon"})

        assert "A colleague deleted this" in errors(refused)
        assert save(sales, lead, refused).status_code == 302
        assert NextStep.objects.get().text == "Call at noon"
        assert lead.activities.filter(text__startswith="Added again: Call at noon").exists()

    def test_only_people_who_work_leads_can_be_asked_to_keep_it(self, sales, person, lead):
        former = builders.user(role="Sales", is_active=False, name="Former")
        other = builders.user(role="Author", name="Writer")
        NextStep.objects.create(lead=lead, text="Call", due_on=date.today(), owner=person)

        page = open_page(sales, lead).content.decode()
        refused = change(sales, lead, **{"next_steps-0-owner": other.pk})

        assert "Former" not in page and "Writer" not in page
        assert refused.status_code == 200
        NextStep.objects.update(owner=former)
        assert "Former" in open_page(sales, lead).content.decode()  # until someone takes over

    def test_ten_cost_no_more_queries_than_one(
        self, sales, person, lead, django_assert_num_queries
    ):
        def promise():
            NextStep.objects.create(lead=lead, text="Call", due_on=date.today(), owner=person)

        promise()
        open_page(sales, lead)
        with CaptureQueriesContext(connection) as of_one:
            open_page(sales, lead)
        for _ in range(9):
            promise()

        with django_assert_num_queries(len(of_one)):
            open_page(sales, lead)


class TestRecipients:
    def test_an_address_in_another_case_is_a_recipient_already(self, admin_client):
        Recipient.objects.create(email="sales@example.org")

        refused = admin_client.post(
            reverse("admin:leads_recipient_add"), {"email": "Sales@Example.org", "is_active": "on"}
        )

        assert "This address is already a recipient." in errors(refused)
        assert Recipient.objects.count() == 1


def test_no_recipients_is_said_in_red_on_the_desk(sales):
    page = sales.get(reverse("admin:index")).content.decode()

    assert "Nobody is notified of new inquiries." in page


@pytest.mark.parametrize(("answer", "is_listed"), [("waiting", True), ("overdue", False)])
def test_the_desk_leads_to_the_leads_it_counts(sales, lead, answer, is_listed):
    Lead.objects.update(stage=Lead.Stage.CONTACTED)  # answered once, and asking again

    listed = sales.get(reverse("admin:leads_lead_changelist"), {"answer": answer})

    assert ("Ada" in listed.content.decode()) == is_listed


@pytest.mark.parametrize("zone", ["Mars/Olympus", "UTC+1", "europe/copenhagen", ".."])
def test_a_contact_is_in_a_time_zone_that_there_is(sales, lead, zone):
    at = reverse("admin:leads_contact_change", args=[lead.contact_id])

    refused = sales.post(at, filled_in(sales.get(at), "contact_form", "_save", timezone=zone))
    sales.post(at, filled_in(sales.get(at), "contact_form", "_save", timezone="Asia/Jakarta"))

    assert "Use a name like Europe/Copenhagen." in refused.text
    lead.contact.refresh_from_db()
    assert lead.contact.timezone == "Asia/Jakarta"
