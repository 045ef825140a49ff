"""What we know of people and companies: changing it, and taking that back."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from desk import acts
from desk.models import Act
from leads.acts import doing, revising, undoing
from leads.intake import receiving
from leads.models import Change, Company, Contact, Inquiry
from tests import builders
from tests.forms import filled_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada() -> Contact:
    inquiry = Inquiry(name="Ada", email="ada@nordpay.dk", company="NordPay", message="Hello.")
    return receiving.receive(inquiry).contact


@pytest.fixture
def mikkel():
    return builders.user(role="Sales", name="Mikkel Sørensen")


@pytest.fixture
def lone():
    return builders.user(role="Sales", name="Lone Vestergaard")


def state():
    people = list(Contact.objects.order_by("pk").values())
    return people, list(Company.objects.order_by("pk").values())


ACTS = {
    "name": lambda ada, by, at: revising.revise_person(ada, {"name": "Ada King"}, by=by, at=at),
    "email": lambda ada, by, at: revising.revise_person(
        ada, {"email": "ada@lind.example"}, by=by, at=at
    ),
    "several": lambda ada, by, at: revising.revise_person(
        ada,
        {"phone": "+45 40 11 22 33", "job_title": "CTO", "timezone": "Europe/Paris"},
        by=by,
        at=at,
    ),
    "a new company": lambda ada, by, at: revising.employ(ada, "Lind", by=by, at=at),
    "no company": lambda ada, by, at: revising.employ(ada, " ", by=by, at=at),
    "the company's name": lambda ada, by, at: revising.revise_company(
        ada.company, {"name": "NordPay Group"}, by=by, at=at
    ),
    "the company's domain": lambda ada, by, at: revising.revise_company(
        ada.company, {"domain": "https://www.nordbank.dk/"}, by=by, at=at
    ),
}
OF_A_PERSON = [name for name in ACTS if not name.startswith("the company")]


class TestEachActAndItsOpposite:
    @pytest.mark.parametrize("name", ACTS)
    def test_undo_puts_everything_back_and_both_are_in_the_history(self, ada, mikkel, name):
        before = state()

        done = ACTS[name](ada, mikkel, timezone.now())
        changed = state()
        said = undoing.take_back(done.act, mikkel, timezone.now())

        assert done.count == 1
        assert changed != before
        assert said == ["Undone."]
        assert state() == before
        [undone, line] = Change.objects.all()
        assert "→" in line.text
        assert undone.text == f"Taken back: {line.text}"
        assert {line.by, undone.by} == {mikkel}

    @pytest.mark.parametrize("name", ACTS)
    def test_undo_after_a_colleague_has_changed_it_is_refused(self, ada, mikkel, lone, name):
        done = ACTS[name](ada, mikkel, timezone.now())
        if name in OF_A_PERSON:
            revising.revise_person(ada, {"job_title": "CEO"}, by=lone, at=timezone.now())
        else:
            revising.revise_company(ada.company, {"name": "Pay"}, by=lone, at=timezone.now())
        after = state()

        [said] = undoing.take_back(done.act, mikkel, timezone.now())

        assert "was not changed: Lone Vestergaard has changed it since (" in said
        assert state() == after

    @pytest.mark.parametrize("name", OF_A_PERSON)
    def test_undo_after_a_colleague_has_worked_on_a_lead_of_theirs_is_refused(
        self, ada, mikkel, lone, name
    ):
        done = ACTS[name](ada, mikkel, timezone.now())
        doing.note(ada.leads.get(), "They called me.", by=lone, at=timezone.now())

        [said] = undoing.take_back(done.act, mikkel, timezone.now())

        assert said.endswith("Lone Vestergaard has worked on it since (They called me.).")

    def test_undo_of_the_first_of_two_changes_asks_for_the_second_to_go_first(self, ada, mikkel):
        first = revising.revise_person(ada, {"phone": "1"}, by=mikkel, at=timezone.now())
        other = revising.revise_person(ada, {"job_title": "CTO"}, by=mikkel, at=timezone.now())
        revising.revise_person(ada, {"phone": "2"}, by=mikkel, at=timezone.now())

        [said] = acts.take_back(first.act.pk, by=mikkel, now=timezone.now())

        assert said.endswith("you have changed it again since. Undo that first.")
        assert not Act.objects.get(pk=first.act.pk).undone_at
        assert undoing.take_back(other.act, mikkel, timezone.now()) == ["Undone."]

    def test_an_act_tells_what_was_changed(self, ada, mikkel):
        done = revising.revise_person(ada, {"phone": "1"}, by=mikkel, at=timezone.now())

        assert undoing.tell(done.act) == "Ada: Phone: none → 1"


class TestWhatCannotBe:
    def test_nothing_changed_is_no_act(self, ada, mikkel):
        done = revising.revise_person(ada, {"name": "Ada"}, by=mikkel, at=timezone.now())

        assert (done.act, done.left_out) == (None, ["Nothing has changed."])
        assert not Change.objects.exists()

    def test_two_people_never_have_one_address(self, ada, mikkel):
        Contact.objects.create(name="Bo", email="bo@lind.example")

        with pytest.raises(ValidationError) as refused:
            revising.revise_person(ada, {"email": "BO@lind.example"}, by=mikkel, at=timezone.now())

        assert refused.value.message_dict == {"email": ["Another person has this address."]}

    @pytest.mark.parametrize(
        "changes", [{"name": "LIND"}, {"domain": "mail.lind.example"}, {"domain": "gmail.com"}]
    )
    def test_two_companies_never_have_one_name_or_domain(self, ada, mikkel, changes):
        Company.objects.create(name="Lind", domain="lind.example")

        with pytest.raises(ValidationError):
            revising.revise_company(ada.company, changes, by=mikkel, at=timezone.now())

    def test_undo_does_not_take_an_address_that_someone_else_has_by_now(self, ada, mikkel):
        done = revising.revise_person(
            ada, {"email": "a@lind.example"}, by=mikkel, at=timezone.now()
        )
        Contact.objects.create(name="Eva", email="ada@nordpay.dk")

        [said] = undoing.take_back(done.act, mikkel, timezone.now())

        assert said == "Ada was not changed: another one has what was there before."

    def test_who_was_erased_meanwhile_is_said(self, ada, mikkel):
        stale = Contact.objects.get()
        done = revising.revise_person(ada, {"phone": "1"}, by=mikkel, at=timezone.now())
        Inquiry.objects.all().delete()
        ada.leads.all().delete()
        ada.delete()

        assert undoing.take_back(done.act, mikkel, timezone.now()) == [
            "There is nothing left to undo."
        ]
        gone = revising.revise_person(stale, {"phone": "2"}, by=mikkel, at=timezone.now())
        assert gone.left_out == ["1 record had already been erased."]

    @pytest.mark.parametrize("of", ["neither", "both"])
    def test_a_change_is_of_a_person_or_a_company(self, ada, of):
        both = {"contact": ada, "company": ada.company}

        with pytest.raises(IntegrityError), transaction.atomic():
            Change.objects.create(text="?", **(both if of == "both" else {}))


class TestEmploying:
    def test_a_known_company_is_taken_by_its_name_without_its_legal_form(self, ada, mikkel):
        lind = Company.objects.create(name="Lind GmbH")

        revising.employ(ada, "lind", by=mikkel, at=timezone.now())

        ada.refresh_from_db()
        assert ada.company == lind

    def test_a_new_one_does_not_get_a_domain_that_another_has(self, ada, mikkel):
        revising.employ(ada, "Lind", by=mikkel, at=timezone.now())

        assert Company.objects.get(name="Lind").domain == ""

    def test_undo_keeps_a_new_company_where_someone_else_works_by_now(self, ada, mikkel):
        done = revising.employ(ada, "Lind", by=mikkel, at=timezone.now())
        lind = Company.objects.get(name="Lind")
        Contact.objects.create(name="Eva", email="eva@lind.example", company=lind)

        undoing.take_back(done.act, mikkel, timezone.now())

        assert Company.objects.filter(pk=lind.pk).exists()


class TestTheStockForms:
    def test_they_leave_a_line_as_well(self, ada):
        browser = builders.signed_in("Sales")
        at = reverse("admin:leads_contact_change", args=[ada.pk])

        browser.post(at, filled_in(browser.get(at), "contact_form", "_save", phone="+45 1"))

        assert ada.changes.get().text == "Phone: none → +45 1"

    def test_a_company_s_domain_may_be_typed_as_a_link(self, ada):
        browser = builders.signed_in("Sales")
        at = reverse("admin:leads_company_change", args=[ada.company.pk])
        typed = "https://nordbank.dk/about"

        browser.post(at, filled_in(browser.get(at), "company_form", "_save", domain=typed))

        ada.company.refresh_from_db()
        assert ada.company.domain == "nordbank.dk"
        assert ada.company.changes.get().text == "Domain: nordpay.dk → nordbank.dk"


def test_changes_go_with_their_person_and_a_company_s_with_the_company(ada, mikkel):
    at = timezone.now() - timedelta(minutes=1)
    revising.revise_person(ada, {"phone": "1"}, by=mikkel, at=at)
    revising.revise_company(ada.company, {"name": "Pay"}, by=mikkel, at=at)

    company = ada.company
    Inquiry.objects.all().delete()
    ada.leads.all().delete()
    ada.delete()
    company.delete()

    assert not Change.objects.exists()
