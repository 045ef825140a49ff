"""The pages of a person and of a company."""

from datetime import timedelta
from decimal import Decimal

import lxml.html
import pytest
from django.urls import reverse
from django.utils import timezone

from desk.models import Act
from leads.acts import doing, revising
from leads.intake import receiving, spam_marks
from leads.messages.tasks import notify_about_inquiry
from leads.models import Change, Company, Contact, Inquiry, InquiryAssessment, Lead, Recipient
from leads.pipeline import moves
from mail.models import Message
from tests import builders

pytestmark = pytest.mark.django_db


@pytest.fixture
def lone():
    return builders.user(role="Sales", name="Lone Vestergaard")


@pytest.fixture
def desk(client, lone):
    client.force_login(lone)
    return client


def receive(name="Ada", email="", message="We need a ledger.", **fields) -> Inquiry:
    address = email or f"{name.split()[0].lower()}@nordpay.dk"
    inquiry = Inquiry(name=name, email=address, message=message, company="NordPay", **fields)
    return receiving.receive(inquiry)


def close(lead, *, by, won=True, value=52000, at=None):
    at = at or timezone.now()
    if won:
        moves.move(lead, "won", by=by, at=at, value=Decimal(value), currency="DKK")
    else:
        moves.move(lead, "lost", by=by, at=at, lost_because="budget")


def text_of(page) -> str:
    """What a person reads in the main part, on one line."""
    [main] = lxml.html.fromstring(page.text).xpath("//main")
    return " ".join(main.text_content().split())


def person(contact, **query) -> str:
    return reverse("admin:person", args=[contact.pk], query=query or None)


def company(one, **query) -> str:
    return reverse("admin:company", args=[one.pk], query=query or None)


@pytest.fixture
def ada(lone):
    """A client who writes again, with everything that there can be."""
    Recipient.objects.create(email="sales@example.net")
    article = builders.article(text={"title": "Asked Twice, Done Once"})
    first = receive(message="Do you do archives?", article=article)
    moves.assign(first.lead, lone, by=lone, at=timezone.now())
    moves.answer(first.lead, by=lone, at=timezone.now())
    moves.note(first.lead, "She pays on time.", by=lone, at=timezone.now())
    close(first.lead, by=lone)
    builders.question_set()
    again = receive(message="We would like you back.")
    InquiryAssessment.objects.create(inquiry=again, assessment=builders.assessment())
    notify_about_inquiry(again.pk)
    revising.revise_person(again.contact, {"phone": "+45 55 55 01 23"}, by=lone, at=timezone.now())
    return Contact.objects.get()


class TestAPerson:
    def test_everything_about_them_is_in_one_history_the_latest_first(self, desk, ada):
        page = desk.get(person(ada))

        said = [(entry.who, entry.text, entry.words) for entry in page.context["history"].entries]
        assert said[0] == ("Lone", "Phone: none → +45 55 55 01 23", "")
        order = [
            "Phone: none",  # what was changed
            "queued",  # the acknowledgment with its delivery state
            "of 100",  # the assessment with its result
            "We would like you back.",
            "Contacted → Won",
            "She pays on time.",
            "answered",
            "Do you do archives?",
        ]
        text = "\n".join(" ".join(parts) for parts in said)
        assert [text.index(words) for words in order] == sorted(text.index(one) for one in order)

    def test_each_lead_is_an_arch(self, desk, ada, lone):
        page = desk.get(person(ada))

        won, latest = page.context["person"].arches
        assert (won.title, won.outcome, won.style) == (
            "Do you do archives?", "Won 52,000 DKK", "arch--won",
        )  # fmt: skip
        assert (latest.title, latest.outcome, latest.style) == (
            "We would like you back.", "New", "arch--open",
        )  # fmt: skip
        assert latest.when.endswith(" left")
        assert page.text.count('class="ball"') == 1

    def test_more_than_nine_leads_say_how_many_came_before(self, desk, lone):
        for number in range(12):
            close(receive(message=f"Number {number}").lead, by=lone, won=number % 2 == 0)

        page = desk.get(person(Contact.objects.get()))

        arches = page.context["person"].arches
        assert [arch.title for arch in arches] == [f"Number {number}" for number in range(3, 12)]
        assert "3 leads came before these" in page.text

    def test_it_says_what_was_won_when_and_by_whom(self, desk, ada):
        won = timezone.localtime(ada.leads.get(stage="won").closed_at)

        text = text_of(desk.get(person(ada)))

        assert f"Client won 52,000 DKK, {won:%-d %b %Y}, Lone" in text

    def test_of_several_won_leads_it_says_the_whole_too(self, desk, lone):
        for number, value in enumerate([100, 250]):
            close(receive(message=f"Number {number}").lead, by=lone, value=value)

        text = text_of(desk.get(person(Contact.objects.get())))

        assert "won 250 DKK" in text and "2 leads won in all, 350 DKK" in text

    def test_who_has_won_nothing_is_no_client(self, desk):
        assert "Not a client yet" in text_of(desk.get(person(receive().contact)))

    def test_the_article_and_the_colleagues_stand_beside(self, desk, ada):
        bo = receive("Bo")

        text = text_of(desk.get(person(ada)))

        assert "Wrote from Asked Twice, Done Once" in text
        assert "Bo open lead, New" in text
        assert person(bo.contact) in desk.get(person(ada)).text

    def test_mail_and_phone_are_links_and_their_time_is_told(self, desk, ada, lone):
        revising.revise_person(ada, {"timezone": "Asia/Tokyo"}, by=lone, at=timezone.now())

        page = desk.get(person(ada)).text

        assert 'href="mailto:ada@nordpay.dk"' in page and 'href="tel:+4555550123"' in page
        assert "Tokyo" in page

    def test_spam_keeps_its_words_and_says_who_marked_it(self, desk, lone):
        inquiry = receive()
        spam_marks.mark(inquiry, by=lone, at=timezone.now())

        text = text_of(desk.get(person(inquiry.contact)))

        assert "We need a ledger." in text and "Marked as spam by Lone Vestergaard" in text

    def test_a_failed_email_is_said(self, desk, ada):
        Message.objects.filter(to="ada@nordpay.dk").update(state="failed", error="No such mailbox")

        assert "No such mailbox" in text_of(desk.get(person(ada)))


class TestPaging:
    def test_300_inquiries_are_read_page_by_page_each_once_whatever_comes_meanwhile(self, desk):
        first = receive()
        at = first.received_at
        rows = [
            Inquiry(
                name="Ada", email="ada@nordpay.dk", message=f"Number {number}",
                received_at=at - timedelta(minutes=number // 3), submission_key=f"key {number}",
                fingerprint=str(number), contact=first.contact, lead=first.lead,
                wording=first.wording,
            )
            for number in range(300)
        ]  # fmt: skip
        Inquiry.objects.bulk_create(rows)
        url, seen = person(first.contact), []

        while url:
            page = desk.get(url).context["history"]
            seen += [entry.words for entry in page.entries if entry.words]
            url = person(first.contact, before=str(page.next)) if page.next else ""
            if len(seen) == len(page.entries):
                receive(message="I write once more while you read.")

        numbered = [words for words in seen if words.startswith("Number")]
        assert sorted(numbered) == sorted(f"Number {number}" for number in range(300))
        assert "I write once more while you read." not in seen

    @pytest.mark.parametrize(
        "place", ["x", "2026-13-45~0~1", "2026-01-01T00:00~0~1", "~~", "²~³~¹"]
    )
    def test_a_place_that_is_none_is_the_beginning(self, desk, ada, place):
        assert desk.get(person(ada, before=place)).context["history"].entries

    def test_a_company_of_many_pages_its_people_and_leads(self, desk):
        firm = Company.objects.create(name="NordPay", domain="nordpay.dk")
        people = Contact.objects.bulk_create(
            Contact(
                name=f"Person {number}", email=f"p{number}@nordpay.dk",
                address=f"p{number}@nordpay.dk", company=firm,
            )
            for number in range(60)
        )  # fmt: skip
        Lead.objects.bulk_create(Lead(contact=one) for one in people[:40])
        found = {"people": [], "leads": []}
        for name, lines in found.items():
            more = {}
            while more is not None:
                page = desk.get(company(firm, **more))
                lines += [getattr(one, "pk", None) or one.lead.pk for one in page.context[name]]
                place = page.context[f"more_{name}"]
                more = {name: place} if place else None

        assert len(found["people"]) == len(set(found["people"])) == 60
        assert set(found["people"][:40]) == {one.pk for one in people[:40]}  # with an open lead
        assert len(found["leads"]) == len(set(found["leads"])) == 40


CHANGES = {
    "name": ("name", "Ada King"),
    "email": ("email", "ada@lind.example"),
    "company": ("company__name", "Lind"),
    "job_title": ("job_title", "CTO"),
    "phone": ("phone", "+45 1"),
    "timezone": ("timezone", "Europe/Paris"),
}


def form_of(page, key):
    return {"was": page.context["forms"][key].initial["was"]}


class TestChangingAFact:
    @pytest.mark.parametrize("key", CHANGES)
    def test_it_is_changed_in_its_place_and_can_be_taken_back(self, desk, ada, key):
        column, value = CHANGES[key]
        before = Contact.objects.values_list(column, flat=True).get()
        sent = form_of(desk.get(person(ada)), key) | {key: value}

        answer = desk.post(reverse("admin:change_person", args=[ada.pk, key]), sent, follow=True)

        assert Contact.objects.values_list(column, flat=True).get() == value
        assert "Undo" in answer.text
        desk.post(reverse("admin:undo"), {"act": Act.objects.first().pk})
        assert Contact.objects.values_list(column, flat=True).get() == before

    def test_a_city_is_enough_for_a_time_zone(self, desk, ada):
        sent = form_of(desk.get(person(ada)), "timezone") | {"timezone": "copenhagen"}

        desk.post(reverse("admin:change_person", args=[ada.pk, "timezone"]), sent)

        assert Contact.objects.get().timezone == "Europe/Copenhagen"

    @pytest.mark.parametrize("key", CHANGES)
    def test_what_a_colleague_has_changed_since_is_shown_before_it_is_lost(self, desk, ada, key):
        column, value = CHANGES[key]
        sent = form_of(desk.get(person(ada)), key)
        mikkel = builders.user(role="Sales", name="Mikkel Sørensen")
        theirs = {
            "name": "Augusta", "email": "a@lind.example", "job_title": "CEO", "phone": "+45 2",
            "timezone": "Asia/Tokyo",
        }  # fmt: skip
        if key == "company":
            revising.employ(ada, "Theirs", by=mikkel, at=timezone.now())
        else:
            revising.revise_person(ada, {key: theirs[key]}, by=mikkel, at=timezone.now())
        url = reverse("admin:change_person", args=[ada.pk, key])

        answer = desk.post(url, sent | {key: value})

        assert answer.status_code == 422
        assert "A colleague has changed this since you opened the page." in answer.text
        assert (theirs | {"company": "Theirs"})[key] in answer.text
        shown = answer.context["forms"][key]
        assert shown[key].value() == value
        desk.post(url, {"was": shown["was"].value(), key: value})
        assert Contact.objects.values_list(column, flat=True).get() == value

    def test_two_people_at_different_facts_lose_nothing(self, desk, ada):
        page = desk.get(person(ada))
        mikkel = builders.user(role="Sales")
        revising.revise_person(ada, {"job_title": "CEO"}, by=mikkel, at=timezone.now())

        sent = form_of(page, "phone") | {"phone": "+45 1"}
        desk.post(reverse("admin:change_person", args=[ada.pk, "phone"]), sent)

        ada.refresh_from_db()
        assert (ada.job_title, ada.phone) == ("CEO", "+45 1")

    @pytest.mark.parametrize(
        ("key", "value", "said"),
        [
            ("name", " \u200b ", "Write a name."),
            ("name", "", "This field is required."),
            ("email", "nobody", "This does not look like an email address."),
            ("email", "bo@nordpay.dk", "Another person has this address."),
            ("timezone", "Lindenfreight", "No such time zone."),
            ("phone", "1" * 41, "at most 40 characters"),
        ],
    )
    def test_what_cannot_be_is_said_beside_the_field_with_what_was_typed(
        self, desk, ada, key, value, said
    ):
        receive("Bo")
        sent = form_of(desk.get(person(ada)), key) | {key: value}
        changes = Change.objects.count()

        answer = desk.post(reverse("admin:change_person", args=[ada.pk, key]), sent)

        assert answer.status_code == 422
        assert said in answer.text
        assert answer.context["forms"][key][key].value() == value
        assert Change.objects.count() == changes

    def test_a_note_goes_to_the_open_lead(self, desk, ada):
        desk.post(reverse("admin:change_person", args=[ada.pk, "note"]), {"note": "Called."})

        assert ada.leads.get(closed_at=None).activities.filter(kind="note").get().text == "Called."

    def test_who_was_erased_meanwhile_is_said(self, desk, ada):
        url = reverse("admin:change_person", args=[ada.pk + 1, "phone"])

        for answer in (
            desk.get(reverse("admin:person", args=[ada.pk + 1]), follow=True),
            desk.post(url, {"phone": "1"}, follow=True),
            desk.get(reverse("admin:company", args=[99]), follow=True),
        ):
            assert "is no longer here. It may have been erased." in answer.text


class TestACompany:
    def test_it_shows_people_leads_and_sums_by_currency(self, desk, ada, lone):
        bo = receive("Bo", message="A refund flow.")
        doing.move([bo.lead], "proposal", by=lone, at=timezone.now(), value=Decimal(8000))
        eve = receive("Eve", message="An archive.")
        close(eve.lead, by=lone, won=False)

        page = desk.get(company(ada.company))
        text = text_of(page)

        assert "Won 52,000 DKK, 1 lead" in text
        assert "Open 8,000 EUR, 2 leads" in text
        assert "People 3" in text
        assert "Ada open lead, New, Lone, client" in text
        assert "Eve, Lost, no budget" in text
        assert "Bo, Proposal sent, 8,000 EUR" in text
        assert "A refund flow." in text and "Do you do archives?" in text

    def test_whoever_is_at_its_domain_belongs_to_it(self, desk):
        firm = Company.objects.create(name="NordPay", domain="nordpay.dk")
        Contact.objects.create(name="Bo", email="bo@nordpay.dk")
        other = Company.objects.create(name="Lind")
        Contact.objects.create(name="Eve", email="eve@nordpay.dk", company=other)

        [line] = desk.get(company(firm)).context["people"]

        assert line.name == "Bo"

    def test_an_empty_one_says_so(self, desk):
        text = text_of(desk.get(company(Company.objects.create(name="Empty"))))

        assert "Nobody yet." in text and "No leads yet." in text

    @pytest.mark.parametrize(
        ("key", "value", "kept"),
        [("name", "NordPay Group", "NordPay Group"), ("domain", "www.nordbank.dk", "nordbank.dk")],
    )
    def test_name_and_domain_are_changed_in_their_place(self, desk, ada, key, value, kept):
        url = reverse("admin:change_company", args=[ada.company.pk, key])
        sent = form_of(desk.get(company(ada.company)), key) | {key: value}

        desk.post(url, sent)

        ada.company.refresh_from_db()
        assert getattr(ada.company, key) == kept

    @pytest.mark.parametrize(
        ("key", "value", "said"),
        [
            ("name", "lind", "This company already exists."),
            ("domain", "lind.example", "Another company has this domain."),
            ("domain", "gmail.com", "it is no company’s."),
            ("domain", "nordpay", "Write a domain like example.com."),
        ],
    )
    def test_what_another_has_is_refused(self, desk, ada, key, value, said):
        Company.objects.create(name="Lind", domain="lind.example")
        sent = form_of(desk.get(company(ada.company)), key) | {key: value}

        answer = desk.post(reverse("admin:change_company", args=[ada.company.pk, key]), sent)

        assert answer.status_code == 422 and said in answer.text


class TestWhoMay:
    @pytest.mark.parametrize("role", ["Author", "Publisher"])
    def test_who_does_not_sell_sees_neither(self, ada, role):
        browser = builders.signed_in(role)

        assert browser.get(person(ada)).status_code == 403
        assert browser.get(company(ada.company)).status_code == 403
        url = reverse("admin:change_person", args=[ada.pk, "phone"])
        assert browser.post(url, {"phone": "1"}).status_code == 403

    def test_a_visitor_is_asked_to_sign_in(self, client, ada):
        assert client.get(person(ada)).status_code == 302


class TestSpeed:
    def test_both_pages_ask_fifteen_queries_at_most(self, desk, ada, django_assert_max_num_queries):
        for number in range(5):
            receive(f"Person{number}")
        for url in (person(ada), company(ada.company)):
            desk.get(url)
            with django_assert_max_num_queries(15):
                desk.get(url)


def test_the_stock_forms_lead_to_the_pages_and_back(desk, ada):
    stock = desk.get(reverse("admin:leads_contact_change", args=[ada.pk])).text
    of_the_company = desk.get(reverse("admin:leads_company_change", args=[ada.company.pk])).text

    assert person(ada) in stock and company(ada.company) in of_the_company
    assert reverse("admin:leads_contact_change", args=[ada.pk]) in desk.get(person(ada)).text


@pytest.mark.parametrize("name", ["Q" * 119, "علي الرضا", "<script>alert(1)</script>"])
def test_any_name_is_shown_as_it_is(desk, name):
    contact = receive("Ada", email="odd@nordpay.dk").contact
    Contact.objects.filter(pk=contact.pk).update(name=name)

    page = desk.get(person(contact))

    assert page.status_code == 200 and "<script>alert" not in page.text
