from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from leads import intake
from leads.models import Activity, FollowUp, Inquiry, Lead, Recipient
from leads.tasks import announce_inquiry
from mail.models import Message
from tests import builders

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
    inquiry = intake.receive(Inquiry(**ADA))
    announce_inquiry(inquiry.pk)
    inquiry.refresh_from_db()
    return inquiry


@pytest.fixture
def lead(inquiry):
    return inquiry.lead


def change(client, lead, **fields):
    """Save the lead's form as it stands, but for these fields."""
    url = reverse("admin:leads_lead_change", args=[lead.pk])
    page = client.get(url)
    form = page.context["adminform"].form
    data = {name: "" if form[name].value() is None else form[name].value() for name in form.fields}
    if lead.respond_by:
        local = timezone.localtime(lead.respond_by)
        data |= {"respond_by_0": f"{local:%Y-%m-%d}", "respond_by_1": f"{local:%H:%M:%S}"}
    for formset in page.context["inline_admin_formsets"]:
        for field in formset.formset.management_form:
            data[field.html_name] = field.value()
    return client.post(url, {**data, **fields})


class TestInquiries:
    def test_the_words_and_the_fate_of_each_letter_are_on_one_page(self, sales, inquiry):
        Message.objects.filter(to="sales@example.org").update(state="failed", error="550 Unknown")

        page = sales.get(reverse("admin:leads_inquiry_change", args=[inquiry.pk])).content.decode()

        for words in (
            "We need a ledger.",
            "sales@example.org",
            "Given up",
            "550 Unknown",
            "Waiting",
        ):
            assert words in page

    def test_nobody_edits_adds_or_deletes_one(self, admin_client, inquiry):
        url = reverse("admin:leads_inquiry_change", args=[inquiry.pk])

        assert admin_client.post(url, {"message": "Other"}).status_code == 403
        assert admin_client.get(reverse("admin:leads_inquiry_add")).status_code == 403
        delete = reverse("admin:leads_inquiry_delete", args=[inquiry.pk])
        assert admin_client.post(delete, {"post": "yes"}).status_code == 403

    def test_a_held_one_is_released_from_its_page(self, sales):
        held = intake.receive(Inquiry(**ADA), suspicions=["It was fast."])
        url = reverse("admin:leads_inquiry_change", args=[held.pk])
        assert "It was fast." in sales.get(url).content.decode()

        sales.post(reverse("admin:leads_inquiry_release", args=[held.pk]))

        held.refresh_from_db()
        assert held.lead.contact.address == "ada@example.com"

    def test_several_are_released_by_one_action(self, sales):
        held = [
            intake.receive(Inquiry(**{**ADA, "message": f"No. {n}"}), suspicions=["Fast."])
            for n in range(3)
        ]

        sales.post(
            reverse("admin:leads_inquiry_changelist"),
            {"action": "release", "_selected_action": [one.pk for one in held]},
        )

        assert not Inquiry.objects.held().exists()
        assert Lead.objects.get().inquiries.count() == 3

    def test_releasing_asks_for_the_right_and_for_a_post(self, client, sales):
        held = intake.receive(Inquiry(**ADA), suspicions=["Fast."])
        url = reverse("admin:leads_inquiry_release", args=[held.pk])

        assert sales.get(url).status_code == 405
        client.force_login(builders.user(role="Publisher"))
        assert client.post(url).status_code == 403

    def test_ten_cost_no_more_queries_than_one(self, sales, django_assert_max_num_queries):
        for number in range(10):
            intake.receive(Inquiry(**{**ADA, "email": f"a{number}@example.com"}))

        with django_assert_max_num_queries(12):
            sales.get(reverse("admin:leads_inquiry_changelist"))


class TestLeads:
    def test_the_page_shows_who_what_and_how_it_went(self, sales, lead):
        page = sales.get(reverse("admin:leads_lead_change", args=[lead.pk])).content.decode()

        for words in ("ada@example.com", "We need a ledger.", "sales@example.org", "Waiting"):
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
        assert lead.activities.get(kind="owner").text == "Mikkel takes care of it"

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

        change(sales, lead, stage="lost", lost_reason="Hired somebody")

        lead.refresh_from_db()
        assert lead.closed_at
        assert lead.activities.get(kind="stage").text == "New → Lost: Hired somebody"

    def test_a_closed_lead_opens_again_unless_its_contact_has_another(self, sales, lead):
        change(sales, lead, stage="won")
        lead.refresh_from_db()
        change(sales, lead, stage="qualified")
        lead.refresh_from_db()
        assert lead.closed_at is None

        change(sales, lead, stage="won")
        lead.refresh_from_db()
        intake.receive(Inquiry(**{**ADA, "message": "Next."}))
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

    def test_a_follow_up_is_due_on_the_desk(self, sales, person, lead):
        FollowUp.objects.create(lead=lead, text="Call", due_on=date.today(), owner=person)

        page = sales.get(reverse("admin:index")).content.decode()

        assert "<strong>1</strong> follow-ups are due" in page

    def test_an_overdue_answer_is_red(self, sales, lead):
        Lead.objects.update(respond_by=timezone.now() - timedelta(hours=1))

        page = sales.get(reverse("admin:leads_lead_changelist")).content.decode()

        assert "overdue" in page

    def test_ten_cost_no_more_queries_than_one(self, sales, django_assert_max_num_queries):
        for number in range(10):
            intake.receive(
                Inquiry(**{**ADA, "email": f"a{number}@example.com", "company": f"C{number}"})
            )

        with django_assert_max_num_queries(14):
            sales.get(reverse("admin:leads_lead_changelist"))


def test_nobody_named_to_be_told_is_said_in_red_on_the_desk(sales):
    page = sales.get(reverse("admin:index")).content.decode()

    assert "nobody is told of them" in page


@pytest.mark.parametrize(("answer", "is_listed"), [("waiting", True), ("overdue", False)])
def test_the_desk_leads_to_the_leads_it_counts(sales, lead, answer, is_listed):
    Lead.objects.update(stage=Lead.Stage.CONTACTED)  # answered once, and asking again

    listed = sales.get(reverse("admin:leads_lead_changelist"), {"answer": answer})

    assert ("Ada" in listed.content.decode()) == is_listed
