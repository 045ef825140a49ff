from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from leads.intake import receiving
from leads.models import Activity, Company, Contact, Inquiry, Lead
from leads.pipeline import moves
from tests import builders

ADA = {"name": "Ada", "email": "ada@example.com", "message": "We need a ledger."}
KEY = "3f2b8c1e-9a4d-4e6f-8b7a-1c2d3e4f5a6b"

pytestmark = pytest.mark.django_db


def send(client, **fields):
    return client.post(reverse("leads:contact"), {**ADA, **fields})


def test_an_inquiry_is_kept_word_for_word(client):
    message = "  Two lines,\n\tone of them <b>bold</b>.\r\nAnd עברית, too. "

    send(client, message=message, company="Analytical Engines")

    inquiry = Inquiry.objects.get()
    assert inquiry.message == message.strip()
    assert (inquiry.name, inquiry.email) == ("Ada", "ada@example.com")
    assert inquiry.company == "Analytical Engines"


def test_an_inquiry_becomes_a_lead_of_its_contact(client):
    send(client, company="Analytical Engines")

    lead = Lead.objects.get()
    assert lead.stage == Lead.Stage.NEW
    assert lead.contact.address == "ada@example.com"
    assert lead.contact.company.name == "Analytical Engines"
    assert lead.respond_by > timezone.now()
    assert [activity.kind for activity in lead.activities.all()] == [Activity.Kind.INQUIRY]


def test_an_inquiry_remembers_the_article_that_earned_it(client):
    article = builders.article()

    send(client, about=article.slug, page=article.get_absolute_url())

    inquiry = Inquiry.objects.get()
    assert inquiry.article == article
    assert inquiry.source_path == article.get_absolute_url()


@pytest.mark.parametrize("slug", ["no-such-article", "x" * 5000, "../../etc", ""])
def test_a_forged_article_is_nobodys(client, slug):
    response = send(client, about=slug)

    assert response.status_code == 302
    assert Inquiry.objects.get().article is None


@pytest.mark.parametrize("page", ["https://evil.example/", "//evil.example", "/\\evil.example"])
def test_a_page_that_is_not_ours_is_not_kept(client, page):
    send(client, page=page)

    assert Inquiry.objects.get().source_path == ""


def test_the_headquarters_gets_the_inquiry(client):
    builders.office()
    headquarters = builders.office(is_headquarters=True)

    send(client)

    assert Inquiry.objects.get().office == headquarters
    assert Lead.objects.get().office == headquarters


class TestTheSameInquiry:
    def test_a_double_click_with_the_key_of_the_script_is_one_inquiry(self, client):
        first, second = send(client, key=KEY), send(client, key=KEY)

        assert Inquiry.objects.count() == 1
        assert first.url == second.url
        assert first.url.startswith(reverse("leads:thanks"))

    def test_a_replay_days_later_under_the_same_key_is_still_the_same(self, client, time_machine):
        send(client, key=KEY)

        time_machine.move_to(timezone.now() + timedelta(days=9))
        send(client, key=KEY)

        assert Inquiry.objects.count() == 1

    def test_other_words_under_an_old_key_are_another_inquiry(self, client):
        send(client, key=KEY)
        send(client, key=KEY, message="And a second thing.")

        assert Inquiry.objects.count() == 2

    def test_without_script_the_same_words_within_a_day_are_one_inquiry(self, client):
        send(client)
        send(client, email=" ADA@example.com ", message="We  need\na ledger.")

        assert Inquiry.objects.count() == 1

    def test_without_script_midnight_makes_no_second_inquiry(self, client, time_machine):
        time_machine.move_to("2026-03-01T23:59:58Z")
        send(client)
        time_machine.move_to("2026-03-02T00:00:02Z")
        send(client)

        assert Inquiry.objects.count() == 1

    def test_without_script_the_same_words_two_days_later_are_a_second_one(
        self, client, time_machine
    ):
        send(client)
        time_machine.move_to(timezone.now() + timedelta(days=2))
        send(client)

        assert Inquiry.objects.count() == 2

    def test_a_program_that_holds_the_key_back_is_not_trusted_with_a_broken_one(self, client):
        send(client, key="short")
        send(client, key="';--")

        assert Inquiry.objects.count() == 1


class TestTheSamePerson:
    def test_a_second_inquiry_joins_the_open_lead(self, client):
        send(client)
        send(client, email="Ada@Example.com", message="One more thing.")

        assert Contact.objects.count() == Lead.objects.count() == 1
        assert Lead.objects.get().inquiries.count() == 2

    def test_an_answered_lead_waits_for_an_answer_again(self, client):
        send(client)
        moves.answer(Lead.objects.get(), by=None, at=timezone.now())

        send(client, message="Are you there?")

        lead = Lead.objects.get()
        assert lead.responded_at is None
        assert lead.stage == Lead.Stage.CONTACTED

    def test_after_a_closed_lead_there_is_a_new_one(self, client):
        send(client)
        Lead.objects.update(stage=Lead.Stage.WON, closed_at=timezone.now())

        send(client, message="The next project.")

        assert Lead.objects.count() == 2
        assert Lead.objects.open().count() == 1


class TestHeldBack:
    def test_what_looks_like_spam_is_thanked_and_held(self, client):
        response = send(client, reference_2="x", message="Free spins, no deposit bonus")

        inquiry = Inquiry.objects.get()
        assert response.url.startswith(reverse("leads:thanks"))
        assert inquiry.is_suspected
        assert inquiry.reasons == [
            "The hidden field was filled in. (+5)",
            "Gambling: “free spins”, “no deposit bonus”. (+4)",
            "Sent without JavaScript. (+1)",
            "Nothing that people who need us say. (+1)",
        ]
        assert not Lead.objects.exists() and not Contact.objects.exists()

    @pytest.mark.parametrize("seconds", ["", "soon", "nan", "-5e999", "١٢"])
    def test_a_time_that_is_missing_or_nonsense_is_held_against_nobody(self, client, seconds):
        send(client, seconds=seconds)

        assert not Inquiry.objects.get().is_suspected

    def test_a_held_inquiry_sent_twice_is_kept_once(self, client):
        for _ in range(2):
            send(client, reference_2="x", message="Free spins, no deposit bonus", key=KEY)

        assert Inquiry.objects.count() == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("key", [KEY, ""])
def test_clicks_at_the_same_moment_are_one_inquiry(client, key):
    def click(_):
        try:
            return send(type(client)(), key=key).url
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as people:
        answers = list(people.map(click, range(4)))

    [thanks] = set(answers)
    assert thanks.startswith(reverse("leads:thanks"))
    assert Inquiry.objects.count() == Lead.objects.count() == Contact.objects.count() == 1


class TestTheOffice:
    @pytest.fixture
    def offices(self):
        builders.office(is_headquarters=True, slug="copenhagen")
        return builders.office(slug="riyadh", timezone="Asia/Riyadh", weekdays="12347")

    @pytest.mark.parametrize(
        "page",
        ["/offices/riyadh/", "/offices/riyadh", "/offices/riyadh/?utm=1", "/offices/riyadh/#a"],
    )
    def test_an_inquiry_from_its_page_belongs_to_it_and_so_does_the_clock(
        self, client, offices, page
    ):
        send(client, page=page)

        inquiry = Inquiry.objects.get()
        assert inquiry.office == inquiry.lead.office == offices
        due = inquiry.lead.respond_by.astimezone(ZoneInfo("Asia/Riyadh"))
        assert due.isoweekday() not in (5, 6)

    @pytest.mark.parametrize(
        "page",
        [
            "/",
            "/offices/",
            "/offices/atlantis/",
            "/offices/hidden/",
            "/contact/",
            "",
            "//x/[",
            "/%",
        ],
    )
    def test_one_from_any_other_page_belongs_to_the_headquarters(self, client, offices, page):
        builders.office(slug="hidden", is_listed=False)

        send(client, page=page)

        assert Inquiry.objects.get().office.slug == "copenhagen"

    def test_suspected_spam_keeps_it_until_it_is_found_to_be_none(self, client, offices):
        send(client, page="/offices/riyadh/", reference_2="x", message="Free spins")

        receiving.mark_not_spam(Inquiry.objects.get(), by=builders.user(), at=timezone.now())

        assert Lead.objects.get().office == offices


SPELLINGS = [
    "Info@bücher.example", "info@xn--bcher-kva.example", "info@bu\u0308cher.example",
    '"info"@BÜCHER.example', "info@ｂücher.example",
]  # fmt: skip


def test_a_person_is_one_however_they_spell_their_address():
    for number, email in enumerate(SPELLINGS):
        receiving.receive(Inquiry(name="Ada", email=email, message=f"Number {number}"))

    contact = Contact.objects.get()
    assert contact.address == "info@xn--bcher-kva.example"
    assert {inquiry.email.lower() for inquiry in contact.inquiries.all()} == {"info@bücher.example"}


def test_the_same_words_in_another_spelling_are_the_same_inquiry():
    first = receiving.receive(Inquiry(name="Ada", email=SPELLINGS[0], message="Café"))
    again = receiving.receive(Inquiry(name="Ada", email=SPELLINGS[3], message="Cafe\u0301"))

    assert again == first


@pytest.mark.parametrize(
    ("one", "other"),
    [("Café", "Cafe\u0301"), ("Ærø Shipping", "ÆRØ SHIPPING"), ("Ärzte", "ärzte")],
)
def test_a_company_is_one_in_any_case_composed_or_not(one, other):
    for number, name in enumerate([one, other]):
        receiving.receive(
            Inquiry(name="Ada", email=f"a{number}@example.com", company=name, message="Hello")
        )

    assert Company.objects.get().name == one


def test_a_name_keeps_its_joiners():
    name = "علی\u200cرضا"

    inquiry = receiving.receive(Inquiry(name=name, email="a@example.com", message="Hello"))

    assert inquiry.contact.name == name
