"""Any name can be drawn, or is set in type: nobody has to know how to draw."""

import re
import string

import lxml.html
import pytest

from pages.models import SiteSettings
from pages.wordmark import draw

NUMBERS = r"-?(\d+(\.\d+)?|\.\d+)"
PATH = re.compile(rf"([MLHVAaclmhvCz]|[\s,]|{NUMBERS})+")


@pytest.mark.parametrize("letter", [*string.ascii_letters, *string.digits, *"-+&'."])
def test_every_letter_of_a_name_has_its_strokes(letter):
    alone, twice = draw(letter), draw(letter * 2)

    assert PATH.fullmatch(alone.name)
    assert alone.width < twice.width
    assert 0 < alone.end < alone.dot < alone.width
    assert isinstance(alone.width, int)  # of an img, HTML knows no other


def test_no_two_letters_look_the_same():
    drawn = [draw(letter).name for letter in string.ascii_lowercase + string.digits]

    assert len(set(drawn)) == len(drawn)


def test_the_last_of_three_words_is_drawn_lighter():
    whole = draw("Clean Systems Consulting")

    assert whole.name == draw("clean systems").name
    assert whole.descriptor


@pytest.mark.parametrize("name", ["Quay", "Clean Systems", "Smith & Daughters", "Ship and Shore"])
def test_a_name_without_a_descriptor_is_drawn_in_one_weight(name):
    assert draw(name).descriptor == ""


@pytest.mark.parametrize("name", ["Ørsted", "株式会社", "A/B", "", "  ", "x\0y", "<b>"])
def test_a_name_that_cannot_be_drawn_is_set_in_type(name):
    assert draw(name) is None


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["Quay Works", "Ørsted <b>"])
def test_the_name_in_the_settings_stands_on_every_page(client, name):
    SiteSettings.objects.update(name=name)

    for address in ("/", "/contact/thanks/", "/nowhere/", "/admin/login/"):
        page = lxml.html.fromstring(client.get(address).text)
        [*marks] = page.xpath(
            "//*[contains(@class, 'wordmark')][@alt or @aria-label or self::span]"
        )
        assert marks, address
        said = {
            mark.get("alt") or mark.get("aria-label") or mark.text_content().removesuffix(".")
            for mark in marks
        }
        assert said == {name}, address


@pytest.mark.django_db
def test_the_drawing_is_a_file_that_a_browser_fetches_once(client):
    [address, *others] = lxml.html.fromstring(client.get("/").text).xpath(
        "//img[contains(@class, 'wordmark')]/@src"
    )
    assert set(others) == {address}
    file = client.get(address)

    assert file.headers["Content-Type"] == "image/svg+xml"
    assert "immutable" in file.headers["Cache-Control"]
    assert draw(SiteSettings.load().name).name in file.text

    SiteSettings.objects.update(name="Quay Works")
    assert client.get(address, follow=True).text == draw("Quay Works").svg

    SiteSettings.objects.update(name="Ørsted")
    assert client.get(address).status_code == 404


@pytest.mark.django_db
def test_an_error_page_asks_the_database_for_no_name(client, django_assert_num_queries):
    with django_assert_num_queries(0):
        refused = client.post("/contact/", {}, headers={"origin": "https://evil.example"})

    page = lxml.html.fromstring(refused.content)
    assert page.xpath("//*[@class='mark']")
    assert not page.xpath("//*[@class='wordmark']")
