import json
from decimal import Decimal

import lxml.html
import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from images.tasks import make_renditions
from offices.models import Office
from tests.builders import image, office

pytestmark = pytest.mark.django_db

LIST = "/offices/"


def page(answer):
    return lxml.html.fromstring(answer.content)


def structured_data(answer):
    scripts = page(answer).xpath("//script[@type='application/ld+json']/text()")
    data = [json.loads(script) for script in scripts]
    nodes = [node for one in data for node in one.get("@graph", [one])]
    return [node for node in nodes if node["@type"] == "LocalBusiness"]


def test_the_list_shows_listed_offices_in_order(client):
    office(name="Magelang", position=2)
    office(name="Copenhagen", position=1)
    office(name="Secret lab", is_listed=False)

    answer = client.get(LIST)

    names = page(answer).xpath("//main//h2[@class='office__name']/a/text()")
    assert names == ["Copenhagen", "Magelang"]


def test_ten_offices_cost_no_more_queries_than_two(client, django_assert_num_queries):
    for _ in range(2):
        office(image=image())
    with CaptureQueriesContext(connection) as for_two:
        client.get(LIST)
    for _ in range(8):
        wall = image()
        make_renditions(wall.pk)
        office(image=wall)

    with django_assert_num_queries(len(for_two)):
        answer = client.get(LIST)

    assert len(page(answer).xpath("//main//article[@class='office']")) == 10


def test_a_site_without_offices_has_a_list_all_the_same(client):
    assert client.get(LIST).status_code == 200


def test_an_unlisted_office_has_no_page(client):
    lab = office(is_listed=False)

    assert client.get(lab.get_absolute_url()).status_code == 404


@pytest.mark.parametrize("door", ["a save", "a save of one field", "a bulk change"])
def test_an_office_that_is_no_longer_listed_is_gone_and_not_unknown(client, door):
    lab = office()
    lab.is_listed = False
    if door == "a bulk change":
        Office.objects.update(is_listed=False)
    else:
        lab.save(update_fields=["is_listed"] if door == "a save of one field" else None)

    answer = client.get(lab.get_absolute_url())

    assert answer.status_code == 410
    assert "no-store" in answer.headers["Cache-Control"]
    assert page(answer).xpath("//main//a[@href='/offices/']")
    assert page(answer).xpath("//meta[@name='robots' and @content='noindex']")


def test_an_office_that_is_listed_again_is_back(client):
    lab = office()
    for is_listed in (False, True):
        lab.is_listed = is_listed
        lab.save(update_fields=["is_listed"])

    assert client.get(lab.get_absolute_url()).status_code == 200


def test_no_office_is_listed_and_forgotten():
    lab = office(is_listed=False)

    with pytest.raises(IntegrityError, match="offices_listed_is_remembered"), transaction.atomic():
        Office.objects.update(is_listed=True)

    lab.is_listed = True
    lab.save(update_fields=["is_listed"])
    assert Office.objects.ever_listed().get() == lab


def test_a_page_says_where_and_when(client):
    magelang = office(
        street="Jalan Bligo 12",
        postal_code="56485",
        city="Magelang",
        region="Jawa Tengah",
        country="ID",
        timezone="Asia/Jakarta",
        phone="+62 293 123456",
        email="magelang@example.com",
        latitude=Decimal("-7.68"),
        longitude=Decimal("110.25"),
        description="A house\n\nwith a garden",
        image=image(alt="A house with a garden"),
    )

    answer = client.get(magelang.get_absolute_url())

    [address] = page(answer).xpath("//main//article//address")
    assert list(address.itertext()) == [
        "Jalan Bligo 12", "Magelang", "Jawa Tengah 56485", "Indonesia",
    ]  # fmt: skip
    assert "Monday to Friday, 09:00–17:00" in answer.text
    assert "UTC+7" in answer.text
    assert "<p>with a garden</p>" in answer.text
    links = page(answer).xpath("//a/@href")
    assert {"tel:+62293123456", "mailto:magelang@example.com", magelang.map_url} <= {*links}
    assert page(answer).xpath("//main//article//img/@alt")[0] == "A house with a garden"


def test_what_cannot_be_called_is_shown_without_a_link(client):
    copenhagen = office(phone="Ask at the desk")

    shown = page(client.get(copenhagen.get_absolute_url()))

    assert "Ask at the desk" in shown.text_content()
    assert not shown.xpath("//a[starts-with(@href, 'tel:')]")


def test_the_clock_waits_hidden_for_its_script(client):
    copenhagen = office()

    [clock] = page(client.get(copenhagen.get_absolute_url())).xpath(
        "//main//article//time[@data-timezone]"
    )

    assert "hidden" in clock.attrib
    assert (
        dict(clock.attrib).items()
        >= {
            "data-timezone": "Europe/Copenhagen",
            "data-weekdays": "12345",
            "data-opens": "09:00",
            "data-closes": "17:00",
        }.items()
    )
    assert clock.get("datetime") in ("+01:00", "+02:00")


def test_search_engines_read_the_same_facts(client, settings):
    wall = image()
    copenhagen = office(
        name="Copenhagen",
        phone="+45 12",
        latitude=Decimal("55.67"),
        longitude=Decimal("12.53"),
        image=wall,
    )

    [data] = structured_data(client.get(copenhagen.get_absolute_url()))

    assert data["url"] == settings.SITE_URL + copenhagen.get_absolute_url()
    assert data["name"].endswith("Copenhagen")
    assert data["image"] == settings.SITE_URL + wall.file.url
    assert data["address"] == {
        "@type": "PostalAddress",
        "streetAddress": "Carlsberg Gate 1",
        "addressLocality": "København",
        "postalCode": "1260",
        "addressCountry": "DK",
    }
    assert data["geo"] == {"@type": "GeoCoordinates", "latitude": 55.67, "longitude": 12.53}
    assert data["openingHoursSpecification"]["dayOfWeek"][-1] == "Friday"
    assert "email" not in data


def test_words_never_break_out_of_the_structured_data(client):
    attack = "</script><script>alert(1)</script>&<!--"
    place = office(description=attack, name=attack[:80])

    answer = client.get(place.get_absolute_url())

    assert "<script>alert" not in answer.text
    assert structured_data(answer)[0]["description"] == attack
