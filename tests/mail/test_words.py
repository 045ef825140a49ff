import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from mail.words import normalise_address, one_line, validate_address


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


def test_an_address_is_the_same_in_any_case():
    assert normalise_address(" Ada@Example.COM ") == "ada@example.com"
