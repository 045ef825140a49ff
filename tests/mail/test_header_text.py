import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from mail.addresses import validate_address
from mail.header_text import comparison_key, one_line


@pytest.mark.parametrize(
    "address",
    [
        "",
        "ada",
        "ada@",
        "ada@example.com\nBcc: all@example.com",
        "ada@example.com\r",
        "ada@example.com, grace@example.com",
        "Ada <ada@example.com>",
        "=?utf-8?q?ada=40evil.example?=@example.com",
        "a\u202eda@example.com",
        "ada\x00@example.com",
    ],
)
def test_an_address_that_mail_would_read_otherwise_is_refused(address):
    with pytest.raises(ValidationError):
        validate_address(address)


@pytest.mark.parametrize(
    "address", ["ada@example.com", "a.b+tag@sub.example.org", "o'hara@x.example"]
)
def test_a_plain_address_passes(address):
    validate_address(address)


@given(st.text())
def test_one_line_is_one_line(words):
    line = one_line(words)

    assert len(line.splitlines()) <= 1
    assert one_line(line) == line


@pytest.mark.parametrize(
    "name",
    ["علی\u200cرضا", "ශ\u0dca\u200dරී", "രാജന\u0d4d\u200d", "👩\u200d💻 Ada", "می\u200cخواهم"],
)
def test_joiners_that_belong_to_a_name_are_kept(name):
    assert one_line(name) == name


@pytest.mark.parametrize("name", ["A\u200dda", "Ada\u200c", "\u200dAda", "A\u200c\u200d\u200cda"])
def test_joiners_that_nobody_sees_are_taken_out(name):
    assert one_line(name) == "Ada"


def test_what_turns_the_reading_direction_is_a_blank():
    assert one_line("Ada\u202e\u200bLovelace\u2028x") == "Ada Lovelace x"


@pytest.mark.parametrize(
    ("one", "other"),
    [("Café", "Cafe\u0301"), ("Ærø Shipping", "ÆRØ  SHIPPING"), ("STRASSE", "straße")],
)
def test_words_are_the_same_in_any_case_composed_or_not(one, other):
    assert comparison_key(one) == comparison_key(other)
    assert one_line("Cafe\u0301") == "Café"
