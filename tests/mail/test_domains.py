"""Whose domain an address is at."""

import socket

import pytest

from mail import domains

ORGANIZATIONS = {
    "ada@nordpay.dk": "nordpay.dk",
    "ada@mail.eu.nordpay.dk": "nordpay.dk",
    "ADA@NordPay.DK": "nordpay.dk",
    "ada@ｎｏｒｄｐａｙ.dk": "nordpay.dk",
    "ada@nordpay.dk.": "nordpay.dk",
    "ada@nordpay.co.uk": "nordpay.co.uk",
    "ada@shop.nordpay.co.uk": "nordpay.co.uk",
    "ada@bücher.example": "bücher.example",
    "ada@xn--bcher-kva.example": "bücher.example",
    "ada@info.例え.テスト": "例え.テスト",
    "ada@nordpay.github.io": "nordpay.github.io",
}
NOBODYS = [
    "ada@gmail.com",
    "ada@GoogleMail.com",
    "ada@mail.yahoo.co.uk",
    "ada@tutanota.com",
    "ada@privaterelay.appleid.com",
    "ada@online.no",
    "ada@co.uk",
    "ada@github.io",
    "ada@localhost",
    "ada@[192.0.2.1]",
    "ada@192.0.2.1",
    "ada@",
    "ada",
    "",
]


@pytest.mark.parametrize("address", ORGANIZATIONS)
def test_an_address_at_an_organization_has_its_registrable_domain(address):
    assert domains.organization(address) == ORGANIZATIONS[address]


@pytest.mark.parametrize("address", NOBODYS)
def test_an_address_at_a_provider_or_at_no_domain_has_none(address):
    assert domains.organization(address) == ""


@pytest.mark.parametrize(
    "text",
    ["nordpay.dk", "https://www.nordpay.dk/about", "//nordpay.dk", "ada@nordpay.dk",
     " NordPay.dk. ", "www.nordpay.dk:443"],
)  # fmt: skip
def test_a_domain_is_found_in_what_a_person_types(text):
    assert domains.typed(text) == "nordpay.dk"


@pytest.mark.parametrize(
    "text",
    ["", "nordpay", "nord pay.dk", "http://[bad", "http://[::1]/", "javascript:alert(1)", "a..b"],
)
def test_what_is_no_domain_is_none(text):
    assert domains.typed(text) == ""


def test_nothing_is_asked_of_the_network(monkeypatch):
    monkeypatch.setattr(socket.socket, "connect", None)
    domains._suffixes.cache_clear()
    domains.organization.cache_clear()

    assert domains.organization("ada@nordpay.co.uk") == "nordpay.co.uk"
