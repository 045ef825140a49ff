"""Who answered, when; taken back, given twice, and never made up."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection
from django.urls import reverse
from django.utils import timezone

from leads.acts import correcting
from leads.intake import receiving, spam_marks
from leads.models import Activity, Answer, Inquiry, Lead
from leads.pipeline import moves
from tests import builders
from tests.builders import SPAM
from tests.leads.test_admin import change, errors, open_page, save

pytestmark = pytest.mark.django_db

ADA = {"name": "Ada", "email": "ada@example.com", "message": "We need a ledger."}


def receive(**fields) -> Inquiry:
    signs = fields.pop("signs", ())
    return receiving.receive(Inquiry(**{**ADA, **fields}), signs=signs)


@pytest.fixture
def lead():
    return receive().lead


@pytest.fixture
def mikkel():
    return builders.user(role="Sales", name="Mikkel")


@pytest.fixture
def lone():
    return builders.signed_in("Sales", name="Lone")


def answer(lead, by=None, at=None):
    return moves.answer(lead, by=by, at=at or timezone.now())


def take_back(lead, by):
    return correcting.not_answered([lead], by=by, at=timezone.now())


def undo(client, page):
    """Press the button that the page offers."""
    act = page.context["latest_act"].act.pk
    return client.post(reverse("admin:undo"), {"act": act, "next": "/admin/"}, follow=True)


def fresh(lead):
    lead.refresh_from_db()
    return lead


class TestTakenBack:
    def test_it_waits_again_due_when_it_was_and_is_new_again(self, lead, mikkel):
        due = lead.respond_by
        answer(lead, mikkel)

        assert take_back(lead, mikkel).count

        assert Lead.objects.unanswered().get() == lead
        assert (fresh(lead).respond_by, lead.stage) == (due, "new")
        assert lead.first_responded_at is None
        assert not Answer.objects.exists()
        texts = list(lead.activities.values_list("text", flat=True))
        assert "Not answered yet: Mikkel’s “Answered” was taken back" in texts

    def test_the_first_answer_keeps_its_moment_if_a_later_one_is_taken_back(self, lead, mikkel):
        first = answer(lead, mikkel)
        receive(message="And another thing.")
        answer(fresh(lead), mikkel)

        take_back(lead, mikkel)

        assert fresh(lead).first_responded_at == first.at
        assert lead.is_waiting
        assert lead.stage == "contacted"

    @pytest.mark.parametrize("stage", ["won", "lost"])
    def test_not_on_a_closed_lead_nor_without_an_answer(self, lead, mikkel, stage):
        assert not take_back(lead, mikkel).count
        answer(lead, mikkel)
        moves.move(
            lead, stage, by=mikkel, at=timezone.now(), lost_because="price", value=Decimal(1)
        )

        assert not take_back(lead, mikkel).count

    def test_a_button_on_the_page_does_it_and_saves_what_was_typed(self, lead, mikkel, lone):
        answer(lead, mikkel)

        page = change(lone, lead, button="_not_answered", note="Wrong lead, sorry")

        assert page.status_code == 302
        assert fresh(lead).is_waiting
        assert lead.activities.filter(text="Wrong lead, sorry").exists()

    def test_enter_in_a_field_never_takes_it_back(self, lead, mikkel, lone):
        answer(lead, mikkel)

        page = open_page(lone, lead).content.decode()

        form = page[page.index('id="lead_form"') :]
        assert re.search(r'type="submit"[^>]*name="(\w+)"', form).group(1) == "_continue"

    @pytest.mark.parametrize(
        ("button", "told", "waits"),
        [
            ("_answer", "Ada: Answered for the first time", True),
            ("_not_answered", "Ada: Not answered yet: Mikkel’s “Answered” was taken back", False),
        ],
    )
    def test_either_button_of_the_page_has_the_one_undo(
        self, lead, mikkel, lone, button, told, waits
    ):
        if not waits:
            answer(lead, mikkel)

        page = lone.get(change(lone, lead, button=button).url)

        assert fresh(lead).is_waiting != waits
        assert told in page.content.decode()
        undo(lone, page)
        assert fresh(lead).is_waiting == waits
        assert lead.stage == ("new" if waits else "contacted")

    def test_undone_the_answer_is_there_as_it_was(self, lead, mikkel, lone):
        given = answer(lead, mikkel, timezone.now() - timedelta(days=2))
        before = Answer.objects.filter(pk=given.pk).values().get()

        page = lone.get(change(lone, lead, button="_not_answered").url)
        undo(lone, page)

        assert Answer.objects.values().get() == before
        assert given.inquiries.get() == lead.inquiries.get()
        assert fresh(lead).first_responded_at == given.at

    def test_the_undo_is_refused_once_a_colleague_has_acted_with_who_and_what(
        self, lead, mikkel, lone
    ):
        page = lone.get(change(lone, lead, button="_answer").url)
        moves.note(lead, "They called back", by=mikkel, at=timezone.now())

        said = undo(lone, page).content.decode()

        assert "Mikkel has worked on it since (They called back)" in said
        assert not fresh(lead).is_waiting


class TestTwoWhoAnswer:
    def test_the_second_sees_who_and_when_and_is_asked(self, lead, mikkel, lone):
        page = open_page(lone, lead)
        answer(lead, mikkel, datetime(2030, 5, 6, 10, 4, tzinfo=UTC))

        refused = save(lone, lead, page, button="_answer", note="110 USD an hour")

        assert "Mikkel answered on 6 May 2030, 10:04 UTC" in errors(refused)
        assert "110 USD an hour" in refused.content.decode()
        assert 'name="_answer"' in refused.content.decode()
        assert not Activity.objects.filter(text="110 USD an hour").exists()

        assert save(lone, lead, refused, button="_answer").status_code == 302

        assert lead.answers.count() == 2
        texts = list(lead.activities.values_list("text", flat=True))
        assert "Also answered, after Mikkel" in texts and "110 USD an hour" in texts

    def test_so_are_those_who_would_take_back_another_answer_than_they_saw(
        self, lead, mikkel, lone
    ):
        answer(lead, mikkel)
        page = open_page(lone, lead)
        moves.answer(lead, by=mikkel, at=timezone.now(), again=True)

        refused = save(lone, lead, page, button="_not_answered")

        assert "Mikkel answered" in errors(refused)
        assert lead.answers.count() == 2

    @pytest.mark.django_db(transaction=True)
    def test_of_many_at_the_same_moment_one_has_answered(self, lead):
        def press(_):
            try:
                return moves.answer(Lead.objects.get(), by=None, at=timezone.now())
            finally:
                connection.close()

        with ThreadPoolExecutor(4) as people:
            written = [one for one in people.map(press, range(8)) if one]

        assert len(written) == Answer.objects.count() == 1


class TestManyAtOnce:
    def post(self, client, **data):
        url = reverse("admin:leads_lead_changelist")
        pks = list(Lead.objects.values_list("pk", flat=True))
        return client.post(
            url, {"action": "mark_answered", "_selected_action": pks, **data}, follow=True
        )

    def test_what_a_colleague_answered_is_said_and_the_rest_can_be_undone(self, lead, mikkel, lone):
        answer(lead, mikkel)
        for number in range(3):
            receive(email=f"{number}@example.com")

        page = self.post(lone)

        assert "3 leads: Answered for the first time" in page.content.decode()
        assert "Mikkel answered Ada already, " in page.content.decode()
        undo(lone, page)
        assert Lead.objects.unanswered().count() == 3

    def test_what_came_after_the_list_was_opened_is_not_answered_unread(self, lead, lone):
        page = lone.get(reverse("admin:leads_lead_changelist")).content.decode()
        seen = re.findall(r'name="seen" value="([^"]+)"', page)
        receive(message="One more thing.")

        page = self.post(lone, seen=seen).content.decode()

        assert "Ada has written again since you opened the page" in page
        assert fresh(lead).is_waiting

    @pytest.mark.parametrize("seen", ["", "yesterday", "1:", ":1.2", f"{'9' * 30}:1.1"])
    def test_a_list_that_says_nothing_of_a_lead_answers_it_as_ever(self, lead, lone, seen):
        self.post(lone, seen=seen if seen != "1:" else f"{lead.pk + 1}:")

        assert not fresh(lead).is_waiting


class TestNeverMadeUp:
    @pytest.mark.parametrize("stage", ["won", "lost"])
    def test_closing_a_new_lead_is_no_answer(self, lead, stage):
        moves.move(lead, stage, by=None, at=timezone.now(), lost_because="no_fit", value=Decimal(1))

        assert fresh(lead).first_responded_at is None
        assert not Answer.objects.exists()

    @pytest.mark.parametrize("stage", ["won", "lost"])
    def test_opened_again_it_waits_as_before(self, lead, stage):
        moves.move(lead, stage, by=None, at=timezone.now(), lost_because="no_fit", value=Decimal(1))

        moves.move(lead, "new", by=None, at=timezone.now())

        assert Lead.objects.unanswered().get() == lead

    @pytest.mark.parametrize("stage", ["contacted", "qualified", "proposal"])
    def test_a_first_step_past_new_is_one(self, lead, stage):
        moves.move(lead, stage, by=None, at=timezone.now(), value=Decimal(1))

        assert fresh(lead).first_responded_at == Answer.objects.get().at

    def test_the_database_refuses_an_answer_before_the_first(self, lead):
        now = timezone.now()
        with pytest.raises(IntegrityError, match="leads_first_answer_comes_first"):
            Lead.objects.update(responded_at=now, first_responded_at=now + timedelta(minutes=1))


class TestTheClock:
    def test_of_an_inquiry_found_no_spam_it_started_when_it_was_sent(self, mikkel):
        sent = datetime(2030, 5, 6, 10, tzinfo=UTC)  # a Monday
        held = receive(signs=SPAM, received_at=sent)

        receiving.mark_not_spam(held, by=mikkel, at=sent + timedelta(days=10))

        lead = Lead.objects.get()
        assert lead.opened_at == sent
        assert lead.respond_by == sent + timedelta(days=1)

    def test_added_to_a_lead_that_waits_it_is_the_earlier_of_the_two(self, mikkel):
        sent = datetime(2030, 5, 6, 10, tzinfo=UTC)
        held = receive(signs=SPAM, received_at=sent)
        receive(received_at=sent + timedelta(days=3), message="Hello?")

        receiving.mark_not_spam(held, by=mikkel, at=sent + timedelta(days=4))

        assert Lead.objects.get().respond_by == sent + timedelta(days=1)

    def test_spam_on_an_answered_lead_makes_nothing_wait(self, lead, mikkel):
        answer(lead, mikkel)
        spam = receive(message="Buy this.")
        assert fresh(lead).is_waiting

        spam_marks.mark(spam, by=mikkel, at=timezone.now())

        assert not fresh(lead).is_waiting
        spam_marks.unmark(spam, by=mikkel, at=timezone.now())
        assert fresh(lead).is_waiting

    def test_an_answered_inquiry_marked_by_mistake_is_still_answered(self, lead, mikkel):
        answer(lead, mikkel)
        inquiry = lead.inquiries.get()
        spam_marks.mark(inquiry, by=mikkel, at=timezone.now())

        spam_marks.unmark(inquiry, by=mikkel, at=timezone.now())

        assert not fresh(lead).is_waiting

    def test_a_lead_that_is_all_spam_cannot_be_answered(self, lead, mikkel, lone):
        spam_marks.mark(lead.inquiries.get(), by=mikkel, at=timezone.now())

        assert answer(lead, mikkel) is None
        page = open_page(lone, lead).content.decode()
        assert "was marked as spam" in page and 'name="_answer"' not in page


class TestTheConflictPage:
    def test_its_history_has_the_lines_it_refers_to(self, lead, mikkel, lone):
        page = open_page(lone, lead)
        moves.move(lead, "qualified", by=mikkel, at=timezone.now())

        refused = save(lone, lead, page, stage="proposal")

        html = refused.content.decode()
        assert f"{mikkel} changed this" in html
        assert "New → Qualified" in html

    def test_it_does_not_ask_for_lost_where_lost_is_chosen(self, lead, mikkel, lone):
        page = open_page(lone, lead)
        moves.move(lead, "qualified", by=mikkel, at=timezone.now())

        refused = save(lone, lead, page, stage="lost", lost_because="price", lost_reason="Too dear")

        assert "choose Lost as well" not in refused.content.decode()
        assert save(lone, lead, refused).status_code == 302
        assert fresh(lead).stage == "lost"

    def test_answers_and_inquiries_that_came_meanwhile_are_shown(self, lead, lone):
        page = open_page(lone, lead)
        receive(message="One more thing.")

        refused = save(lone, lead, page, button="_answer")

        assert "One more thing." in refused.content.decode()
