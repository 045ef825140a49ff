"""Amounts as people type them, in currencies that there are."""

from decimal import Decimal

import pytest
from django.db import IntegrityError

from leads import money
from leads.intake import receiving
from leads.models import Inquiry, Lead
from tests import builders
from tests.leads.test_admin import change, open_page, save

ADA = {"name": "Ada", "email": "ada@example.com", "message": "We need a ledger."}


@pytest.mark.parametrize(
    ("typed", "currency", "amount"),
    [
        ("120000", "EUR", "120000"),
        ("1.234,50", "EUR", "1234.50"),
        ("1,234.50", "USD", "1234.50"),
        ("120.000", "DKK", "120000"),
        ("120,000", "JPY", "120000"),
        ("1.234.567", "EUR", "1234567"),
        ("1.234.567,89", "EUR", "1234567.89"),
        ("1 234,5", "SEK", "1234.5"),
        ("1\u202f234,50", "EUR", "1234.50"),
        ("12’500.00", "CHF", "12500"),
        ("0,5", "EUR", "0.5"),
        ("0.125", "KWD", "0.125"),
        ("1250.250", "KWD", "1250.25"),
        ("１２０", "EUR", "120"),
        ("١٢٠", "SAR", "120"),
        ("0", "EUR", "0"),
    ],
)
def test_an_amount_is_read_as_half_the_world_writes_it(typed, currency, amount):
    assert money.parse(typed, currency) == Decimal(amount)


@pytest.mark.parametrize(
    ("typed", "currency", "said"),
    [
        ("120.000", "KWD", "this could be 120000 or 120 and 000 thousandths"),
        ("1000.50", "JPY", "JPY has no decimals"),
        ("1234.567", "EUR", "EUR has two decimals"),
        ("0.0005", "KWD", "KWD has three decimals"),
        ("99999999999", "EUR", "The highest value"),
        *[
            (typed, "EUR", "Write the value as a number such as 120000 or 1250.50.")
            for typed in ("much", "-5", "1e5", "NaN", "1.2.3", "1,23.4,5", ".5", "5.", "€ 50", "∞")
        ],
    ],
)
def test_what_is_none_or_could_be_two_gets_a_sentence_that_helps(typed, currency, said):
    with pytest.raises(money.AmountError, match=said.replace(".", r"\.")):
        money.parse(typed, currency)


@pytest.mark.parametrize("currency", ["EUR", "JPY", "KWD"])
@pytest.mark.parametrize("amount", ["0", "1", "120", "120.5", "120.125", "1250.250", "999999.99"])
def test_what_a_form_shows_is_read_back_as_the_same(amount, currency):
    shown = money.plain(Decimal(amount), currency)
    digits = -Decimal(amount).normalize().as_tuple().exponent

    if digits <= money.DIGITS[currency]:
        assert money.parse(shown, currency) == Decimal(amount)


@pytest.mark.parametrize("code", ["XXX", "XTS", "XAU", "CLF", "USN", "DEM", "HRK"])
def test_what_nobody_is_paid_in_is_no_currency(code):
    assert code not in money.CODES


@pytest.mark.django_db
class TestALead:
    @pytest.fixture
    def lead(self):
        return receiving.receive(Inquiry(**ADA)).lead

    @pytest.fixture
    def lone(self):
        return builders.signed_in("Sales")

    @pytest.mark.parametrize("code", ["dol", "€", "123", "XYZ", "eur", "", "XX", "ＥＵＲ"])
    def test_the_database_takes_codes_only(self, lead, code):
        with pytest.raises(IntegrityError, match="leads_currency_is_one_of_iso_4217"):
            Lead.objects.update(currency=code)

    @pytest.mark.parametrize("code", ["dol", "€", "123", "XYZ", "XXX", ""])
    def test_the_form_takes_no_other_and_says_so(self, lead, lone, code):
        page = change(lone, lead, currency=code, note="Kept")

        assert page.status_code == 200
        assert "Kept" in page.content.decode()
        assert Lead.objects.get().currency == "EUR"

    @pytest.mark.parametrize("code", ["dkk", " DKK ", "ＤＫＫ"])
    def test_it_takes_a_code_in_any_case(self, lead, lone, code):
        change(lone, lead, currency=code)

        assert Lead.objects.get().currency == "DKK"

    def test_the_history_says_an_amount_in_its_currencys_digits(self, lead, lone):
        change(lone, lead, value="1.250,125", currency="KWD")

        assert Lead.objects.get().value == Decimal("1250.125")
        assert "Value: none → 1,250.125" in lead.activities.get(kind="change").text

    def test_an_odd_value_of_old_stands_in_nobodys_way(self, lead, lone):
        Lead.objects.update(currency="JPY", value=Decimal("1000.50"))

        assert change(lone, lead, note="Called").status_code == 302
        assert Lead.objects.get().value == Decimal("1000.50")

    def test_another_currency_for_the_same_amount_is_looked_at_again(self, lead, lone):
        Lead.objects.update(value=Decimal("1000.50"))

        page = change(lone, lead, currency="JPY")

        assert "JPY has no decimals" in page.content.decode()

    def test_two_at_once_see_the_amount_in_words_that_fit(self, lead, lone):
        page = open_page(lone, lead)
        change(lone, lead, value="120.000", currency="DKK")

        refused = save(lone, lead, page, value="90", currency="USD")

        assert "Take theirs: “120,000”" in refused.content.decode()
