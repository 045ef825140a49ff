"""Whom people work for: by the domain of their address, and by the name they type."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import connection, transaction
from django.utils import timezone

from leads.company_names import company_key
from leads.inbox import rows
from leads.intake import receiving
from leads.models import Company, Contact, Inquiry, Lead
from leads.pipeline import companies
from leads.standing import standings
from tests import builders
from tests.builders import SPAM

pytestmark = pytest.mark.django_db


def receive(name="Ada", email="ada@nordpay.dk", company="", **fields) -> Contact:
    sent = receiving.receive(
        Inquiry(name=name, email=email, company=company, message=f"{name} needs it."), **fields
    )
    return sent.contact


class TestTheDomainOfAPerson:
    def test_it_is_filled_however_they_are_saved(self):
        one = Contact.objects.create(name="Ada", email="ada@mail.nordpay.dk")
        [many] = Contact.objects.bulk_create([Contact(name="Bo", email="bo@bücher.example")])

        assert (one.domain, many.domain) == ("nordpay.dk", "bücher.example")
        assert many.address == "bo@xn--bcher-kva.example"

    def test_it_follows_the_address_also_where_nothing_else_is_saved(self):
        person = Contact.objects.create(name="Ada", email="ada@nordpay.dk")

        person.email = "ada@lind.example"
        person.save(update_fields=["email"])

        person.refresh_from_db()
        assert (person.domain, person.address) == ("lind.example", "ada@lind.example")

    def test_free_mail_has_none(self):
        assert Contact.objects.create(name="Ada", email="ada@gmail.com").domain == ""


class TestTheNameOfACompany:
    @pytest.mark.parametrize(
        "name",
        ["NordPay", "NordPay A/S", "NordPay ApS", "nordpay a.s.", "NORDPAY, Inc.", "NordPay GmbH",
         "NordPay GmbH & Co. KG", "NordPay Ltd.", "NordPay S.A.", "NordPay Sp. z o.o.",
         "NordPay sp. z o. o.", "PT NordPay", "PT. NordPay Tbk", "NordPay Pty. Ltd.", "NordPay SpA",
         "NordPay S.p.A.", "ООО NordPay", "株式会社NordPay", "NordPay株式会社",
         "NordPay S.A. de C.V."],
    )  # fmt: skip
    def test_its_legal_form_is_set_aside(self, name):
        assert company_key(name) == "nordpay"

    @pytest.mark.parametrize(
        ("one", "other"),
        [("Nordic Spa", "Nordic"), ("Nord Pay", "NordPay"), ("SAS Institute", "Institute"),
         ("AB", "AG"), ("A/S", "ApS")],
    )  # fmt: skip
    def test_other_names_stay_apart(self, one, other):
        assert company_key(one) != company_key(other)

    def test_it_is_kept_however_companies_are_saved(self):
        one = Company.objects.create(name="NordPay A/S")
        [many] = Company.objects.bulk_create([Company(name="Lind GmbH")])
        one.name = "Nord Bank A/S"
        one.save(update_fields=["name"])

        one.refresh_from_db()
        assert (one.key, many.key) == ("nord bank", "lind")


class TestTheDomainOfACompany:
    @pytest.mark.parametrize("typed", ["https://www.NordPay.dk/about", "ada@mail.nordpay.dk"])
    def test_a_link_or_an_address_will_do(self, typed):
        company = Company(name="NordPay", domain=typed)
        company.full_clean()
        company.save()

        assert Company.objects.get().domain == "nordpay.dk"

    @pytest.mark.parametrize("typed", ["gmail.com", "mail.gmail.com", "nordpay", "nord pay.dk"])
    def test_what_is_no_company_s_is_refused(self, typed):
        with pytest.raises(ValidationError) as refused:
            Company(name="NordPay", domain=typed).full_clean()

        assert list(refused.value.message_dict) == ["domain"]


class TestFiling:
    def test_several_names_at_one_domain_are_one_company(self):
        people = [
            receive(f"Person {number}", f"person{number}@nordpay.dk", name)
            for number, name in enumerate(["NordPay", "NordPay A/S", "NordPay ApS", "Nordic Pay"])
        ]

        company = Company.objects.get()
        assert (company.name, company.domain) == ("NordPay", "nordpay.dk")
        assert {person.company for person in people} == {company}

    def test_who_names_no_company_gets_that_of_their_domain(self):
        first = receive(company="NordPay")
        second = receive("Bo", "bo@eu.nordpay.dk")

        assert second.company == first.company

    def test_a_company_without_a_domain_is_known_by_others_who_write_from_there(self):
        company = Company.objects.create(name="NordPay")
        Contact.objects.create(name="Ada", email="ada@nordpay.dk", company=company)

        assert receive("Bo", "bo@nordpay.dk", "Something else").company == company

    def test_of_several_companies_at_a_domain_it_is_the_one_whose_domain_it_is(self):
        older = Company.objects.create(name="Nord")
        Contact.objects.create(name="Ada", email="ada@nordpay.dk", company=older)
        owner = Company.objects.create(name="NordPay", domain="nordpay.dk")

        assert receive("Bo", "bo@nordpay.dk").company == owner

    def test_free_mail_makes_nobody_a_colleague(self):
        receive("Ada", "ada@gmail.com", "NordPay")
        bo = receive("Bo", "bo@gmail.com")

        assert bo.company is None
        assert Company.objects.get().domain == ""

    def test_who_writes_from_free_mail_is_known_by_the_name(self):
        first = receive(company="NordPay A/S")
        second = receive("Bo", "bo@gmail.com", "nordpay")

        assert second.company == first.company

    def test_two_names_at_two_domains_are_two_companies(self):
        receive("Ada", "ada@delta.de", "Delta GmbH")
        receive("Bo", "bo@delta.co.uk", "Delta Ltd")

        names = {(company.name, company.domain) for company in Company.objects.all()}
        assert names == {("Delta GmbH", "delta.de"), ("Delta Ltd", "delta.co.uk")}

    def test_one_name_is_one_company_at_any_domain(self):
        first = receive("Ada", "ada@delta.de", "Delta")
        second = receive("Bo", "bo@delta.co.uk", "DELTA")

        assert second.company == first.company

    def test_a_person_keeps_the_company_they_have(self):
        ada = receive(company="NordPay")
        ada.company = other = Company.objects.create(name="Lind")
        ada.save()

        assert receive(company="NordPay").company == other

    def test_suspected_spam_that_is_let_through_gets_its_company_too(self):
        first = receive(company="NordPay")
        held = receiving.receive(
            Inquiry(name="Bo", email="bo@nordpay.dk", message="Hello"), signs=SPAM
        )
        receiving.mark_not_spam(held, by=builders.user(), at=held.received_at)

        held.refresh_from_db()
        assert held.contact.company == first.company

    def test_who_has_a_company_costs_no_query_for_it(self, django_assert_num_queries):
        receive(email="ada@gmail.com")
        with django_assert_num_queries(7) as of_nobody:
            receive(email="ada@gmail.com", browser_key="a-key-of-a-browser")
        receive(company="NordPay")

        with django_assert_num_queries(len(of_nobody)):
            receive(company="NordPay", browser_key="a-key-of-a-browser")

    @pytest.mark.django_db(transaction=True)
    def test_two_colleagues_at_the_same_moment_make_one_company(self):
        def write(number):
            try:
                return receive(f"P{number}", f"p{number}@nordpay.dk", f"NordPay {'A/S' * number}")
            finally:
                connection.close()

        with ThreadPoolExecutor(2) as two:
            people = list(two.map(write, range(2)))

        assert Company.objects.count() == 1
        assert len({person.company_id for person in people}) == 1


class TestColleagues:
    def standing(self, contact):
        return standings([contact])[contact.pk]

    def test_an_open_lead_of_someone_at_the_company_is_shown(self):
        first = receive(company="NordPay")
        second = receive("Bo", "bo@gmail.com", "NordPay")

        assert self.standing(second).colleague == first.leads.get()
        assert self.standing(first).colleague == second.leads.get()

    @pytest.mark.parametrize(
        "known_by", ["its domain", "another at that domain", "the domain alone"]
    )
    def test_who_has_no_company_is_known_by_the_domain(self, known_by):
        if known_by == "its domain":
            company = Company.objects.create(name="NordPay", domain="nordpay.dk")
            ada = Contact.objects.create(name="Ada", email="ada@gmail.com", company=company)
        elif known_by == "another at that domain":
            company = Company.objects.create(name="NordPay")
            Contact.objects.create(name="Eva", email="eva@nordpay.dk", company=company)
            ada = Contact.objects.create(name="Ada", email="ada@gmail.com", company=company)
        else:
            ada = Contact.objects.create(name="Ada", email="ada@nordpay.dk")
        lead = Lead.objects.create(contact=ada)
        stranger = Contact.objects.create(name="Bo", email="bo@mail.nordpay.dk")

        assert self.standing(stranger).colleague == lead

    @pytest.mark.parametrize(
        ("email", "marks"), [("bo@mail.nordpay.dk", ["Colleague: Ada, New"]), ("bo@gmail.com", [])]
    )
    def test_the_inbox_says_so_too(self, email, marks):
        Lead.objects.create(contact=Contact.objects.create(name="Ada", email="ada@nordpay.dk"))
        lead = Lead.objects.create(contact=Contact.objects.create(name="Bo", email=email))

        now = timezone.now()
        found = rows.with_rows(Lead.objects.filter(pk=lead.pk), builders.user(), now)
        row = rows.row(found.get(), now)

        assert [mark.text for mark in row.marks] == marks

    def test_strangers_at_a_free_mail_provider_are_none(self):
        for name in ("ada", "bo"):
            Lead.objects.create(
                contact=Contact.objects.create(name=name, email=f"{name}@gmail.com")
            )

        assert self.standing(Contact.objects.get(name="bo")).colleague is None

    def test_what_is_closed_spam_or_no_work_is_not_shown(self):
        bo = receive("Bo", "bo@nordpay.dk", "NordPay")
        for number, fields in enumerate([{"kind": "spam"}, {"kind": "job"}]):
            lead = receive(f"P{number}", f"p{number}@nordpay.dk").leads.get()
            Lead.objects.filter(pk=lead.pk).update(**fields)

        assert self.standing(bo).colleague is None

    def test_the_latest_is_shown_and_never_their_own(self):
        people = [receive(f"P{number}", f"p{number}@nordpay.dk", "NordPay") for number in range(4)]
        *_, before, latest = [person.leads.get() for person in people]
        found = standings(people)

        assert [found[person.pk].colleague for person in people] == [latest] * 3 + [before]

    def test_many_people_are_asked_about_in_three_queries(self, django_assert_num_queries):
        people = [
            receive(f"P{number}", f"p{number}@firm{number % 3}.example", f"Firm {number % 3}")
            for number in range(9)
        ]

        with django_assert_num_queries(3):
            found = standings(people)
            assert all(one.colleague.contact.name for one in found.values())


@pytest.mark.django_db(transaction=True)
def test_the_migration_fills_what_was_there_and_goes_back():
    call_command("migrate", "leads", "0003", verbosity=0)
    addresses = {
        "ada@mail.nordpay.dk": "nordpay.dk",
        "bo@xn--bcher-kva.example": "bücher.example",
        "eva@gmail.com": "",
        "ole@cfl.rr.com": "",
    }
    names = {"NordPay A/S": "nordpay", "Barilla S.p.A.": "barilla", "Straße": "strasse"}
    domains = {"NordPay A/S": "www.NordPay.dk", "Barilla S.p.A.": "NordPay.DK", "Straße": ""}
    with transaction.atomic(), connection.cursor() as cursor:
        for address in addresses:
            cursor.execute(
                "INSERT INTO leads_contact (name, email, address, phone, job_title, timezone) "
                "VALUES ('A', %s, %s, '', '', '')",
                [address, address],
            )
        for name in names:
            cursor.execute(
                "INSERT INTO leads_company (name, domain) VALUES (%s, %s)", [name, domains[name]]
            )

    call_command("migrate", "leads", verbosity=0)

    assert dict(Contact.objects.values_list("address", "domain")) == addresses
    assert dict(Company.objects.values_list("name", "key")) == names
    kept = dict(Company.objects.values_list("name", "domain"))
    assert kept == {"NordPay A/S": "", "Barilla S.p.A.": "nordpay.dk", "Straße": ""}


def test_a_company_is_made_for_nobody_who_names_none():
    contact = Contact(name="Ada", email="ada@nordpay.dk")

    assert companies.of(contact, named="  ") is None
    assert not Company.objects.exists()
